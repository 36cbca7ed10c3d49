package storm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	cardos "inkan/sim/os"
)

// maxCycles is how long one command may take: what takes longer is an applet that
// does not end, and loses its power.
const maxCycles = 400_000_000

// style says how an episode attacks.
type style struct {
	protocol               byte // T=0, T=1, or contactless
	clear, channel, packet int  // weights
}

// counts are what a run did.
type counts struct {
	apdus, wrapped, packets, scripts, accepted, checks, blind, cuts, resets, sessions int
}

func (c *counts) add(o *counts) {
	c.apdus += o.apdus
	c.wrapped += o.wrapped
	c.packets += o.packets
	c.scripts += o.scripts
	c.accepted += o.accepted
	c.checks += o.checks
	c.blind += o.blind
	c.cuts += o.cuts
	c.resets += o.resets
	c.sessions += o.sessions
}

// episode is an attack on one card from one seed.
type episode struct {
	counts
	*world
	style
	r       *rand.Rand
	card    *cardos.Card
	flash   *nvm.Flash
	edge    apdu.Card // the protocol's, for whole APDUs
	pipe    *apdu.T0Simulation
	watch   watch
	log     [24]string
	logged  int
	scratch []byte
	servers [2]*server
	rate    int  // one of so many commands is mutated
	loaded  bool // a load file of the host's is there: it need not end
}

// failure is what an episode found.
type failure string

func (e *episode) fail(format string, a ...any) { panic(failure(fmt.Sprintf(format, a...))) }

// play runs an episode of n commands and says what it found.
func (w *world) play(seed uint64, s style, n int) (c counts, found string) {
	k := new(clock.Clock)
	e := &episode{world: w, style: s, r: rand.New(rand.NewPCG(seed, 0x5701)), flash: w.flash.ForkOn(k, nil), watch: watch{w.canaries, map[int]bool{}}}
	defer func() {
		if p := recover(); p != nil {
			f, ok := p.(failure)
			if !ok {
				f = failure(fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
			}
			found = string(f) + "\nlast commands:\n" + e.tail()
		}
		c = e.counts
	}()
	card, err := w.boot(e.flash, k, s.protocol)
	if err != nil {
		e.fail("boot: %v", err)
	}
	e.card = card
	e.edge = (*tap)(e)
	if s.protocol == 0 {
		e.pipe = &apdu.T0Simulation{Card: (*tap)(e), T0: apdu.NewT0Card(nil, make([]byte, 1024), make([]byte, 1024))}
		e.edge = &apdu.T0Terminal{Pipe: e.pipe}
	}
	for next := n / 3; e.apdus < n; {
		e.act()
		if e.apdus >= next {
			e.check()
			if e.blind > 0 { // the issuer's keys are gone, or its card is: little more can happen
				return e.counts, ""
			}
			next += n / 3
		}
	}
	e.check()
	return e.counts, ""
}

// act is one action: a sequence, a channel with sequences, a packet.
func (e *episode) act() {
	e.rate = pick(e.r, []int{3, 3, 12, 40}) // a load of many commands has to get to its end now and then
	switch n := e.r.IntN(e.clear + e.channel + e.packet); {
	case n < e.clear:
		e.inClear()
	case n < e.clear+e.channel:
		e.through()
	default:
		e.overTheAir()
	}
	if e.r.IntN(30) == 0 {
		e.reset()
	}
}

func (e *episode) reset() {
	e.resets++
	e.card.Clock().CutAt(e.card.Clock().Now() + maxCycles)
	if _, err := e.card.Reset(ctx, e.r.IntN(2) == 0); err != nil {
		e.fail("reset: %v", err)
	}
	if e.pipe != nil {
		e.pipe.T0.Reset()
	}
}

// inClear sends a sequence or noise without a channel.
func (e *episode) inClear() {
	if e.r.IntN(3) == 0 {
		for range 1 + e.r.IntN(8) {
			e.send(randomCommand(e.r))
		}
		return
	}
	all := inClear
	if e.r.IntN(4) == 0 {
		all = management
	}
	channel := byte(0)
	if e.r.IntN(4) == 0 {
		channel = byte(1 + e.r.IntN(3))
	}
	for _, cmd := range pick(e.r, all)(e.r, nil) {
		if cmd = e.altered(cmd); len(cmd) > 0 && channel != 0 && cmd[0]&0x60 == 0 {
			cmd[0] = cmd[0]&^3 | channel
		}
		e.send(cmd)
	}
}

// altered is the command, or a mutation of it.
func (e *episode) altered(cmd []byte) []byte {
	if e.r.IntN(e.rate) == 0 {
		return mutate(e.r, cmd)
	}
	return bytes.Clone(cmd)
}

// send sends bytes by the protocol of the episode.
func (e *episode) send(cmd []byte) {
	e.watch.sent(cmd)
	if e.pipe == nil {
		(*tap)(e).Transmit(ctx, cmd, nil)
		return
	}
	c, err := apdu.DecodeCommand(cmd)
	if err == nil && fitsT0(&c) && e.r.IntN(4) != 0 {
		if _, err := e.edge.Transmit(ctx, cmd, nil); err != nil {
			var cut clock.PowerCut
			if !errors.As(err, &cut) {
				e.fail("T=0: %v", err)
			}
		}
		return
	}
	t := apdu.TPDU{}
	var header [5]byte
	copy(header[:], cmd)
	t.CLA, t.INS, t.P1, t.P2, t.P3 = header[0], header[1], header[2], header[3], header[4]
	if n := e.pipe.T0.Incoming(header); n > 0 {
		t.Data = make([]byte, n)
		if len(cmd) > 5 {
			copy(t.Data, cmd[5:])
		}
	}
	e.apdus++ // many do not reach the card's applications
	out, err := e.pipe.Exchange(ctx, t, nil)
	var cut clock.PowerCut
	if err != nil && !errors.As(err, &cut) {
		e.fail("T=0: %v", err)
	}
	e.scan(cmd, out)
}

// fitsT0 tells whether a command can travel over T=0: one that reads without saying
// so looks like one that wants 256 bytes.
func fitsT0(c *apdu.Command) bool {
	silent := c.Ne == 0 && len(c.Data) == 0 && apdu.DefaultDirection(c.Class(), c.INS, c.P1, c.P2) == apdu.FromCard
	return iso7816.ValidINS(c.INS) && len(c.Data) <= apdu.MaxShortData && !silent
}

// tap is the card's own edge: what goes through it is counted, bounded, kept for
// the report, and searched for secrets.
type tap episode

// Transmit implements apdu.Card. The only error is a power cut, after which the
// card has been reset.
func (t *tap) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	e := (*episode)(t)
	e.apdus++
	e.card.Clock().CutAt(e.card.Clock().Now() + maxCycles)
	out, err := e.card.Transmit(ctx, cmd, e.scratch[:0])
	var cut clock.PowerCut
	switch {
	case errors.As(err, &cut) && e.loaded:
		e.note(cmd, nil)
		e.cuts++
		e.reset()
		return dst, err
	case err != nil:
		e.note(cmd, nil)
		e.fail("%X: %v", cmd, err)
	case len(out) < 2 || len(out) > 2+65536:
		e.note(cmd, out)
		e.fail("%X: a response of %d bytes", cmd, len(out))
	}
	e.scratch = out
	e.note(cmd, out)
	if sw := out[len(out)-2]; sw == 0x90 || sw == 0x91 || sw == 0x61 {
		e.accepted++
	}
	if sw := out[len(out)-2]; sw&0xF0 != 0x60 && sw&0xF0 != 0x90 && !e.loaded {
		e.fail("%X: status word %X", cmd, out[len(out)-2:])
	}
	e.scan(cmd, out)
	return append(dst, out...), nil
}

