package handset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/uicc"
	"inkan/sim/handset/air"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/nfc"
	"inkan/sim/handset/omapi"
)

// ICCID is the identifier of a SIM, as digits with the check digit.
type ICCID string

// Config is what a handset is made of. Card and Entropy are needed.
type Config struct {
	Model device.Model
	IMEI  device.IMEI
	Card  apdu.Terminal
	// PIN1 is what the holder enters when the SIM asks for its PIN 1; nil: nothing.
	PIN1 *uicc.PIN
	// Entropy decides about the bearers.
	Entropy entropy.Source
	// Bearers are parameters other than air.Default.
	Bearers map[air.Kind]air.Parameters
	// Elapsed is the card's own time so far, for times of answers; nil: the card
	// takes none.
	Elapsed func() time.Duration
	// ServiceCentre is the address that messages come from, as the card is told;
	// empty: nothing.
	ServiceCentre []byte
}

// Format prints model and IMEI, and no PIN, whatever the verb.
func (c Config) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%s %s", c.Model.Name, c.IMEI) }

// Identity is what a handset reads of its SIM when it starts.
type Identity struct {
	ICCID   ICCID
	IMSI    string
	Network string // MCC and MNC
}

// Handset is a telephone with a SIM. It is off until Start. Not for concurrent use.
type Handset struct {
	cfg      Config
	sim      *SIM
	links    map[air.Kind]*air.Link
	identity Identity
	usim     []byte // AID of the SIM's USIM
	profiled bool   // the card knows the terminal's profile

	on, refused    bool
	coverage, wifi bool
	data           bool // mobile data is switched on
	network        *Network
	free           time.Duration // when the card has done what is before, in the network's time
	Inbox          [][]byte      // SMS-DELIVERs for the holder
	Resets         int           // how often the card was found without power
	commands       []uicc.CommandType

	omapi    *omapi.Reader
	omapiSIM *SIM // that omapi is of
	front    *nfc.Controller
}

// New makes a handset with a SIM in it, in coverage, with mobile data on and no Wi-Fi.
// Errors are those of the model and of parameters.
func New(cfg Config) (*Handset, error) {
	if cfg.Card == nil || cfg.Entropy == nil {
		return nil, errors.New("handset: want a card and a source of randomness")
	}
	if err := cfg.Model.Check(); err != nil {
		return nil, err
	}
	h := &Handset{cfg: cfg, sim: &SIM{card: cfg.Card, elapsed: cfg.Elapsed}, links: map[air.Kind]*air.Link{}, coverage: true, data: true}
	for _, k := range air.Kinds() {
		p, ok := cfg.Bearers[k]
		if !ok {
			p = air.Default(k)
		}
		link, err := air.NewLink(k, p, cfg.Entropy)
		if err != nil {
			return nil, err
		}
		h.links[k] = link
	}
	return h, nil
}

// Model is the handset's model.
func (h *Handset) Model() device.Model { return h.cfg.Model }

// SIM is the card as applications of the handset have it.
func (h *Handset) SIM() *SIM { return h.sim }

// Identity is that of the SIM which was read at the last start.
func (h *Handset) Identity() Identity { return h.identity }

// Link is the handset's bearer of a kind.
func (h *Handset) Link(k air.Kind) *air.Link { return h.links[k] }

// Unlock takes the lock to networks off; the next start takes any SIM.
// Spec: SPEC-HANDSET-004.
func (h *Handset) Unlock() { h.cfg.Model = h.cfg.Model.Free() }

// Insert puts another SIM in. The handset is off then. elapsed is that of Config.
func (h *Handset) Insert(card apdu.Terminal, elapsed func() time.Duration) error {
	err := h.Stop()
	h.sim = &SIM{card: card, elapsed: elapsed, powers: h.sim.powers + 1}
	h.cfg.Card, h.cfg.Elapsed = card, elapsed
	return err
}

// Stop switches the handset off.
func (h *Handset) Stop() error {
	if !h.on {
		return nil
	}
	h.on, h.profiled = false, false
	h.interrupt()
	for _, l := range h.links {
		l.Close()
	}
	return h.sim.powerOff()
}

// SetCoverage says whether there is a mobile network. When one comes back it is told
// that the handset can be reached.
func (h *Handset) SetCoverage(there bool) {
	came := there && !h.coverage
	h.coverage = there
	if !there {
		h.links[air.LTE].Close()
	}
	if came && h.network != nil {
		h.network.alert(h)
	}
}

// SetWiFi says whether there is a Wi-Fi network, SetData whether mobile data is
// switched on.
func (h *Handset) SetWiFi(there bool) {
	h.wifi = there
	h.links[air.WiFi].Close()
}

// SetData is explained at SetWiFi.
func (h *Handset) SetData(on bool) {
	h.data = on
	h.links[air.LTE].Close()
}

// Reachable tells whether short messages arrive; nil: they do.
func (h *Handset) Reachable() error {
	switch {
	case !h.on:
		return fault.New(fault.SwitchedOff, "")
	case h.refused:
		return fault.New(fault.SIMRefused, "")
	case !h.coverage:
		return fault.New(fault.NoCoverage, "")
	}
	return nil
}

// Connection is what the UI app's connections go over: Wi-Fi if there is one, else
// mobile data. Spec: SPEC-HANDSET-016.
func (h *Handset) Connection() (*air.Link, error) {
	switch {
	case !h.on:
		return nil, fault.New(fault.SwitchedOff, "")
	case h.wifi:
		return h.links[air.WiFi], nil
	case h.data && h.coverage && !h.refused:
		return h.links[air.LTE], nil
	}
	return nil, fault.New(fault.NoConnection, "neither Wi-Fi nor mobile data")
}

// Recover starts the card again when it has lost its power in the middle of
// something; it does nothing otherwise.
func (h *Handset) Recover(ctx context.Context) error {
	if !h.on {
		return fault.New(fault.SwitchedOff, "")
	}
	if h.sim.on {
		return nil
	}
	h.Resets++
	return h.boot(ctx)
}

// interrupt ends what a reader does, and the holder's act for it: the card has lost
// what was selected and activated.
func (h *Handset) interrupt() {
	if h.front != nil {
		h.front.Interrupt()
	}
}
