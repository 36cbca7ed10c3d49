package tsmp

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"inkan/spec/req"
)

// TestComplete: the answer that a function has had made is the one that is sent, unless the
// function fails afterwards.
func TestComplete(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-045", "SPEC-TSM-PROTOCOL-025")
	var made []byte
	var fails error
	serve := func(_ context.Context, c *Call, _ Body) (Body, error) {
		body := samplesOf(t, c.Function)[1]
		var err error
		if made, err = c.Complete(body); err != nil {
			return nil, err
		}
		return body, fails
	}
	c := callerTo(t, RoleSPTSM, RoleMNOTSM, Service{CheckGlobalEligibility: serve})
	ask := func(n byte) ([]byte, []byte, error) {
		sealed, err := c.Seal(&Call{ID: id(n), Function: CheckGlobalEligibility, Sent: noon, Validity: time.Hour}, samplesOf(t, CheckGlobalEligibility)[0])
		if err != nil {
			t.Fatal(err)
		}
		signed, err := c.Exchange(t.Context(), sealed)
		return sealed, signed, err
	}
	sealed, signed, err := ask(1)
	if err != nil || !bytes.Equal(signed, made) {
		t.Fatalf("%v, another answer than was made", err)
	}
	if _, _, err := c.Open(sealed, signed); err != nil {
		t.Error(err)
	}
	fails = Refuse(CodeWrongState, "")
	sealed, signed, err = ask(2)
	var refusal *Error
	if _, _, opened := c.Open(sealed, signed); err != nil || !errors.As(opened, &refusal) || refusal.Code != CodeWrongState {
		t.Errorf("%v, %v", err, opened)
	}
	if _, err := new(Call).Complete(samplesOf(t, CheckGlobalEligibility)[1]); err == nil {
		t.Error("a signed answer without a handler")
	}
}
