package overtheair

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/tlv"
	"inkan/sim/profile"
	"inkan/spec/req"
)

func newCard(t testing.TB, name string) *profile.Card {
	t.Helper()
	c, err := profile.New(profile.Named(name), profile.Parts{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The room of a packet is what fills its messages, and no byte more.
func TestRoom(t *testing.T) {
	req.Covers(t, "SPEC-OTA-007", "SPEC-OTA-003")
	for _, name := range []string{"test", "akebono"} {
		c := newCard(t, name)
		v := target(t, c.Profile)
		l := linkTo(t, c, v, new(Memory), 0)
		for parts := 1; parts <= MaxParts; parts++ {
			room := Room(parts, v.BlockBytes)
			for extra := range 2 {
				f := new(flight)
				var err error
				if f.packet, f.ticket, err = l.cfg.Server.host.Seal(nil, v.TAR, make([]byte, room+extra)); err != nil {
					t.Fatal(err)
				}
				if err := l.cfg.Server.cut(f); err != nil || len(f.tpdus) != parts+extra {
					t.Errorf("%s: %d bytes: %d messages, %v; want %d", name, room+extra, len(f.tpdus), err, parts+extra)
				}
			}
		}
		for _, limit := range []int{128, 223, 255} {
			n := l.DataBytes(limit)
			count := (l.room - remote.FrameBytes) / l.cfg.Format.CommandBytes(&apdu.Command{Data: make([]byte, n), Ne: 256})
			if more := (l.room - remote.FrameBytes) / l.cfg.Format.CommandBytes(&apdu.Command{Data: make([]byte, limit), Ne: 256}); n > limit || count > more+1 || n < 32 {
				t.Errorf("%s: data of %d bytes, limit %d: %d commands, %d of the longest", name, n, limit, count, more)
			}
		}
	}
}

func TestScripts(t *testing.T) {
	req.Covers(t, "SPEC-OTA-002")
	commands := []apdu.Command{decoded(t, gp.Load{Number: 1, Data: []byte{1, 2}}), decoded(t, gp.Load{Number: 2, Last: true, Data: []byte{3}})}
	for format, want := range map[remote.Format]string{
		remote.Compact:  "\x80\xE8\x00\x01\x02\x01\x02\x80\xE8\x80\x02\x01\x03\x00",
		remote.Expanded: "\xAA\x13\x22\x08\x80\xE8\x00\x01\x02\x01\x02\x00\x22\x07\x80\xE8\x80\x02\x01\x03\x00",
	} {
		if got, err := format.Append(nil, commands); err != nil || string(got) != want {
			t.Errorf("%v: %X, %v; want %X", format, got, err, want)
		}
	}
	for answer, ok := range map[string]bool{"\x02\x90\x00": true, "\x01\x6A\x80": true, "\x01\x90\x00": false, "\x03\x90\x00": false, "\x00\x90\x00": false, "\x02": false} {
		if _, err := remote.Compact.Decode([]byte(answer), 2); (err == nil) != ok {
			t.Errorf("%X: %v", answer, err)
		}
	}
}

// A data grouping is followed over blocks that cut it anywhere.
func TestGrouping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole []byte
		ends := map[int]bool{}
		for range rapid.IntRange(1, 4).Draw(t, "groups") {
			whole = tlv.AppendDGI(whole, 0xB001, make([]byte, rapid.SampledFrom([]int{0, 1, 3, 254, 255, 300}).Draw(t, "length")))
			ends[len(whole)] = true
		}
		var g grouping
		for at := 0; at < len(whole); {
			n := min(rapid.IntRange(1, 200).Draw(t, "block"), len(whole)-at)
			within := g.within(whole[at : at+n])
			if at += n; within == ends[at] {
				t.Fatalf("at %d of %d: within %v", at, len(whole), within)
			}
		}
	})
}

// What was held and failed is the error of the command that had it sent.
func TestHeld(t *testing.T) {
	req.Covers(t, "SPEC-OTA-008")
	for _, format := range []remote.Format{remote.Compact, remote.Expanded} {
		c := newCard(t, "test")
		l := linkTo(t, c, target(t, c.Profile), new(Memory), format)
		if _, err := gp.Exchange(t.Context(), l, gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDInstance}, nil); err != nil {
			t.Fatalf("held: %v", err)
		}
		_, err := gp.Exchange(t.Context(), l, gp.GetData{Tag: gp.TagCIN}, nil)
		var held *HeldError
		if !errors.As(err, &held) || held.INS != gp.InsInstall || !errors.Is(err, iso7816.ReferencedDataNotFound) {
			t.Errorf("%v: %v", format, err)
		}
		if _, err := gp.Exchange(t.Context(), l, gp.GetData{Tag: gp.TagCIN}, nil); err != nil {
			t.Errorf("%v: after it %v", format, err)
		}
		if _, err := gp.Exchange(t.Context(), l, gp.Load{Data: []byte{1}, Last: true}, nil); !errors.Is(err, iso7816.ConditionsNotSatisfied) {
			t.Errorf("%v: LOAD without INSTALL: %v", format, err)
		}
	}
}

