package storm_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/sim/clock"
	cardos "inkan/sim/os"
	"inkan/spec/req"
)

// rig is a copy of the card with everything on it.
type rig struct {
	testing.TB
	*world
	card *cardos.Card
}

func newRig(t testing.TB) *rig {
	t.Helper()
	w, err := master()
	if err != nil {
		t.Fatal(err)
	}
	k := new(clock.Clock)
	card, err := w.boot(w.flash.ForkOn(k, nil), k, 0x01)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t, w, card}
}

// say sends a command in hex and wants a status word.
func (r *rig) say(card apdu.Card, command string, want iso7816.SW) []byte {
	r.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(command, " ", ""))
	if err != nil {
		r.Fatal(err)
	}
	out, err := card.Transmit(ctx, b, nil)
	if err != nil {
		r.Fatalf("%s: %v", command, err)
	}
	a, err := apdu.DecodeResponse(out)
	if err != nil || a.SW != want {
		r.Fatalf("%s: %X %v, want %v", command, a.Data, a.SW, want)
	}
	return a.Data
}

// do sends a typed command and wants a status word.
func (r *rig) do(card apdu.Card, cmd gp.Command, want iso7816.SW) {
	r.Helper()
	_, err := gp.Exchange(ctx, card, cmd, nil)
	if want == iso7816.OK && err != nil || want != iso7816.OK && !errors.Is(err, want) {
		r.Fatalf("%T: %v, want %v", cmd, err, want)
	}
}

func (r *rig) session(aid gp.AID, set *scp.KeySet, level scp.Level, channel byte) *scp.Secured {
	r.Helper()
	s, err := r.open(r.card, opening{aid: aid, keys: set, level: level, channel: channel, seed: 11})
	if err != nil {
		r.Fatal(err)
	}
	return s
}

// TestRefusedInSession: what is refused in an open channel leaves it open, with both
// ends at the same command.
func TestRefusedInSession(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-098", "SPEC-UICC-OS-071", "SPEC-UICC-OS-077")
	w := newRig(t)
	for _, o := range []opening{{keys: &w.issuer03, level: 0x01}, {keys: &w.issuer03, level: 0x33}, {keys: &w.issuer02, level: 0x03}} {
		r := newRig(t)
		s := r.session(gp.AIDIssuerSecurityDomain, o.keys, o.level, 0)
		r.say(s, "80FE000000", iso7816.INSNotSupported)
		r.say(s, "80CA004200", iso7816.OK)
		r.say(s, "80F0807F00", iso7816.OK)
		r.do(s, gp.Delete{AID: corpusModule}, iso7816.ConditionsNotSatisfied)
		r.say(s, "80F001010B 4F09 F0696E6B616E430F01", iso7816.ConditionsNotSatisfied)
		r.say(s, "80F0800F00", iso7816.OK)
		r.do(s, gp.Delete{AID: corpusModule}, iso7816.OK)
		mine := r.session(jpki.AIDProviderDomain, &r.provider, 0x11, 0)
		r.do(r.session(gp.AIDIssuerSecurityDomain, &r.issuer03, 0x01, r.channel(1)), gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: jpki.AIDProviderDomain}, iso7816.OK)
		r.say(mine, "80F28002024F00", iso7816.ConditionsNotSatisfied)
		r.say(mine, "80CA006600", iso7816.OK)
	}
}

// channel opens a logical channel.
func (r *rig) channel(n byte) byte {
	r.Helper()
	r.say(r.card, hex.EncodeToString([]byte{0, 0x70, 0, n}), iso7816.OK)
	return n
}

