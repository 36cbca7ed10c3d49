package basic_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki/basic"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/sim/applets/basic"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
	"inkan/sim/runtime/bare"
)

var ctx = context.Background()

// Protocols of the test cards.
const (
	contact     = 0x01
	contactless = runtime.MediaContactlessB | 0x01
)

// fatal is what testing.TB and *rapid.T have in common.
type fatal interface {
	Helper()
	Fatalf(string, ...any)
}

// rig is a bare card with both applications.
type rig struct {
	fatal
	card  *bare.Card
	flash *nvm.Flash
	clock *clock.Clock
}

// installed is the memory of a card with the package and both instances.
var installed = sync.OnceValues(func() (*nvm.Flash, error) {
	k := new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		return nil, err
	}
	card, err := bare.New(bare.Config{Clock: k, Flash: flash, Protocol: contact})
	if err != nil {
		return nil, err
	}
	if _, err := card.Load(basic.CAP); err != nil {
		return nil, err
	}
	for _, i := range [][2]gp.AID{{vocabulary.AIDCommonModule, vocabulary.AIDCommon}, {vocabulary.AIDTextModule, vocabulary.AIDText}} {
		if _, err := card.Install(vocabulary.AIDPackage.Append(nil), i[0].Append(nil), i[1].Append(nil), nil); err != nil {
			return nil, err
		}
	}
	return flash, nil
})

// boot powers a card on a copy of a memory.
func boot(t fatal, flash *nvm.Flash, protocol byte) *rig {
	t.Helper()
	k := new(clock.Clock)
	r := &rig{fatal: t, clock: k, flash: flash.ForkOn(k, nil)}
	var err error
	r.card, err = bare.New(bare.Config{Clock: k, Flash: r.flash, Protocol: protocol, Channels: 1, Entropy: entropy.Seeded(7, "basic test")})
	if err != nil {
		t.Fatalf("boot: %v", err)
	}
	return r
}

// newRig is a card with both applications and nothing in them.
func newRig(t fatal) *rig {
	t.Helper()
	flash, err := installed()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return boot(t, flash, contact)
}

// transmit sends a command and gives response data and status word.
func (r *rig) transmit(cmd []byte) ([]byte, iso7816.SW) {
	r.Helper()
	out, err := r.card.Transmit(ctx, cmd, nil)
	if err != nil {
		r.Fatalf("%X: %v", cmd, err)
	}
	a, err := apdu.DecodeResponse(out)
	if err != nil {
		r.Fatalf("%X: %v", cmd, err)
	}
	return a.Data, a.SW
}

// want sends a command in hex and compares the response, data and status word.
func (r *rig) want(command, response string) {
	r.Helper()
	cmd, err := hex.DecodeString(strings.ReplaceAll(command, " ", ""))
	if err != nil {
		r.Fatalf("%s: %v", command, err)
	}
	data, sw := r.transmit(cmd)
	got := strings.ToUpper(hex.EncodeToString(append(data, sw.SW1(), sw.SW2())))
	if got != strings.ReplaceAll(response, " ", "") {
		r.Fatalf("%s: %s, want %s", command, got, response)
	}
}

const (
	selectCommon = "00A4040C0AD3921000310001010100"
	selectText   = "00A4040C0AD3921000310001010408"
)

// full is the level that the applications ask for and more.
const full = scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption

// personaliser opens the domain's channel and has it forward to an application.
func (r *rig) personaliser(to gp.AID, level scp.Level) apdu.Card {
	r.Helper()
	if _, err := gp.Exchange(ctx, r.card, gp.Select{}, nil); err != nil {
		r.Fatalf("SELECT of the domain: %v", err)
	}
	key := make([]byte, 16)
	for i := range key {
		key[i] = 0x40 + byte(i)
	}
	host, err := scp03.Open(ctx, r.card, scp03.HostConfig{Level: level, Entropy: entropy.Seeded(1, "host"), KeyVersion: 0x30,
		Keys: scp03.FixedKeys(&scp.KeySet{Version: 0x30, Enc: key, MAC: key, DEK: key})})
	if err != nil {
		r.Fatalf("open: %v", err)
	}
	secured := &scp.Secured{Host: host, Card: r.card}
	if _, err := gp.Exchange(ctx, secured, gp.Install{Purpose: gp.ForPersonalization, Application: to}, nil); err != nil {
		r.Fatalf("INSTALL [for personalization]: %v", err)
	}
	return secured
}

// block is STORE DATA with any P1 P2.
type block struct {
	p1, p2 byte
	data   []byte
}

// APDU implements gp.Command.
func (b block) APDU([]byte) (apdu.Command, error) {
	return apdu.Command{CLA: 0x80, INS: 0xE2, P1: b.p1, P2: b.p2, Data: b.data}, nil
}

// status sends a command and gives its status word.
func (r *rig) status(card apdu.Card, cmd gp.Command) iso7816.SW {
	r.Helper()
	_, err := gp.Exchange(ctx, card, cmd, nil)
	var sw iso7816.SW
	if err == nil {
		return iso7816.OK
	}
	if !errors.As(err, &sw) {
		r.Fatalf("%v: %v", cmd, err)
	}
	return sw
}

// store sends data groups to an application, in blocks of a size, and gives the
// last status word.
func (r *rig) store(to gp.AID, d *vocabulary.Data, size int) iso7816.SW {
	r.Helper()
	card := r.personaliser(to, full)
	blocks, err := d.Blocks(size)
	if err != nil {
		r.Fatalf("%v", err)
	}
	for b := range blocks {
		if sw := r.status(card, b); sw != iso7816.OK {
			return sw
		}
	}
	return iso7816.OK
}

// Contents of the test cards; longer ones need lengths of three bytes.
var (
	aRecord      = []byte("\x01\x1C1234567890123451310120350401")
	aNumber      = []byte("\xFF\x10\x0C537686677188\xFF\xFF")
	anAttribute  = []byte(strings.Repeat("the holder's name and address; ", 20))
	aDigest      = []byte(strings.Repeat("digest and signature ", 17))
	information  = []byte("what the application is")
	aPIN, aCodeA = []byte("4711"), []byte("537686677188")
	aCodeB       = []byte("80021720351234")
)

func textData() *vocabulary.Data {
	return new(vocabulary.Data).Put(vocabulary.EFNumber, aNumber).Put(vocabulary.EFAttributes, anAttribute).
		Put(vocabulary.EFDigests, aDigest).Put(vocabulary.EFInformation, information).
		Put(vocabulary.EFPIN, aPIN).Put(vocabulary.EFCodeA, aCodeA).Put(vocabulary.EFCodeB, aCodeB)
}

func commonData() *vocabulary.Data { return new(vocabulary.Data).Put(vocabulary.EFCard, aRecord) }

// personalised is the memory of a card with everything in it.
var personalised = sync.OnceValues(func() (*nvm.Flash, error) {
	t := &failure{}
	r := newRig(t)
	if r.store(vocabulary.AIDCommon, commonData(), 200) != iso7816.OK || r.store(vocabulary.AIDText, textData(), 200) != iso7816.OK {
		return nil, errors.New("personalisation fails")
	}
	return r.flash, t.err
})

// failure keeps an error where there is no test.
type failure struct{ err error }

func (f *failure) Helper()                   {}
func (f *failure) Fatalf(s string, _ ...any) { f.err = errors.New(s) }

// full card, nothing selected but the domain.
func issued(t fatal, protocol byte) *rig {
	t.Helper()
	flash, err := personalised()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return boot(t, flash, protocol)
}

var _ fatal = testing.TB(nil)
