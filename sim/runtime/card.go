package runtime

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/engine/vmcosts"
	"inkan/sim/nvm"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// Config is what a card is made of.
type Config struct {
	Chip     *engine.Chip     // never nil: engine.Reference()
	Flash    *nvm.Flash       // erased, or that of a card
	Clock    *clock.Clock     // the clock that Flash spends its time on
	Entropy  entropy.Source   // what the chip's random generator samples
	Observer observe.Observer // may be nil
	Platform Platform
	ATR      []byte // 2 to 33 bytes; nil: DefaultATR

	Channels    int  // highest logical channel that can be opened: 0 to 19
	Protocol    byte // as APDU.getProtocol shows it after a reset: T=0 or T=1, and media bits
	BufferBytes int  // APDU buffer; 0: 261, at least 133
	Options     Options
	Verified    *Verified // that other cards share; nil: this card verifies all by itself

	// Machine has sizes of RAM and journal; the other fields are filled in.
	Machine vm.Config
}

// Options are behaviours that the standards leave open, or that a card to be
// compared with has otherwise. The zero value is what spec/RUNTIME.md says.
type Options struct {
	NoPartialSelect bool // SELECT by a part of an AID finds no applet
	// BareParameters passes install parameters as they are instead of with the
	// lengths, AID and privileges of GlobalPlatform.
	BareParameters bool
	// NoDataIsError makes setIncomingAndReceive throw IO_ERROR for a command
	// without data, instead of receiving nothing.
	NoDataIsError bool
	// ClassFromBuffer takes the class byte of isISOInterindustryCLA and its
	// like from the APDU buffer, which the applet may have changed.
	ClassFromBuffer bool
	// OneBuffer gives processData the APDU buffer for its output too, where the
	// input stands: an applet has to be done with the input before it writes.
	OneBuffer bool
	// NoVerification loads packages without verifying them.
	NoVerification bool
	// ClosedChannel answers commands on a logical channel that is not open; 0:
	// 6881.
	ClosedChannel iso7816.SW
}

// DefaultATR says T=0 and T=1 at the default speed and no historical bytes but
// a category indicator.
var DefaultATR = []byte{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80}

// Errors of the card's edge.
var (
	// ErrOff: the card has no power, because nobody reset it or because a
	// power cut ended a command.
	ErrOff = errors.New("runtime: the card is off")
	// ErrMute: the card does not answer until it is reset; it met something
	// that no verified program does.
	ErrMute = errors.New("runtime: the card is mute")
)

// Card is the runtime environment of one card, from its edge on: an
// apdu.Terminal. Not for concurrent use.
type Card struct {
	cfg      Config
	clock    *clock.Clock
	machine  *vm.Machine
	host     *binding.Host
	platform Platform
	overlay  Overlay // the platform, if it is one

	state    powerState
	applets  []*Applet
	channels [apdu.MaxChannel + 1]channel
	current  int     // channel of the command under way
	pending  *Applet // being installed
	running  *Applet // whose select, process or deselect runs
	selects  selecting
	io       transfer
	out      vm.Ref // of Personalize: response data
	protocol byte   // of the commands

	scratch  []byte
	command  apdu.Command // under way
	response []byte
	event    observe.APDUEvent
}

type powerState uint8

const (
	off powerState = iota
	on
	mute
)

// channel is a logical channel.
type channel struct {
	open     bool
	applet   *Applet
	resident Resident
}

// selecting is what selectingApplet and reSelectingApplet say.
type selecting struct{ process, again bool }

// New makes a card on its memory. It is off: Reset powers it.
func New(cfg Config) (*Card, error) {
	switch {
	case cfg.Chip == nil || cfg.Flash == nil || cfg.Clock == nil || cfg.Platform == nil || cfg.Entropy == nil:
		return nil, errors.New("runtime: Config lacks Chip, Flash, Clock, Entropy or Platform")
	case cfg.Channels < 0 || cfg.Channels > apdu.MaxChannel:
		return nil, fmt.Errorf("runtime: %d logical channels: want 0 to %d", cfg.Channels, apdu.MaxChannel)
	case CheckProtocol(cfg.Protocol) != nil:
		return nil, CheckProtocol(cfg.Protocol)
	case cfg.BufferBytes == 0:
		cfg.BufferBytes = 261
	case cfg.BufferBytes < 133 || cfg.BufferBytes > 0x7FFF:
		return nil, fmt.Errorf("runtime: APDU buffer of %d bytes: want 133 to 32767", cfg.BufferBytes)
	}
	if cfg.ATR == nil {
		cfg.ATR = DefaultATR
	}
	if cfg.Options.ClosedChannel == 0 {
		cfg.Options.ClosedChannel = iso7816.LogicalChannelNotSupported
	}
	c := &Card{cfg: cfg, clock: cfg.Clock, platform: cfg.Platform}
	c.overlay, _ = cfg.Platform.(Overlay)
	c.host = binding.NewHost(engine.New(cfg.Chip, cfg.Clock, cfg.Entropy), c)
	return c, nil
}

