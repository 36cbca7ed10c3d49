package bare

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"inkan/core/iso7816"
	"inkan/sim/clock"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// with makes a card with packages of the corpus; every applet of theirs is
// installed under its module's AID.
func with(t *testing.T, cfg Config, names ...string) *Card {
	t.Helper()
	card, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		p, err := card.Load(capFile(t, name, "305"))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range p.Applets() {
			if _, err := card.Install(p.Info().AID, a.AID, a.AID, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	return card
}

// exchanges sends commands and compares answers, written "command -> answer".
func exchanges(t *testing.T, card *Card, all ...string) {
	t.Helper()
	for _, line := range all {
		command, want, _ := strings.Cut(line, " -> ")
		data, sw := send(t, card, command)
		got := strings.ToUpper(hex.EncodeToString(append(data, sw.SW1(), sw.SW2())))
		if got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
	}
}

const (
	selectIO    = "00A4040009F0696E6B616E431001"
	selectAlpha = "00A4040009F0696E6B616E431201"
	selectBeta  = "00A4040009F0696E6B616E431202"
)

func TestSelect(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-014", "SPEC-RUNTIME-025", "SPEC-RUNTIME-026", "SPEC-RUNTIME-027", "SPEC-RUNTIME-032", "SPEC-RUNTIME-112")
	card := with(t, Config{}, "multi")
	exchanges(t, card,
		"8010000002 -> 6D00", // the security domain is selected
		"00A4040008F0696E6B616E4312 -> 09F0696E6B616E431201 9000", // a part: the first
		"00A4040208F0696E6B616E4312 -> 09F0696E6B616E431202 9000", // the next
		"00A4040208F0696E6B616E4312 -> 6D00",                      // no more: Beta processes it
		"00A4040009F0696E6B616E431203 -> 6D00",                    // none: likewise
		"8022000002 -> 0002 9000",                                 // Beta still
		"00A4000002 3F00 -> 6D00",                                 // by file identifier: the applet's
	)
	send(t, card, "00A4040000")
	exchanges(t, card, "8022000002 -> 6D00", "00A4040009F0696E6B616E431203 -> 6A82")
	for _, name := range []string{"00A4040000", "00A4040008A000000151000000", "00A4040008A000000003000000", "00A4040005A000000151"} {
		if data, sw := send(t, card, name); sw != iso7816.OK || len(data) == 0 || data[0] != 0x6F {
			t.Errorf("%s: %X %v", name, data, sw)
		}
	}
}

func TestAPDU(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-090", "SPEC-RUNTIME-091", "SPEC-RUNTIME-092", "SPEC-RUNTIME-093", "SPEC-RUNTIME-094", "SPEC-RUNTIME-095")
	for _, c := range []struct {
		protocol byte
		lines    []string
	}{
		{1, []string{
			selectIO + " -> 9000",
			"80160000 -> 9000",                    // nothing to receive is no error
			"8010000004 -> 00040105 9000",         // Le, length of the buffer
			"80100000 -> 01000105 9000",           // case 1
			"801000000411223344 -> 00000105 9000", // case 3
			"801000000411223344 04 -> 00040105 9000",
			"801E000006 -> 000003040501 9000",
			"801C000010 -> 6A01", "801C000110 -> 6A11", "801C000210 -> 6A21", "801C000310 -> 6A31", "801C000410 -> 6A43",
			"801C000510 -> 6A51", "801C000610 -> 6A61", "801C000710 -> 6A71", "801C000910 -> 6A93",
		}},
		{0, []string{
			selectIO + " -> 9000",
			"801000000411223344 -> 01000105 9000", // T=0 can't tell case 3 from case 4
			"801000000411223344 04 -> 01000105 9000",
			"8010000004 -> 00040105 9000",
			"801E000006 -> 000003040500 9000",
		}},
	} {
		card := with(t, Config{Protocol: c.protocol}, "io")
		exchanges(t, card, c.lines...)
	}
}

func TestClassByte(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-097", "SPEC-RUNTIME-020")
	card := with(t, Config{Protocol: 1}, "io")
	exchanges(t, card, selectIO+" -> 9000",
		"8020000006 -> 000001000000 9000", "0020000006 -> 000001010000 9000", "9020000006 -> 000001000100 9000",
		"0120000006 -> 6881", "FF20000000 -> 6E00")
}

func TestBytes(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-012", "SPEC-RUNTIME-022")
	card := with(t, Config{Protocol: 1}, "io")
	exchanges(t, card, "00A4 -> 6700", "00A404000A01 -> 6700", "00 -> 6700", selectIO+" -> 9000",
		"80120000 000003 010203 -> 6700", // extended, and the applet does not implement ExtendedLength
		"8014000303 -> 0003 06 9000")
}

// TestChannels opens logical channels: the applets of one package may not be
// selected on two of them.
func TestChannels(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-033", "SPEC-RUNTIME-034", "SPEC-RUNTIME-028")
	card := with(t, Config{Protocol: 1, Channels: 4}, "io", "multi")
	exchanges(t, card,
		"0070000001 -> 01 9000",
		"01A4040009F0696E6B616E431001 -> 9000",
		"8120000006 -> 000001000001 9000", // the channel is in the class byte
		selectAlpha+" -> 09F0696E6B616E431201 9000",
		"01A4040009F0696E6B616E431202 -> 6999", // Alpha's package is active elsewhere
		"8120000006 -> 000001000001 9000",      // and IO stays
		"0070000001 -> 02 9000", "0070000001 -> 03 9000", "0070000001 -> 04 9000", "0070000001 -> 6A81",
		"0070800400 -> 9000", "4080000000 -> 6881", "0070800100 -> 9000", "8120000006 -> 6881",
		"8022000002 -> 0001 9000")
	closed := with(t, Config{Protocol: 1}, "io")
	exchanges(t, closed, "0070000001 -> 6881")
}

func TestUncaught(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-023", "SPEC-RUNTIME-031", "SPEC-RUNTIME-010", "SPEC-RUNTIME-013", "SPEC-RUNTIME-029")
	card := with(t, Config{Protocol: 1}, "trans", "transients")
	exchanges(t, card, "00A4040009F0696E6B616E430901 -> 9000", "8014010002 -> 6F00", "8014000002 -> 6A10")
	if card.Machine().TransactionDepth() != 0 {
		t.Error("a transaction is open between commands")
	}
	// An applet that refuses to be selected leaves the channel without one.
	exchanges(t, card, "00A4040009F0696E6B616E430A01 -> 9000", "80180100 -> 9000",
		"00A4040009F0696E6B616E430A01 -> 6999", "8022000002 -> 6999")
}

// TestPowerCut cuts the power within a command: the card is off until a reset.
func TestPowerCut(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-013", "SPEC-RUNTIME-011")
	card := with(t, Config{Protocol: 1}, "trans")
	exchanges(t, card, "00A4040009F0696E6B616E430901 -> 9000")
	card.Clock().CutAt(card.Clock().Now() + 400_000)
	_, err := card.Transmit(ctx, unhex(t, "8012070102"), nil)
	var cut clock.PowerCut
	if !errors.As(err, &cut) {
		t.Fatalf("no power cut: %v", err)
	}
	if _, err := card.Transmit(ctx, unhex(t, "8012070102"), nil); err != runtime.ErrOff {
		t.Fatalf("after the cut: %v", err)
	}
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	exchanges(t, card, "00A4040009F0696E6B616E430901 -> 9000")
	if data, _ := send(t, card, "8030000016"); data[0] != 0 {
		t.Errorf("a cut transaction left %X", data)
	}
}