func (e *episode) scan(cmd, out []byte) {
	if name := e.watch.leaked(out); name != "" {
		e.fail("%X: %s in %X", cmd, name, out)
	}
}

func (e *episode) note(cmd, out []byte) {
	e.log[e.logged%len(e.log)] = fmt.Sprintf("%.600X -> %.80X", cmd, out)
	e.logged++
}

func (e *episode) tail() string {
	var b strings.Builder
	for i := max(0, e.logged-len(e.log)); i < e.logged; i++ {
		b.WriteString(e.log[i%len(e.log)] + "\n")
	}
	return b.String()
}

// through opens a channel and sends sequences through it.
func (e *episode) through() {
	o := pick(e.r, []opening{
		{keys: &e.issuer03}, {keys: &e.issuer03}, {keys: &e.issuer02}, {keys: &e.provider}, {keys: &e.carrier}, {keys: &freshSets[e.r.IntN(3)]}})
	switch o.keys {
	case &e.provider:
		o.aid = domains[1]
	case &e.carrier:
		o.aid = domains[2]
	case &e.issuer02, &e.issuer03:
		o.aid = pick(e.r, domains[:1])
		if e.r.IntN(4) == 0 {
			o.aid = domains[3]
		}
	default:
		o.aid = pick(e.r, domains)
	}
	o.level, o.seed = pick(e.r, []scp.Level{1, 3, 0x11, 0x13, 0x33}), e.r.Uint64()
	if o.keys.Version>>4 == 2 {
		o.level &= 3
	}
	if e.r.IntN(4) == 0 {
		o.channel = byte(1 + e.r.IntN(3))
		e.send([]byte{0, 0x70, 0, o.channel})
	}
	s, err := e.open(e.edge, o)
	if err != nil {
		return
	}
	e.sessions++
	for range 1 + e.r.IntN(3) {
		for _, cmd := range pick(e.r, management)(e.r, s) {
			if cmd = e.altered(cmd); !e.wrap(s, cmd) {
				return
			}
		}
	}
	s.Host.Close()
}

// wrap sends a command through a channel; false: the channel is at its end.
func (e *episode) wrap(s *scp.Secured, cmd []byte) bool {
	if len(cmd) < 4 || !scp.PlainClass(cmd[0]) {
		return true
	}
	if cmd[1] == 0xE8 {
		e.loaded = true
	}
	e.watch.sent(cmd)
	wrapped, err := s.Host.Wrap(nil, cmd)
	if err != nil {
		return true
	}
	if e.r.IntN(60) == 0 {
		wrapped = mutateOnce(e.r, wrapped)
		if e.r.IntN(2) == 0 {
			e.send(wrapped)
			return false
		}
	}
	if _, err := apdu.DecodeCommand(wrapped); err != nil {
		return false
	}
	e.wrapped++
	out, err := s.Card.Transmit(ctx, wrapped, nil)
	if err != nil || string(out) == "\x69\x82" {
		return false
	}
	plain, err := s.Host.Unwrap(nil, out)
	if err != nil {
		return false
	}
	e.scan(cmd, plain)
	if sw := plain[len(plain)-2:]; len(plain) > 2 && string(sw) == "\x63\x10" && cmd[1] == 0xF2 {
		return e.wrap(s, []byte{cmd[0], 0xF2, cmd[2], cmd[3] | 1, 2, 0x4F, 0, 0})
	}
	return true
}
