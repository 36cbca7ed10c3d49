package sp_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/hsm"
	"inkan/tsm/sp"
)

// TestOtherAuthority: what another authority notifies is refused, whatever its key.
func TestOtherAuthority(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-027")
	w, h := enrolled(t)
	identity, key := party("ca.elsewhere", tsmp.RoleCA)
	w.keys[key.ID] = key
	c := w.ca.stateOf(h.phone).Certificates[0]
	c.State, c.Reason = certificate.Revoked, certificate.CessationOfOperation
	q := &tsmp.HandleCertificateStateChangeNotificationRequest{Sequence: 1, Phone: h.phone, Event: tsmp.EventRevoked, Erase: true, Certificate: c}
	_, err := w.deliver(w.callerOf(identity), tsmp.HandleCertificateStateChangeNotification, &tsmp.Call{ID: tsmp.CallID{0xCE}, Sent: w.now}, q)
	if refusalOf(err) != tsmp.CodeNotAuthorised {
		t.Errorf("%v", err)
	}
	w.pass(time.Minute)
	if s := w.instance(h.phone); s.State != tsmp.ServiceDeployed {
		t.Errorf("%+v", s)
	}
}

// TestOddBearer: a carrier whose conversations are by another bearer than asked for does
// not keep a workflow busy without end.
func TestOddBearer(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-014")
	w, h := enrolled(t)
	h.carrier.odd = true
	if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneLost}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if n := h.carrier.called(tsmp.BeginConversation); n > 20 {
		t.Errorf("%d conversations in a minute", n)
	}
	h.carrier.odd = false
	w.pass(25 * time.Hour)
	if s := w.instance(h.phone); s.Phase != tsmp.PhaseHeld {
		t.Errorf("%+v", s)
	}
}

// unready is Cards with a program that cannot be begun.
type unready struct {
	sp.Cards
	kind sp.ProgramKind
}

func (u unready) Begin(ctx context.Context, p *sp.Program, d *sp.Domain) ([]byte, error) {
	if p.Kind == u.kind {
		return nil, &sp.CardError{Code: tsmp.CodeLoadFile, Err: errors.New("another hash")}
	}
	return u.Cards.Begin(ctx, p, d)
}

// TestUnready: an application whose program cannot be begun ends at once, told why, and
// nothing is left of it, whether the step came of a carrier's word or of the app's.
func TestUnready(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-053")
	for _, relay := range []bool{false, true} {
		for _, kind := range []sp.ProgramKind{sp.ProgramTakeOver, sp.ProgramLoad, sp.ProgramIssue} {
			w := newWorld(t)
			if relay {
				w = serving(t)
			}
			w.config.Cards = unready{w.config.Cards, kind}
			must(t, w.restart())
			h := w.holds(0, 1, mnoName)
			h.carrier.models = []tsmp.Model{tsmp.ModelDelegated}
			must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			if relay {
				w.follow(h)
			}
			w.settle()
			if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeLoadFile {
				t.Errorf("relay %v, program %d: %+v", relay, kind, p)
			}
			w.pass(time.Hour)
			whole(t, w, h, fmt.Sprintf("relay %v, program %d", relay, kind))
		}
	}
}

// TestSoftware starts with load files of another hash, and with none.
func TestSoftware(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-054")
	content := []byte("load file")
	file, err := (&gp.LoadFile{Content: content}).Append(nil)
	must(t, err)
	c := sp.CardsConfig{HSM: new(hsm.Software), Now: time.Now, Profiles: map[string]sp.CardProfile{"any": {}}}
	for want, s := range map[string]sp.Software{
		"":                           {LoadFile: file, Hash: sha256.Sum256(content)},
		"the load file has the SHA-": {LoadFile: file, Hash: sha256.Sum256(file)},
		"Load File: at offset 0":     {LoadFile: content, Hash: sha256.Sum256(content)},
	} {
		c.Software = &s
		if _, err := sp.NewCards(c); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
