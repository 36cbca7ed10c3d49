package binding

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
)

// A party that came by the request of another cannot bring it over its own
// connection, though the signature is good and the call was made before: it would
// be given the answer.
func TestSenderIsWhoIsConnected(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-065")
	own, peer := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	keys := tsmp.Keys{
		"ca": {ID: "ca", Party: "ca.inkan.example", Role: tsmp.RoleCA, Public: own.Public()},
		"sp": {ID: "sp", Party: "sp.inkan.example", Role: tsmp.RoleSPTSM, Public: peer.Public()},
	}
	executed := 0
	service := tsmp.Service{tsmp.GetCertificateStatus: func(context.Context, *tsmp.Call, tsmp.Body) (tsmp.Body, error) {
		executed++
		return &tsmp.StateAnswer{}, nil
	}}
	handler := &tsmp.Handler{Identity: tsmp.Identity{Party: "ca.inkan.example", KeyID: "ca", Signer: own}, Keys: keys, Journal: &tsmp.MemoryJournal{}, Service: service, Now: time.Now}
	sign, pool := authority(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", ServerTLS(sign("ca.inkan.example"), pool))
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(&Handler{Serve: handler.Handle})
	go server.Serve(listener)
	defer server.Close()
	caller := &tsmp.Caller{Identity: tsmp.Identity{Party: "sp.inkan.example", KeyID: "sp", Signer: peer}, Peer: "ca.inkan.example", Keys: keys}
	request, err := caller.Seal(&tsmp.Call{ID: tsmp.CallID{1}, Function: tsmp.GetCertificateStatus, Sent: time.Now().UTC().Truncate(time.Second)}, &tsmp.GetCertificateStatusRequest{Phone: tsmp.PhoneID{1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		ok   bool
	}{{"sp-2.inkan.example", false}, {"*.inkan.example", false}, {"", false}, {"sp.inkan.example", true}, {"sp-2.inkan.example", false}} {
		client := NewClient(ClientTLS(sign(c.name), pool))
		answer, err := Exchange(client, "https://"+listener.Addr().String())(t.Context(), request)
		if c.ok {
			if err == nil {
				_, _, err = caller.Open(request, answer)
			}
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		} else if !errors.Is(err, tsmp.Refuse(tsmp.CodeKey, "")) {
			t.Errorf("%q brings what sp.inkan.example has signed: %d bytes of answer, %v", c.name, len(answer), err)
		}
	}
	if executed != 1 {
		t.Errorf("executed %d times", executed)
	}
}
