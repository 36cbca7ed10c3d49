package tsmp

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"inkan/spec/req"
)

// A function that panics, which a server survives, leaves a call that may be
// executed again.
func TestPanicLeavesNoCall(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-043")
	own := ed25519.NewKeyFromSeed(make([]byte, 32))
	keys := Keys{"ca": {ID: "ca", Party: "ca", Role: RoleCA, Public: own.Public()}, "sp": {ID: "sp", Party: "sp", Role: RoleSPTSM, Public: own.Public()}}
	broken := true
	now := time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)
	h := &Handler{Identity: Identity{Party: "ca", KeyID: "ca", Signer: own}, Keys: keys, Journal: &MemoryJournal{}, Now: func() time.Time { return now },
		Service: Service{GetCertificateStatus: func(context.Context, *Call, Body) (Body, error) {
			if broken {
				panic("broken")
			}
			return &StateAnswer{}, nil
		}}}
	c := &Caller{Identity: Identity{Party: "sp", KeyID: "sp", Signer: own}, Peer: "ca", Keys: keys, Exchange: h.Handle}
	request, err := c.Seal(&Call{ID: CallID{1}, Function: GetCertificateStatus, Sent: now}, &GetCertificateStatusRequest{Phone: PhoneID{1}})
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		h.Handle(t.Context(), request)
	}()
	broken = false
	if _, err := c.Send(t.Context(), request); err != nil {
		t.Error(err)
	}
}