// Machine is the card's machine; nil before the first Reset. It is for the
// platform, and to look at.
func (c *Card) Machine() *vm.Machine { return c.machine }

// Clock is the card's clock.
func (c *Card) Clock() *clock.Clock { return c.clock }

// Engines are the card's crypto engines.
func (c *Card) Engines() *engine.Engines { return c.host.Engines }

// Observer is who listens, or nil.
func (c *Card) Observer() observe.Observer { return c.cfg.Observer }

// Options are those of Config.
func (c *Card) Options() Options { return c.cfg.Options }

// Reset powers the card or resets it, and returns the answer to reset.
// Everything in RAM is lost, a transaction that was open is undone, and no
// applet is told. A card whose memory can't be booted returns the error.
// Spec: SPEC-RUNTIME-010, SPEC-RUNTIME-011.
func (c *Card) Reset(_ context.Context, warm bool) (atr []byte, err error) {
	c.state = off
	cut := clock.Guard(func() { err = c.boot() })
	if cut != nil {
		return nil, *cut
	}
	if err != nil {
		return nil, err
	}
	c.state = on
	return append([]byte(nil), c.cfg.ATR...), nil
}

// SetATR replaces the answer of the next resets.
func (c *Card) SetATR(atr []byte) { c.cfg.ATR = append([]byte(nil), atr...) }

// PowerOff takes the power away.
func (c *Card) PowerOff() error {
	c.state = off
	return nil
}

func (c *Card) boot() error {
	first := c.machine == nil
	if first {
		m := c.cfg.Machine
		m.Flash, m.Clock, m.Observer, m.API, m.Costs = c.cfg.Flash, c.clock, c.cfg.Observer, API(), vmcosts.Of(c.cfg.Chip)
		m.Roots, m.Host = c.roots, c.host
		machine, err := vm.New(m)
		if err != nil {
			return err
		}
		c.machine = machine
	} else if err := c.machine.Reset(); err != nil {
		return err
	}
	c.channels, c.current, c.pending, c.running, c.selects = [apdu.MaxChannel + 1]channel{}, 0, nil, nil, selecting{}
	c.channels[0].open = true
	c.protocol = c.cfg.Protocol
	c.makeAPDU()
	c.makeOut()
	c.readApplets()
	if first {
		c.platform.Attach(c)
	}
	c.platform.Booted()
	// These collect objects: the platform has named by now what it keeps.
	c.undoInstall()
	c.endDeletion()
	c.machine.CollectIfRequested()
	c.selectDefault()
	return nil
}

// Transmit implements apdu.Card. Malformed bytes are answered 6700, as a card
// does; an error means that the card has no power or is mute.
// Spec: SPEC-RUNTIME-012, SPEC-RUNTIME-013.
func (c *Card) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	switch c.state {
	case off:
		return dst, ErrOff
	case mute:
		return dst, ErrMute
	}
	start, n := c.clock.Now(), len(dst)
	c.response = c.response[:0]
	cut := clock.Guard(func() { c.dispatch(cmd) })
	if cut != nil {
		c.state = off
		c.observe(cmd, nil, start)
		return dst, *cut
	}
	if c.state == mute {
		return dst, ErrMute
	}
	dst = append(dst, c.response...)
	c.observe(cmd, dst[n:], start)
	return dst, nil
}

func (c *Card) observe(cmd, response []byte, start uint64) {
	if o := c.cfg.Observer; o != nil {
		c.event = observe.APDUEvent{Cycle: c.clock.Now(), Command: cmd, Response: response, Start: start, Channel: byte(c.current)}
		o.APDU(&c.event)
	}
}

// buffer is n bytes of scratch memory, valid until the next call.
func (c *Card) buffer(n int) []byte {
	if cap(c.scratch) < n {
		c.scratch = make([]byte, n)
	}
	return c.scratch[:n]
}
