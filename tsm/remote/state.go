package remote

import (
	"slices"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/wire"
	"inkan/tsm/store/codec"
)

const formatRun = "script run"

// record is a run as it is encoded.
type record struct{ *Run }

// Format implements codec.Row.
func (record) Format() string { return formatRun }

// Version implements codec.Row.
func (record) Version() byte { return 2 }

// Append appends the run's encoding. The error is that of a value without one.
// Spec: SPEC-SCRIPTS-002.
func (r *Run) Append(dst []byte) ([]byte, error) {
	size := 1024
	for i := range r.commands {
		size += len(r.commands[i].APDU) + 32
	}
	for _, a := range r.answers {
		size += len(a) + 4
	}
	for i := range r.session.log {
		size += len(r.session.log[i].answer) + 8
	}
	return codec.Append(slices.Grow(dst, size), record{r})
}

// Parse reads a run, which borrows from b. Errors are *wire.DecodeError.
// Spec: SPEC-SCRIPTS-002, SPEC-SCRIPTS-003.
func Parse(b []byte) (*Run, error) {
	r := new(Run)
	if err := codec.Borrow(b, record{r}); err != nil {
		return nil, err
	}
	if why := r.check(); why != "" {
		return nil, &wire.DecodeError{Format: formatRun, Path: why, Offset: len(b), Want: "a state that a run can be in", Got: "another"}
	}
	return r, nil
}

// Fields implements codec.Row.
func (x record) Fields(f *codec.Fields) {
	r := x.Run
	domainFields(f, &r.domain)
	codec.List(f, "commands", &r.commands, commandFields)
	codec.Enum(f, "state", &r.outcome.State, Running, Lost)
	number(f, "outcome index", &r.outcome.Index)
	word(f, "outcome SW", &r.outcome.SW)
	f.Byte("outcome packet", (*byte)(&r.outcome.Packet))
	for path, p := range r.numbers() {
		number(f, path, p)
	}
	codec.List(f, "answers", &r.answers, func(f *codec.Fields, b *[]byte) { f.Bytes("answer", b) })
	codec.Enum(f, "place", &r.place, nowhere, inSession)
	codec.Enum(f, "doubt", &r.doubt, nowhere, inSession)
	f.Byte("setbacks", &r.setbacks)
	f.Byte("low", &r.low)
	flightFields(f, "flight", &r.flight)
	flightFields(f, "kept", &r.kept)
	f.Bool("asked", &r.asked)
	sessionFields(f, &r.session)
}

// numbers are the run's places in its commands, in the order of the encoding.
func (r *Run) numbers() func(yield func(string, *int) bool) {
	return func(yield func(string, *int) bool) {
		_ = yield("first", &r.first) && yield("next", &r.next) && yield("unknown", &r.unknown) && yield("redo", &r.redo) && yield("high", &r.high) && yield("try", &r.try) &&
			yield("taken packets", &r.taken[forPackets]) && yield("taken channels", &r.taken[forChannels])
	}
}

// number is a place in the commands, two bytes.
func number(f *codec.Fields, path string, v *int) {
	high, low := byte(*v>>8), byte(*v)
	f.Byte(path, &high)
	f.Byte(path, &low)
	*v = int(high)<<8 | int(low)
}

func word(f *codec.Fields, path string, sw *iso7816.SW) {
	n := int(*sw)
	number(f, path, &n)
	*sw = iso7816.SW(n)
}

func domainFields(f *codec.Fields, d *Domain) {
	aid := d.AID.Append(nil)
	f.Bytes("AID", &aid)
	d.AID, _ = gp.NewAID(aid) // check finds one that is none
	f.Raw("TAR", d.TAR[:])
	spi := iso7816.SW(d.SPI)
	word(f, "SPI", &spi)
	d.SPI = scp80.SPI(spi)
	codec.Enum(f, "format", &d.Format, 0, scripts.Expanded)
	number(f, "block", &d.BlockBytes)
	number(f, "parts", &d.Parts)
	d.PacketKeys.Fields(f, "packet keys")
	f.Byte("options", &d.Options)
	f.Byte("level", (*byte)(&d.Level))
	d.ChannelKeys.Fields(f, "channel keys")
	f.Bool("inherited", &d.Inherited)
	number(f, "data", &d.MaxData)
	number(f, "script commands", &d.Commands)
	number(f, "script bytes", &d.Bytes)
}

