package binding

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
)

// Paths are where requests are posted: those of parties, and those of UI apps.
const (
	Path     = "/tsm/v1"
	AppsPath = "/tsm/v1/app"
)

// ContentType is the media type of signed messages (RFC 7515 §9.2.1).
const ContentType = "application/jose"

// Handler serves POST of one path. It is for concurrent use where Serve is.
type Handler struct {
	// Serve answers a signed request: Handle of a tsmp.Handler. For UI apps its
	// Directory is tsmp.AppKeys without parties, for parties it has no app's key.
	Serve tsmp.Exchange
	// Apps: the path is AppsPath, on a listener that asks for no certificate; else
	// it is Path.
	Apps bool
	// Fault is told of what fails behind the handler, which clients are not; it
	// may be nil.
	Fault func(error)
}

// ServeHTTP implements http.Handler. Spec: SPEC-TSM-PROTOCOL-060,
// SPEC-TSM-PROTOCOL-061, SPEC-TSM-PROTOCOL-062, SPEC-TSM-PROTOCOL-064,
// SPEC-TSM-PROTOCOL-065.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != h.path() {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		plain(w, http.StatusMethodNotAllowed, "want POST")
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != ContentType {
		plain(w, http.StatusUnsupportedMediaType, "want "+ContentType)
		return
	}
	request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, jws.MaxMessage))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		plain(w, http.StatusRequestEntityTooLarge, string(tsmp.CodeTooLarge))
		return
	case err != nil:
		plain(w, http.StatusBadRequest, string(tsmp.CodeMalformed))
		return
	}
	h.answer(w, r, request)
}

func (h *Handler) path() string {
	if h.Apps {
		return AppsPath
	}
	return Path
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request, request []byte) {
	ctx := r.Context()
	if !h.Apps {
		ctx = over(r)
	}
	answer, err := h.Serve(ctx, request)
	if err != nil {
		status, code := statusOf(err)
		if status == http.StatusServiceUnavailable && h.Fault != nil {
			h.Fault(err)
		}
		plain(w, status, code)
		return
	}
	w.Header().Set("Content-Type", ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(answer)
}

// over says to whom the certificate belongs that the client has shown: to the
// parties that are its DNS names, letter by letter. Spec: SPEC-TSM-PROTOCOL-065.
func over(r *http.Request) context.Context {
	if r.TLS == nil {
		return r.Context()
	}
	return tsmp.Over(r.Context(), func(party tsmp.PartyID) bool {
		return len(r.TLS.PeerCertificates) > 0 && slices.Contains(r.TLS.PeerCertificates[0].DNSNames, string(party))
	})
}

// statusOf is the status and body of a request that has no signed answer.
func statusOf(err error) (status int, code string) {
	var refusal *tsmp.Error
	if !errors.As(err, &refusal) {
		return http.StatusServiceUnavailable, string(tsmp.CodeInternal)
	}
	switch refusal.Code {
	case tsmp.CodeMalformed, tsmp.CodeVersion:
		return http.StatusBadRequest, string(refusal.Code)
	case tsmp.CodeKey, tsmp.CodeSignature:
		return http.StatusUnauthorized, string(refusal.Code)
	case tsmp.CodeTooLarge:
		return http.StatusRequestEntityTooLarge, string(refusal.Code)
	}
	return http.StatusServiceUnavailable, string(tsmp.CodeInternal)
}

func plain(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, body+"\n")
}
