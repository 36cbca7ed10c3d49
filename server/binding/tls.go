package binding

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"
)

// ServerTLS is the TLS of a recipient that serves only who shows a certificate of
// the pool. Spec: SPEC-TSM-PROTOCOL-063.
func ServerTLS(own tls.Certificate, clients *x509.CertPool) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert}
}

// AppsTLS is the TLS of a recipient that serves UI apps, which have no certificate.
func AppsTLS(own tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}}
}

// AppTLS is the TLS of a UI app, which talks only to recipients of the pool.
func AppTLS(servers *x509.CertPool) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: servers}
}

// ClientTLS is the TLS of a sender that talks only to recipients of the pool.
func ClientTLS(own tls.Certificate, servers *x509.CertPool) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, RootCAs: servers}
}

// Limits of a server in time and bytes: a slow or large client does not hold it.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 2 * time.Minute // a key may have to be generated
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
)

// NewServer is an http.Server with those limits: the caller listens and serves.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes}
}

// NewClient is an http.Client over a TLS configuration that follows no redirect.
func NewClient(c *tls.Config) *http.Client {
	return &http.Client{Timeout: writeTimeout, Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
