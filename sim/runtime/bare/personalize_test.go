package bare

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// personalAID is the instance's.
var personalAID = gp.MustAID(hex.EncodeToString(sourceAID) + "01")

// target is INSTALL [for personalization] of an applet.
func target(aid gp.AID) gp.Install {
	return gp.Install{Purpose: gp.ForPersonalization, Application: aid}
}

// block sends a STORE DATA and gives data and status word.
func block(t *testing.T, card apdu.Card, last bool, data ...byte) ([]byte, iso7816.SW) {
	t.Helper()
	out, err := gp.Exchange(ctx, card, gp.StoreData{Last: last, MayRespond: true, Data: data}, nil)
	if err == nil {
		return out, iso7816.OK
	}
	sw, ok := errors.AsType[iso7816.SW](err)
	if !ok {
		t.Fatal(err)
	}
	return out, sw
}

// wantBlock sends a STORE DATA that is not the last and checks its answer,
// "data sw" in hex.
func wantBlock(t *testing.T, card apdu.Card, want string, data ...byte) {
	t.Helper()
	out, sw := block(t, card, false, data...)
	if got := strings.ToUpper(hex.EncodeToString(append(bytes.Clone(out), sw.SW1(), sw.SW2()))); got != strings.ToUpper(strings.ReplaceAll(want, " ", "")) {
		t.Errorf("STORE DATA %X: %s, want %s", data, got, want)
	}
}

// personalized makes a card with an applet that INSTALL [for personalization]
// has named, and the channel to its domain.
func personalized(t *testing.T, cfg Config, s source, level scp.Level) (*Card, apdu.Card) {
	t.Helper()
	card, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.onto(t, card)
	secured := reopen(t, card, level)
	exchange(t, secured, target(personalAID), iso7816.OK)
	return card, secured
}

// TestPersonalization forwards STORE DATA over both protocols at all levels.
func TestPersonalization(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-121", "SPEC-RUNTIME-124", "SPEC-RUNTIME-126", "SPEC-RUNTIME-130", "SPEC-RUNTIME-131")
	for _, c := range []struct {
		protocol byte
		level    scp.Level
		shown    string
	}{{2, 1, "81"}, {2, 3, "83"}, {3, 1, "81"}, {3, 3, "83"}, {3, 0x13, "93"}, {3, 0x33, "B3"}} {
		card, secured := personalized(t, Config{SCP: c.protocol, Protocol: 1}, personal, c.level)
		wantBlock(t, secured, "80E201000300AABB 9000", 0, 0xAA, 0xBB)
		wantBlock(t, secured, personalAID.String()+" 9000", 4)
		wantBlock(t, secured, "01 9000", 5)
		wantBlock(t, secured, "01 9000", 6)
		wantBlock(t, secured, "02 9000", 6)
		wantBlock(t, secured, c.shown+" 9000", 9)
		host := secured.(*scp.Secured).Host
		secret, err := host.EncryptSensitive(nil, bytes.Repeat([]byte{7}, 16))
		if err != nil {
			t.Fatal(err)
		}
		wantBlock(t, secured, strings.Repeat("07", 16)+"9000", append([]byte{10}, secret...)...)
		wantBlock(t, secured, hex.EncodeToString(secret)+"9000", append([]byte{11}, bytes.Repeat([]byte{7}, 16)...)...)
		if k := card.Clock(); k.Ledger().Sum() != k.Now() {
			t.Error("the ledger is not the clock")
		}
	}
}

// TestPersonalizationFaults: what processData throws is the answer, and the
// next block goes to the applet all the same.
func TestPersonalizationFaults(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-122", "SPEC-RUNTIME-127", "SPEC-RUNTIME-130", "SPEC-RUNTIME-096")
	card, secured := personalized(t, Config{}, personal, 0x33)
	for _, c := range []struct {
		what byte
		want string
	}{{1, "6A99"}, {2, "6F00"}, {3, "6F00"}, {7, "6F00"}, {8, "6F00"}, {13, "6F00"}, {14, "6F00"}, {17, "6F00"}, {18, "9000"}} {
		wantBlock(t, secured, c.want, c.what)
		if card.Machine().TransactionDepth() != 0 {
			t.Errorf("%d: a transaction is open", c.what)
		}
		wantBlock(t, secured, "80E201000200FF 9000", 0, 0xFF)
	}
	// A last block that fails does not end it; one that is answered 9000 does.
	if _, sw := block(t, secured, true, 1); sw != 0x6A99 {
		t.Errorf("last block: %v", sw)
	}
	if out, sw := block(t, secured, true, 0); sw != iso7816.OK || !bytes.Equal(out, unhex(t, "80E281000100")) {
		t.Errorf("last block again: %X, %v", out, sw)
	}
	wantBlock(t, secured, "6A88", 0)
	send(t, card, "00A4040008"+personalAID.String())
	if got, _ := send(t, card, "8020000000"); got[0] != 0 {
		t.Errorf("a transaction left open wrote %X", got)
	}
}

