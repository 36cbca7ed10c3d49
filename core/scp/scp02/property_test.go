package scp02

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/scp"
	"inkan/spec/req"
)

// drawOption draws one of the 32 usable options and a level it permits.
func drawOption(t *rapid.T) (Options, scp.Level) {
	i := Explicit | Options(rapid.ByteRange(0, 0x7F).Draw(t, "i"))&^ICVFromAID
	levels := []scp.Level{0x00, 0x01, 0x03}
	if i&ResponseMAC != 0 {
		levels = append(levels, 0x10, 0x11, 0x13)
	}
	return i, rapid.SampledFrom(levels).Draw(t, "level")
}

// drawPair draws keys and makes a handshake and a card that share them.
func drawPair(t *rapid.T, i Options, level scp.Level, counter scp.Counter) (*Handshake, *Card) {
	key := func(name string) []byte { return rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name) }
	ks := &scp.KeySet{Version: 0x20, Enc: key("enc")}
	if i&ThreeKeys != 0 {
		ks.MAC, ks.DEK = key("mac"), key("dek")
	}
	aid := rapid.SliceOfN(rapid.Byte(), 5, 16).Draw(t, "aid")
	random := &rising{n: rapid.Byte().Draw(t, "entropy")}
	card, err := NewCard(CardConfig{
		Options: i, AID: aid, Entropy: random, Keys: oneSet(ks, counter),
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHandshake(HostConfig{Options: i, Level: level, AID: aid, Entropy: random, Keys: FixedKeys(ks)})
	if err != nil {
		t.Fatal(err)
	}
	return h, card
}

// authenticated is the EXTERNAL AUTHENTICATE of a handshake with a card.
func authenticated(h *Handshake, card *Card) ([]byte, error) {
	iu, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, err
	}
	return h.ExternalAuthenticate(nil, card.InitializeUpdate(nil, iu))
}

func openPair(h *Handshake, card *Card) (*Host, error) {
	ea, err := authenticated(h, card)
	if err != nil {
		return nil, err
	}
	return h.Open(card.ExternalAuthenticate(nil, ea))
}

// drawCommand draws a plain short command in any case, on any channel.
func drawCommand(t *rapid.T, level scp.Level) []byte {
	cla := rapid.SampledFrom([]byte{0x00, 0x02, 0x80, 0x83, 0x90, 0x40, 0x4F, 0xC0, 0xCE}).Draw(t, "cla")
	cmd := append([]byte{cla}, rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, "header")...)
	data := rapid.SliceOfN(rapid.Byte(), 0, MaxCommandData(level)).Draw(t, "data")
	if len(data) > 0 {
		cmd = append(append(cmd, byte(len(data))), data...)
	}
	if rapid.Bool().Draw(t, "le?") {
		cmd = append(cmd, rapid.Byte().Draw(t, "le"))
	}
	return cmd
}

// Any sequence of commands and responses goes through unchanged, at every
// option and level.
func TestEverySessionIsTransparent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, level := drawOption(t)
		h, card := drawPair(t, i, level, &memory{value: uint32(rapid.Uint16Max(0xFFFE).Draw(t, "counter"))})
		host, err := openPair(h, card)
		if err != nil {
			t.Fatal(err)
		}
		if host.Level() != level || card.Level() != level {
			t.Fatalf("levels %02X and %02X, want %02X", host.Level(), card.Level(), level)
		}
		for range rapid.IntRange(1, 6).Draw(t, "commands") {
			exchange(t, host, card, drawCommand(t, level), nil)
		}
		if i&ResponseMAC == 0 || level&scp.RMAC != 0 {
			return
		}
		each := rapid.Bool().Draw(t, "each")
		cmd, err := host.BeginRMACSession(nil, each, rapid.SliceOfN(rapid.Byte(), 0, MaxRMACData).Draw(t, "data"))
		exchange(t, host, card, nil, must(t, cmd, err))
		for range rapid.IntRange(0, 3).Draw(t, "commands") {
			exchange(t, host, card, drawCommand(t, level), nil)
		}
		cmd, err = host.EndRMACSession(nil)
		exchange(t, host, card, nil, must(t, cmd, err))
		exchange(t, host, card, drawCommand(t, level), nil)
		if host.Level() != level || card.Level() != level {
			t.Fatalf("levels %02X and %02X after the R-MAC session", host.Level(), card.Level())
		}
	})
}

