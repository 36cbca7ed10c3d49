// Package storm_test attacks the card operating system with all that it can carry:
// random and mutated commands in clear, through secure channels and over the air,
// an oracle of the card's edge, and power cuts in content management.
//
// It must not know anything of the card but its edge, its memory and what a host
// can ask. It tests spec/UICC-OS.md, spec/RUNTIME.md and spec/USIM.md.
package storm_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	"inkan/core/uicc"
	"inkan/core/uicc/milenage"
	"inkan/sim/applets/aram"
	"inkan/sim/applets/hoard"
	jpkiapplet "inkan/sim/applets/jpki"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	cardos "inkan/sim/os"
	"inkan/sim/usim"
)

var ctx = context.Background()

// Names on the card beside the standard's.
var (
	carrierDomain   = gp.MustAID("A0000001515350AA01") // keys of its own, SCP02
	delegatedDomain = gp.MustAID("A0000001515350AA02") // the issuer's keys, Delegated Management
	corpusPackage   = gp.MustAID("F0696E6B616E430F")
	corpusModule    = gp.MustAID("F0696E6B616E430F01")
	usimAID         = gp.MustAID("A0000000871002FF49FF0589")
	bounded         = gp.MustAID("F0696E6B616E4844AA01") // instances of the hoard
	reserving       = gp.MustAID("F0696E6B616E4844AA02")
)

// world is a card with everything on it, and all secrets of those who made it.
type world struct {
	flash    *nvm.Flash
	blank    *nvm.Flash // before personalisation
	issuer03 scp.KeySet // of the issuer's domain
	issuer02 scp.KeySet
	provider scp.KeySet // of the domain that the JPKI application is in
	carrier  scp.KeySet
	ota      scp.KeySet // SCP80, AES
	ota3     scp.KeySet // SCP80, triple DES
	receipt  []byte
	signing  []byte // of the controlling authority
	agree    []byte
	auth     usim.Authentication
	canaries *canaries
}

// master is the card that every shard copies.
var master = sync.OnceValues(makeWorld)

func secret(label string, n int) []byte {
	b := make([]byte, n)
	entropy.Seeded(0x5EC2E7, label).Fill(b)
	return b
}

func secretSet(version byte, label string) scp.KeySet {
	return scp.KeySet{Version: version, Enc: secret(label+"/enc", 16), MAC: secret(label+"/mac", 16), DEK: secret(label+"/dek", 16)}
}

// Values that a holder types.
const (
	pin1, puk1 = "73915", "86420975"
	pin2, puk2 = "26184", "97531864"
	adm1       = "57208361"
	authPIN    = "5937"
	signPIN    = "QX83ZR71KM26WT94"
	authCode   = "AUTHCODE9281"
	signCode   = "SIGNCODE7734"
)

func makeWorld() (*world, error) {
	w := &world{issuer03: secretSet(0x30, "issuer03"), issuer02: secretSet(0x20, "issuer02"), provider: secretSet(0x38, "provider"),
		carrier: secretSet(0x21, "carrier"), ota: secretSet(0x01, "ota"), ota3: secretSet(0x02, "ota3"), receipt: secret("receipt", 16),
		signing: secret("casd/signing", 32), agree: secret("casd/agreement", 32), canaries: newCanaries()}
	copy(w.auth.K[:], secret("usim/k", 16))
	copy(w.auth.OPc[:], secret("usim/opc", 16))
	k := new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		return nil, err
	}
	w.flash = flash
	card, err := w.boot(flash, k, 0x01)
	if err != nil {
		return nil, err
	}
	if err := w.furnish(card); err != nil {
		return nil, err
	}
	w.blank = flash.ForkOn(new(clock.Clock), nil)
	if err := w.personalise(card); err != nil {
		return nil, err
	}
	w.plant()
	return w, nil
}

// boot powers a card on a memory.
func (w *world) boot(flash *nvm.Flash, k *clock.Clock, protocol byte) (*cardos.Card, error) {
	u, err := w.files()
	if err != nil {
		return nil, err
	}
	receipt := cardos.Key{Version: 0x71, ID: 1, Values: []gp.KeyValue{{Type: keys.AES, Value: w.receipt}}}
	var all []cardos.Key
	for _, set := range []*scp.KeySet{&w.issuer03, &w.ota} {
		all = append(all, cardos.KeySet(keys.AES, set)...)
	}
	for _, set := range []*scp.KeySet{&w.issuer02, &w.ota3} {
		all = append(all, cardos.KeySet(keys.DES, set)...)
	}
	return cardos.New(cardos.Config{Clock: k, Flash: flash, Entropy: entropy.Seeded(3, "storm card"), Protocol: protocol, Channels: 3,
		Contactless: true, State: gp.CardSecured, UICC: u, Policy: cardos.Policy{SeparateVersions: true},
		Issuer:    cardos.Issuer{Keys: append(all, receipt), IIN: []byte{0x44, 0x01, 0x10}, CIN: []byte{0x89, 0x81}},
		Authority: &cardos.Authority{Signature: w.signing, Agreement: w.agree},
		Remote:    []cardos.RemoteFiles{{TAR: scp80.TARFilesUICC}, {TAR: scp80.TARFilesUSIMADF, ADF: usimAID.Append(nil)}}})
}