func commandFields(f *codec.Fields, c *Command) {
	f.Bytes("command", &c.APDU)
	put := c.Put != nil
	f.Bool("puts", &put)
	if put {
		if c.Put == nil {
			c.Put = new(PutKeys)
		}
		c.Put.Keys.Fields(f, "put keys")
		f.Byte("replaced", &c.Put.Replaced)
	}
	codec.List(f, "accepted", &c.Accept, func(f *codec.Fields, sw *iso7816.SW) { word(f, "accepted", sw) })
	f.Bool("repeat", &c.Repeat)
}

func flightFields(f *codec.Fields, path string, l *flight) {
	codec.Enum(f, path+" kind", &l.kind, nothing, exchange)
	f.Bool(path+" audit", &l.audit)
	number(f, path+" from", &l.from)
	number(f, path+" to", &l.to)
	number(f, path+" named", &l.named)
	f.Uint64(path+" counter", &l.counter)
	number(f, path+" put", &l.put)
}

func sessionFields(f *codec.Fields, s *session) {
	number(f, "session put", &s.put)
	f.Raw("challenge", s.challenge[:])
	f.Bytes("greeting", &s.greeting)
	f.Bool("authenticated", &s.authenticated)
	codec.List(f, "log", &s.log, func(f *codec.Fields, l *logged) {
		f.Bool("log audit", &l.audit)
		number(f, "log index", &l.index)
		f.Bytes("log answer", &l.answer)
	})
}

// check finds what no run can be; empty: nothing. Spec: SPEC-SCRIPTS-003.
func (r *Run) check() string {
	full, err := r.domain.withDefaults()
	if err != nil || full.MaxData != r.domain.MaxData || full.Commands != r.domain.Commands || full.Bytes != r.domain.Bytes || full.Parts != r.domain.Parts || full.SPI != r.domain.SPI {
		return "domain"
	}
	if len(r.commands) > MaxRun {
		return "commands"
	}
	if r.steps, err = steps(r.commands); err != nil {
		return "commands"
	}
	n := len(r.commands)
	switch {
	case r.first > r.next || r.next > n || r.unknown < r.next || r.unknown > n || r.redo > n || r.high < r.next || r.high > n || len(r.answers) != r.next || r.outcome.Index > n || r.outcome.State != Running && r.outcome.Index < r.first:
		return "place"
	case r.setbacks > maxSetbacks+1 || r.low > maxLow+1:
		return "setbacks"
	case r.outcome.State != Running && (r.flight.kind != nothing || r.kept.kind != nothing):
		return "flight of a run that has ended"
	}
	for _, a := range r.answers {
		if len(a) < 2 {
			return "answers"
		}
	}
	for _, p := range []int{r.taken[forPackets], r.taken[forChannels], r.try, r.session.put, r.flight.put, r.kept.put} {
		if p > n || p > 0 && r.commands[p-1].Put == nil {
			return "put keys"
		}
	}
	if !r.sound(&r.flight) || !r.sound(&r.kept) {
		return "flight"
	}
	return r.checkSession()
}

// sound tells whether a script can be on its way.
func (r *Run) sound(f *flight) bool {
	n := len(r.commands)
	switch {
	case f.from > n || f.to > n || f.named > n || f.named > 0 && r.steps[f.named-1].kind != names:
		return false
	case f.kind == nothing || f.kind == greeting:
		return f.counter == 0 && f.from == 0 && f.to == 0 && f.named == 0 && f.put == 0 && !f.audit
	case f.kind == packet && (r.domain.PacketKeys.Zero() || f.counter > scp80.MaxCounter):
		return false
	case f.kind == exchange && (f.counter != 0 || f.put != 0 || !r.session.begun()):
		return false
	case f.audit:
		last := f.kind == exchange && f.from == n && r.owed() < r.next
		return f.from == f.to && f.named == 0 && (last || f.from < n && r.asks(f.from))
	}
	return f.from == r.next && f.to > f.from && f.put == 0
}

// asks tells whether there is a question what became of a command.
func (r *Run) asks(i int) bool {
	switch r.steps[i].kind {
	case makes, deletes, loadEnd, puts:
		return true
	}
	return false
}

func (r *Run) checkSession() string {
	s := &r.session
	if s.begun() && r.domain.ChannelKeys.Zero() || s.authenticated && !s.begun() || len(s.log) > 0 && !s.authenticated || r.domain.Level&scp.CMAC == 0 && s.begun() {
		return "session"
	}
	for i := range s.log {
		l := &s.log[i]
		if last := l.audit && l.index == len(r.commands); len(l.answer) < 2 || !last && (l.index >= len(r.commands) || l.audit && !r.asks(l.index)) {
			return "session log"
		}
	}
	return ""
}