func must(t *rapid.T, b []byte, err error) []byte {
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exchange sends a plain command (or one that is protected already) and a
// drawn response through both sides and compares.
func exchange(t *rapid.T, host *Host, card *Card, plain, protected []byte) {
	if protected == nil {
		out, err := host.Wrap([]byte("h"), plain)
		protected = must(t, out, err)[1:]
	}
	got, err := card.Unwrap([]byte("c"), protected)
	got = must(t, got, err)[1:]
	if plain != nil && !bytes.Equal(got, plain) {
		t.Fatalf("command %X became %X", plain, got)
	}
	resp := rapid.SliceOfN(rapid.Byte(), 2, 2+MaxResponseData(scp.RMAC)).Draw(t, "response")
	switch {
	case plain == nil && got[1] == insBeginRMACSession:
		resp = card.BeginRMACSession(nil, got)
	case plain == nil:
		resp = card.EndRMACSession(nil, got)
	}
	sent, err := card.Wrap([]byte("c"), resp)
	sent = must(t, sent, err)[1:]
	back, err := host.Unwrap([]byte("h"), sent)
	if back = must(t, back, err)[1:]; !bytes.Equal(back, resp) {
		t.Fatalf("response %X became %X", resp, back)
	}
}

// A change of any authenticated byte of a command ends the card's session, and
// nothing but ErrSecurity comes out. Le and the logical channel are outside the
// C-MAC.
func TestTamperedCommandEndsSession(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-080", "SPEC-SCP02-083")
	rapid.Check(t, func(t *rapid.T) {
		i, level := drawOption(t)
		level |= scp.CMAC
		h, card := drawPair(t, i, level, &memory{})
		host, err := openPair(h, card)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 2).Draw(t, "before") {
			exchange(t, host, card, drawCommand(t, level), nil)
		}
		plain := drawCommand(t, level)
		cmd, err := host.Wrap(nil, plain)
		bad := bytes.Clone(must(t, cmd, err))
		end := 5 + int(bad[4]) // Le is not covered
		at := rapid.IntRange(0, end-1).Draw(t, "at")
		bad[at] ^= rapid.ByteRange(1, 0xFF).Draw(t, "change")
		if at == 0 && scp.MACClass(bad[0], true) == scp.MACClass(plain[0], true) {
			if _, protected := scp.UnprotectClass(bad[0]); protected {
				return // another channel
			}
		}
		out, err := card.Unwrap(nil, bad)
		if !errors.Is(err, scp.ErrSecurity) || len(out) != 0 || card.IsOpen() {
			t.Fatalf("byte %d of %X changed to %02X: %X, %v", at, cmd, bad[at], out, err)
		}
		if _, err := card.Unwrap(nil, cmd); !errors.Is(err, scp.ErrSecurity) {
			t.Fatalf("the session goes on: %v", err)
		}
		if _, err := card.Wrap(nil, []byte{0x90, 0}); !errors.Is(err, scp.ErrSecurity) {
			t.Fatalf("a response comes out: %v", err)
		}
	})
}

// torn is a counter whose power fails at a chosen Store, before or after the
// value is safe.
type torn struct {
	value  uint32
	fuse   int // Stores until the power fails
	after  bool
	failed bool
	ever   []uint32
}

var errPower = errors.New("power lost")

func (c *torn) Load() uint32 { return c.value }

func (c *torn) Store(v uint32) error {
	if c.fuse--; c.fuse == 0 {
		if c.after {
			c.value = v
		}
		c.failed = true
		panic(errPower)
	}
	c.value = v
	c.ever = append(c.ever, v)
	return nil
}

// Whenever the power fails at Counter.Store, no sequence counter opens two
// sessions, the counter never goes back, and what was recorded before opens
// nothing after.
func TestCounterAcrossPowerLoss(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-034", "SPEC-SCP02-038")
	rapid.Check(t, func(t *rapid.T) {
		i, level := drawOption(t)
		counter := &torn{value: uint32(rapid.Uint16Max(0xFF00).Draw(t, "start"))}
		h, card := drawPair(t, i, level, counter)
		used, before := map[uint32]bool{}, counter.value
		var recorded []byte
		for n := range rapid.IntRange(1, 12).Draw(t, "openings") {
			counter.fuse, counter.after = rapid.IntRange(0, 2).Draw(t, "fuse"), rapid.Bool().Draw(t, "after")
			sequence := counter.value
			again, err := NewHandshake(h.config)
			if err != nil {
				t.Fatal(err)
			}
			ea, err := authenticated(again, card)
			if err != nil {
				t.Fatal(err)
			}
			if recorded != nil && !bytes.Equal(recorded, ea) && rapid.Bool().Draw(t, "replay") {
				if sw := card.ExternalAuthenticate(nil, recorded); sw[0] == 0x90 {
					t.Fatal("a recorded EXTERNAL AUTHENTICATE opens a session")
				}
				continue
			}
			if open, err := tryOpen(card, ea); err == nil && open {
				if used[sequence] {
					t.Fatalf("opening %d: sequence counter %04X a second time", n, sequence)
				}
				used[sequence], recorded = true, ea
			} else if errors.Is(err, errPower) {
				recorded = ea
				card = restart(t, card)
			}
			if counter.value < before {
				t.Fatalf("counter went from %04X back to %04X", before, counter.value)
			}
			before = counter.value
		}
	})
}

// tryOpen sends EXTERNAL AUTHENTICATE to a card whose power may fail.
func tryOpen(card *Card, ea []byte) (open bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	sw := card.ExternalAuthenticate(nil, ea)
	return sw[0] == 0x90, nil
}

// restart is the card after a reset: only its counter survives.
func restart(t *rapid.T, old *Card) *Card {
	card, err := NewCard(old.config)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// Nothing of a key shows in what can be printed.
func TestNoKeyIsPrinted(t *testing.T) {
	host, card, v := opened(t, pysimSession)
	for _, x := range []any{v.keySet(0x20), *v.keySet(0x20), host.session.cmac, card.session.cmac} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
			s := fmt.Sprintf(verb, x)
			if len(s) > 40 {
				t.Errorf("%T with %s prints %d characters", x, verb, len(s))
			}
		}
	}
}
