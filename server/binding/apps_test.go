package binding

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
)

// A UI app is served on its own path without a certificate, and nobody else there;
// on the parties' path it is served not even with one.
func TestApps(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-064")
	own, peer := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	parties := tsmp.Keys{
		"sp":  {ID: "sp", Party: "sp.inkan.example", Role: tsmp.RoleSPTSM, Public: own.Public()},
		"mno": {ID: "mno", Party: "mno.inkan.example", Role: tsmp.RoleMNOTSM, Public: peer.Public()},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	app, err := tsmp.AppIdentity(key)
	if err != nil {
		t.Fatal(err)
	}
	served := 0
	service := tsmp.Service{
		tsmp.GetProgress: func(context.Context, *tsmp.Call, tsmp.Body) (tsmp.Body, error) {
			served++
			return &tsmp.GetProgressAnswer{Stage: tsmp.StageCheck}, nil
		},
		tsmp.HandleSEStatusChangeNotification: func(context.Context, *tsmp.Call, tsmp.Body) (tsmp.Body, error) {
			served++
			return &tsmp.Acknowledgement{}, nil
		},
	}
	handler := func(keys tsmp.Directory) *tsmp.Handler {
		return &tsmp.Handler{Identity: tsmp.Identity{Party: "sp.inkan.example", KeyID: "sp", Signer: own}, Keys: keys, Journal: &tsmp.MemoryJournal{}, Service: service, Now: time.Now}
	}
	sign, pool := authority(t)
	toParties := listen(t, ServerTLS(sign("sp.inkan.example"), pool), &Handler{Serve: handler(parties).Handle})
	toApps := listen(t, AppsTLS(sign("sp.inkan.example")), &Handler{Serve: handler(tsmp.AppKeys{}).Handle, Apps: true})

	progress := &tsmp.GetProgressRequest{Nonce: tsmp.Nonce{1}}
	status := &tsmp.HandleSEStatusChangeNotificationRequest{Notice: tsmp.Notice{Sequence: 1, At: time.Now().UTC().Truncate(time.Second)}, SE: tsmp.SEID{1}, Status: tsmp.SEBlocked}
	mno := tsmp.Identity{Party: "mno.inkan.example", KeyID: "mno", Signer: peer}
	for i, c := range []struct {
		name     string
		from     tsmp.Identity
		function tsmp.Function
		body     tsmp.Body
		exchange tsmp.Exchange
		ok       bool
	}{
		{"app", app, tsmp.GetProgress, progress, AppExchange(NewClient(AppTLS(pool)), toApps), true},
		{"party where apps are served", mno, tsmp.HandleSEStatusChangeNotification, status, AppExchange(NewClient(ClientTLS(sign(string(mno.Party)), pool)), toApps), false},
		{"app where parties are served", app, tsmp.GetProgress, progress, Exchange(NewClient(ClientTLS(sign(string(mno.Party)), pool)), toParties), false},
		{"party", mno, tsmp.HandleSEStatusChangeNotification, status, Exchange(NewClient(ClientTLS(sign(string(mno.Party)), pool)), toParties), true},
	} {
		before := served
		caller := &tsmp.Caller{Identity: c.from, Peer: "sp.inkan.example", Keys: parties, Exchange: c.exchange}
		request, err := caller.Seal(&tsmp.Call{ID: tsmp.CallID{byte(i + 1)}, Function: c.function, Sent: time.Now().UTC().Truncate(time.Second)}, c.body)
		if err != nil {
			t.Fatal(err)
		}
		_, err = caller.Send(t.Context(), request)
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, tsmp.Refuse(tsmp.CodeKey, "")) || (served == before+1) != c.ok {
			t.Errorf("%s: served %d times, %v", c.name, served-before, err)
		}
	}
}

// listen serves a handler on loopback, and gives its address.
func listen(t *testing.T, c *tls.Config, h *Handler) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(h)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return "https://" + listener.Addr().String()
}
