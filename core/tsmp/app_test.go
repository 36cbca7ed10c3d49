package tsmp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

// TestAppKeys: the key ID is the key, in one form only.
func TestAppKeys(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-100", "SPEC-TSM-PROTOCOL-101")
	p := testParties()
	keys := AppKeys{p.keys}
	app := testApp(t, 0x50)
	key, ok := keys.Key(app.KeyID)
	if !ok || key.Party != app.Party || key.Role != RoleUIApp || !app.Signer.Public().(*ecdsa.PublicKey).Equal(key.Public) {
		t.Fatalf("%+v, %v", key, ok)
	}
	if !app.Party.Valid() || len(app.KeyID) != 48 || len(app.Party) != 36 {
		t.Errorf("%s of %s", app.KeyID, app.Party)
	}
	if _, ok := keys.Key("ca-1"); !ok {
		t.Error("a party's key is not found")
	}
	if other := testApp(t, 0x51); other.Party == app.Party || other.KeyID == app.KeyID {
		t.Error("two keys, one party")
	}
	for name, id := range map[string]string{
		"no point":      "app.",
		"one less":      app.KeyID[:47],
		"one more":      app.KeyID + "A",
		"padding":       app.KeyID + "=",
		"not on curve":  "app." + base64.RawURLEncoding.EncodeToString(append([]byte{2}, append(make([]byte, 31), 2)...)),
		"x too large":   "app." + base64.RawURLEncoding.EncodeToString(append([]byte{2}, []byte(strings.Repeat("\xff", 32))...)),
		"uncompressed":  "app." + base64.RawURLEncoding.EncodeToString(elliptic.Marshal(elliptic.P256(), key.Public.(*ecdsa.PublicKey).X, key.Public.(*ecdsa.PublicKey).Y)),
		"another start": "App" + app.KeyID[3:],
		"nobody":        "sp-9",
	} {
		if k, ok := keys.Key(id); ok {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err == nil {
		if _, err := AppIdentity(k); err == nil {
			t.Error("P-384")
		}
	}
}

// TestAppKeysEd25519: the same of a key of Ed25519.
func TestAppKeysEd25519(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-100")
	signer := ed25519.NewKeyFromSeed(fill(32, 1))
	app, err := AppIdentity(signer)
	key, ok := AppKeys{}.Key(app.KeyID)
	if err != nil || !ok || key.Party != app.Party || key.Role != RoleUIApp || !signer.Public().(ed25519.PublicKey).Equal(key.Public) {
		t.Fatalf("%v, %+v, %v", err, key, ok)
	}
	if !app.Party.Valid() || len(app.KeyID) != 47 || len(app.Party) != 36 {
		t.Errorf("%s of %s", app.KeyID, app.Party)
	}
	high := bytes.Repeat([]byte{0xFF}, 32)
	for name, id := range map[string]string{
		"one less": app.KeyID[:46], "one more": app.KeyID + "A",
		"not reduced":                 "app." + base64.RawURLEncoding.EncodeToString(append([]byte{0xED}, high[1:]...)),
		"not reduced, of the other x": "app." + base64.RawURLEncoding.EncodeToString(append([]byte{0xFE}, append(high[1:31:31], 0x7F)...)),
	} {
		if k, ok := (AppKeys{}).Key(id); ok {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if _, ok := (AppKeys{}).Key("app." + base64.RawURLEncoding.EncodeToString(append([]byte{0xEB}, high[1:]...))); !ok {
		t.Error("a large coordinate")
	}
	for _, y := range smallOrders {
		point, _ := hex.DecodeString(y)
		for _, sign := range []byte{0, 0x80} {
			id := "app." + base64.RawURLEncoding.EncodeToString(append(point[:31:31], point[31]|sign))
			if k, ok := (AppKeys{}).Key(id); ok {
				t.Errorf("of small order: %+v", k)
			}
		}
	}
}

// TestAppVectors: key ID and party of published scalars.
func TestAppVectors(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-100")
	found := false
	for _, v := range vectors.Load[vector](t, "tsm-protocol.json") {
		if !strings.HasPrefix(v.KeyID, appKeyPrefix) {
			continue
		}
		found = true
		app, err := AppIdentity(v.signer())
		if err != nil || app.KeyID != v.KeyID || !strings.Contains(v.Payload, `"sender":"`+string(app.Party)+`"`) {
			t.Errorf("%s: %v, %s, %s", v.Name, err, app.KeyID, app.Party)
		}
	}
	if !found {
		t.Error("no vector")
	}
}

// TestAppMayNotMore: an app calls its own functions and no others, as itself; other
// parties do not call an app's.
func TestAppMayNotMore(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-101", "SPEC-TSM-PROTOCOL-030")
	c := callerTo(t, RoleUIApp, RoleSPTSM, sampling(t))
	for _, d := range Definitions() {
		if d.Recipients&RoleSPTSM == 0 {
			continue
		}
		sealed, err := c.Seal(&Call{ID: CallID{byte(len(d.Function)), d.Function[0], d.Function[6]}, Function: d.Function, Sent: noon}, samplesOf(t, d.Function)[0])
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Send(t.Context(), sealed)
		if own := d.Senders == RoleUIApp; own && err != nil || !own && !isCode(err, CodeNotAuthorised) {
			t.Errorf("%s: %v", d.Function, err)
		}
	}
	c.Identity.Party = testApp(t, 0x51).Party
	sealed, err := sealAs(t, c, GetProgress, appSamples[GetProgress][0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), sealed); !errors.Is(err, Refuse(CodeKey, "")) {
		t.Errorf("in another app's name: %v", err)
	}
	sp := callerTo(t, RoleMNOTSM, RoleSPTSM, sampling(t))
	if sealed, err = sealAs(t, sp, GetProgress, appSamples[GetProgress][0]); err != nil {
		t.Fatal(err)
	}
	if _, err := sp.Send(t.Context(), sealed); !isCode(err, CodeNotAuthorised) {
		t.Errorf("an MNO-TSM asks for an app's progress: %v", err)
	}
}

// TestListeners: who serves parties does not know apps, who serves apps does not
// know parties.
func TestListeners(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-064", "SPEC-TSM-PROTOCOL-101")
	p := testParties()
	for _, c := range []struct {
		from Role
		keys Directory
	}{{RoleUIApp, p.keys}, {RoleMNOTSM, AppKeys{}}} {
		h := &Handler{Identity: p.sp, Keys: c.keys, Journal: &MemoryJournal{}, Service: sampling(t), Now: func() time.Time { return noon }}
		caller := &Caller{Identity: p.identityOf(t, c.from), Peer: p.sp.Party, Keys: p.keys, Exchange: h.Handle}
		f := map[Role]Function{RoleUIApp: GetProgress, RoleMNOTSM: HandleSERenewalNotification}[c.from]
		sealed, err := sealAs(t, caller, f, samplesOf(t, f)[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := caller.Send(t.Context(), sealed); !errors.Is(err, Refuse(CodeKey, "")) {
			t.Errorf("%s: %v", c.from, err)
		}
	}
}

// TestNoCodeToApps: the one-time code takes another way.
func TestNoCodeToApps(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-105")
	for _, d := range appDefinitions {
		for _, r := range append(Rows(d.Request()), Rows(d.Answer())...) {
			if name := strings.ToLower(r.Path[strings.LastIndexByte(r.Path, '/')+1:]); strings.Contains(name, "code") && name != "codesent" {
				t.Errorf("%s has %s", d.Function, r.Path)
			}
		}
	}
}

// TestAppDemands: contradictions of the app's messages.
func TestAppDemands(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-010", "SPEC-TSM-PROTOCOL-103")
	for name, c := range map[string]struct {
		f        Function
		answer   int
		old, new string
		path     string
	}{
		"issue with an instance":   {StartApplication, 0, `"transfer"`, `"issue"`, "phoneId"},
		"revocation with a SIM":    {StartApplication, 0, `"transfer"`, `"revocation"`, "seId"},
		"reset with usage":         {StartApplication, 0, `"transfer"`, `"pin-reset"`, "usage"},
		"not eligible with nonce":  {StartApplication, 1, `"eligible":true,"keyOrigin":"on-card","keys":["auth"],"nonce"`, `"eligible":false,"keyOrigin":"on-card","keys":["auth"],"nonce"`, "reasons"},
		"origin without keys":      {StartApplication, 1, `"keys":["auth"],`, ``, "keyOrigin"},
		"ready or not":             {StartApplication, 1, `"ready":true`, `"ready":false`, "ready"},
		"eligible without until":   {StartApplication, 1, `,"until":"2026-11-28T03:10:00Z"`, ``, "until"},
		"refusal while loading":    {GetProgress, 1, `"refused"`, `"load"`, "refusal"},
		"refusal of nobody":        {GetProgress, 1, `"se-memory"`, `"se-memories"`, "refusal"},
		"refused without a reason": {GetProgress, 1, `"refusal":"se-memory",`, ``, "refusal"},
		"order without challenge":  {GetProgress, 1, `"challenge"`, `"Challenge"`, "order/challenge"},
		"nothing returned":         {ReturnResponses, 0, `"interrupted":true,"responses":["kAA"]`, `"interrupted":false,"responses":[]`, "responses"},
		"a script after the end":   {ReturnResponses, 1, `"end":false`, `"end":true`, "end"},
		"end or not":               {ReturnResponses, 1, `"end":false,`, ``, "end"},
	} {
		d, _ := Lookup(c.f)
		into := []Body{d.Request(), d.Answer()}[c.answer]
		wantFault(t, name, DecodeBody(replaced(t, encoded(t, appSamples[c.f][c.answer]), c.old, c.new), into), c.path)
	}
	for _, b := range []*FetchScriptAnswer{
		{State: RelayWait}, {State: RelayEnd, Pause: 1}, {State: RelayScript, Script: 1, AID: sampleAID}, {State: RelayScript, Script: 1, Commands: splitOf(8, 4)},
		{State: RelayScript, AID: sampleAID, Commands: splitOf(8, 4)}, {State: RelayWait, Pause: 1, Script: 1}, {State: RelayScript, Pause: 1, Script: 1, AID: sampleAID, Commands: splitOf(8, 4)},
	} {
		if _, err := EncodeBody(b); err == nil {
			t.Errorf("%+v is encoded", b)
		}
	}
	if b := encoded(t, &ReturnResponsesAnswer{End: true}); string(b) != `{"end":true}` {
		t.Errorf("an end is %s", b)
	}
	var end ReturnResponsesAnswer
	if err := DecodeBody([]byte(`{"end":true}`), &end); err != nil || !end.End {
		t.Errorf("%+v, %v", end, err)
	}
}

func TestNoRelaySecretIsPrinted(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-088")
	for _, f := range []Function{GetProgress, FetchScript, ReturnResponses} {
		for _, b := range appSamples[f] {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d"} {
				text := strings.ToLower(fmt.Sprintf(verb, b))
				for _, secret := range []string{"112 113 114 115", fmt.Sprintf("%x", fill(8, 0x70)), "0x70, 0x71"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s %s: %s", f, verb, text)
					}
				}
			}
		}
	}
}

// TestPolled: polling leaves no record, and is executed each time.
func TestPolled(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-048")
	for f, polled := range map[Function]bool{GetProgress: true, FetchScript: true, ReturnResponses: true, GetServiceInstance: false} {
		now, executed, journal := noon, 0, &MemoryJournal{}
		served := sampling(t)
		inner := served[f]
		var fail error
		served[f] = func(ctx context.Context, c *Call, b Body) (Body, error) {
			if executed++; fail != nil {
				return nil, fail
			}
			return inner(ctx, c, b)
		}
		p := testParties()
		h := &Handler{Identity: p.sp, Keys: AppKeys{p.keys}, Journal: journal, Service: served, Now: func() time.Time { return now }}
		c := &Caller{Identity: testApp(t, 0x50), Peer: p.sp.Party, Keys: p.keys, Exchange: h.Handle}
		sealed, err := sealAs(t, c, f, appSamples[f][0])
		if err != nil {
			t.Fatal(err)
		}
		ask := func() error { _, err := c.Send(t.Context(), sealed); return err }
		first, second := ask(), ask()
		fail = errors.New("disk")
		third := ask()
		now = noon.Add(DefaultValidity + time.Second)
		fourth := ask()
		if Polled(f) != polled {
			t.Errorf("%s polled: %v", f, !polled)
		}
		if polled {
			if first != nil || second != nil || !isCode(third, CodeInternal) || !isCode(fourth, CodeExpired) || executed != 3 || len(journal.calls) != 0 {
				t.Errorf("%s: %v %v %v %v, %d times, %d recorded", f, first, second, third, fourth, executed, len(journal.calls))
			}
		} else if first != nil || second != nil || third != nil || fourth != nil || executed != 1 || len(journal.calls) != 1 {
			t.Errorf("%s: %v %v %v %v, %d times, %d recorded", f, first, second, third, fourth, executed, len(journal.calls))
		}
	}
}
