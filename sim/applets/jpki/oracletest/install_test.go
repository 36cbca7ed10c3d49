package oracletest

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/jpki/oracle"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// TestInstall installs with random and with malformed parameters: the card
// takes what the oracle takes, and the instance then is what it says.
func TestInstall(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-007", "SPEC-JPKI-AP-040", "SPEC-JPKI-AP-081")
	taken, refused := 0, 0
	for seed := range uint64(150) {
		c := newChoice(seed)
		var b []byte
		for range c.n(5) {
			tag := byte(0x81 + c.n(7))
			value := c.bytes(1)
			switch {
			case c.one(12):
				tag = byte(c.n(256))
			case tag == 0x84:
				value = bytes.Repeat([]byte{byte(0x20 + c.n(0x60))}, c.n(34))
			case tag == 0x87:
				value = []byte{byte(c.n(5)), byte(c.n(256))}
			case tag == 0x81:
				value[0] = pick(c, byte(1), 3, 1, 3, 2)
			case tag == 0x86:
				value[0] = byte(c.n(17))
			default:
				value[0] = byte(c.n(4))
			}
			b = append(append(b, tag, byte(len(value))), value...)
		}
		if c.one(10) && len(b) > 0 {
			b = b[:len(b)-1]
		}
		_, want := oracle.ParseParameters(b)
		s := setting{name: "parameters", parameters: b, authority: true, protocol: protocolT1}
		if want == nil {
			d := newDriver(t, &s, nil)
			d.shown()
			taken++
			continue
		}
		_, err := s.install()
		var failed *runtime.InstallError
		if !errors.As(err, &failed) || failed.Status() != iso7816.WrongData {
			t.Errorf("%X: %v, want 6A80", b, err)
		}
		refused++
	}
	if taken < 20 || refused < 20 {
		t.Errorf("%d taken, %d refused: too few", taken, refused)
	}
}

// shown compares what a new instance shows of its parameters, over both
// interfaces.
func (d *driver) shown() {
	d.t.Helper()
	for _, over := range []bool{false, true} {
		d.media(over)
		d.selectApplication(0x00)
		d.send(command(0, 0xB0, 0x86, 0, nil, 0))
		d.send(command(0x80, 0xCA, 0xDF, 0x30, nil, 0))
		for _, ef := range files {
			d.send(command(0, 0xB0, 0x80|byte(ef), 0, nil, 0))
		}
	}
	d.openOwn(0x11)
	d.direct(group(0xB001, d.order(newChoice(5), 1)))
	d.probe()
}

// TestInstanceAID installs under another AID: it answers to that, and its
// statements are bound to it.
func TestInstanceAID(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-008", "SPEC-JPKI-AP-002")
	s := settings[0]
	flash, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	card, err := s.boot(flash, 0)
	if err != nil {
		t.Fatal(err)
	}
	other := []byte("\xF0other")
	if _, err := card.Install(packageAID, moduleAID, other, nil); err != nil {
		t.Fatal(err)
	}
	model, err := oracle.New(nil, oracle.Environment{AID: other, LoadFile: loadedFile(), Authority: card.AuthorityKey(), CA: contentKeys()})
	if err != nil {
		t.Fatal(err)
	}
	d := &driver{t: t, setting: &s, card: card, states: []*oracle.Model{model}}
	d.send(append([]byte{0, 0xA4, 4, 0, byte(len(other))}, other...))
	d.openOwn(0x33)
	d.store(0x89, 0, group(0xB001, d.order(newChoice(1), 1)))
	if d.model().Open() == nil || d.model().Open().Point == nil {
		t.Error("no order is open")
	}
}
