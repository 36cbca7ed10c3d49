package crl

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// ContentType is the media type of a list (RFC 5280 §4.2.1.13, RFC 2585).
const ContentType = "application/pkix-crl"

// Handler serves the lists of a store below "/crl/".
type Handler struct {
	Store   Store
	Issuers []*status.Issuer // whose lists are served; the newest of a path without key identifier
	Now     func() time.Time // for the times of caching
	Fault   func(error)      // told of a store that fails; may be nil
}

// ServeHTTP answers GET and HEAD, conditional and of ranges, too. A path that
// names no list is 404, another method 405, a store that fails 503; what failed
// goes to Fault only. Spec: SPEC-STATUS-026, SPEC-STATUS-027, SPEC-STATUS-028.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a revocation list is read by GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	file, list, err := h.open(r.URL.Path)
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "there is no such revocation list", http.StatusNotFound)
		return
	}
	if err != nil {
		if h.Fault != nil {
			h.Fault(fmt.Errorf("crl: serving: %w", err))
		}
		http.Error(w, "the revocation list cannot be read now", http.StatusServiceUnavailable)
		return
	}
	defer file.Close()
	now := h.Now()
	header := w.Header()
	header.Set("Content-Type", ContentType)
	header.Set("ETag", fmt.Sprintf(`"%x-%d"`, list.KeyID, list.Number))
	header.Set("Expires", list.NextUpdate.Format(http.TimeFormat))
	header.Set("Date", now.UTC().Format(http.TimeFormat))
	header.Set("Cache-Control", fmt.Sprintf("max-age=%d, public, no-transform, must-revalidate", max(0, int64(list.NextUpdate.Sub(now)/time.Second))))
	http.ServeContent(w, r, "", list.ThisUpdate, file)
}

// open finds the list of a request's path.
func (h *Handler) open(path string) (File, Info, error) {
	keyID, crlPath := splitPath(path)
	ca, _, err := certificate.ParseCRLPath(crlPath)
	if err != nil {
		return nil, Info{}, fs.ErrNotExist
	}
	var newest *status.Issuer
	for _, issuer := range h.Issuers {
		if issuer.Authority != ca || keyID != nil && string(keyID) != string(issuer.KeyID()) ||
			keyID == nil && h.Now().Before(issuer.Certificate.NotBefore) {
			continue
		}
		if newest == nil || newest.Generation < issuer.Generation {
			newest = issuer
		}
	}
	if newest == nil {
		return nil, Info{}, fs.ErrNotExist
	}
	file, err := h.Store.Open(Path(newest.KeyID(), crlPath))
	if err != nil {
		return nil, Info{}, err
	}
	list, err := ReadInfo(file, file.Size())
	if err != nil {
		return nil, Info{}, errors.Join(err, file.Close())
	}
	return file, list, nil
}

// splitPath takes the key identifier out of a path, nil if there is none.
func splitPath(path string) (keyID []byte, crlPath string) {
	const root = "/crl/"
	rest, ok := strings.CutPrefix(path, root)
	if !ok {
		return nil, path
	}
	first, rest, ok := strings.Cut(rest, "/")
	if id, err := hex.DecodeString(first); ok && err == nil && len(id) == 20 && strings.ToLower(first) == first {
		return id, root + rest
	}
	return nil, path
}
