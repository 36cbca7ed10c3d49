package scp03

import (
	"context"
	"encoding/hex"
	"strings"

	"inkan/core/apdu"
	"inkan/core/observe"
	"inkan/core/scp"
)

// tb is what the fixtures need of a test, so that a rapid test is one too.
type tb interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// fixed is an entropy source that repeats its bytes.
type fixed []byte

func (f fixed) Fill(dst []byte) {
	for i := range dst {
		dst[i] = f[i%len(f)]
	}
}

// memory is a sequence counter that records what happens to it.
type memory struct {
	value  uint32
	stores []uint32
	err    error
}

func (m *memory) Load() uint32 { return m.value }

func (m *memory) Store(v uint32) error {
	if m.err != nil {
		return m.err
	}
	m.value = v
	m.stores = append(m.stores, v)
	return nil
}

// traps records the causes of failures.
type traps struct {
	observe.Nop
	causes []string
}

func (t *traps) Trap(e *observe.Trap) { t.causes = append(t.causes, e.Cause) }

func (t *traps) last() string {
	if len(t.causes) == 0 {
		return ""
	}
	return t.causes[len(t.causes)-1]
}

// pipe is the card as a byte pipe: the handshake, then echo or a given answer.
type pipe struct {
	card   *Card
	answer func(plain []byte) []byte
}

func (w pipe) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if len(cmd) > 1 && (cmd[1] == scp.InsInitializeUpdate || cmd[1] == scp.InsExternalAuthenticate) {
		return w.card.Handshake(dst, cmd), nil
	}
	plain, err := w.card.Unwrap(nil, cmd)
	if err != nil {
		return append(dst, 0x69, 0x82), nil
	}
	return w.card.Wrap(dst, w.answer(plain))
}

var _ apdu.Card = pipe{}

var testAID = unhex("A000000151000000")

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func testKeys(version byte, size int) *scp.KeySet {
	make := func(first byte) []byte {
		k := make([]byte, size)
		for i := range k {
			k[i] = first | byte(i)&0x0F
		}
		return k
	}
	return &scp.KeySet{Version: version, Enc: make(0x00), MAC: make(0x10), DEK: make(0x20)}
}

type bench struct {
	card    *Card
	host    *Host
	counter *memory
	traps   *traps
	keys    *scp.KeySet
}

// cardOf makes a card with one key set, version 30.
func cardOf(t tb, i Options, change ...func(*CardConfig)) *bench {
	t.Helper()
	b := &bench{counter: &memory{}, traps: &traps{}, keys: testKeys(0x30, 16)}
	config := CardConfig{
		Options: i, AID: testAID, Entropy: fixed(unhex("C0C1C2C3C4C5C6C7")), Observer: b.traps,
		Keys: func(v byte) (*scp.KeySet, scp.Counter) {
			if v == 0 || v == b.keys.Version {
				return b.keys, b.counter
			}
			return nil, nil
		},
	}
	for _, f := range change {
		f(&config)
	}
	var err error
	if b.card, err = NewCard(config); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) hostConfig(i Options, level scp.Level) HostConfig {
	return HostConfig{
		Keys: FixedKeys(b.keys), S16: i&S16 != 0, Level: level, AID: testAID,
		Entropy: fixed(unhex("A0A1A2A3A4A5A6A7")),
	}
}

// open opens a channel between a card and a host.
func open(t tb, i Options, level scp.Level, change ...func(*CardConfig)) *bench {
	t.Helper()
	b := cardOf(t, i, change...)
	b.reopen(t, i, level)
	return b
}

func (b *bench) reopen(t tb, i Options, level scp.Level) {
	t.Helper()
	var err error
	if b.host, err = Open(context.Background(), pipe{card: b.card}, b.hostConfig(i, level)); err != nil {
		t.Fatalf("open: %v (%s)", err, b.traps.last())
	}
}

// ended fails the test unless nothing of a session is left on the card.
func (b *bench) ended(t tb) {
	t.Helper()
	if b.card.IsOpen() || b.card.Authenticating() || b.card.Level() != 0 || b.card.session != nil || b.card.derived != nil {
		t.Error("the card has kept a session")
	}
	if out, err := b.card.Unwrap([]byte("x"), unhex("84F2200208C9811B11F1264CF1")); err != scp.ErrSecurity || string(out) != "x" {
		t.Errorf("Unwrap after the end: %X, %v", out, err)
	}
	if out, err := b.card.Wrap([]byte("x"), unhex("01029000")); err != scp.ErrSecurity || string(out) != "x" {
		t.Errorf("Wrap after the end: %X, %v", out, err)
	}
	if out, err := b.card.DecryptSensitive([]byte("x"), make([]byte, 16)); err != scp.ErrSecurity || string(out) != "x" {
		t.Errorf("DecryptSensitive after the end: %X, %v", out, err)
	}
}