// TestPersonalizationEnds: what ends the forwarding.
func TestPersonalizationEnds(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-121", "SPEC-RUNTIME-123", "SPEC-RUNTIME-128")
	card, secured := personalized(t, Config{}, personal, 1)
	again := func() {
		t.Helper()
		exchange(t, secured, target(personalAID), iso7816.OK)
		wantBlock(t, secured, "80E201000100 9000", 0)
	}
	exchange(t, secured, gp.GetStatus{Subset: gp.SubsetApplications}, iso7816.OK) // does not
	again()
	for _, other := range []gp.Command{target(multiAID), gp.Install{Purpose: gp.ForLoad, LoadFile: multiAID}} {
		gp.Exchange(ctx, secured, other, nil)
		wantBlock(t, secured, "6A88", 0)
		again()
	}
	secured = reopen(t, card, 1) // SELECT and a new session
	wantBlock(t, secured, "6A88", 0)
	again()
	exchange(t, secured, gp.Delete{AID: personalAID}, iso7816.OK)
	wantBlock(t, secured, "6A88", 0)
	if _, err := card.Install(sourceAID, personalAID.Append(nil), personalAID.Append(nil), nil); err != nil {
		t.Fatal(err)
	}
	wantBlock(t, secured, "6A88", 0)
	again()
	if _, sw := send(t, card, "84E2000009000000000000000000"); sw != iso7816.SecurityStatusNotSatisfied {
		t.Errorf("a wrong MAC: %v", sw)
	}
	secured = reopen(t, card, 1)
	wantBlock(t, secured, "6A88", 0)
	again()
	if _, err := card.Reset(ctx, true); err != nil {
		t.Fatal(err)
	}
	secured = reopen(t, card, 1)
	wantBlock(t, secured, "6A88", 0)
}

// TestPersonalizationRefused: no channel, no applet, none that takes data.
func TestPersonalizationRefused(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-120", "SPEC-RUNTIME-123", "SPEC-RUNTIME-128", "SPEC-RUNTIME-129")
	card, secured := personalized(t, Config{Protocol: 1}, personal, 1)
	for _, command := range []string{"80E2000001FF", "80E62000" + "0E" + "000008" + personalAID.String() + "000000"} {
		card := with(t, Config{}, "io")
		if _, sw := send(t, card, command); sw != iso7816.SecurityStatusNotSatisfied {
			t.Errorf("%s without a channel: %v", command, sw)
		}
	}
	exchange(t, secured, gp.Install{Purpose: gp.ForPersonalization, Application: gp.MustAID("F000000001")}, iso7816.ReferencedDataNotFound)
	wantBlock(t, secured, "6A88", 0)
	secured = reopen(t, card, 0)
	exchange(t, secured, target(personalAID), iso7816.SecurityStatusNotSatisfied)
	wantBlock(t, secured, "6982", 0)

	none := personal
	none.personalization, none.aid = "", []byte{0xF0, 'n', 'o', 'n', 'e'}
	none.onto(t, card)
	secured = reopen(t, card, 1)
	exchange(t, secured, target(gp.MustAID("F06E6F6E6501")), iso7816.ConditionsNotSatisfied)
	exchange(t, secured, target(personalAID), iso7816.OK)
	locked := card.Applet(personalAID.Append(nil))
	if !(*platform)(card).SetLifeCycle(locked, locked, 0x80) {
		t.Fatal("the applet can't lock itself")
	}
	wantBlock(t, secured, "6985", 0)
	exchange(t, secured, target(personalAID), iso7816.ConditionsNotSatisfied)
}

