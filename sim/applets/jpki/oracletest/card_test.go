package oracletest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/core/jpki/oracle"
	"inkan/core/scp"
	"inkan/sim/applets/jpki"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime/bare"
)

var (
	ctx = context.Background()

	instanceAID = []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}
	packageAID  = []byte("\xF0inkanJP")
	moduleAID   = append(bytes.Clone(packageAID), 1)
)

// loadedFile is the hash of the load file on the cards.
var loadedFile = sync.OnceValue(func() [32]byte {
	f, err := cap.Open(jpki.CAP)
	if err != nil {
		panic(err)
	}
	return sha256.Sum256(f.LoadFile(nil, true))
})

// setting is an instance to walk on.
type setting struct {
	name       string
	parameters []byte
	authority  bool // the card has one
	protocol   byte // of contact
}

// media is the contactless interface of the cards.
const media = 0x81

// protocolT1 and media bits as APDU.getProtocol shows them.
const protocolT1 = 1

// loaded is the memory of a card with the package and no instance.
var loaded = sync.OnceValues(func() (*nvm.Flash, error) {
	flash, err := nvm.NewFlash(engine.Reference().NVM, new(clock.Clock), nil)
	if err != nil {
		return nil, err
	}
	card, err := bare.New(bare.Config{Clock: new(clock.Clock), Flash: flash})
	if err != nil {
		return nil, err
	}
	if _, err := card.Load(jpki.CAP); err != nil {
		return nil, err
	}
	return flash, nil
})

// boot powers a card on a copy of a memory; number makes its random source
// another one.
func (s *setting) boot(flash *nvm.Flash, number int) (*bare.Card, error) {
	k := new(clock.Clock)
	return bare.New(bare.Config{Clock: k, Flash: flash.ForkOn(k, nil), Protocol: s.protocol,
		Authority: &bare.Authority{Off: !s.authority}, Entropy: entropy.Seeded(uint64(number), "oracletest "+s.name)})
}

// install makes an instance; the error is that of the installation.
func (s *setting) install() (*bare.Card, error) {
	flash, err := loaded()
	if err != nil {
		return nil, err
	}
	card, err := s.boot(flash, 0)
	if err != nil {
		return nil, err
	}
	_, err = card.Install(packageAID, moduleAID, instanceAID, s.parameters)
	return card, err
}

// fatal is what a driver needs of a test.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// driver sends commands to the card and compares with the model: with all
// states that it may be in, which are several after a power cut only.
type driver struct {
	t       fatal
	setting *setting
	card    *bare.Card
	states  []*oracle.Model
	boots   int

	host    scp.Host // nil: no session
	own     bool     // the session is the application's own, else the domain's
	named   bool     // the domain forwards to the application
	applied bool     // the application is selected, as far as the host knows
	none    bool     // nothing is selected
	over    bool     // commands come over contactless

	secrets [][]byte // planted so far
	log     []string
	covered *coverage
	count   int

	lastSW       iso7816.SW // of a command in the open
	lastEnvelope []byte     // that was sent

	cut    *cut // a power cut to come; nil: none
	wasCut bool // the last command was
}

// newDriver installs an instance and its model.
func newDriver(t fatal, s *setting, covered *coverage) *driver {
	t.Helper()
	card, err := s.install()
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	model, err := oracle.New(s.parameters, oracle.Environment{AID: instanceAID, LoadFile: loadedFile(), Authority: card.AuthorityKey(), CA: contentKeys(), T0: s.protocol == 0})
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return &driver{t: t, setting: s, card: card, states: []*oracle.Model{model}, covered: covered}
}

// model is one of the states.
func (d *driver) model() *oracle.Model { return d.states[0] }

// fail ends the test with all commands so far.
func (d *driver) fail(format string, args ...any) {
	d.t.Helper()
	d.t.Fatalf("%s: %s\ncommands:\n%s", d.setting.name, fmt.Sprintf(format, args...), strings.Join(d.log, "\n"))
}

func (d *driver) note(format string, args ...any) {
	d.log = append(d.log, fmt.Sprintf(format, args...))
}

// each tells all states of an event.
func (d *driver) each(event func(*oracle.Model)) {
	for _, m := range d.states {
		event(m)
	}
}

