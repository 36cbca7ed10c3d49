package pcsc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

// script is a terminal that writes down what is done to it.
type script struct {
	events []string
	resets int
	on     bool
	mute   error // of the next command
	fails  error // of the next reset
}

func (s *script) note(format string, args ...any) {
	s.events = append(s.events, fmt.Sprintf(format, args...))
}

func (s *script) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	s.note("command %X", cmd)
	if s.mute != nil {
		return dst, s.mute
	}
	if !s.on {
		return dst, errors.New("no power")
	}
	return append(append(dst, cmd...), 0x90, 0), nil
}

func (s *script) Reset(_ context.Context, warm bool) ([]byte, error) {
	s.resets++
	s.on = true
	s.note("reset warm=%v", warm)
	return []byte{0x3B, byte(s.resets)}, s.fails
}

func (s *script) PowerOff() error {
	s.on = false
	s.note("off")
	return nil
}

// daemon is the other end of a stream: vpcd.
type daemon struct {
	t      testing.TB
	stream io.ReadWriter
	frames *FrameReader
}

func newDaemon(t testing.TB, stream io.ReadWriter) *daemon {
	return &daemon{t, stream, NewFrameReader(stream)}
}

// tell sends a frame as the driver does: length and payload in two writes.
func (d *daemon) tell(payload ...byte) {
	d.t.Helper()
	frame, err := AppendFrame(nil, payload)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, part := range [][]byte{frame[:2], frame[2:]} {
		if _, err := d.stream.Write(part); err != nil {
			d.t.Fatal(err)
		}
	}
}

// ask sends a frame and returns the answer.
func (d *daemon) ask(payload ...byte) []byte {
	d.t.Helper()
	d.tell(payload...)
	answer, err := d.frames.Next()
	if err != nil {
		d.t.Fatalf("%X: %v", payload, err)
	}
	return bytes.Clone(answer)
}

// serving serves a card over a pipe. The function that it returns closes the pipe
// and gives Serve's error.
func serving(t testing.TB, card *script, after func()) (*daemon, func() error) {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(t.Context(), ours, card, after); ours.Close() }()
	return newDaemon(t, theirs), func() error { theirs.Close(); return <-done }
}

func TestServe(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-003", "SPEC-PCSC-004", "SPEC-PCSC-005", "SPEC-PCSC-006", "SPEC-PCSC-007", "SPEC-PCSC-008")
	card, frames := new(script), 0
	d, end := serving(t, card, func() { frames++ })
	want := func(what string, got []byte, bytes ...byte) {
		t.Helper()
		if string(got) != string(bytes) {
			t.Errorf("%s: %X, want %X", what, got, bytes)
		}
	}
	want("ATR of a card without power", d.ask(4), 0x3B, 1)
	d.tell(1)
	want("ATR of the card with power", d.ask(4), 0x3B, 2)
	want("command", d.ask(0, 0xA4, 4, 0), 0, 0xA4, 4, 0, 0x90, 0)
	d.tell(2)
	want("ATR after a warm reset", d.ask(4), 0x3B, 3)
	want("a byte that is no control", d.ask(5), iso7816.WrongLength.SW1(), 0)
	want("another", d.ask(3), 0x67, 0)
	d.tell(0)
	want("ATR after power off", d.ask(4), 0x3B, 3)
	d.tell(1)
	if err := end(); err != nil {
		t.Error(err)
	}
	const events = "reset warm=false, off, reset warm=false, command 00A40400, reset warm=true, off, reset warm=false, off"
	if got := strings.Join(card.events, ", "); got != events {
		t.Errorf("%s, want %s", got, events)
	}
	if frames != 11 {
		t.Errorf("after was called %d times", frames)
	}
}

// A card that does not answer ends the connection.
func TestServeMute(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-010")
	mute := errors.New("mute")
	card := &script{mute: mute}
	d, end := serving(t, card, nil)
	d.tell(1)
	d.tell(0, 0xA4, 4, 0)
	if _, err := d.frames.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection goes on: %v", err)
	}
	if err := end(); !errors.Is(err, mute) || !errors.Is(err, errCard) || card.on {
		t.Errorf("%v, power %v", err, card.on)
	}
	off := new(script)
	d, end = serving(t, off, nil)
	d.tell(0, 0xA4, 4, 0)
	if err := end(); !errors.Is(err, errCard) {
		t.Errorf("a command without power: %v", err)
	}
	if err := Serve(t.Context(), d.stream, &script{fails: mute}, nil); !errors.Is(err, mute) {
		t.Error(err)
	}
}

// silent swallows what is written.
type silent struct{ io.Reader }

func (silent) Write(b []byte) (int, error) { return len(b), nil }

// Whatever a reader sends, the card is served without a panic and left without
// power.
func FuzzServe(f *testing.F) {
	f.Add([]byte{0, 1, 4, 0, 1, 1, 0, 5, 0, 0xA4, 4, 0, 0, 0, 1, 0})
	f.Add([]byte{0, 1, 1, 0, 1, 2, 0, 1, 9, 0, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		card := new(script)
		_ = Serve(t.Context(), silent{bytes.NewReader(stream)}, card, nil)
		if card.on {
			t.Error("the card has power")
		}
	})
}
