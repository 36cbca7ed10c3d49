package publication

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
)

// Config is what is published.
type Config struct {
	Issuers   []*status.Issuer
	Lists     crl.Store
	Responder *ocsp.Responder
	Now       func() time.Time

	// Fault, if set, is told of what fails behind the handler. Clients are told
	// only that something does.
	Fault func(error)
}

// Handler serves, by path:
//
//	/crl/…               revocation lists (crl.Handler)
//	/auth, /sign         OCSP of one authority each (ocsp.Handler)
//	/ca/authca01.cer     an authority's certificate, by generation
//
// It looks at paths as they come, because those of OCSP's GET would not survive
// cleaning. Spec: SPEC-STATUS-054, SPEC-STATUS-055.
type Handler struct {
	lists *crl.Handler
	ocsp  map[string]*ocsp.Handler
	certs map[string]authority
	now   func() time.Time
}

type authority struct {
	der []byte
	tag string
}

// CertificateType is the media type of a certificate (RFC 2585 §4).
const CertificateType = "application/pkix-cert"

// CertificatePath is where an authority's certificate of a generation stands:
// "/ca/authca01.cer".
func CertificatePath(ca certificate.Authority, generation int) string {
	return fmt.Sprintf("/ca/%sca%02d.cer", ca, generation)
}

// New makes the handler.
func New(c Config) *Handler {
	h := &Handler{
		lists: &crl.Handler{Store: c.Lists, Issuers: c.Issuers, Now: c.Now, Fault: c.Fault},
		ocsp:  map[string]*ocsp.Handler{}, certs: map[string]authority{}, now: c.Now,
	}
	for _, ca := range certificate.Authorities() {
		path := "/" + ca.String()
		h.ocsp[ca.String()] = &ocsp.Handler{Responder: c.Responder, Path: path, Authority: ca, Observe: observe(c.Fault)}
	}
	for _, issuer := range c.Issuers {
		digest := sha256.Sum256(issuer.Certificate.Raw)
		h.certs[CertificatePath(issuer.Authority, issuer.Generation)] = authority{issuer.Certificate.Raw, fmt.Sprintf(`"%x"`, digest[:16])}
	}
	return h
}

// observe passes on faults of this side; that of a request is the client's own.
func observe(fault func(error)) func(ocsp.Info) {
	return func(i ocsp.Info) {
		if fault != nil && i.Err != nil && i.Status != ocsp.MalformedRequest && i.Status != ocsp.Unauthorized {
			fault(i.Err)
		}
	}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "crl":
		h.lists.ServeHTTP(w, r)
	case "ca":
		h.certificate(w, r)
	default:
		if handler := h.ocsp[first]; handler != nil {
			handler.ServeHTTP(w, r)
			return
		}
		http.Error(w, "nothing is published here", http.StatusNotFound)
	}
}

// certificate serves an authority's certificate.
func (h *Handler) certificate(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a certificate is read by GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	c, ok := h.certs[r.URL.Path]
	if !ok {
		http.Error(w, "there is no such certificate", http.StatusNotFound)
		return
	}
	header := w.Header()
	header.Set("Content-Type", CertificateType)
	header.Set("Cache-Control", "max-age=86400, public, no-transform")
	header.Set("Date", h.now().UTC().Format(http.TimeFormat))
	header.Set("ETag", c.tag)
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimSpace(known) == c.tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	header.Set("Content-Length", fmt.Sprint(len(c.der)))
	w.Write(c.der) // a client that has gone is nobody's fault
}

// NewServer is an http.Server for the handler, with limits that keep a slow or
// large client from holding it: the caller listens and serves.
func NewServer(h *Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 32 << 10,
	}
}
