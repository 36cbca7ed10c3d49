package jpki_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/applets/jpki"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
	"inkan/sim/runtime/bare"
	"inkan/sim/vm"
)

var ctx = context.Background()

// Protocols of the test cards.
const (
	contact     = 0x01 // T=1
	contactless = runtime.MediaContactlessA | 0x01
)

// rig is a bare card with the application, and who speaks with it.
type rig struct {
	testing.TB
	card  *bare.Card
	flash *nvm.Flash
	clock *clock.Clock
	opt   options
	sent  *[][]byte // responses, where they are kept
}

// options are what a rig is made of.
type options struct {
	parameters  string // install parameters in hex
	noAuthority bool
	protocol    byte // 0: contact
	scp02       bool
	choices     runtime.Options
	journal     uint32 // bytes; 0: the machine's default
}

const (
	simForm  = ""
	cardForm = "810103"
)

// loaded is the memory of a card with the package and no instance.
var loaded = sync.OnceValues(func() (*nvm.Flash, error) { return load(0) })

func load(journal uint32) (*nvm.Flash, error) {
	k := new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		return nil, err
	}
	card, err := bare.New(bare.Config{Clock: k, Flash: flash, Machine: vm.Config{JournalBytes: journal}})
	if err != nil {
		return nil, err
	}
	_, err = card.Load(jpki.CAP)
	return flash, err
}

// boot powers a card on a copy of a memory.
func boot(t testing.TB, opt options, flash *nvm.Flash) *rig {
	t.Helper()
	k := new(clock.Clock)
	r := &rig{TB: t, clock: k, opt: opt, flash: flash.ForkOn(k, nil)}
	cfg := bare.Config{Clock: k, Flash: r.flash, Protocol: contact, Options: opt.choices, Channels: 1,
		Authority: &bare.Authority{Off: opt.noAuthority}, Entropy: entropy.Seeded(7, "jpki test"),
		Machine: vm.Config{JournalBytes: opt.journal}}
	if opt.protocol != 0 {
		cfg.Protocol = opt.protocol
	}
	if opt.scp02 {
		cfg.SCP = gp.SCP02
	}
	card, err := bare.New(cfg)
	if err != nil {
		t.Fatalf("boot: %v", err)
	}
	r.card = card
	return r
}

// blank is a card with the package only.
func blank(t testing.TB, opt options) *rig {
	t.Helper()
	flash, err := loaded()
	if opt.journal != 0 { // the memory is laid out otherwise
		flash, err = load(opt.journal)
	}
	if err != nil {
		t.Fatal(err)
	}
	return boot(t, opt, flash)
}

// install makes an instance; the error is that of the installation.
func (r *rig) install() error {
	r.Helper()
	_, err := r.card.Install(vocabulary.AIDPackage.Append(nil), vocabulary.AIDModule.Append(nil),
		vocabulary.AIDInstance.Append(nil), unhex(r, r.opt.parameters))
	return err
}

// newRig is a card with an instance that is selected.
func newRig(t testing.TB, opt options) *rig {
	t.Helper()
	r := blank(t, opt)
	if err := r.install(); err != nil {
		t.Fatalf("install %s: %v", opt.parameters, err)
	}
	r.selectApplication()
	return r
}

// again is another card with a copy of the memory, after a reset.
func (r *rig) again() *rig {
	r.Helper()
	return boot(r.TB, r.opt, r.flash)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return b
}

// send sends a command and takes the response apart.
func (r *rig) send(cmd []byte) ([]byte, iso7816.SW) {
	r.Helper()
	out, err := r.card.Transmit(ctx, cmd, nil)
	if err != nil {
		r.Fatalf("%X: %v", cmd, err)
	}
	if r.sent != nil {
		*r.sent = append(*r.sent, bytes.Clone(out))
	}
	a, err := apdu.DecodeResponse(out)
	if err != nil {
		r.Fatalf("%X: %X", cmd, out)
	}
	return a.Data, a.SW
}

// get sends a command in hex that has to be answered 9000, and gives the data.
func (r *rig) get(cmd string) []byte {
	r.Helper()
	data, sw := r.send(unhex(r, cmd))
	if sw != iso7816.OK {
		r.Fatalf("%s: %v, want 9000", cmd, sw)
	}
	return data
}

// want sends a command in hex and compares the response, in hex.
func (r *rig) want(cmd, response string) {
	r.Helper()
	data, sw := r.send(unhex(r, cmd))
	got := strings.ToUpper(hex.EncodeToString(append(data, sw.SW1(), sw.SW2())))
	if want := strings.ToUpper(strings.ReplaceAll(response, " ", "")); got != want {
		r.Fatalf("%s: %s, want %s", cmd, got, want)
	}
}