// A counter in a file goes on; one that stays behind the card's is raised.
func TestCounter(t *testing.T) {
	req.Covers(t, "SPEC-OTA-005", "SPEC-OTA-009")
	c := newCard(t, "test")
	v, path := target(t, c.Profile), filepath.Join(t.TempDir(), "counter")
	for i := range uint64(3) {
		counter, err := OpenCounter(path)
		if err != nil || counter.Load() != i {
			t.Fatalf("%v, %v", counter, err)
		}
		if err := linkTo(t, c, v, counter, 0).Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ahead := Memory(5000)
	if err := linkTo(t, c, v, &ahead, 0).Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	stale, err := OpenCounter(path)
	if err != nil {
		t.Fatal(err)
	}
	l := linkTo(t, c, v, stale, 0)
	if err := l.Open(t.Context()); err != nil || stale.Load() <= 5001 || l.Recoveries == 0 {
		t.Errorf("%v, counter %d", err, stale.Load())
	}
	ahead = 1 << 30
	if err := linkTo(t, c, v, &ahead, 0).Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := linkTo(t, c, v, new(Memory), 0).Open(t.Context()); !errors.Is(err, ErrCounter) {
		t.Error(err)
	}
	for _, content := range [][]byte{{}, make([]byte, 9), bytes.Repeat([]byte{0xFF}, 8)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCounter(path); err == nil {
			t.Errorf("%X is a counter", content)
		}
	}
	if err := (&FileCounter{path: filepath.Join(path, "nowhere")}).Store(1); err == nil {
		t.Error("stored nowhere")
	}
}

// Weak protection is refused, and silence has an end.
func TestServerRefuses(t *testing.T) {
	req.Covers(t, "SPEC-OTA-001", "SPEC-OTA-024")
	c := newCard(t, "test")
	for _, spi := range []scp80.SPI{FullSPI &^ scp80.CC, FullSPI &^ scp80.CounterHigher, FullSPI &^ scp80.PoR, FullSPI &^ scp80.PoRCC} {
		v := target(t, c.Profile)
		v.SPI = spi
		n, err := NewNetwork(&Handset{Card: c}, Conditions{}, seed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Connect(n, new(Memory), 0, 0); err == nil {
			t.Errorf("SPI %v is taken", spi)
		}
	}
	if _, err := NewNetwork(nil, Conditions{Loss: 101}, seed); err == nil {
		t.Error("101 percent")
	}
	v := target(t, c.Profile)
	for _, parts := range []int{1, 9} {
		if _, err := v.Connect(nil, new(Memory), 0, parts); err == nil {
			t.Errorf("%d messages", parts)
		}
	}
	l := linkTo(t, c, v, new(Memory), 0)
	l.cfg.Server.cfg.Network.Conditions.Loss = 100
	if err := l.Open(t.Context()); !errors.Is(err, ErrSilence) || l.cfg.Server.cfg.Network.Traffic.Messages != DefaultTries {
		t.Errorf("%v, %+v", err, l.cfg.Server.cfg.Network.Traffic)
	}
}

// Proofs that are another packet's, or changed, say nothing.
func TestProofs(t *testing.T) {
	req.Covers(t, "SPEC-OTA-006")
	c := newCard(t, "test")
	l := linkTo(t, c, target(t, c.Profile), new(Memory), 0)
	s := l.cfg.Server
	fly := func() (*flight, []Arrival) {
		f := new(flight)
		var err error
		if f.packet, f.ticket, err = s.host.Seal(nil, s.cfg.TAR, []byte("\x80\xCA\x00\xE0\x00")); err != nil {
			t.Fatal(err)
		}
		if err := s.cut(f); err != nil {
			t.Fatal(err)
		}
		a, err := s.cfg.Network.Send(t.Context(), f.first, f.tpdus[0])
		if err != nil || len(a) != 1 {
			t.Fatalf("%v, %v", a, err)
		}
		return f, a
	}
	one, first := fly()
	other, second := fly()
	if s.take(one, second); one.proof != nil {
		t.Error("the proof of another packet")
	}
	for i := range first[0].TPDU {
		changed := first[0]
		changed.TPDU = bytes.Clone(changed.TPDU)
		changed.TPDU[i] ^= 0x10
		if s.take(one, []Arrival{changed}); one.proof != nil && i >= 20 {
			t.Fatalf("a proof with byte %d changed", i)
		}
		one.proof = nil
	}
	s.take(one, first)
	s.take(other, second)
	if one.proof == nil || other.proof == nil || one.proof.Status != scp80.StatusOK {
		t.Errorf("%+v, %+v", one.proof, other.proof)
	}
}
