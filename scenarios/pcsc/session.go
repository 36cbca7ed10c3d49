package pcsc

import (
	"context"
	"errors"
	"fmt"
	"io"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Control is the only byte of a frame that is no command APDU.
type Control byte

// Controls of vpcd. Only ATR is answered.
const (
	PowerOff Control = 0
	PowerOn  Control = 1
	Reset    Control = 2
	ATR      Control = 4
)

// errCard marks a card that does not answer, as against a stream that ended.
var errCard = errors.New("the card does not answer")

// session is one connection with a reader.
type session struct {
	card   apdu.Terminal
	stream io.ReadWriter
	frames *FrameReader
	atr    []byte // of the last reset
	out    []byte // scratch: the frame that is sent
	answer []byte // scratch: its payload
	heard  func() // called at the first frame; may be nil
	after  func() // called when a frame is done; may be nil
}

// Serve answers the frames of a stream with a card until the stream ends, which
// is no error, or the card does not answer any more. after, if not nil, is called
// when a frame is done, in the same goroutine. The card is reset first, so that
// it has an ATR to show, and without power when Serve returns.
// Spec: SPEC-PCSC-003 to SPEC-PCSC-010.
func Serve(ctx context.Context, stream io.ReadWriter, card apdu.Terminal, after func()) error {
	s := &session{card: card, stream: stream, after: after}
	return s.serve(ctx)
}

func (s *session) serve(ctx context.Context) (err error) {
	s.frames = NewFrameReader(s.stream)
	if s.atr, err = s.card.Reset(ctx, false); err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	defer func() { err = errors.Join(err, s.card.PowerOff()) }()
	if err := s.card.PowerOff(); err != nil {
		return err
	}
	for {
		payload, err := s.frames.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s.heard != nil {
			s.heard()
			s.heard = nil
		}
		err = s.frame(ctx, payload)
		if s.after != nil {
			s.after() // also after a command that the card did not live through
		}
		if err != nil {
			return err
		}
	}
}

// frame does what one frame asks for.
func (s *session) frame(ctx context.Context, payload []byte) error {
	if len(payload) == 1 {
		switch Control(payload[0]) {
		case PowerOff:
			return s.card.PowerOff()
		case PowerOn, Reset:
			return s.reset(ctx, Control(payload[0]) == Reset)
		case ATR:
			return s.send(s.atr)
		}
		return s.send([]byte{iso7816.WrongLength.SW1(), iso7816.WrongLength.SW2()})
	}
	answer, err := s.card.Transmit(ctx, payload, s.answer[:0])
	if err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	s.answer = answer
	return s.send(answer)
}

// reset is a cold one when the reader switches the power on.
func (s *session) reset(ctx context.Context, warm bool) error {
	atr, err := s.card.Reset(ctx, warm)
	if err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	s.atr = atr
	return nil
}

// send writes a frame at once. Spec: SPEC-PCSC-008.
func (s *session) send(payload []byte) error {
	out, err := AppendFrame(s.out[:0], payload)
	if err != nil {
		return err
	}
	s.out = out
	_, err = s.stream.Write(out)
	return err
}
