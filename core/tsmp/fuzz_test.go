package tsmp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"inkan/core/tsmp/jcs"
	"inkan/core/tsmp/jws"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// FuzzDecode feeds any bytes to every body, and to request and answer: what is
// accepted is written again and stays the same; what is refused is a fault within
// the input.
func FuzzDecode(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-001", "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-006")
	for _, v := range vectors.Load[vector](f, "tsm-protocol.json") {
		f.Add([]byte(v.Body + v.Payload))
	}
	f.Add([]byte(`{"end":true}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		check := func(err error) bool {
			var fault *wire.DecodeError
			var refusal *Error
			if err != nil && !errors.As(err, &refusal) && (!errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b)) {
				t.Fatal(err)
			}
			return err == nil
		}
		n, err := jcs.Parse("TSM body", b) // once for all of them
		if !check(err) {
			return
		}
		for _, d := range definitions {
			for _, zero := range []func() Body{d.Request, d.Answer} {
				into := zero()
				if !check(readNode(&n, "TSM body", "", into.visit)) {
					continue
				}
				canonical := encoded(t, into)
				again := zero()
				if err := DecodeBody(canonical, again); err != nil || !bytes.Equal(encoded(t, again), canonical) {
					t.Fatalf("%v: %s", err, canonical)
				}
			}
		}
		r, err := parseRequest(b)
		if check(err) {
			if d, ok := Lookup(r.Function); ok {
				check(r.readBody(d.Request()))
			}
		}
		a, err := parseAnswer(b)
		if check(err) && (a.Status == Success) != (a.Failure == nil) {
			t.Fatalf("%+v", a)
		}
	})
}

// FuzzHandle signs any payload as the SP-TSM, so that everything behind the
// signature sees it: the handler answers or refuses, and executes well-formed
// bodies only.
func FuzzHandle(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-022", "SPEC-TSM-PROTOCOL-033")
	for _, v := range vectors.Load[vector](f, "tsm-protocol.json") {
		f.Add([]byte(v.Payload), []byte(v.Signed))
	}
	f.Fuzz(func(t *testing.T, payload, raw []byte) {
		b := newBench()
		signed, err := jws.Sign(b.sp.Signer, "sp-1", RequestType, payload)
		if err != nil {
			return // longer than a message may be
		}
		for _, request := range [][]byte{signed, raw} {
			answer, err := b.handler.Handle(t.Context(), request)
			var refusal *Error
			if err != nil && (answer != nil || !errors.As(err, &refusal)) {
				t.Fatal(err)
			}
			if err == nil {
				if _, err := open(b.keys, AnswerType, answer); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := b.caller.Open(signed, raw); err == nil {
				t.Fatal("bytes of nobody are an answer")
			}
		}
	})
}

// FuzzAnyParty signs any payload as each party and as a UI app, before a handler
// that serves everything: what is executed is well formed, and of that sender.
func FuzzAnyParty(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-030", "SPEC-TSM-PROTOCOL-033", "SPEC-TSM-PROTOCOL-101")
	for _, v := range vectors.Load[vector](f, "tsm-protocol.json") {
		if !v.Answer && v.Body != "" && v.Fail == "" {
			f.Add(uint8(len(v.Body)), []byte(v.Function), []byte(v.Body))
		}
	}
	p := testParties()
	roles := []Role{RoleCA, RoleSPTSM, RoleMNOTSM, RoleHelpDesk, RoleMunicipality, RoleUIApp}
	f.Fuzz(func(t *testing.T, who uint8, function, body []byte) {
		from := roles[int(who)%len(roles)]
		identity := p.identityOf(t, from)
		served := sampling(t)
		for name, inner := range served {
			served[name] = func(ctx context.Context, c *Call, b Body) (Body, error) {
				d, _ := Lookup(c.Function)
				if d.Senders&from == 0 || c.Role != from || c.Sender != identity.Party || checkBody(b) != nil {
					t.Fatalf("%s executed for %s", c.Function, from)
				}
				if _, err := EncodeBody(b); err != nil {
					t.Fatal(err)
				}
				return inner(ctx, c, b)
			}
		}
		h := &Handler{Identity: p.sp, Keys: AppKeys{p.keys}, Journal: &MemoryJournal{}, Service: served, Now: func() time.Time { return noon }}
		payload := fmt.Appendf(nil, `{"version":1,"functionCallIdentifier":"%s","function":%q,"sender":"%s","recipient":"%s","sentAt":"2026-11-28T03:00:00Z","validityPeriod":60,"body":%s}`,
			hexText(fill(16, 1)), function, identity.Party, p.sp.Party, body)
		signed, err := jws.Sign(identity.Signer, identity.KeyID, RequestType, payload)
		if err != nil {
			return // longer than a message may be
		}
		_, err = h.Handle(t.Context(), signed)
		var refusal *Error
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
	})
}

// FuzzAppKey: an ID that is taken is the only one of its key.
func FuzzAppKey(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-100")
	f.Add(testApp(f, 0x50).KeyID)
	f.Add("app.")
	f.Add("app." + base64.RawURLEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize)))
	f.Fuzz(func(t *testing.T, id string) {
		key, ok := AppKeys{}.Key(id)
		if !ok {
			return
		}
		point, ok := key.Public.(ed25519.PublicKey)
		if !ok {
			point = elliptic.MarshalCompressed(elliptic.P256(), key.Public.(*ecdsa.PublicKey).X, key.Public.(*ecdsa.PublicKey).Y)
		}
		if id != appKeyPrefix+base64.RawURLEncoding.EncodeToString(point) || key.Party != appParty(point) || !key.Party.Valid() {
			t.Fatalf("%s: %s", id, key.Party)
		}
	})
}
