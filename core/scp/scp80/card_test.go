package scp80

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/observe"
	"inkan/core/wire"
	"inkan/spec/req"
)

// spy keeps the causes of traps.
type spy struct {
	observe.Nop
	causes []string
}

func (s *spy) Trap(e *observe.Trap) { s.causes = append(s.causes, e.Where+": "+e.Cause) }

// pair is a host and a card with keys of their own, from the same values.
type pair struct {
	host             *Host
	card             *Card
	hostRAM, cardRAM *ram
	spy              *spy
}

// full is the usual protection.
const full = CC | Cipher | CounterHigher | PoR | PoRCC | PoRCipher

var someTAR = TAR{0xB2, 0x00, 0x01}

func newPair(t testing.TB, version byte, spi, min SPI, policy PoRPolicy) *pair {
	t.Helper()
	hostKeys, hostRAM := fuzzKeys(t)
	cardKeys, cardRAM := fuzzKeys(t)
	p := &pair{hostRAM: hostRAM, cardRAM: cardRAM, spy: &spy{}}
	var err error
	p.host, err = NewHost(HostConfig{SPI: spi, Cipher: hostKeys[version], Integrity: hostKeys[version], Observer: p.spy})
	if err != nil {
		t.Fatal(err)
	}
	p.card = NewCard(CardConfig{Keys: cardKeys, Applications: apps{someTAR: min}, Policy: policy, Observer: p.spy})
	return p
}

