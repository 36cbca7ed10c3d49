package scp03

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/spec/req"
	"pgregory.net/rapid"
)

// channel is a host and a card with what a simple oracle knows of them: which
// commands the card has taken, and whether both still agree.
type channel struct {
	*bench
	i       Options
	level   scp.Level
	counter uint64 // commands sent
	history [][]byte
	last    uint32 // sequence counter seen last
}

var levelsOf = map[Options][]scp.Level{
	0x00: {0x00, 0x01, 0x03}, 0x10: {0x01, 0x03},
	0x20: {0x01, 0x03, 0x11, 0x13}, 0x30: {0x01, 0x11, 0x13},
	0x60: {0x01, 0x13, 0x33}, 0x70: {0x00, 0x01, 0x03, 0x11, 0x13, 0x33},
}

func (m *channel) start(t *rapid.T) {
	base := rapid.SampledFrom([]Options{0x00, 0x10, 0x20, 0x30, 0x60, 0x70}).Draw(t, "i")
	m.level = rapid.SampledFrom(levelsOf[base]).Draw(t, "level")
	m.i = base | rapid.SampledFrom([]Options{0, S16}).Draw(t, "S16")
	m.bench = cardOf(t, m.i)
	m.keys = testKeys(0x30, rapid.SampledFrom([]int{16, 24, 32}).Draw(t, "key size"))
	m.Reopen(t)
}

// Reopen opens a session anew; one that was open ends.
func (m *channel) Reopen(t *rapid.T) {
	m.reopen(t, m.i, m.level)
	m.counter, m.history = 0, nil
	if m.i&PseudoRandom != 0 && m.bench.counter.value != m.last+1 {
		t.Fatalf("sequence counter %d after %d", m.bench.counter.value, m.last)
	}
	m.last = m.bench.counter.value
}

func drawCommand(t *rapid.T, i Options, level scp.Level) []byte {
	c := apdu.Command{
		CLA: rapid.SampledFrom([]byte{0x00, 0x80, 0x81, 0x90, 0xC3, 0x40}).Draw(t, "CLA"),
		INS: rapid.SampledFrom([]byte{0xE2, 0xCA, 0xD8}).Draw(t, "INS"),
		P1:  rapid.Byte().Draw(t, "P1"), P2: rapid.Byte().Draw(t, "P2"),
		Extended: rapid.Bool().Draw(t, "extended"),
	}
	most, ne := MaxCommandData(i, level, false), 256
	if c.Extended {
		most, ne = 600, 65536
	}
	c.Data = rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x80, 0x11}), 0, most).Draw(t, "data")
	c.Ne = rapid.SampledFrom([]int{0, 1, ne}).Draw(t, "Ne")
	if len(c.Data) == 0 && c.Ne == 0 {
		c.Extended = false // there is no such form
	}
	out, err := c.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (m *channel) send(t *rapid.T) (plain, sent []byte) {
	plain = drawCommand(t, m.i, m.level)
	sent, err := m.host.Wrap(nil, plain)
	if err != nil {
		t.Fatal(err)
	}
	m.counter++
	if m.level != 0 && m.host.session.counter != m.counter {
		t.Fatalf("encryption counter %d after %d commands", m.host.session.counter, m.counter)
	}
	return plain, sent
}

func (m *channel) deliver(t *rapid.T, plain, sent []byte) {
	got, err := m.card.Unwrap(nil, sent)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%X comes through as %X, %v", plain, got, err)
	}
	m.history = append(m.history, sent)
	if m.card.session.counter != m.host.session.counter || m.card.session.mcv != m.host.session.mcv {
		t.Fatal("counter or chaining value differ")
	}
}

// Exchange is a command that arrives, and a response that arrives or is lost.
func (m *channel) Exchange(t *rapid.T) {
	plain, sent := m.send(t)
	m.deliver(t, plain, sent)
	data := rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x80, 0x22}), 0, 300).Draw(t, "response")
	word := rapid.SampledFrom([]string{"9000", "6310", "6200", "6A88", "6982"}).Draw(t, "SW")
	if word[0] == '6' && word[1] > '3' {
		data = nil
	}
	resp := append(data, unhex(word)...)
	out, err := m.card.Wrap(nil, resp)
	if err != nil {
		t.Fatal(err)
	}
	if m.level&scp.REncryption != 0 && len(data) > 8 && bytes.Contains(out, data) {
		t.Fatal("the response is not encrypted")
	}
	if rapid.Bool().Draw(t, "lost") {
		return
	}
	if got, err := m.host.Unwrap(nil, out); err != nil || !bytes.Equal(got, resp) {
		t.Fatalf("response %X comes through as %X, %v", resp, got, err)
	}
}

