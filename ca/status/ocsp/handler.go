package ocsp

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"inkan/core/jpki/certificate"
)

// Media types of RFC 6960 appendix A.
const (
	RequestType  = "application/ocsp-request"
	ResponseType = "application/ocsp-response"
)

// Handler answers over HTTP: POST to Path, GET of Path/<request in base64>. It is
// not to stand behind something that cleans paths, as http.ServeMux does: base64
// has slashes.
type Handler struct {
	Responder *Responder
	Path      string                // such as "/auth"
	Authority certificate.Authority // whose certificates are answered for; 0: all of the responder's

	// Observe, if set, is told of every response, with the error that a response
	// does not tell.
	Observe func(Info)
}

// buffers are for requests and responses.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// ServeHTTP answers a request. Every OCSP response has HTTP status 200, also one
// that tells an error; HTTP's own errors are for what is no OCSP request at all.
// Spec: SPEC-STATUS-050, SPEC-STATUS-051, SPEC-STATUS-052, SPEC-STATUS-053.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var request []byte
	get := false
	switch r.Method {
	case http.MethodPost:
		var ok bool
		if request, ok = h.post(w, r); !ok {
			return
		}
	case http.MethodGet, http.MethodHead:
		get = true
		request = h.get(r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "OCSP is asked by GET or POST", http.StatusMethodNotAllowed)
		return
	}
	response, info := h.Responder.respond(r.Context(), (*buffer)[:0], request, h.Authority)
	*buffer = response[:0]
	if h.Observe != nil {
		h.Observe(info)
	}
	header := w.Header()
	header.Set("Content-Type", ResponseType)
	if !get || info.Status != Successful || info.Nonce {
		header.Set("Cache-Control", "no-store")
	} else if h.cacheable(header, r, response, info) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", fmt.Sprint(len(response)))
	w.Write(response) // a client that has gone is nobody's fault
}

// post reads the body of a POST; ok is false when an HTTP error has been said.
func (h *Handler) post(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	if r.URL.Path != h.Path && r.URL.Path != h.Path+"/" {
		http.Error(w, "there is no OCSP responder here", http.StatusNotFound)
		return nil, false
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != RequestType {
		http.Error(w, "want the content type "+RequestType, http.StatusUnsupportedMediaType)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, fmt.Sprintf("an OCSP request has at most %d bytes here", MaxRequest), http.StatusRequestEntityTooLarge)
		return nil, false
	}
	if err != nil {
		http.Error(w, "the request's body cannot be read", http.StatusBadRequest)
		return nil, false
	}
	return body, true
}

// get reads the request out of a path; what is no base64 is no request, which the
// responder says.
func (h *Handler) get(r *http.Request) []byte {
	encoded, ok := strings.CutPrefix(r.URL.EscapedPath(), h.Path+"/")
	if !ok || len(encoded) > 2*MaxRequest {
		return nil
	}
	text, err := url.PathUnescape(encoded)
	if err != nil {
		return nil
	}
	request, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return request
}

// cacheable sets the header fields of RFC 5019 §6.2, and reports whether the
// client has this response already.
func (h *Handler) cacheable(header http.Header, r *http.Request, response []byte, info Info) bool {
	now := h.Responder.clock.Now()
	digest := sha256.Sum256(response)
	tag := fmt.Sprintf(`"%x"`, digest[:16])
	header.Set("Date", now.Format(http.TimeFormat))
	header.Set("Last-Modified", info.ProducedAt.Format(http.TimeFormat))
	header.Set("Expires", info.NextUpdate.Format(http.TimeFormat))
	header.Set("ETag", tag)
	header.Set("Cache-Control", fmt.Sprintf("max-age=%d, public, no-transform, must-revalidate", max(0, int64(info.NextUpdate.Sub(now)/time.Second))))
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimSpace(known) == tag {
			return true
		}
	}
	return false
}
