package transport

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/observe"
	"inkan/sim/clock"
)

// Config is a reader, a line and a card.
type Config struct {
	Card     apdu.Terminal // its answer to reset says the line's parameters
	Clock    *clock.Clock  // the card's
	Observer observe.Observer
	Rate     Rate
	Reader   Reader
	Options  CardOptions
	Disturb  Disturber // nil: nothing disturbs the line
}

// Terminal is a reader with a card in it, an apdu.Terminal. It is off until it is
// reset. Not for concurrent use.
type Terminal struct {
	cfg    Config
	line   line
	reader *ReaderEnd
	card   *CardEnd
	on     bool
	broken error // of the card, while a command was at work
	gaveUp bool  // the reader took the power away while a command was at work
	ctx    context.Context
	wait   func() bool // what pump waits for
	pumped error
	pumpFn func()
	ringFn func()

	connected, ended func() bool
}

// protocolled is a card that wants to know by what protocol commands come:
// runtime.Card.
type protocolled interface{ Interface(protocol byte) error }

// New puts reader, line and card together.
func New(cfg Config) (*Terminal, error) {
	if cfg.Card == nil || cfg.Clock == nil {
		return nil, errors.New("transport: Config lacks Card or Clock")
	}
	if (cfg.Rate.CPUHz == 0) != (cfg.Rate.LineHz == 0) {
		return nil, errors.New("transport: Rate needs both clocks or none")
	}
	cfg.Reader.fill()
	t := &Terminal{cfg: cfg}
	t.pumpFn, t.ringFn = t.pump, t.ring
	t.connected = func() bool {
		ok, err := t.reader.Connected()
		return ok || err != nil
	}
	t.ended = func() bool {
		_, ended, _ := t.reader.Outcome()
		return ended
	}
	return t, nil
}

// Protocol is T of the protocol in use, after a reset.
func (t *Terminal) Protocol() byte {
	if t.reader == nil {
		return 0
	}
	return t.reader.Protocol()
}

// ETU is the present elementary time unit in cycles of the card's clock, rounded
// up; 0 before the first reset.
func (t *Terminal) ETU() uint64 {
	if t.reader == nil {
		return 0
	}
	return t.reader.t.etu(1)
}

// SetDisturber changes what disturbs the line.
func (t *Terminal) SetDisturber(d Disturber) { t.line.disturb, t.cfg.Disturb = d, d }

// Reset powers or resets the card, reads its answer, and settles protocol and
// rate. Errors are the card's, a *clock.PowerCut's, and ErrATR and ErrPPS, after
// all of which the card is off. Spec: SPEC-TRANSPORT-010, SPEC-TRANSPORT-070.
func (t *Terminal) Reset(ctx context.Context, warm bool) ([]byte, error) {
	t.on = false
	start := t.cfg.Clock.Now()
	answer, err := t.cfg.Card.Reset(ctx, warm)
	if err != nil {
		return nil, err
	}
	begin := max(start+(&timing{cpu: max(t.cfg.Rate.CPUHz, 1), line: max(t.cfg.Rate.LineHz, 1)}).clocks(resetClocks), t.cfg.Clock.Now())
	if t.card, err = NewCardEnd(answer, t.cfg.Rate, t.cfg.Options, begin, t.execute); err != nil {
		return nil, err
	}
	t.reader = NewReaderEnd(t.cfg.Rate, t.cfg.Reader, start)
	t.line = line{clock: t.cfg.Clock, observer: t.cfg.Observer, disturb: t.cfg.Disturb, reader: &t.reader.t, card: &t.card.t,
		signals: t.card.t.p.Protocols[0] == 0, inverse: answer[0] == 0x3F}
	t.on, t.broken, t.gaveUp = true, nil, false
	if err := t.run(ctx, t.connected); err != nil {
		return nil, err
	}
	if _, err := t.reader.Connected(); err != nil {
		t.off()
		return nil, err
	}
	t.line.signals = t.reader.Protocol() == 0
	if c, ok := t.cfg.Card.(protocolled); ok {
		if err := c.Interface(t.reader.Protocol()); err != nil {
			t.off()
			return nil, err
		}
	}
	return append([]byte(nil), t.reader.ATR()...), nil
}

// PowerOff takes the card's power away.
func (t *Terminal) PowerOff() error {
	t.on = false
	return t.cfg.Card.PowerOff()
}

func (t *Terminal) off() {
	t.on = false
	_ = t.cfg.Card.PowerOff() // the error that led here is the one to report
}

// Transmit carries a command to the card and the response back, as the reader has
// it: under T=0 with GET RESPONSE and repetition after 6Cxx already done. Errors
// are those of this package, a clock.PowerCut, and those of ctx; see the
// errors for what holds afterwards. Spec: SPEC-TRANSPORT-058, SPEC-TRANSPORT-059,
// SPEC-TRANSPORT-070.
func (t *Terminal) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	if !t.on {
		return dst, ErrOff
	}
	if err := t.reader.Start(cmd); err != nil {
		return dst, err
	}
	if err := t.run(ctx, t.ended); err != nil {
		return dst, err
	}
	response, _, err := t.reader.Outcome()
	switch {
	case err == nil:
		return append(dst, response...), nil
	case err == ErrResynchronised || err == ErrAborted:
		return dst, err
	}
	t.off()
	if t.broken != nil {
		err = errors.Join(err, t.broken)
	}
	return dst, err
}

// run drives the line until something has come about. A power cut, a card without
// power and a cancelled ctx turn the card off.
func (t *Terminal) run(ctx context.Context, until func() bool) error {
	t.ctx, t.wait, t.pumped = ctx, until, nil
	cut := clock.Guard(t.pumpFn)
	t.ctx = nil
	t.cfg.Clock.AlarmAt(0, nil)
	if cut != nil && !t.gaveUp {
		t.off()
		return *cut
	}
	if t.pumped != nil {
		t.off()
	}
	return t.pumped
}

func (t *Terminal) pump() {
	for !t.wait() {
		if err := t.ctx.Err(); err != nil {
			t.pumped = err
			return
		}
		if !t.line.step(t.reader, t.card, Never-1) {
			t.pumped = ErrMute // nobody waits for anything
			return
		}
		if cut, ok := t.broken.(clock.PowerCut); ok && !t.gaveUp {
			t.pumped = cut
			return
		}
	}
}

// execute is the card at work, with the line served by the clock's alarm.
func (t *Terminal) execute(cmd, dst []byte) ([]byte, error) {
	t.setAlarm()
	response, err := t.cfg.Card.Transmit(t.ctx, cmd, dst)
	t.cfg.Clock.AlarmAt(0, nil)
	if err != nil {
		t.broken = err
	}
	return response, err
}

func (t *Terminal) setAlarm() {
	t.cfg.Clock.AlarmAt(min(t.reader.Due(), t.card.Due()), t.ringFn)
}

// ring interrupts the card at work for what is due on the line. When the reader
// gives up it takes the card's power away. Spec: SPEC-TRANSPORT-063.
func (t *Terminal) ring() {
	for t.line.step(t.reader, t.card, t.cfg.Clock.Now()) {
		if t.wait() {
			t.gaveUp = true
			panic(clock.PowerCut{Cycle: t.cfg.Clock.Now(), Cause: clock.Line})
		}
	}
	t.setAlarm()
}
