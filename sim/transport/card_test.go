package transport

import (
	"bytes"
	"testing"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// dialog is a card whose reader sends what it is told.
type dialog struct {
	t      *testing.T
	clock  *clock.Clock
	fake   *fake
	card   *CardEnd
	line   line
	reader *listener
}

// listener is an end that only hears.
type listener struct {
	scripted
	sent []byte
}

func (l *listener) Receive(c Character) { l.sent = append(l.sent, c.Value) }

func newDialog(t *testing.T, answer []byte, o CardOptions) *dialog {
	k := new(clock.Clock)
	d := &dialog{t: t, clock: k, fake: &fake{clock: k, on: true, protocol: 1}, reader: &listener{}}
	d.reader.deadline = Never
	var err error
	d.card, err = NewCardEnd(answer, Rate{}, o, 400, func(cmd, dst []byte) ([]byte, error) { return d.fake.Transmit(t.Context(), cmd, dst) })
	if err != nil {
		t.Fatal(err)
	}
	d.line = line{clock: k, reader: &d.card.t, card: &d.card.t}
	d.rest()
	return d
}

func (d *dialog) rest() []byte {
	d.reader.sent = d.reader.sent[:0]
	for d.line.step(d.reader, d.card, Never-1) {
	}
	return d.reader.sent
}

// says has the reader send characters, 12 etu apart, and compares what comes back.
func (d *dialog) says(send, wanted string) {
	d.t.Helper()
	d.clock.Advance(clock.Line, d.card.t.etu(40))
	for _, b := range unhex(send) {
		d.line.carry(b, observe.ToCard, d.card)
		d.clock.Advance(clock.Line, d.card.t.etu(2))
	}
	if got := d.rest(); !bytes.Equal(got, unhex(wanted)) {
		d.t.Errorf("%s: %X, want %s", send, got, wanted)
	}
}

// A card takes each I-block once, in its turn.
func TestCardTakesBlocksOnce(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-051", "SPEC-TRANSPORT-053", "SPEC-TRANSPORT-059")
	d := newDialog(t, answer(t, onT1), CardOptions{})
	d.says("00000400A40000A0", "000002900092")
	d.says("00000400A40000A0", "00920092") // again: it expects 1
	d.says("00800080", "000002900092")     // its own block again
	d.says("00900090", "00920092")         // has arrived
	d.says("00400400A40000E0", "0040029000D2")
	if d.fake.executed != 2 {
		t.Errorf("%d commands were executed, want 2", d.fake.executed)
	}
	d.says("00C10101C1", "00E10101E1")
	d.says("00000500B0000100B4", "002001B091") // the first of three blocks
	d.says("00400400A40000E0", "00920092")     // a command in between
	d.says("00900090", "00600190F1")
	d.says("00800080", "0000010001")
	d.says("00800080", "0000010001")
	if d.fake.executed != 3 {
		t.Errorf("%d commands were executed, want 3", d.fake.executed)
	}
}

// A card that takes blocks of a chain answers a reader that heard nothing with its
// acknowledgement, does not take a block twice, and starts over after RESYNCH.
func TestCardChains(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-050", "SPEC-TRANSPORT-053", "SPEC-TRANSPORT-056")
	d := newDialog(t, answer(t, onT1), CardOptions{})
	d.says("00200200A486", "00900090")
	d.says("00800080", "00900090")
	d.says("00200200A486", "00920092")
	d.says("004002000042", "000002900092")
	if !bytes.Equal(d.fake.last, unhex("00A40000")) {
		t.Errorf("executed %X", d.fake.last)
	}
	d.says("00200200A486", "00900090")
	d.says("00C000C0", "00E000E0")
	d.says("004002000042", "00820082")
	d.says("00000400A40000A0", "000002900092")
	if d.fake.executed != 2 {
		t.Errorf("%d commands were executed, want 2", d.fake.executed)
	}
}

// A card's NAD is the reader's, turned.
func TestCardNAD(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-040")
	d := newDialog(t, answer(t, onT1), CardOptions{})
	d.says("21000400A4000081", "120002900080")
}

// A card in negotiable mode begins with its first offer, unless a PPS comes.
func TestCardFirstCharacter(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-012", "SPEC-TRANSPORT-014", "SPEC-TRANSPORT-015")
	raw := answer(t, func(p *atr.Params) { p.Protocols, p.FI, p.DI = []byte{1, 0}, 9, 5 })
	for _, c := range []struct{ send, wanted string }{
		{"00000400A40000A0", "000002900092"},
		{"FF00FF", "FF00FF"},
		{"FF01FE", "FF01FE"},
		{"FF10957A", "FF10957A"},
		{"FF10947B", "FF10947B"},   // a lower D
		{"FF109679", "FF00FF"},     // a higher one
		{"FF10A54A", "FF00FF"},     // another F
		{"FF10956A", ""},           // wrong check
		{"FF02FD", ""},             // not offered
		{"FF3095005A", "FF10957A"}, // PPS2 is not taken
	} {
		newDialog(t, raw, CardOptions{}).says(c.send, c.wanted)
	}
}

// hearsAtWork is a dialog whose card hears characters while it works, and is then given
// time to act on them.
func hearsAtWork(t *testing.T, heard string) *dialog {
	d := newDialog(t, answer(t, onT1), CardOptions{})
	d.says("00000400A40000A0", "000002900092")
	d.card.blocks.execute = func(_, dst []byte) ([]byte, error) {
		for _, b := range unhex(heard) {
			d.line.carry(b, observe.ToCard, d.card)
			d.clock.Advance(clock.Line, d.card.t.etu(2))
		}
		d.clock.Advance(clock.Line, d.card.t.etu(30))
		for due := d.card.Due(); due <= d.clock.Now() || d.card.Sends(); due = d.card.Due() {
			d.line.step(d.reader, d.card, Never-1)
		}
		return append(dst, 0x90, 0), nil
	}
	return d
}

// A block that comes while the card is at work is answered with a request for time,
// and the work's end waits for the answer to that.
func TestCardHearsAtWork(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-062")
	d := hearsAtWork(t, "00820082")
	d.says("00400400A40000E0", "00C30101C3")
	d.says("00820082", "00C30101C3")
	d.says("00E30102E0", "00C30101C3") // not what was asked for
	d.says("00E30101E3", "0040029000D2")
}

// Work that ends in the middle of a block does not make the card forget to answer.
func TestWorkEndsWithinABlock(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-062")
	d := newDialog(t, answer(t, onT1), CardOptions{})
	d.says("00000400A40000A0", "000002900092")
	d.card.blocks.execute = func(_, dst []byte) ([]byte, error) {
		d.line.carry(0x00, observe.ToCard, d.card)
		return append(dst, 0x90, 0), nil
	}
	d.says("00400400A40000E0", "0040029000D2")
}
