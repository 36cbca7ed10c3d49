package profile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/entropy"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/transport"
	"inkan/spec/req"
)

// both are the protocols.
var both = map[string]bool{"T=1": false, "T=0": true}

// conversation has commands of all four cases, long responses, and what T=0 answers
// 6Cxx or 61xx.
const conversation = `00A4040000 80CA9F7F00 80CA006600 00A40004023F00 00A4000C022FE2 00B000000A 00B00000FF
	00A4040407A000000087100200 00A4000C026F46 00B0000000 0084000008 80F2000000 0070000001 01A4040000 0020000100 8050000008000102030405060700 00FF0000`

// In a slot a card says the same and works the same; the line alone is added.
func TestSlot(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-015", "SPEC-TRANSPORT-023")
	for _, p := range All() {
		for name, t0 := range both {
			t.Run(p.Name+" "+name, func(t *testing.T) {
				parts := Parts{Number: 1, T0: t0, Entropy: entropy.Seeded(1, "card")}
				plain := newCard(t, p, parts)
				parts.Entropy, parts.Slot = entropy.Seeded(1, "card"), new(Slot)
				lined := newCard(t, p, parts)
				if lined.Line().Protocol() == 0 != t0 {
					t.Fatal(lined.Line())
				}
				for _, word := range strings.Fields(conversation) {
					compared(t, plain, lined, word, t0)
				}
				if response := say(t, plain, "00A40400"); t0 {
					fetched(t, lined, response)
				}
			})
		}
	}
}

// fetched selects without Le by T=0: the reader says that the response waits, and
// the program fetches it.
func fetched(t *testing.T, c *Card, want []byte) {
	t.Helper()
	answer, err := c.Transmit(t.Context(), []byte{0x00, 0xA4, 0x04, 0x00}, nil)
	if err != nil || !bytes.Equal(answer, []byte{0x61, byte(len(want))}) {
		t.Fatalf("%X, %v; want 61%02X", answer, err, len(want))
	}
	if got := say(t, c, fmt.Sprintf("00C00000%02X", len(want))); !bytes.Equal(got, want) {
		t.Errorf("GET RESPONSE: %X, want %X", got, want)
	}
}

// compared sends a command to both cards. T=0 does not carry Le behind data, so that
// without the line the command has none.
func compared(t *testing.T, plain, lined *Card, command string, t0 bool) {
	t.Helper()
	raw, err := hex.DecodeString(command)
	if err != nil {
		t.Fatal(err)
	}
	short := raw
	if c, err := apdu.DecodeCommand(raw); err == nil && t0 && len(c.Data) > 0 {
		c.Ne = 0
		if short, err = c.Append(nil); err != nil {
			t.Fatal(err)
		}
	}
	spend := func(c *Card, raw []byte) ([]byte, clock.Ledger) {
		before := c.Clock.Ledger()
		answer, err := c.Transmit(t.Context(), raw, nil)
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		if l := c.Clock.Ledger(); l.Sum() != c.Clock.Now() {
			t.Fatalf("%s: the ledger has %d cycles of %d", command, l.Sum(), c.Clock.Now())
		}
		return answer, c.Clock.Ledger().Since(before)
	}
	want, work := spend(plain, short)
	got, all := spend(lined, raw)
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %X, without a line %X", command, got, want)
	}
	if all[clock.Line] == 0 || work[clock.Line] != 0 {
		t.Errorf("%s: %d cycles of the line, without one %d", command, all[clock.Line], work[clock.Line])
	}
	all[clock.Line] = 0
	if all != work {
		t.Errorf("%s: work %v, without a line %v", command, all, work)
	}
}

// A slot's reader, clock and disturbances are those that were asked for.
func TestSlotOptions(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-015")
	var heard observe.Recorder
	disturbed := 0
	c := newCard(t, hayate, Parts{Observer: &heard, Slot: &Slot{ClockHz: 3_300_000, Reader: transport.Reader{KeepRate: true},
		Disturb: func(index uint64, _ observe.Direction, _ byte) (d transport.Disturbance) {
			if index%211 == 210 {
				disturbed++
				d.Parity = true
			}
			return d
		}}})
	if got := c.Line().String(); got != "T=1, 8870 bit/s at 3300000 Hz" {
		t.Error(got)
	}
	for range 4 {
		say(t, c, "00A4040000")
		say(t, c, "80CA006600")
	}
	if n := len(observe.Recorded[observe.LineByte](&heard)); disturbed < 2 || n < 211*disturbed {
		t.Errorf("%d characters, %d of them disturbed", n, disturbed)
	}
	if err := c.PowerOff(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Transmit(t.Context(), []byte{0, 0xA4, 4, 0}, nil); err != transport.ErrOff {
		t.Error(err)
	}
	want, err := hayate.ATR(false)
	if err != nil {
		t.Fatal(err)
	}
	if atr, err := c.Reset(t.Context(), false); err != nil || !bytes.Equal(atr, want) {
		t.Errorf("%X, %v", atr, err)
	}
}

// A rate that ISO/IEC 7816-3 reserves is no answer to reset, and no card.
func TestReservedLine(t *testing.T) {
	wrong := *hayate
	wrong.Line.FI = 7
	if _, err := wrong.ATR(true); err == nil {
		t.Error("an answer with FI 7")
	}
	if _, err := New(&wrong, Parts{}); err == nil {
		t.Error("a card with FI 7")
	}
}

func TestDirection(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-016", "SPEC-PROFILES-017")
	rights, config := ara.TagResponseRights, ara.TagResponseARAConfig
	for _, c := range []struct {
		header string
		intent apdu.Direction
		want   apdu.Direction
	}{
		{header(0x80, 0xCA, uint16(rights)), apdu.FromCard, apdu.ToCard},
		{header(0x81, 0xCA, uint16(config)), apdu.ToCard, apdu.ToCard},
		{header(0x80, 0xCA, uint16(ara.TagResponseAll)), apdu.ToCard, apdu.FromCard},
		{header(0x00, 0xCA, uint16(rights)), apdu.ToCard, apdu.FromCard},
		{header(0x00, 0xB0, 0), apdu.ToCard, apdu.FromCard},
		{header(0x80, 0x30, 0), apdu.FromCard, apdu.FromCard},
		{header(0x80, 0x30, 0), apdu.ToCard, apdu.ToCard},
		{header(0x00, 0xD6, 0), apdu.ToCard, apdu.ToCard},
		{header(0x80, 0x12, 0), apdu.ToCard, apdu.FromCard},
		{header(0x00, 0xC0, 0), apdu.ToCard, apdu.FromCard},
	} {
		b := &Behind{intent: c.intent}
		if got := b.direction(apdu.Class(c.header[0]), c.header[1], c.header[2], c.header[3]); got != c.want {
			t.Errorf("% X: %d, want %d", c.header, got, c.want)
		}
	}
}

// FETCH brings data, and so does GET DATA; an application's instruction of the same
// number takes it.
func TestDirectionOfData(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-017")
	for header, want := range map[string]apdu.Direction{
		header(0x80, 0x12, 0): apdu.ToCard, header(0x80, 0xCA, 0x66): apdu.ToCard, header(0x00, 0xB0, 0): apdu.FromCard,
	} {
		b := &Behind{data: true}
		if got := b.direction(apdu.Class(header[0]), header[1], header[2], header[3]); got != want {
			t.Errorf("% X: %d, want %d", header, got, want)
		}
	}
}

func header(cla, ins byte, p1p2 uint16) string {
	return string([]byte{cla, ins, byte(p1p2 >> 8), byte(p1p2)})
}
