package bare

import (
	"context"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/observe"
	"inkan/core/scp"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
	"inkan/sim/runtime/authority"
	"inkan/sim/vm"
)

// Config is what a bare card is made of. The zero value is a new card of the
// reference chip with SCP03 and test keys.
type Config struct {
	Chip     *engine.Chip     // nil: engine.Reference()
	Clock    *clock.Clock     // nil: a new one
	Flash    *nvm.Flash       // nil: a new, erased one of the chip's geometry on Clock
	Entropy  entropy.Source   // nil: seeded by 0
	Observer observe.Observer // may be nil

	SCP  byte        // 0 or 3: SCP03 with i 70; 2: SCP02 with i 55
	Keys *scp.KeySet // nil: the test keys 40 to 4F, version 30 of SCP03 and 20 of SCP02

	Protocol    byte // T=0 or T=1, and media bits: runtime.CheckProtocol
	BufferBytes int  // APDU buffer; 0: 261
	Channels    int  // highest logical channel
	Options     runtime.Options
	Verified    *runtime.Verified // that other cards share; may be nil
	Machine     vm.Config         // sizes

	Aliases      [][]byte // other AIDs of the security domain
	SilentSelect bool     // SELECT of the security domain answers no data

	// Authority is the controlling authority's global service; nil: it is there
	// with TestAuthorityKey.
	Authority *Authority
}

// CREF is a card that answers as Sun's reference simulator CREF 2.2.2 does:
// what spec/corpus has vectors of.
func CREF() Config {
	return Config{
		Protocol: 1, BufferBytes: 133, SilentSelect: true,
		Machine: vm.Config{ResetBytes: 1024, DeselectBytes: 1024},
		Aliases: [][]byte{{0xA0, 0, 0, 0, 0x62, 3, 1, 8, 1}},
		Options: runtime.Options{NoPartialSelect: true, BareParameters: true, NoDataIsError: true, ClassFromBuffer: true, ClosedChannel: 0x6999},
	}
}

// Card is a bare card: an apdu.Terminal. Not for concurrent use.
type Card struct {
	*runtime.Card
	cfg     Config
	channel runtime.SecureChannel
	loading *loading
	target  []byte // AID of the applet that STORE DATA goes to; nil: none
	plain   []byte // scratch: the command without secure messaging
	answer  []byte // scratch: the response before it
	status  statusCursor

	authority *authority.Service // nil: there is none
}

// New makes a card and powers it.
func New(cfg Config) (*Card, error) {
	if cfg.Chip == nil {
		cfg.Chip = engine.Reference()
	}
	if cfg.Clock == nil {
		cfg.Clock = new(clock.Clock)
	}
	if cfg.Flash == nil {
		flash, err := nvm.NewFlash(cfg.Chip.NVM, cfg.Clock, cfg.Observer)
		if err != nil {
			return nil, err
		}
		cfg.Flash = flash
	}
	if cfg.Entropy == nil {
		cfg.Entropy = entropy.Seeded(0, "bare card")
	}
	if cfg.Keys == nil {
		cfg.Keys = testKeys(cfg.SCP)
	}
	c := &Card{cfg: cfg}
	card, err := runtime.New(runtime.Config{Chip: cfg.Chip, Flash: cfg.Flash, Clock: cfg.Clock, Entropy: cfg.Entropy,
		Observer: cfg.Observer, Platform: (*platform)(c), Channels: cfg.Channels, Protocol: cfg.Protocol,
		BufferBytes: cfg.BufferBytes, Options: cfg.Options, Verified: cfg.Verified, Machine: cfg.Machine})
	if err != nil {
		return nil, err
	}
	c.Card = card
	if err := c.newAuthority(); err != nil {
		return nil, err
	}
	if c.channel, err = newChannel(c); err != nil {
		return nil, err
	}
	_, err = c.Reset(context.Background(), false)
	return c, err
}

func testKeys(protocol byte) *scp.KeySet {
	key := make([]byte, 16)
	for i := range key {
		key[i] = 0x40 + byte(i)
	}
	version := byte(0x30)
	if protocol == gp.SCP02 {
		version = 0x20
	}
	return &scp.KeySet{Version: version, Enc: key, MAC: key, DEK: key}
}

// Install creates an instance of a module of a loaded package and makes it
// selectable. parameters is the application's own: install finds it behind
// instance AID and privileges, or alone with Options.BareParameters. Errors are
// those of runtime.Card.Install. Spec: SPEC-RUNTIME-111.
func (c *Card) Install(packageAID, module, instance, parameters []byte) (*runtime.Applet, error) {
	return guarded(func() (*runtime.Applet, error) {
		return c.install(packageAID, module, instance, gp.Privileges(0), gp.Selectable, parameters)
	})
}

// guarded runs what is no command at the card's edge.
func guarded[T any](fn func() (T, error)) (result T, err error) {
	if cut := clock.Guard(func() { result, err = fn() }); cut != nil {
		return result, *cut
	}
	return result, err
}

func (c *Card) install(packageAID, module, instance []byte, p gp.Privileges, state gp.LifeCycle, data []byte) (*runtime.Applet, error) {
	parameters := data
	if !c.cfg.Options.BareParameters {
		if len(data) > 255 {
			return nil, fmt.Errorf("bare: application data of %d bytes, of at most 255", len(data))
		}
		parameters = append([]byte{byte(len(instance))}, instance...)
		parameters = p.AppendLV(parameters)
		parameters = append(append(parameters, byte(len(data))), data...)
	}
	return c.Card.Install(packageAID, module, instance, parameters, func(a *runtime.Applet) error {
		return c.putEntry(a.AID, p, state)
	})
}

// Delete removes an applet, or with related a package and its applets.
func (c *Card) Delete(aid []byte, related bool) error {
	_, err := guarded(func() (bool, error) { return true, c.delete(aid, related) })
	return err
}

func (c *Card) delete(aid []byte, related bool) error {
	forget := func(a *runtime.Applet) error {
		c.Machine().DeleteRecord(recordEntry, a.AID)
		c.authority.Forget(a.AID)
		return nil
	}
	if a := c.Applet(aid); a != nil {
		return c.DeleteApplets([]*runtime.Applet{a}, forget)
	}
	p := c.Machine().PackageByAID(aid)
	if p == nil {
		return runtime.ErrNoApplet
	}
	var applets []*runtime.Applet
	for _, a := range c.Applets() {
		if related && a.Context == p.Context() {
			applets = append(applets, a)
		}
	}
	if err := c.DeletePackage(p, applets, forget); err != nil {
		return err
	}
	c.Machine().DeleteRecord(recordLoadFile, aid)
	return nil
}
