package binding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
)

// ErrUnavailable is a recipient that failed: the same bytes may be sent again.
var ErrUnavailable = errors.New("binding: the recipient is not available")

// Exchange posts signed requests to a recipient at base, such as
// "https://ca.inkan.example". Errors are *tsmp.Error for a request that the
// recipient takes for nobody's, ErrUnavailable, and those of the client; all but those of
// a recipient that was not reached, or not heard of in time, are tsmp.ErrBrokenOff, too.
// Spec: SPEC-POST-014.
func Exchange(client *http.Client, base string) tsmp.Exchange {
	return post(client, strings.TrimSuffix(base, "/")+Path)
}

// AppExchange is Exchange of a UI app.
func AppExchange(client *http.Client, base string) tsmp.Exchange {
	return post(client, strings.TrimSuffix(base, "/")+AppsPath)
}

func post(client *http.Client, url string) tsmp.Exchange {
	return func(ctx context.Context, request []byte) ([]byte, error) {
		var wrote atomic.Bool
		trace := &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) { wrote.Store(i.Err == nil) }}
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, url, bytes.NewReader(request))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", ContentType)
		response, err := client.Do(r)
		if err != nil {
			return nil, broken(err, wrote.Load())
		}
		defer response.Body.Close()
		answer, err := read(response)
		return answer, broken(err, true)
	}
}

// broken marks the error of a recipient that had the request.
func broken(err error, had bool) error {
	var late net.Error
	if err == nil || !had || errors.Is(err, context.Canceled) || errors.As(err, &late) && late.Timeout() {
		return err
	}
	return fmt.Errorf("%w: %w", tsmp.ErrBrokenOff, err)
}

// read takes an answer out of a response.
func read(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, jws.MaxMessage+1))
	if err != nil {
		return nil, err
	}
	if len(body) > jws.MaxMessage {
		return nil, fmt.Errorf("binding: answer of more than %d bytes", jws.MaxMessage)
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode == http.StatusOK && kind == ContentType:
		return body, nil
	case response.StatusCode == http.StatusServiceUnavailable:
		return nil, ErrUnavailable
	}
	code := tsmp.Code(strings.TrimSpace(string(body)))
	if _, known := tsmp.LookupCode(code); known && kind == "text/plain" {
		return nil, tsmp.Refuse(code, "")
	}
	return nil, fmt.Errorf("binding: unexpected status %s with %q", response.Status, kind)
}
