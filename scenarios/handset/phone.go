package handset

import (
	"context"
	"time"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/core/uicc"
	phone "inkan/sim/handset"
	"inkan/sim/handset/air"
	"inkan/sim/handset/device"
	"inkan/sim/handset/nfc"
	"inkan/sim/handset/omapi"
	"inkan/sim/handset/uiapp"
	"inkan/sim/profile"
)

// Phone is a handset with its UI app.
type Phone struct {
	*phone.Handset
	App   *uiapp.App
	Shown []uiapp.Message // to the holder

	caller  omapi.Caller
	service *omapi.Service
	session *omapi.Session
}

// PhoneConfig is what a phone is made of.
type PhoneConfig struct {
	Model    device.Model
	Serial   uint32 // of the IMEI
	Card     *profile.Card
	Terminal apdu.Terminal        // the card, where it is not Card itself; nil: it is
	Elapsed  func() time.Duration // of Terminal; nil: Card's
	Seed     uint64
	Caller   omapi.Caller // the UI app, as the handset knows it
	Server   uiapp.Server
	Language application.Language // zero: Japanese
	// Relay carries out scripts that wait for the app; nil: the SIM gets everything by
	// short messages.
	Relay func(ctx context.Context, p *Phone, access *tsmp.RelayAccess) error
	// Bearers are parameters other than air.Default.
	Bearers map[air.Kind]air.Parameters
}

// Elapsed is the time that a card of the model has worked, line included.
func Elapsed(c *profile.Card) func() time.Duration {
	return func() time.Duration {
		cycles, hz := c.Clock.Now(), c.Chip.ClockHz
		return time.Duration(cycles/hz)*time.Second + time.Duration(cycles%hz*uint64(time.Second)/hz)
	}
}

// NewPhone makes a phone, starts it, and has the contactless front end route the JPKI
// application to the SIM. Errors are those of the handset's start and of its parts.
func NewPhone(ctx context.Context, c PhoneConfig) (*Phone, error) {
	if c.Terminal == nil {
		c.Terminal, c.Elapsed = c.Card, Elapsed(c.Card)
	}
	h, err := phone.New(phone.Config{Model: c.Model, IMEI: device.NewIMEI(c.Model.TAC, c.Serial), Card: c.Terminal,
		Entropy: entropy.Seeded(c.Seed, "handset"), Elapsed: c.Elapsed, Bearers: c.Bearers})
	if err != nil {
		return nil, err
	}
	if c.Language == "" {
		c.Language = application.Japanese
	}
	p := &Phone{Handset: h, caller: c.Caller}
	cfg := uiapp.Config{SIM: p, Server: c.Server, Screen: p, Entropy: entropy.Seeded(c.Seed, "UI app"), Language: c.Language, Device: c.Model.ProfileID(), Version: "1.0"}
	if c.Relay != nil && c.Model.Relay {
		cfg.Relay = func(ctx context.Context, access *tsmp.RelayAccess) error { return c.Relay(ctx, p, access) }
		cfg.HangUp = p.HangUp
	}
	if c.Model.CardNFC != 0 {
		cfg.Contactless = h.NFC()
		if err := h.NFC().SetRoutes(nfc.Route{AID: jpki.AIDInstance, OnSIM: true, Screen: nfc.ScreenUnlocked}); err != nil {
			return nil, err
		}
	}
	if p.App, err = uiapp.New(cfg); err != nil {
		return nil, err
	}
	return p, h.Start(ctx)
}

// Change puts another SIM in, and switches the phone on. Errors are those of the
// handset's start.
func (p *Phone) Change(ctx context.Context, card apdu.Terminal, elapsed func() time.Duration) error {
	if err := p.Insert(card, elapsed); err != nil {
		return err
	}
	p.service, p.session = nil, nil
	return p.Start(ctx)
}

// Session is the UI app's session with the SIM, a new one when the card was reset.
func (p *Phone) Session() (s *omapi.Session, err error) {
	if p.service == nil {
		if p.service, err = p.Service(p.caller); err != nil {
			return nil, err
		}
	}
	if p.session == nil || p.session.Closed() {
		p.session, err = p.service.Open(p.service.Readers()[0])
	}
	return p.session, err
}

// Open implements uiapp.SIM.
func (p *Phone) Open(ctx context.Context, aid gp.AID) (uiapp.Channel, error) {
	s, err := p.Session()
	if err != nil {
		return nil, err
	}
	c, err := s.OpenLogicalChannel(ctx, aid, 0)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Identifier implements uiapp.SIM.
func (p *Phone) Identifier() (id uiapp.ID) {
	content, err := uicc.AppendICCID(nil, string(p.Identity().ICCID))
	if err != nil {
		return id // a SIM that was not read
	}
	copy(id[:], content)
	return id
}

// Show implements uiapp.Screen.
func (p *Phone) Show(m uiapp.Message) { p.Shown = append(p.Shown, m) }

// RelayChannel opens a channel for a relay, in a new session when the card was reset.
func (p *Phone) RelayChannel(ctx context.Context, aid gp.AID) (apdu.Card, error) {
	if err := p.Recover(ctx); err != nil {
		return nil, err
	}
	s, err := p.Session()
	if err != nil {
		return nil, err
	}
	if err := s.CloseChannels(ctx); err != nil {
		return nil, err
	}
	return s.OpenLogicalChannel(ctx, aid, 0)
}

// HangUp closes the channels that relays have opened: nothing waits for one, or the
// holder has put the app away.
func (p *Phone) HangUp(ctx context.Context) error {
	if p.session == nil || p.session.Closed() {
		return nil
	}
	return p.session.CloseChannels(ctx)
}