func (p *pair) seal(t testing.TB, data string) ([]byte, Ticket) {
	t.Helper()
	b, ticket, err := p.host.Seal(nil, someTAR, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return b, ticket
}

// refused opens a packet that the card has to refuse with this status, and
// checks that nothing changed, nothing came out, and what PoR there is.
func (p *pair) refused(t *testing.T, packet []byte, want Status, cause string) {
	t.Helper()
	counter, stores := p.cardRAM.value, p.cardRAM.stores
	buffer := append(make([]byte, 0, 1024), 0xEE)
	out, _, err := p.card.Open(buffer, packet)
	var got Status
	if !errors.As(err, &got) || got != want {
		t.Errorf("%v, want %v", err, want)
	}
	if p.cardRAM.value != counter || p.cardRAM.stores != stores {
		t.Error("the counter was touched")
	}
	if len(out) != 1 || !bytes.Equal(buffer[1:cap(buffer)], make([]byte, cap(buffer)-1)) {
		t.Error("plain text stayed in the buffer")
	}
	if n := len(p.spy.causes); n == 0 || p.spy.causes[n-1] != "scp80/card: "+cause {
		t.Errorf("causes %q, want %q last", p.spy.causes, cause)
	}
}

func TestRefusedBeforeKeys(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-040", "SPEC-SCP80-041", "SPEC-SCP80-042", "SPEC-SCP80-031", "SPEC-SCP80-032")
	p := newPair(t, 1, full, CC|Cipher|CounterHigher, PoRSilent)
	p.card.cfg.Keys = noKeys{t}
	good, _ := p.seal(t, "x")
	change := func(at int, b byte) []byte { c := bytes.Clone(good); c[at] = b; return c }
	p.refused(t, change(9, 0x77), StatusTARUnknown, "unknown TAR")
	for _, spi := range []SPI{RC | Cipher | CounterHigher, CC | CounterHigher, CC | Cipher | CounterUnchecked, CC | Cipher, 0} {
		p.refused(t, change(3, byte(spi>>8)), StatusInsufficientSecurity, "SPI below the application's minimum security level")
	}
	p.refused(t, change(3, byte((DS|Cipher|CounterHigher)>>8)), StatusSecurityError, "digital signatures are not supported")
	p.refused(t, change(4, byte(PoR|PoRDS)), StatusSecurityError, "digital signatures are not supported")
	p.refused(t, change(4, byte(PoR|PoROnError)), StatusSecurityError, "the PoR mode 11 is reserved")
}

// noKeys fails the test when somebody asks for a key.
type noKeys struct{ t *testing.T }

func (n noKeys) KeySet(byte) *KeySet { n.t.Error("a key was looked for"); return nil }

func TestRefusedKeys(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-043", "SPEC-SCP80-044", "SPEC-SCP80-045", "SPEC-SCP80-046")
	p := newPair(t, 1, full, 0, PoRSilent)
	good, _ := p.seal(t, "x")
	change := func(at int, b byte) []byte { c := bytes.Clone(good); c[at] = b; return c }
	p.refused(t, change(5, 0x22), StatusSecurityError, "no ciphering key of this version")
	p.refused(t, change(6, 0x22), StatusSecurityError, "no CC key of this version")
	p.refused(t, change(5, 0x02), StatusSecurityError, "no ciphering key of this version")
	p.refused(t, change(5, 0x11), StatusSecurityError, "the ciphering key is for another algorithm")
	p.refused(t, change(6, 0x15), StatusSecurityError, "the CC key is for another algorithm")
	rc := change(3, byte((RC|Cipher)>>8))
	rc[6] = 0x13
	p.refused(t, rc, StatusSecurityError, "unknown redundancy check")
	p.refused(t, change(3, byte((Cipher|CounterHigher)>>8)), StatusSecurityError, "checked counter without CC")
	p.card.cfg.Keys = keys{1: {version: 1}}
	p.refused(t, good, StatusSecurityError, "no ciphering key of this version")
}

func TestMalformed(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-020", "SPEC-SCP80-021", "SPEC-SCP80-022")
	p := newPair(t, 1, full, 0, PoRPlain)
	good, _ := p.seal(t, "x")
	for _, tt := range []struct {
		at   int
		b    byte
		path string
	}{{1, good[1] + 1, "CPL"}, {1, good[1] - 1, "CPL"}, {2, 12, "CHL"}, {2, byte(len(good)), "CHL"}} {
		bad := bytes.Clone(good)
		bad[tt.at] = tt.b
		_, _, err := p.card.Open(nil, bad)
		var de *wire.DecodeError
		if !errors.As(err, &de) || de.Path != tt.path {
			t.Errorf("byte %d is %02X: %v", tt.at, tt.b, err)
		}
		if _, due, _ := p.card.Respond(nil, StatusOK, nil); due || p.cardRAM.stores > 0 {
			t.Error("a malformed packet got an answer")
		}
	}
}

func TestTampering(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-024", "SPEC-SCP80-025", "SPEC-SCP80-056", "SPEC-SCP80-057")
	for _, version := range []byte{1, 3, 4} {
		p := newPair(t, version, full, CC, PoRSilent)
		good, _ := p.seal(t, "the secured data of a command")
		for i := 10; i < len(good); i++ {
			bad := bytes.Clone(good)
			bad[i] ^= 0x40
			p.refused(t, bad, StatusCheckFailed, "RC or CC differs")
		}
		short := bytes.Clone(good[:len(good)-1])
		short[1]--
		p.refused(t, short, StatusCipheringError, "impossible length or padding")
		chl := bytes.Clone(good)
		chl[2]--
		p.refused(t, chl, StatusCheckFailed, "RC or CC differs")
		if out, _, err := p.card.Open(nil, good); err != nil || string(out) != "the secured data of a command" {
			t.Errorf("%q, %v", out, err)
		}
	}
}

func TestPadding(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-007", "SPEC-SCP80-023")
	for version, block := range map[byte]int{1: 16, 3: 8} {
		for n := range 40 {
			p := newPair(t, version, CC|Cipher, 0, PoRSilent)
			packet, _ := p.seal(t, string(make([]byte, n)))
			if len(packet)%block != 10%block || len(packet) >= 10+6+8+n+block {
				t.Fatalf("%d bytes became %d", n, len(packet))
			}
			if out, _, err := p.card.Open(nil, packet); err != nil || len(out) != n {
				t.Fatalf("%d bytes: %d, %v", n, len(out), err)
			}
		}
	}
	// A true CC over a false PCNTR.
	p := newPair(t, 1, CC, 0, PoRSilent)
	packet, _ := p.seal(t, "abc")
	packet[15] = 4
	var c check
	k, _ := fuzzKeys(t)
	c.useMAC(&k[1].mac)
	c.put(packet[16:24], nil, packet[:16], packet[24:], nil)
	p.refused(t, packet, StatusSecurityError, "impossible length or padding")
}

func TestCounter(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-050", "SPEC-SCP80-051", "SPEC-SCP80-052", "SPEC-SCP80-053", "SPEC-SCP80-054", "SPEC-SCP80-055")
	for _, tt := range []struct {
		mode           SPI
		card, received uint64
		want           Status
		cause          string
	}{
		{CounterHigher, 7, 8, 0, ""},
		{CounterHigher, 7, 9, 0, ""},
		{CounterHigher, 7, MaxCounter, 0, ""},
		{CounterHigher, 7, 7, StatusCounterLow, "CNTR low"},
		{CounterHigher, 7, 1, StatusCounterLow, "CNTR low"},
		{CounterHigher, MaxCounter, MaxCounter, StatusCounterBlocked, "CNTR blocked"},
		{CounterHigher, MaxCounter, 5, StatusCounterBlocked, "CNTR blocked"},
		{CounterHigher, MaxCounter - 1, MaxCounter, 0, ""},
		{CounterNext, 7, 8, 0, ""},
		{CounterNext, 7, 7, StatusCounterLow, "CNTR low"},
		{CounterNext, 7, 9, StatusCounterHigh, "CNTR high"},
		{CounterNext, MaxCounter, MaxCounter, StatusCounterBlocked, "CNTR blocked"},
		{CounterUnchecked, 7, 3, 0, ""},
		{CounterUnchecked, MaxCounter, 3, 0, ""},
		{0, 7, 0, 0, ""},
	} {
		p := newPair(t, 1, CC|Cipher|tt.mode, 0, PoRSilent)
		p.hostRAM.value, p.cardRAM.value = tt.received-1, tt.card
		packet, _ := p.seal(t, "x")
		if tt.want != StatusOK {
			p.refused(t, packet, tt.want, tt.cause)
			continue
		}
		if _, cmd, err := p.card.Open(nil, packet); err != nil || cmd.Counter != tt.received {
			t.Errorf("%+v: %+v, %v", tt, cmd, err)
		}
		if tt.mode&CounterHigher != 0 {
			if p.cardRAM.value != tt.received || p.cardRAM.stores != 1 {
				t.Errorf("%+v: counter %d after %d stores", tt, p.cardRAM.value, p.cardRAM.stores)
			}
		} else if p.cardRAM.stores != 0 {
			t.Errorf("%+v: the counter was stored", tt)
		}
	}
	p := newPair(t, 1, full, 0, PoRSilent)
	packet, _ := p.seal(t, "x")
	p.cardRAM.fail = errors.New("worn out")
	p.refused(t, packet, StatusSecurityError, "the counter could not be stored")
	cardKeys, _ := fuzzKeys(t)
	cardKeys[1].counter = nil
	p.card.cfg.Keys = cardKeys
	p.refused(t, packet, StatusSecurityError, "key set without counter")
}

func TestOtherKeySetForKID(t *testing.T) {
	k, _ := fuzzKeys(t)
	h, err := NewHost(HostConfig{SPI: full, Cipher: k[3], Integrity: k[1]})
	if err != nil {
		t.Fatal(err)
	}
	packet, ticket, err := h.Seal(nil, someTAR, []byte("x"))
	if err != nil || packet[5] != 0x35 || packet[6] != 0x12 {
		t.Fatalf("%X, %v", packet, err)
	}
	ck, counter := fuzzKeys(t)
	card := NewCard(CardConfig{Keys: ck, Applications: apps{someTAR: CC}})
	if _, _, err := card.Open(nil, packet); err != nil || counter.value != ticket.Counter {
		t.Error(err)
	}
	por, due, err := card.Respond(nil, StatusOK, []byte("y"))
	if err != nil || !due {
		t.Fatal(due, err)
	}
	if out, _, err := h.Open(nil, ticket, por); err != nil || string(out) != "y" {
		t.Errorf("%q, %v", out, err)
	}
}
