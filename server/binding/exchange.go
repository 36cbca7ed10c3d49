package binding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
)

// ErrUnavailable is a recipient that failed: the same bytes may be sent again.
var ErrUnavailable = errors.New("binding: the recipient is not available")

// Exchange posts signed requests to a recipient at base, such as
// "https://ca.inkan.example". Errors are *tsmp.Error for a request that the
// recipient takes for nobody's, ErrUnavailable, and those of the client.
func Exchange(client *http.Client, base string) tsmp.Exchange {
	return post(client, strings.TrimSuffix(base, "/")+Path)
}

// AppExchange is Exchange of a UI app.
func AppExchange(client *http.Client, base string) tsmp.Exchange {
	return post(client, strings.TrimSuffix(base, "/")+AppsPath)
}

func post(client *http.Client, url string) tsmp.Exchange {
	return func(ctx context.Context, request []byte) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", ContentType)
		response, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		return read(response)
	}
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