// settle keeps the states that expected a response, and what comes after them.
func (d *driver) settle(what string, expected []*oracle.Expected, response []byte) {
	d.t.Helper()
	var next []*oracle.Model
	var errs []string
	exact := false
	for i, e := range expected {
		if err := e.Match(response); err != nil {
			errs = append(errs, err.Error())
			continue
		}
		d.covered.transition(d.states[i], e.Next)
		next = append(next, e.Next)
		exact = exact || e.Exact()
	}
	if len(next) == 0 {
		d.fail("%s: answered %X\n%s", what, response, strings.Join(errs, "\n"))
	}
	d.states = next
	if !exact {
		d.leaks(what, response)
	}
	d.count++
}

// transmit sends bytes as they are. A response of nil: the power was cut.
func (d *driver) transmit(raw []byte) []byte {
	d.t.Helper()
	c := d.cut
	if c != nil && c.skip > 0 {
		c.skip--
		c = nil
	}
	if c != nil {
		if !c.exact {
			d.cut = nil
		}
		c.begin(d.card)
	}
	response, err := d.card.Transmit(ctx, raw, nil)
	if c != nil && c.end(d) {
		d.cut = nil
		return nil
	}
	if err != nil {
		d.fail("%X: %v", raw, err)
	}
	return response
}

// send sends a command APDU in the open and compares.
func (d *driver) send(raw []byte) {
	d.t.Helper()
	var expected []*oracle.Expected
	for _, m := range d.states {
		expected = append(expected, m.Step(raw))
	}
	d.note("%s%X", d.where(), raw)
	response := d.transmit(raw)
	if response == nil {
		d.torn(expected)
		d.query()
		return
	}
	d.note("    %X", response)
	d.settle(fmt.Sprintf("%X", raw), expected, response)
	d.covered.edge(response)
	d.lastSW = sw(response)
	if len(raw) > 4 && raw[0] == 0 && raw[1] == 0xA4 && raw[2] == 4 && (sw(response) == iso7816.OK || sw(response) == iso7816.AppletSelectFailed) {
		d.forgetSelection() // a selection ends the session
		d.applied = sw(response) == iso7816.OK
		d.none = !d.applied
	}
}

func (d *driver) where() string {
	if d.over {
		return "~ " // contactless
	}
	return "> "
}

// reset resets the card, warm.
func (d *driver) reset() {
	d.t.Helper()
	if _, err := d.card.Reset(ctx, true); err != nil {
		d.fail("reset: %v", err)
	}
	d.note("reset")
	d.forget()
	d.each(func(m *oracle.Model) { m.Reset(false) })
}

// forget is what the host knows no more after a reset.
func (d *driver) forget() {
	d.forgetSelection()
	d.over = false
}

// forgetSelection is what the host knows no more after a selection.
func (d *driver) forgetSelection() {
	d.host, d.own, d.named, d.applied, d.none = nil, false, false, false, false
}

// media switches the interface.
func (d *driver) media(contactless bool) {
	d.t.Helper()
	p := d.setting.protocol
	if contactless {
		p = media
	}
	if err := d.card.Interface(p); err != nil {
		d.fail("%v", err)
	}
	d.note("interface %02X", p)
	d.over = contactless
	d.each(func(m *oracle.Model) { m.Interface(contactless) })
}

// leaks looks for what may not be in a response that the card chose.
// Spec: SPEC-JPKI-AP-090.
func (d *driver) leaks(what string, response []byte) {
	d.t.Helper()
	for _, s := range d.secrets {
		run := min(8, len(s))
		for i := 0; i+run <= len(s); i++ {
			if bytes.Contains(response, s[i:i+run]) {
				d.fail("%s: the response has %d bytes of a secret of %d: %X", what, run, len(s), response)
			}
		}
	}
}

// plant remembers a secret, unless it is too short to be recognised.
func (d *driver) plant(secret []byte) []byte {
	if len(secret) < 4 {
		return secret
	}
	for _, s := range d.secrets {
		if bytes.Equal(s, secret) {
			return secret
		}
	}
	d.secrets = append(d.secrets, bytes.Clone(secret))
	return secret
}
