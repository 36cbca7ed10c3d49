package relyingparty

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Fetcher brings what others publish. It may be used concurrently.
type Fetcher interface {
	// Fetch returns the body of an answer to GET, or to POST when there is a
	// body of a content type. More than limit bytes are an error, as is any
	// answer but success.
	Fetch(ctx context.Context, url, contentType string, body []byte, limit int64) ([]byte, error)
}

// HTTP is the Fetcher over HTTP.
type HTTP struct {
	// Client has the time limits; nil is http.DefaultClient, which has none, so
	// that only the context limits time.
	Client *http.Client
	// Instead replaces the beginning of a URL, for a network in which names of
	// the certificates lead nowhere: "http://crl.inkan.example" to
	// "http://127.0.0.1:8080". The longest that fits counts.
	Instead map[string]string
}

// Fetch implements Fetcher. Redirections are not followed: revocation data has
// its place in the certificate. Spec: SPEC-RELYING-PARTY-048.
func (h *HTTP) Fetch(ctx context.Context, url, contentType string, body []byte, limit int64) ([]byte, error) {
	method := http.MethodGet
	if contentType != "" {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, h.replace(url), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := h.client().Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: HTTP status %d", url, answer.StatusCode)
	}
	got, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	if int64(len(got)) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", url, limit)
	}
	return got, nil
}

func (h *HTTP) client() *http.Client {
	client := http.Client{}
	if h.Client != nil {
		client = *h.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

func (h *HTTP) replace(url string) string {
	longest := ""
	for old := range h.Instead {
		if strings.HasPrefix(url, old) && len(old) > len(longest) {
			longest = old
		}
	}
	if longest == "" {
		return url
	}
	return h.Instead[longest] + url[len(longest):]
}