// TestLockedCardElsewhere: what was selected before the card is locked or
// terminated does not go on, on any channel, nor does the toolkit.
func TestLockedCardElsewhere(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-071")
	for _, state := range []string{"80F0807F00", "80F080FF00"} {
		r := newRig(t)
		r.channel(1)
		r.channel(2)
		r.channel(3)
		r.do(onChannel{r.card, 1}, gp.Select{Name: corpusModule.Append(nil)}, iso7816.OK)
		r.do(onChannel{r.card, 2}, gp.Select{Name: carrierDomain.Append(nil)}, iso7816.OK)
		r.say(r.session(gp.AIDIssuerSecurityDomain, &r.issuer03, 0x33, 0), state, iso7816.OK)
		r.say(r.card, "8130000006", iso7816.ConditionsNotSatisfied)
		r.say(r.card, "82CA004200", iso7816.ConditionsNotSatisfied)
		r.say(r.card, "03A40004022FE2", iso7816.ConditionsNotSatisfied)
		r.say(r.card, "801000000A FFFFFFFF7F9D00DFBF00", iso7816.ConditionsNotSatisfied)
		r.say(r.card, "01A4040000", map[string]iso7816.SW{"80F0807F00": iso7816.FileDeactivated, "80F080FF00": iso7816.OK}[state])
		r.say(r.card, "81CA004200", iso7816.OK)
	}
}

// TestLockedApplicationOnNewChannel: a new channel selects no application that is
// locked, be it the default one or that of the channel it is opened from.
func TestLockedApplicationOnNewChannel(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-070", "SPEC-RUNTIME-033")
	r := newRig(t)
	s := r.session(gp.AIDIssuerSecurityDomain, &r.issuer03, 0x01, 0)
	r.do(s, gp.Install{Purpose: gp.ForMakeSelectable, Application: corpusModule, Privileges: gp.CardReset, HasPrivileges: true}, iso7816.OK)
	r.do(s, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: corpusModule}, iso7816.OK)
	r.channel(1)
	r.say(r.card, "8130000006", iso7816.INSNotSupported)
	multi := newRig(t)
	multi.channel(1)
	multi.do(onChannel{multi.card, 1}, gp.Select{Name: ara.AIDMaster.Append(nil)}, iso7816.OK)
	multi.do(multi.session(gp.AIDIssuerSecurityDomain, &multi.issuer03, 0x01, 0), gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: ara.AIDMaster}, iso7816.OK)
	multi.say(multi.card, "0170000200", iso7816.AppletSelectFailed)
	multi.say(multi.card, "02A4040000", iso7816.LogicalChannelNotSupported)
}

// TestLockedInScript: the commands behind the one that locks or terminates the card
// are refused.
func TestLockedInScript(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-099")
	for _, state := range []gp.LifeCycle{gp.CardLocked, gp.CardTerminated} {
		r := newRig(t)
		s, err := newServer(&r.ota, scp80.AES, fullSPI)
		if err != nil {
			t.Fatal(err)
		}
		var script remote.Script
		b := script.Begin(nil, remote.Definite)
		for _, c := range encode(gp.SetStatus{Scope: gp.ScopeIssuerSecurityDomain, State: state}, gp.GetData{Tag: gp.TagIIN}, gp.Delete{AID: corpusModule}) {
			b = script.Command(b, c)
		}
		packet, ticket, err := s.host.Seal(nil, scp80.TARIssuerSD, script.End(b))
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.card.Receive(packet)
		if err != nil {
			t.Fatal(err)
		}
		data, _, err := s.host.Open(nil, ticket, out.Packet)
		if err != nil {
			t.Fatal(err)
		}
		e, err := remote.DecodeExpandedResponse(data)
		if err != nil {
			t.Fatalf("%X: %v", data, err)
		}
		var got []iso7816.SW
		for a := range e.Responses() {
			got = append(got, a.SW)
		}
		if len(got) != 3 || got[0] != iso7816.OK || got[1] != iso7816.OK || got[2] != iso7816.ConditionsNotSatisfied {
			t.Errorf("%v: %v", state, got)
		}
		if r.card.Applet(corpusModule.Append(nil)) == nil {
			t.Errorf("%v: the application is deleted", state)
		}
	}
}