// TestPersonalizationLengths: what does not fit is refused.
func TestPersonalizationLengths(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-126", "SPEC-RUNTIME-129")
	for _, c := range []struct {
		protocol byte
		level    scp.Level
		most     int
	}{{3, 1, 255}, {3, 0x13, 248}, {3, 0x33, 239}, {2, 1, 255}} {
		_, secured := personalized(t, Config{SCP: c.protocol}, personal, c.level)
		if out, sw := block(t, secured, false, 16, byte(c.most)); sw != iso7816.OK || len(out) != c.most {
			t.Errorf("level %02X: %d bytes, %v", byte(c.level), len(out), sw)
		}
		if c.most < 255 {
			wantBlock(t, secured, "6F00", 16, byte(c.most+1))
		}
		wantBlock(t, secured, "80E201000100 9000", 0) // the session goes on
	}
	_, secured := personalized(t, Config{BufferBytes: 133}, personal, 1)
	wantBlock(t, secured, "6A99", bytes.Repeat([]byte{0x40}, 128)...)
	wantBlock(t, secured, "6700", bytes.Repeat([]byte{0x40}, 129)...)
	got, err := secured.Transmit(ctx, unhex(t, "80E20000"), nil)
	if err != nil || !bytes.Equal(got, unhex(t, "6700")) {
		t.Errorf("no data: %X, %v", got, err)
	}
}

// TestPersonalizationOneBuffer gives the applet one array for both.
func TestPersonalizationOneBuffer(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-126")
	_, secured := personalized(t, Config{Options: runtime.Options{OneBuffer: true}}, personal, 1)
	wantBlock(t, secured, personalAID.String()+" 9000", 4)
	wantBlock(t, secured, "80E201000200FF 9000", 0, 0xFF)
}

// TestPersonalizationSessionEnded: an applet that resets the channel.
func TestPersonalizationSessionEnded(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-131", "SPEC-RUNTIME-121")
	card, secured := personalized(t, Config{}, personal, 1)
	wantBlock(t, secured, "9000", 12)
	if card.channel.IsOpen() || card.target != nil {
		t.Error("something goes on")
	}
	wantBlock(t, secured, "6982", 0)
}

// application keeps the command that it was given in its record.
const application = `
    aload_1
    sload_2
    getstatic_a {#0}
    sconst_0
    sload_3
    invokestatic {Util.arrayCopyNonAtomic([BS[BSS)S}
    pop
    return`

// TestApplication: the other interface has no response data, Personalization
// goes before it, and either may be a shared object's.
func TestApplication(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-124", "SPEC-RUNTIME-125", "SPEC-RUNTIME-126")
	old, both, shared, sharedOld := personal, personal, personal, personal
	old.personalization, old.application = "", application
	both.application = application
	shared.shares = true
	sharedOld.personalization, sharedOld.application, sharedOld.shares = "", application, true
	for i, c := range []struct {
		s        source
		response bool
	}{{old, false}, {both, true}, {shared, true}, {sharedOld, false}} {
		card, secured := personalized(t, Config{Protocol: 1}, c.s, 0x33)
		want, record := " 9000", "80E2010002004400"
		if c.response {
			want, record = "80E201000200 44 9000", "0000000000000000"
		}
		wantBlock(t, secured, want, 0, 0x44)
		send(t, card, "00A4040008"+personalAID.String())
		if got, sw := send(t, card, "8020000000"); sw != iso7816.OK || !bytes.Equal(got[:8], unhex(t, record)) {
			t.Errorf("%d: %X %v", i, got, sw)
		}
	}
}

// TestPersonalizationExample is the exchange of the spec's overview.
func TestPersonalizationExample(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-121", "SPEC-RUNTIME-124", "SPEC-RUNTIME-128")
	_, secured := personalized(t, Config{}, personal, 1)
	for _, x := range [][2]string{
		{"80E620000E000008F0696E6B616E580100000000", "009000"},
		{"80E201000300AABB00", "80E201000300AABB9000"},
		{"80E28101010000", "80E2810101009000"},
		{"80E20102010000", "6A88"},
	} {
		got, err := secured.Transmit(ctx, unhex(t, x[0]), nil)
		if err != nil || !bytes.Equal(got, unhex(t, x[1])) {
			t.Errorf("%s: %X, %v; want %s", x[0], got, err, x[1])
		}
	}
}
