package omapi

import (
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func tohex(b []byte) string { return hex.EncodeToString(b) }

func TestOpen(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-040", "SPEC-HANDSET-042", "SPEC-HANDSET-043")
	d := newDouble(rule("", nil, always))
	s := session(t, d, mine)
	first, second := opened(t, s, bank), opened(t, s, bank2)
	if first.Number() == second.Number() || first.Application() != bank || second.Application() != bank2 {
		t.Errorf("%v and %v", first, second)
	}
	if got := tohex(first.SelectResponse()); got != "6f0b8407f000000001aa01a5009000" {
		t.Errorf("response to SELECT %s", got)
	}
	for in, want := range map[string]string{
		"00FE000003010203": "0102039000",
		"02FE000003010203": "0102039000", // the number that the caller wrote does not count
		"8010000000":       "726573706F6E7365" + "9000",
		"8012000000":       "6162639000",
	} {
		d.seen = nil
		got, err := send(t, second, in)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
		for _, c := range d.seen {
			if int(c[0]&3) != second.Number() {
				t.Errorf("%s went out as %x", in, c)
			}
		}
	}
	d.seen = nil
	for in, c := range map[string]fault.Code{
		"0070000001": fault.Forbidden, "0070800100": fault.Forbidden, "00A40400": fault.Forbidden, "00A4040C05F000000001": fault.Forbidden,
		"01A4040005F000000001": fault.Forbidden, "FFFE0000": fault.WrongArgument, "20FE0000": fault.WrongArgument, "00610000": fault.WrongArgument,
		"0091000000": fault.WrongArgument, "00": fault.WrongArgument, "00FE00000301": fault.WrongArgument,
	} {
		_, err := send(t, first, in)
		want(t, err, c)
	}
	if len(d.seen) != 0 {
		t.Errorf("the card saw %x", d.seen)
	}
	for _, in := range []string{"00A4000C023F00", "00A4020C020018"} { // SELECT of files is not by DF name
		if _, err := send(t, first, in); err != nil {
			t.Error(err)
		}
	}
	third := opened(t, s, bank)
	_, err := s.OpenLogicalChannel(t.Context(), bank, 0)
	want(t, err, fault.NoChannel)
	want(t, third.Close(t.Context()), "")
	_, err = s.OpenLogicalChannel(t.Context(), gp.MustAID("F0FFFFFFFF"), 0)
	want(t, err, fault.NoApplication)
	_, err = s.OpenLogicalChannel(t.Context(), bank, 0x02)
	want(t, err, fault.WrongArgument)
	if d.held() != 2 {
		t.Errorf("%d channels are open", d.held())
	}
	want(t, s.Close(t.Context()), "")
	if d.held() != 0 || !first.Closed() {
		t.Errorf("%d channels are open after the session", d.held())
	}
	_, err = send(t, first, "00FE0000")
	want(t, err, fault.Closed)
	_, err = s.OpenLogicalChannel(t.Context(), bank, 0)
	want(t, err, fault.Closed)
}

func TestBasicChannel(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-041")
	d := newDouble(rule("", nil, always))
	s := session(t, d, mine)
	_, err := s.OpenBasicChannel(t.Context(), bank, 0)
	want(t, err, fault.BasicChannel)
	s.reader.Basic = true
	c, err := s.OpenBasicChannel(t.Context(), bank, 0)
	if err != nil || !c.Basic() || d.open[0] != bank {
		t.Fatalf("%v, selected %v", err, d.open[0])
	}
	_, err = s.OpenBasicChannel(t.Context(), bank, 0)
	want(t, err, fault.BasicChannel)
	want(t, c.Close(t.Context()), "")
	if !d.open[0].IsZero() {
		t.Error("the application is still selected")
	}
	d.rules = nil
	d.tag++
	_, err = s.OpenBasicChannel(t.Context(), bank, 0)
	want(t, err, fault.AccessDenied)
	if s.reader.basic != nil {
		t.Error("a channel that was refused holds the basic one")
	}
}

func TestNoRule(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-045", "SPEC-HANDSET-052")
	for name, d := range map[string]*double{"no rules": newDouble(), "no ARA-M": {apps: []gp.AID{bank}, noARAM: true, open: map[int]gp.AID{0: {}}, channels: 4},
		"another's": newDouble(rule("F000000001AA01", other.SHA1[:], always))} {
		_, err := session(t, d, mine).OpenLogicalChannel(t.Context(), bank, 0)
		want(t, err, fault.AccessDenied)
		if d.held() != 0 {
			t.Errorf("%s: a channel is open", name)
		}
	}
}

func TestRefreshTag(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-051", "SPEC-HANDSET-053")
	d := newDouble(rule("", mine.SHA256[:], always))
	s := session(t, d, mine)
	for range 3 {
		want(t, opened(t, s, bank).Close(t.Context()), "")
	}
	if n := s.reader.RuleReads(); n != 1 {
		t.Errorf("rules were read %d times", n)
	}
	d.rules = []ara.Rule{rule("", mine.SHA256[:], never)}
	want(t, opened(t, s, bank).Close(t.Context()), "") // the tag says that they are the same
	d.tag++
	_, err := s.OpenLogicalChannel(t.Context(), bank, 0)
	want(t, err, fault.AccessDenied)
	d.rules = []ara.Rule{rule("", nil, always)}
	d.tag++
	want(t, opened(t, s, bank).Close(t.Context()), "")
	d.araSW = iso7816.NoPreciseDiagnosis
	_, err = s.OpenLogicalChannel(t.Context(), bank, 0)
	want(t, err, fault.RulesUnread)
	_, err = s.reader.AllowsNFC(t.Context(), bank, mine)
	want(t, err, fault.RulesUnread)
	d.araSW = 0
	opened(t, s, bank)
	if d.held() != 1 {
		t.Errorf("%d channels are open", d.held())
	}
}

// A partial AID does not reach past a rule for the whole one.
func TestPartialAID(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-055", "SPEC-HANDSET-056")
	short := gp.MustAID("F000000001")
	d := newDouble(rule("", mine.SHA1[:], always), rule("F000000001AA01", other.SHA1[:], always))
	s := session(t, d, mine)
	_, err := s.OpenLogicalChannel(t.Context(), short, 0) // the card selects bank, which is the other's
	want(t, err, fault.AccessDenied)
	_, err = s.OpenLogicalChannel(t.Context(), short, 0x0C) // and does not say so
	want(t, err, fault.AccessDenied)
	d.apps = []gp.AID{bank2, bank, silent}
	c, err := s.OpenLogicalChannel(t.Context(), short, 0)
	if err != nil || c.Application() != bank2 {
		t.Fatalf("%v, %v", c, err)
	}
	_, err = c.SelectNext(t.Context()) // bank
	want(t, err, fault.AccessDenied)
	if !c.Closed() || d.held() != 0 {
		t.Error("the channel is open")
	}
	d.rules, d.tag = []ara.Rule{rule("F000000001", nil, always)}, 1
	c = opened(t, s, short)
	for i, next := range []bool{true, false, false} {
		got, err := c.SelectNext(t.Context())
		if err != nil || got != next || c.Application() != bank {
			t.Errorf("next %d: %v, %v, %v", i, got, err, c.Application())
		}
	}
	if out, err := send(t, c, "00FE00000101"); err != nil || out != "019000" {
		t.Errorf("%s, %v", out, err)
	}
	d.rules, d.tag = []ara.Rule{rule("F000000002BB01", nil, always)}, 2
	if c := opened(t, s, silent); c.Application() != silent {
		t.Error("an application whose answer says nothing")
	}
	_, err = s.OpenLogicalChannel(t.Context(), gp.MustAID("F000000002"), 0)
	want(t, err, fault.AccessDenied)
}

func TestFilters(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-050")
	filter := ara.Filter{Header: [4]byte{0x80, 0x10, 0, 0}, Mask: [4]byte{0xFF, 0xFF, 0, 0}}
	d := newDouble(rule("F000000001AA01", mine.SHA1[:], ara.Rights{Filters: []ara.Filter{filter}}))
	c := opened(t, session(t, d, mine), bank)
	for in, w := range map[string]fault.Code{"8010000000": "", "8110FFFF00": "", "0010000000": fault.AccessDenied, "8012000000": fault.AccessDenied, "00C0000000": fault.AccessDenied} {
		_, err := send(t, c, in)
		want(t, err, w)
	}
	if got, err := send(t, c, "8010000000"); err != nil || got != "726573706F6E73659000" {
		t.Errorf("GET RESPONSE of the handset: %s, %v", got, err)
	}
}

func TestResetEndsAll(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-057")
	d := newDouble(rule("", nil, always))
	s := session(t, d, mine)
	c := opened(t, s, bank)
	d.powers++
	d.open = map[int]gp.AID{0: {}}
	_, err := send(t, c, "00FE0000")
	want(t, err, fault.Closed)
	_, err = c.SelectNext(t.Context())
	want(t, err, fault.Closed)
	_, err = s.OpenLogicalChannel(t.Context(), bank, 0)
	want(t, err, fault.Closed)
	want(t, c.Close(t.Context()), "")
	s = session(t, d, mine)
	c = opened(t, s, bank)
	d.cut = true
	_, err = send(t, c, "00FE0000")
	want(t, err, fault.SIMSilent)
}

// What an application held before a reset does not count afterwards, closed or not.
func TestCountedAnew(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-057")
	d := newDouble(rule("", nil, always))
	r := NewReader("SIM1", d, 1)
	r.Basic = true
	s := NewService(mine, r)
	for range 3 {
		session, err := s.Open(r)
		if err != nil {
			t.Fatal(err)
		}
		opened(t, session, bank)
		if _, err := session.OpenBasicChannel(t.Context(), bank2, 0); err != nil {
			t.Fatal(err)
		}
		_, err = session.OpenLogicalChannel(t.Context(), bank, 0)
		want(t, err, fault.NoChannel)
		d.powers++
		d.open = map[int]gp.AID{0: {}}
	}
	want(t, s.Shutdown(t.Context()), "")
	if r.held != 0 || r.basic != nil {
		t.Errorf("%d channels are held", r.held)
	}
}

func TestService(t *testing.T) {
	d := newDouble(rule("", nil, always))
	r := NewReader("SIM1", d, 1)
	s := NewService(mine, r)
	if len(s.Readers()) != 1 || !s.Readers()[0].Present() {
		t.Error("readers")
	}
	one, err := s.Open(r)
	if err != nil || !slices.Equal(one.ATR(), d.ATR()) {
		t.Fatal(err)
	}
	opened(t, one, bank)
	_, err = one.OpenLogicalChannel(t.Context(), bank, 0)
	want(t, err, fault.NoChannel)
	if got := fmt.Sprint(one.channels[0]); got != "channel 1 to F000000001AA01" {
		t.Error(got)
	}
	want(t, s.Shutdown(t.Context()), "")
	if d.held() != 0 {
		t.Error("channels are open")
	}
	_, err = s.Open(r)
	want(t, err, fault.Closed)
}
