package phone

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	scene "inkan/scenarios/handset"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/scenarios/smsc"
	"inkan/server/binding"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/uiapp"
	"inkan/sim/profile"
)

// Config is what a phone is made of. Folder is needed.
type Config struct {
	Folder  folder.Folder
	Profile string // of the SIM; empty: hayate
	// Number of the SIM within the profile; 0: the shop gives one that nobody has used.
	Number uint32
	// Image is a file that keeps the SIM's memory; empty: the SIM is new, and gone
	// afterwards.
	Image string
	// SMSOnly: the phone is of a model that relays nothing, so that everything comes by
	// short messages; it says the model when Model does not.
	SMSOnly bool
	Model   string // of the requirements matrix; empty: Sakura S1 Free, or Tsubaki T
	PIN     string // that the holder chooses; empty: 1234
	// Language of the app; empty: Japanese.
	Language application.Language
	// Say is told what happens, who does it first; nil: nobody is.
	Say func(who, what string)
	// Patience is how long the holder waits for anything; 0: five minutes.
	Patience time.Duration
}

// Defaults of Config.
const (
	defaultProfile  = "hayate"
	defaultModel    = "Sakura S1 Free"
	smsModel        = "Tsubaki T"
	defaultPIN      = "1234"
	defaultPatience = 5 * time.Minute
)

// Phone is a phone that is on. The caller calls Close.
type Phone struct {
	*scene.Phone
	config Config
	card   *card
	app    tsmp.Identity
	keys   tsmp.Keys
	client *http.Client // of apps and browsers
	find   folder.Lookup

	// hand is held by whoever does something with the phone: its holder, or the network.
	hand  sync.Mutex
	runs  map[tsmp.Ticket]*run
	shown int    // of Shown that were said
	last  string // that was said of them
	read  int    // messages of the inbox that were looked at

	came   chan struct{} // a short message, at most one
	cancel context.CancelFunc
	radio  sync.WaitGroup
}

// Open makes a phone and switches it on. Errors are those of a laboratory that nobody
// serves, of the image, and of the handset's start.
func Open(ctx context.Context, c Config) (p *Phone, err error) {
	c.complete()
	p = &Phone{config: c, runs: map[tsmp.Ticket]*run{}, came: make(chan struct{}, 1), find: c.Folder.Lookup}
	served, err := c.Folder.Read()
	if err != nil {
		return nil, err
	}
	if p.keys, err = served.Keys(); err != nil {
		return nil, err
	}
	if p.client, err = c.Folder.Client("", p.find); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if p.app, err = tsmp.AppIdentity(key); err != nil {
		return nil, err
	}
	if p.card, err = p.openCard(ctx); err != nil {
		return nil, err
	}
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (c *Config) complete() {
	switch {
	case c.Model == "" && c.SMSOnly:
		c.Model = smsModel
	case c.Model == "":
		c.Model = defaultModel
	}
	if c.PIN == "" {
		c.PIN = defaultPIN
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Language == "" {
		c.Language = application.Japanese
	}
	if c.Say == nil {
		c.Say = func(string, string) {}
	}
}

// start switches the phone on: the SIM's network hears of it.
func (p *Phone) start(ctx context.Context) error {
	model, ok := device.Named(p.config.Model)
	if !ok || p.config.SMSOnly && model.Relay {
		return fmt.Errorf("no model is called %q, or it relays and is not to", p.config.Model)
	}
	serial := p.card.Number + 1000*profileIndex(p.card.Profile)
	server := uiapp.Remote{SPTSM: tsmp.RemoteUIAppServer{Caller: p.caller(laboratory.SPTSM)}, Entropy: entropy.System(), Now: time.Now, Sent: map[tsmp.CallID]time.Time{}}
	c := scene.PhoneConfig{Model: model, Serial: serial, Card: p.card.Card, Seed: randomSeed(), Caller: laboratory.Genuine, Server: server, Language: p.config.Language, Relay: p.relay}
	var err error
	if p.Phone, err = scene.NewPhone(ctx, c); err != nil {
		return err
	}
	radio := &smsc.Phone{Client: p.client, Base: folder.URL(folder.Network, folder.AppsPort) + "/" + p.card.Profile.Name,
		ICCID: string(p.Identity().ICCID), IMEI: string(device.NewIMEI(model.TAC, serial))}
	err = p.again(ctx, func() error {
		if err := radio.Attach(ctx); !errors.Is(err, smsc.ErrUnknownSIM) {
			return unreachable(err)
		}
		return fmt.Errorf("SIM %d of %s: %w: want one that its carrier has had from the beginning, or that the shop has given", p.card.Number, p.card.Profile.Name, smsc.ErrUnknownSIM)
	})
	if err != nil {
		return err
	}
	p.config.Say("phone", fmt.Sprintf("%s, on: SIM %d of %s (%s), ICCID %s", model.Name, p.card.Number, p.card.Profile.Name, p.card.Profile.Carrier, p.Identity().ICCID))
	ctx, p.cancel = context.WithCancel(ctx)
	p.radio.Go(func() { p.listen(ctx, radio) })
	return nil
}

// profileIndex is the place of a profile among all.
func profileIndex(p *profile.Profile) uint32 {
	for i, of := range profile.All() {
		if of.Name == p.Name {
			return uint32(i)
		}
	}
	return 0
}

func randomSeed() uint64 {
	var b [8]byte
	entropy.System().Fill(b[:])
	return binary.BigEndian.Uint64(b[:])
}

// caller is the app's asking end.
func (p *Phone) caller(peer tsmp.PartyID) *tsmp.Caller {
	return &tsmp.Caller{Identity: p.app, Peer: peer, Keys: p.keys, Exchange: binding.AppExchange(p.client, folder.URL(string(peer), folder.AppsPort))}
}

// Close switches the phone off. The error is that of an image that was not saved.
func (p *Phone) Close() error {
	if p.cancel != nil {
		p.cancel()
		p.radio.Wait()
	}
	return p.card.close()
}

// unreachable makes a fault of an error of a connection.
func unreachable(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(fault.ServerUnreached, "", err)
}

// reached makes a fault of an error that is no answer.
func reached(err error) error {
	if errors.As(err, new(*tsmp.Error)) || errors.As(err, new(*fault.Error)) {
		return err
	}
	return unreachable(err)
}

// isUnreached reports whether an error says that a service cannot be reached now, or
// the phone not go on now.
func isUnreached(err error) bool {
	f := (*fault.Error)(nil)
	if !errors.As(err, &f) {
		return false
	}
	switch f.Code {
	case fault.ServerUnreached, fault.NoConnection, fault.Interrupted, fault.NoCoverage, fault.SwitchedOff, fault.SIMSilent:
		return true
	}
	return false
}

// retry is how long somebody waits who could not reach somebody.
const retry = 500 * time.Millisecond

// again tries something until it is done, is refused, or patience ends.
func (p *Phone) again(ctx context.Context, do func() error) error {
	end := time.Now().Add(p.config.Patience)
	for first := true; ; first = false {
		err := do()
		if err == nil || !isUnreached(err) || time.Now().After(end) {
			return err
		}
		if first {
			p.config.Say("phone", fmt.Sprintf("nobody can be reached, and is tried again: %v", err))
		}
		if err := sleep(ctx, retry); err != nil {
			return err
		}
	}
}

// sleep waits, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