func (w *world) files() (*usim.Config, error) {
	var pins []usim.PINConfig
	for _, p := range []struct {
		key        uicc.KeyReference
		value, puk string
		fixed      bool
	}{{uicc.PIN1, pin1, puk1, false}, {uicc.PIN2, pin2, puk2, true}, {uicc.ADM1, adm1, "", true}} {
		value, err := uicc.NewPIN(p.value)
		if err != nil {
			return nil, err
		}
		c := usim.PINConfig{Key: p.key, Value: value, Tries: 3, Fixed: p.fixed}
		if p.puk != "" {
			if c.PUK, err = uicc.NewPIN(p.puk); err != nil {
				return nil, err
			}
			c.PUKTries = 10
		}
		pins = append(pins, c)
	}
	p := usim.Profile{ICCID: "8981100000000000018", IMSI: "440101234567890", MNCDigits: 2, SMSC: "81903101652", Access: 1 << 3,
		USIM: usimAID.Append(nil), Label: "USIM", Languages: []string{"ja"}, PINs: pins}
	files, configs, err := p.Build()
	return &usim.Config{Files: files, PINs: configs, Authentication: &usim.Authentication{K: milenage.Block(w.auth.K), OPc: milenage.Block(w.auth.OPc)}}, err
}

// furnish loads and installs everything.
func (w *world) furnish(card *cardos.Card) error {
	host, err := w.open(card, opening{aid: gp.AIDIssuerSecurityDomain, keys: &w.issuer03, level: 0x33, seed: 1})
	if err != nil {
		return err
	}
	for _, d := range []struct {
		aid gp.AID
		p   gp.Privileges
	}{{jpki.AIDProviderDomain, gp.AuthorizedManagement}, {carrierDomain, 0}, {delegatedDomain, gp.DelegatedManagement}} {
		if _, err := gp.Exchange(ctx, host, domainInstall(d.aid, d.p), nil); err != nil {
			return fmt.Errorf("domain %v: %w", d.aid, err)
		}
	}
	for _, file := range [][]byte{aram.CAP, jpkiapplet.CAP, corpusCAP(), hoard.CAP} {
		if err := card.Load(file); err != nil {
			return err
		}
	}
	form := jpki.Defaults(jpki.FormCard)
	own, err := form.Append([]byte{})
	if err != nil {
		return err
	}
	parameters := gp.InstallParameters{ApplicationSpecific: own}
	encoded, err := parameters.Append(nil)
	if err != nil {
		return err
	}
	for _, a := range []struct {
		file, module, instance gp.AID
		parameters             []byte
	}{{aram.PackageAID, aram.ModuleAID, ara.AIDMaster, []byte{0xC9, 0}}, {jpki.AIDPackage, jpki.AIDModule, jpki.AIDInstance, encoded},
		{corpusPackage, corpusModule, corpusModule, []byte{0xC9, 0}}, {hoard.PackageAID, hoard.ModuleAID, bounded, hoardLimits[0]},
		{hoard.PackageAID, hoard.ModuleAID, reserving, hoardLimits[1]}} {
		if err := card.Install(a.file, a.module, a.instance, 0, a.parameters); err != nil {
			return fmt.Errorf("instance %v: %w", a.instance, err)
		}
	}
	for what, to := range map[gp.AID]gp.AID{jpki.AIDInstance: jpki.AIDProviderDomain, corpusModule: carrierDomain} {
		if _, err := gp.Exchange(ctx, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: to, Application: what}, nil); err != nil {
			return fmt.Errorf("extradition of %v: %w", what, err)
		}
	}
	for aid, set := range map[gp.AID]*scp.KeySet{jpki.AIDProviderDomain: &w.provider, carrierDomain: &w.carrier} {
		o := opening{aid: aid, keys: &w.issuer03, level: 0x33, seed: 2}
		kind := keys.AES
		if set == &w.carrier {
			o.keys, o.level, kind = &w.issuer02, 0x03, keys.DES
		}
		s, err := w.open(card, o)
		if err != nil {
			return err
		}
		put, err := putKeys(s, kind, 0, set)
		if err != nil {
			return err
		}
		if _, err := gp.Exchange(ctx, s, put, nil); err != nil {
			return fmt.Errorf("keys of %v: %w", aid, err)
		}
	}
	return w.number(card)
}