// exchanges are lines "command -> response".
func (r *rig) exchanges(script string) {
	r.Helper()
	for line := range strings.Lines(script) {
		line, _, _ = strings.Cut(line, "#")
		if cmd, response, ok := strings.Cut(line, "->"); ok {
			r.want(strings.TrimSpace(cmd), strings.TrimSpace(response))
		} else if strings.TrimSpace(line) != "" {
			r.Fatalf("no exchange: %s", line)
		}
	}
}

const (
	selectName   = "00A4040C0AD392F000260100000001"
	selectDomain = "00A4040000"
)

func (r *rig) selectApplication() { r.Helper(); r.want(selectName, "9000") }

// reset takes the power away and gives it again.
func (r *rig) reset() {
	r.Helper()
	if _, err := r.card.Reset(ctx, false); err != nil {
		r.Fatalf("reset: %v", err)
	}
}

// over says by what protocol the next commands come.
func (r *rig) over(protocol byte) {
	r.Helper()
	if err := r.card.Interface(protocol); err != nil {
		r.Fatal(err)
	}
}

var testKeys = func() *scp.KeySet {
	key := make([]byte, 16)
	for i := range key {
		key[i] = 0x40 + byte(i)
	}
	return &scp.KeySet{Version: 0x30, Enc: key, MAC: key, DEK: key}
}()

// open opens a secure channel with who is selected.
func (r *rig) open(level scp.Level) apdu.Card {
	r.Helper()
	if r.opt.scp02 {
		return r.openSCP02(level)
	}
	host, err := scp03.Open(ctx, r.card, scp03.HostConfig{Level: level, AID: gp.AIDIssuerSecurityDomain.Append(nil),
		Entropy: entropy.Seeded(1, "host"), Keys: func(*scp03.InitializeUpdateResponse) (*scp.KeySet, error) { return testKeys, nil }})
	if err != nil {
		r.Fatalf("open: %v", err)
	}
	return &scp.Secured{Host: host, Card: r.card}
}

// openSCP02 is open on a card with SCP02, which has no R-MAC.
func (r *rig) openSCP02(level scp.Level) apdu.Card {
	r.Helper()
	keys := *testKeys
	keys.Version = 0x20
	host, err := scp02.Open(ctx, r.card, scp02.HostConfig{Options: 0x55, Level: level, Entropy: entropy.Seeded(1, "host"),
		Keys: func(*scp02.InitializeUpdateResponse) (*scp.KeySet, error) { return &keys, nil }})
	if err != nil {
		r.Fatalf("open: %v", err)
	}
	return &scp.Secured{Host: host, Card: r.card}
}

// own opens a session that the application opens itself.
func (r *rig) own(level scp.Level) apdu.Card {
	r.Helper()
	r.selectApplication()
	return r.open(level)
}

// domain opens a session of the security domain that forwards to the application.
func (r *rig) domain(level scp.Level) apdu.Card {
	r.Helper()
	r.get(selectDomain)
	card := r.open(level)
	r.name(card)
	return card
}

// name is INSTALL [for personalization].
func (r *rig) name(card apdu.Card) {
	r.Helper()
	if _, err := gp.Exchange(ctx, card, gp.Install{Purpose: gp.ForPersonalization, Application: vocabulary.AIDInstance}, nil); err != nil {
		r.Fatalf("INSTALL [for personalization]: %v", err)
	}
}

// store sends one STORE DATA.
func store(t testing.TB, card apdu.Card, p1, p2 byte, data []byte) ([]byte, iso7816.SW) {
	t.Helper()
	cmd := append([]byte{0x80, 0xE2, p1, p2, byte(len(data))}, data...)
	out, err := card.Transmit(ctx, append(cmd, 0), nil)
	if err != nil {
		var sw iso7816.SW
		if errors.As(err, &sw) {
			return nil, sw
		}
		t.Fatalf("STORE DATA %02X%02X: %v", p1, p2, err)
	}
	a, err := apdu.DecodeResponse(out)
	if err != nil {
		t.Fatalf("STORE DATA: %X", out)
	}
	return a.Data, a.SW
}

// dgi is a data group, with its value in hex.
func dgi(t testing.TB, id uint16, value string) []byte {
	t.Helper()
	return group(id, unhex(t, value))
}

// group is a data group.
func group(id uint16, value []byte) []byte {
	b := []byte{byte(id >> 8), byte(id)}
	if len(value) < 255 {
		b = append(b, byte(len(value)))
	} else {
		b = append(b, 0xFF, byte(len(value)>>8), byte(len(value)))
	}
	return append(b, value...)
}

// each runs a test on both forms.
func each(t *testing.T, run func(t *testing.T, form string)) {
	for name, form := range map[string]string{"SIM": simForm, "card": cardForm} {
		t.Run(name, func(t *testing.T) { run(t, form) })
	}
}

func fmtHex(b []byte) string { return fmt.Sprintf("%X", b) }
