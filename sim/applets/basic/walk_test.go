package basic_test

import (
	"testing"

	"pgregory.net/rapid"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki/basic"
	"inkan/core/scp"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// TestWalk drives a card and the oracle with commands of the holder and of the
// personaliser, resets and changes of the reader; every answer has to be the
// oracle's, so that nothing is told before its condition is met.
func TestWalk(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-021", "SPEC-IDCARD-030", "SPEC-IDCARD-041", "SPEC-IDCARD-043", "SPEC-IDCARD-045", "SPEC-IDCARD-051",
		"SPEC-IDCARD-052", "SPEC-IDCARD-053", "SPEC-IDCARD-055", "SPEC-IDCARD-056")
	rapid.Check(t, func(t *rapid.T) {
		w := &walker{pair: pairOf(t, contact), t: t}
		t.Repeat(map[string]func(*rapid.T){
			"edge": w.edge, "likely": w.likely, "store": w.personalise, "again": w.likely,
			"select": func(t *rapid.T) { w.choose(rapid.IntRange(0, 3).Draw(t, "text") > 0) },
			"reset":  w.reset,
		})
	})
}

type walker struct {
	*pair
	t *rapid.T
}

// selected makes sure that one of the applications is.
func (w *walker) selected() {
	if w.at == nil {
		w.choose(true)
	}
}

// edge is any command.
func (w *walker) edge(t *rapid.T) {
	w.selected()
	c := command{
		cla: rapid.SampledFrom([]byte{0, 0, 0, 0x80, 0x0C}).Draw(t, "cla"),
		ins: rapid.SampledFrom([]byte{0xA4, 0xB0, 0xB2, 0x20, 0x24, 0xE2, 0x84}).Draw(t, "ins"),
		p1:  rapid.SampledFrom([]byte{0, 1, 2, 3, 0x81, 0x82, 0x83, 0x85, 0x91}).Draw(t, "p1"),
		p2:  rapid.SampledFrom([]byte{0, 4, 0x0C, 0x14, 0x80, 0x91, 0x94, 0x95, 0x85}).Draw(t, "p2"),
	}
	if rapid.Bool().Draw(t, "data") {
		c.data = rapid.SliceOfN(rapid.Byte(), 1, 17).Draw(t, "bytes")
	}
	w.send(c)
}

// likely is a command that a terminal sends.
func (w *walker) likely(t *rapid.T) {
	w.selected()
	ef := rapid.SampledFrom([]byte{1, 2, 3, 5, 0x11, 0x14, 0x15}).Draw(t, "EF")
	switch rapid.IntRange(0, 4).Draw(t, "command") {
	case 0:
		w.send(command{ins: 0xA4, p1: 2, p2: 0x0C, data: []byte{0, ef}})
	case 1:
		offset := rapid.IntRange(0, 700).Draw(t, "offset")
		w.send(command{ins: 0xB0, p1: byte(offset >> 8), p2: byte(offset), ne: rapid.IntRange(0, 255).Draw(t, "Ne")})
	case 2:
		w.send(command{ins: 0xB0, p1: 0x80 | ef, p2: byte(rapid.IntRange(0, 40).Draw(t, "offset")), ne: rapid.IntRange(0, 255).Draw(t, "Ne")})
	case 3:
		w.verify(t)
	default:
		w.send(command{ins: 0x24, p1: 1, p2: 0x91, data: w.digits(t, 4)})
	}
}

// verify sends the right value or a wrong one.
func (w *walker) verify(t *rapid.T) {
	ef := rapid.SampledFrom([]byte{0x11, 0x11, 0x14, 0x15}).Draw(t, "secret")
	s := w.text.secrets[ef]
	value := []byte(s.value)
	if s.value == "" || rapid.IntRange(0, 3).Draw(t, "wrong") == 0 {
		value = w.digits(t, s.length)
	}
	w.send(command{ins: 0x20, p2: 0x80 | ef, data: value})
}

func (w *walker) digits(t *rapid.T, n int) []byte {
	return rapid.SliceOfN(rapid.ByteRange('0', '9'), n, n).Draw(t, "digits")
}

// reset powers the card anew, in one reader or the other.
func (w *walker) reset(t *rapid.T) {
	if err := w.card.SetProtocol(rapid.SampledFrom([]byte{contact, contactless}).Draw(t, "reader")); err != nil {
		t.Fatalf("%v", err)
	}
	if _, err := w.card.Reset(ctx, rapid.Bool().Draw(t, "warm")); err != nil {
		t.Fatalf("%v", err)
	}
	w.common.leave()
	w.text.leave()
	w.at = nil
}

// personalise sends a sequence of blocks, most of them good.
func (w *walker) personalise(t *rapid.T) {
	to, aid := w.text, vocabulary.AIDText
	if rapid.IntRange(0, 3).Draw(t, "to") == 0 {
		to, aid = w.common, vocabulary.AIDCommon
	}
	level := rapid.SampledFrom([]scp.Level{full, full, full, scp.CMAC | scp.CDecryption, scp.CMAC}).Draw(t, "level")
	card := w.channel(aid, level)
	data := w.groups(t, to)
	number := byte(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(t, "first"))
	for len(data) > 0 {
		n := rapid.IntRange(1, min(len(data), 200)).Draw(t, "block")
		b := block{0x08, number, data[:n]}
		if data = data[n:]; len(data) == 0 && rapid.IntRange(0, 3).Draw(t, "open") > 0 {
			b.p1 = 0x88
		}
		if rapid.IntRange(0, 20).Draw(t, "odd") == 0 {
			b.p1 ^= rapid.SampledFrom([]byte{0x01, 0x08, 0x20, 0x80}).Draw(t, "P1")
		}
		want := to.store(level&scp.CDecryption != 0, b)
		if sw := w.status(card, b); sw != want {
			t.Fatalf("STORE DATA %02X%02X %X: %v, want %04X", b.p1, b.p2, b.data, sw, uint16(want))
		}
		if want != iso7816.OK || b.p1&0x80 != 0 {
			return
		}
		number++
	}
}

// channel selects the domain, which ends the selection of an application.
func (w *walker) channel(aid gp.AID, level scp.Level) apdu.Card {
	if w.at != nil {
		w.at.leave()
		w.at = nil
	}
	return w.personaliser(aid, level)
}

// groups are one to three data groups, for an application.
func (w *walker) groups(t *rapid.T, a *application) (all []byte) {
	for range rapid.IntRange(1, 3).Draw(t, "groups") {
		ef := rapid.SampledFrom([]byte{1, 1, 2, 2, 3, 5, 0x11, 0x11, 0x14, 0x15, 4}).Draw(t, "EF")
		if !a.text {
			ef = rapid.SampledFrom([]byte{1, 1, 1, 1, 2}).Draw(t, "common EF")
		}
		most := a.files()[ef]
		value := []byte(nil)
		if s := a.secrets[ef]; s != nil {
			value = w.digits(t, s.length)
		} else {
			n := rapid.IntRange(1, max(most, 1)).Draw(t, "length")
			value = rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "value")
		}
		switch rapid.IntRange(0, 12).Draw(t, "spoil") {
		case 0:
			value = append(value, 'x')
		case 1:
			value = value[1:]
		case 2:
			value = append(value, make([]byte, most)...)
		}
		all = tlv.AppendDGI(all, 0xC000|uint16(ef), value)
	}
	return all
}