// number gives each domain a data object of its own, to be known by.
func (w *world) number(card *cardos.Card) error {
	for aid, o := range map[gp.AID]opening{jpki.AIDProviderDomain: {keys: &w.provider}, carrierDomain: {keys: &w.carrier}, delegatedDomain: {keys: &w.issuer03}} {
		o.aid, o.level, o.seed = aid, 0x01, 4
		s, err := w.open(card, o)
		if err != nil {
			return err
		}
		b := aid.Append(nil)
		data := append([]byte{byte(gp.TagIIN), 2}, b[len(b)-2:]...)
		if _, err := gp.Exchange(ctx, s, gp.StoreData{Last: true, Data: data}, nil); err != nil {
			return fmt.Errorf("number of %v: %w", aid, err)
		}
	}
	return nil
}

func domainInstall(aid gp.AID, p gp.Privileges) gp.Install {
	return gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage, Module: gp.AIDSecurityDomainModule,
		Application: aid, Privileges: gp.SecurityDomain | p, Parameters: []byte{0xC9, 0}}
}

// corpusCAP is a small package with an applet that has PINs.
var corpusCAP = sync.OnceValue(func() []byte {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "spec", "corpus", "pin", "pin-305.cap"))
	if err != nil {
		panic(err)
	}
	return b
})

// corpusContent is its load file's content.
var corpusContent = sync.OnceValue(func() []byte {
	f, err := cap.Open(corpusCAP())
	if err != nil {
		panic(err)
	}
	return f.LoadFile(nil, false)
})

// opening says how a host opens a channel.
type opening struct {
	aid     gp.AID
	keys    *scp.KeySet
	level   scp.Level
	channel byte
	seed    uint64
}

// open selects an application and opens a channel; key versions 20 to 2F are
// SCP02.
func (w *world) open(card apdu.Card, o opening) (*scp.Secured, error) {
	if o.channel != 0 {
		card = onChannel{card, o.channel}
	}
	if _, err := gp.Exchange(ctx, card, gp.Select{Name: o.aid.Append(nil)}, nil); err != nil {
		return nil, err
	}
	return w.handshake(card, o)
}

func (w *world) handshake(card apdu.Card, o opening) (*scp.Secured, error) {
	var host scp.Host
	var err error
	source := entropy.Seeded(o.seed, "storm host")
	if o.keys.Version>>4 == 2 {
		host, err = scp02.Open(ctx, card, scp02.HostConfig{Options: 0x55, Level: o.level, KeyVersion: o.keys.Version, Entropy: source, Keys: scp02.FixedKeys(o.keys)})
	} else {
		host, err = scp03.Open(ctx, card, scp03.HostConfig{Level: o.level, KeyVersion: o.keys.Version, Entropy: source, Keys: scp03.FixedKeys(o.keys)})
	}
	if err != nil {
		return nil, err
	}
	return &scp.Secured{Host: host, Card: card}, nil
}

// onChannel sends commands on a logical channel, 1 to 3.
type onChannel struct {
	apdu.Card
	channel byte
}

// Transmit implements apdu.Card.
func (c onChannel) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	moved := append([]byte(nil), cmd...)
	if len(moved) > 0 && moved[0]&0x60 == 0 {
		moved[0] |= c.channel
	}
	return c.Card.Transmit(ctx, moved, dst)
}

// putKeys is PUT KEY of the three keys of a set through a channel.
func putKeys(s *scp.Secured, kind keys.Type, replaced byte, set *scp.KeySet) (gp.PutKey, error) {
	block := gp.DEKBlockAES
	if _, ok := s.Host.(*scp02.Host); ok {
		block = gp.DEKBlockDES
	}
	var fields []gp.KeyField
	for _, value := range [][]byte{set.Enc, set.MAC, set.DEK} {
		k := gp.Key{Components: []gp.KeyValue{{Type: kind, Value: value}}}
		f, err := k.Seal(s.Host.EncryptSensitive, block, kind == keys.AES)
		if err != nil {
			return gp.PutKey{}, err
		}
		fields = append(fields, f)
	}
	return gp.PutKey{KeyVersion: replaced, KeyID: 1, Multiple: true, NewKeyVersion: set.Version, Blocks: gp.AppendKeyFields(nil, fields)}, nil
}
