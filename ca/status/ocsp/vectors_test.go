package ocsp_test

import (
	"bytes"
	"testing"
	"time"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

// vector is a request and what is signed of its response, or the whole response
// where nothing is signed. The registry is that of newDesk.
type vector struct {
	vectors.Header
	At           time.Time   `json:"at"`
	Request      vectors.Hex `json:"request"`
	ResponseData vectors.Hex `json:"responseData,omitempty"`
	Response     vectors.Hex `json:"response,omitempty"`
}

// TestVectors: responses of the registry with the published test keys.
func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-036", "SPEC-STATUS-037", "SPEC-STATUS-038", "SPEC-STATUS-039", "SPEC-STATUS-040")
	for _, v := range vectors.Load[vector](t, "status-responses.json") {
		d := newDesk(t)
		d.now = v.At
		got, _ := d.responder.Respond(t.Context(), nil, v.Request)
		if v.Response != nil {
			if !bytes.Equal(got, v.Response) {
				t.Errorf("%s: response %X, want %X", v.Name, got, []byte(v.Response))
			}
			continue
		}
		if n := bytes.Count(got, v.ResponseData); n != 1 || len(v.ResponseData) < 100 {
			t.Errorf("%s: response %X is not of %X", v.Name, got, []byte(v.ResponseData))
		}
	}
}