// refused verifies that the card takes nothing of cmd, ends, and starts anew.
func (m *channel) refused(t *rapid.T, cmd []byte) {
	if out, err := m.card.Unwrap(nil, cmd); err != scp.ErrSecurity || out != nil {
		t.Fatalf("%X: %X, %v; want 6982", cmd, out, err)
	}
	m.ended(t)
	m.Reopen(t)
}

// TamperCommand changes one bit of a protected command, but for what the C-MAC
// leaves out: Le, and the channel number in the class.
func (m *channel) TamperCommand(t *rapid.T) {
	if m.level == 0 {
		t.Skip("nothing is protected")
	}
	_, sent := m.send(t)
	bad := flip(t, sent)
	c, err := apdu.DecodeCommand(bad)
	o, _ := apdu.DecodeCommand(sent)
	if err == nil && sameClassInMAC(c.CLA, o.CLA) && c.INS == o.INS && c.P1 == o.P1 && c.P2 == o.P2 && bytes.Equal(c.Data, o.Data) {
		m.Reopen(t) // not covered by the C-MAC
		return
	}
	m.refused(t, bad)
}

func sameClassInMAC(a, b byte) bool {
	_, ok := scp.UnprotectClass(a)
	return ok && scp.MACClass(a, true) == scp.MACClass(b, true)
}

func flip(t *rapid.T, b []byte) []byte {
	b = bytes.Clone(b)
	b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	return b
}

// TamperResponse changes one bit of a protected response. A status word that
// turns into another error than it was is not protected by anything.
func (m *channel) TamperResponse(t *rapid.T) {
	if m.level&scp.RMAC == 0 {
		t.Skip("responses are not protected")
	}
	plain, sent := m.send(t)
	m.deliver(t, plain, sent)
	resp := append(rapid.SliceOfN(rapid.Just(byte(0x33)), 0, 100).Draw(t, "response"), 0x90, 0x00)
	out, err := m.card.Wrap(nil, resp)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.host.Unwrap(nil, flip(t, out)); err == nil || got != nil {
		t.Fatalf("%X, %v", got, err)
	}
	if _, err := m.host.Wrap(nil, plain); err != scp.ErrEnded {
		t.Fatal(err)
	}
	m.Reopen(t)
}

// Replay sends a command of this session again.
func (m *channel) Replay(t *rapid.T) {
	if m.level == 0 || len(m.history) == 0 {
		t.Skip("nothing to replay")
	}
	m.refused(t, m.history[rapid.IntRange(0, len(m.history)-1).Draw(t, "which")])
}

// LoseCommand loses a command: the next one does not verify.
func (m *channel) LoseCommand(t *rapid.T) {
	if m.level == 0 {
		t.Skip("nothing is protected")
	}
	m.send(t)
	_, sent := m.send(t)
	m.refused(t, sent)
}

// PlainCommand sends a command without protection.
func (m *channel) PlainCommand(t *rapid.T) {
	if m.level == 0 {
		t.Skip("nothing is protected")
	}
	m.refused(t, drawCommand(t, m.i, 0))
}

func (m *channel) Check(t *rapid.T) {
	if !m.card.IsOpen() || m.card.Level() != m.level || m.host.Level() != m.level {
		t.Fatal("the session is not open at its level")
	}
}

func TestChannelModel(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-019", "SPEC-SCP03-046", "SPEC-SCP03-048", "SPEC-SCP03-050", "SPEC-SCP03-051",
		"SPEC-SCP03-052", "SPEC-SCP03-053", "SPEC-SCP03-057", "SPEC-SCP03-064", "SPEC-SCP03-082")
	rapid.Check(t, func(t *rapid.T) {
		m := &channel{}
		m.start(t)
		t.Repeat(rapid.StateMachineActions(m))
	})
}
