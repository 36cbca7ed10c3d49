package tsmp_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
)

// desk is a certificate authority that knows no phone.
type desk struct{ tsmp.CA }

func (desk) GetCertificateStatus(context.Context, *tsmp.Call, *tsmp.GetCertificateStatusRequest) (*tsmp.StateAnswer, error) {
	return nil, tsmp.Refuse(tsmp.CodeUnknownPhone, "")
}

// Both ends of the protocol in one process: the exchange between them is a
// function from bytes to bytes, and could as well post them.
func Example() {
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	caKey, spKey := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(append(make([]byte, 31), 1))
	keys := tsmp.Keys{
		"ca-1": {ID: "ca-1", Party: "ca.example", Role: tsmp.RoleCA, Public: caKey.Public()},
		"sp-1": {ID: "sp-1", Party: "sp.example", Role: tsmp.RoleSPTSM, Public: spKey.Public()},
	}
	handler := &tsmp.Handler{
		Identity: tsmp.Identity{Party: "ca.example", KeyID: "ca-1", Signer: caKey},
		Keys:     keys,
		Journal:  &tsmp.MemoryJournal{},
		Service:  tsmp.CAService(desk{}),
		Now:      func() time.Time { return now },
	}
	ca := tsmp.RemoteCA{Caller: &tsmp.Caller{
		Identity: tsmp.Identity{Party: "sp.example", KeyID: "sp-1", Signer: spKey},
		Peer:     "ca.example",
		Keys:     keys,
		Exchange: handler.Handle,
	}}

	_, err := ca.GetCertificateStatus(context.Background(), &tsmp.Call{ID: tsmp.CallID{1}, Sent: now}, &tsmp.GetCertificateStatusRequest{Phone: tsmp.PhoneID{2}})
	var refusal *tsmp.Error
	if errors.As(err, &refusal) {
		entry, _ := tsmp.LookupCode(refusal.Code)
		fmt.Printf("%s (%s): %s\n", entry.Code, entry.Retry, entry.Meaning)
	}
	// Output: unknown-phone (never): no such service instance of this sender
}
