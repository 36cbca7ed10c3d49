package world

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	scene "inkan/scenarios/handset"
	"inkan/scenarios/report"
	"inkan/sim/handset/air"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/omapi"
	"inkan/sim/handset/uiapp"
)

// Phone is a phone with a SIM and the UI app, in the hand of its owner.
type Phone struct {
	*scene.Phone
	Name  string // "phone 1"
	SIM   *SIM
	Owner *Person

	w        *World
	lane     report.PartyID
	imei     device.IMEI
	identity tsmp.Identity // of the app
	runs     map[tsmp.Ticket]*run
	read     int    // messages of the inbox that the app has
	told     int    // of Shown that watchers have
	typed    string // the one-time code as the holder has it
	carried  bool   // scripts of a relay were carried out since the service was asked
}

// PhoneConfig is what a phone is made of.
type PhoneConfig struct {
	Model    string // of the requirements matrix; empty: Sakura S1 Free
	Language application.Language
	Caller   *omapi.Caller // the app, as the operating system knows it; nil: Genuine
}

// DefaultModel is the model of a phone when nothing is said.
const DefaultModel = "Sakura S1 Free"

// Phone makes a phone with a SIM, which registers with the SIM's network. Errors are
// those of the handset's start.
func (w *World) Phone(ctx context.Context, owner *Person, s *SIM, c PhoneConfig) (*Phone, error) {
	if c.Model == "" {
		c.Model = DefaultModel
	}
	if c.Caller == nil {
		c.Caller = &Genuine
	}
	model, ok := device.Named(c.Model)
	if !ok {
		return nil, fmt.Errorf("world: no model is called %q", c.Model)
	}
	w.made.phones++
	n := w.made.phones
	lane := w.join(report.Phone, fmt.Sprintf("phone-%d", n), fmt.Sprintf("スマートフォン %d", n), fmt.Sprintf("phone %d", n), c.Model)
	s.phone = lane
	p := &Phone{lane: lane, Name: fmt.Sprintf("phone %d", n), SIM: s, Owner: owner, w: w, imei: device.NewIMEI(model.TAC, n), runs: map[tsmp.Ticket]*run{}}
	var err error
	if p.identity, err = tsmp.AppIdentity(w.appKey(p.Name)); err != nil {
		return nil, err
	}
	w.lanes[p.identity.Party] = lane
	server := uiapp.Remote{SPTSM: tsmp.RemoteUIAppServer{Caller: p.caller(SPTSM, p.travel)}, Entropy: w.source("calls of " + p.Name), Now: w.Now,
		Sent: map[tsmp.CallID]time.Time{}}
	p.Phone, err = scene.NewPhone(ctx, scene.PhoneConfig{Model: model, Serial: n, Card: s.Card, Terminal: s.body, Elapsed: s.elapsed, Seed: w.seed(p.Name), Caller: *c.Caller, Server: server,
		Language: c.Language, Relay: p.relay, Bearers: w.Config.Air})
	if p.Phone != nil {
		err = p.onAgain(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	w.phones = append(w.phones, p)
	return p, p.register(ctx)
}

// onAgain is what somebody does whose phone's SIM went silent while the phone started:
// switch it off and on, as the screen says.
func (p *Phone) onAgain(ctx context.Context, err error) error {
	if errors.Is(err, fault.New(fault.SIMSilent, "")) {
		return p.Start(ctx)
	}
	return err
}

// elapsed is how long the card has worked.
func (s *SIM) elapsed() time.Duration { return cycles(s.body.Ledger().Sum(), s.Chip.ClockHz) }

// appKey is the key that an app has made for itself.
func (w *World) appKey(name string) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	w.source("key of the app of " + name).Fill(seed)
	return ed25519.NewKeyFromSeed(seed)
}

// bootTime is how long it takes until a phone that was switched on is used.
const bootTime = 30 * time.Second

// register attaches the phone to the network of its SIM, whose carrier sees the device.
func (p *Phone) register(ctx context.Context) error {
	p.chip()
	if err := p.SIM.Carrier.Network.Attach(p.Handset); err != nil {
		return err
	}
	if err := p.SIM.Carrier.seen(ctx, p.SIM, string(p.imei)); err != nil {
		return err
	}
	return p.w.until(ctx, bootTime, OnPerson, func() (bool, error) { return false, nil })
}

// Put puts another SIM into the phone. Errors are those of the handset's start.
func (p *Phone) Put(ctx context.Context, s *SIM) error {
	p.chip()
	p.SIM.phone, s.phone, p.SIM = "", p.lane, s
	p.runs = map[tsmp.Ticket]*run{}
	if err := p.onAgain(ctx, p.Change(ctx, s.body, s.elapsed)); err != nil {
		return err
	}
	return p.register(ctx)
}

// caller is the app's asking end.
func (p *Phone) caller(peer tsmp.PartyID, travel func(bool, int) error) *tsmp.Caller {
	return &tsmp.Caller{Identity: p.identity, Peer: peer, Keys: p.w.directory, Exchange: p.w.between(nil, p.identity.Party, peer, travel)}
}

// travel is how a message goes between app and service: over the connection of the
// moment.
func (p *Phone) travel(up bool, sizeBytes int) error {
	link, err := p.Connection()
	if err != nil {
		return err
	}
	direction := air.Down
	if up {
		direction = air.Up
	}
	took, err := link.Transfer(direction, sizeBytes)
	p.w.pass(causeOf(link), took)
	return err
}

func causeOf(link *air.Link) Cause {
	if link.Kind == air.WiFi {
		return OnWiFi
	}
	return OnData
}

// chip lets the time go by that the SIM has worked meanwhile.
func (p *Phone) chip() {
	p.w.work(&p.SIM.meter)
}
