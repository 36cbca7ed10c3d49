package world

import (
	"context"
	"crypto/ecdsa"
	"fmt"

	"inkan/core/observe"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/report"
	phone "inkan/sim/handset"
	"inkan/sim/profile"
	"inkan/tsm/store/row"
)

// Apps that a phone may have, as its operating system knows them.
var (
	Genuine   = laboratory.Genuine
	LookAlike = laboratory.LookAlike
)

// SIM is a card of a carrier, as it is sold: with the carrier's access rules, and
// without the provider's domain and application.
type SIM struct {
	*profile.Card
	Carrier *Carrier
	Name    string // "SIM 1"
	ICCID   phone.ICCID
	Number  phone.Number // telephone number

	body          Body
	lane          report.PartyID
	contract      row.SubscriberID
	meter         meter
	working       bool           // its clock has gone on since it was read
	phone, reader report.PartyID // that it is in, and that it is held to
	relays        report.PartyID // whose commands the UI app's channel brings now; empty: nobody's
}

// SE is the identifier of the SIM in messages: EF ICCID with zeros behind.
func (s *SIM) SE() tsmp.SEID { return laboratory.SE(string(s.ICCID)) }

// authorityKey is the public key by which the card attests; nil: none.
func (s *SIM) authorityKey() *ecdsa.PublicKey { return s.Card.AuthorityKey() }

// report tells the authority by which key the card attests.
func (s *SIM) report(to *authority.CA) error {
	s.Carrier.w.attesting = append(s.Carrier.w.attesting, attesting{s.SE(), s.authorityKey()})
	_, err := to.Inventory.Report(s.SE(), s.authorityKey())
	return err
}

// attesting is by which key a SIM attests.
type attesting struct {
	se  tsmp.SEID
	key *ecdsa.PublicKey
}

// simName is the name of the n-th SIM.
func simName(n uint32) string { return fmt.Sprintf("SIM %d", n) }

// make makes a card of a carrier.
func (c *Carrier) make(ctx context.Context) (*SIM, error) {
	w := c.w
	w.made.sims++
	n := w.made.sims
	s := &SIM{Carrier: c, Name: simName(n), ICCID: phone.ICCID(c.Profile.ICCID(n))}
	chip, err := c.Profile.ChipData()
	if err != nil {
		return nil, err
	}
	w.quiet++
	defer func() { w.quiet-- }()
	s.lane = w.join(report.SIM, fmt.Sprintf("sim-%d", n), fmt.Sprintf("SIM %d", n), s.Name, "profile "+c.Profile.Name)
	tap := w.tap(s.Name, s.lane, chip.ClockHz, s.host)
	if s.Card, err = NewCard(ctx, c.Profile, n, w.Config.Seed, tap, &w.verified); err != nil {
		return nil, err
	}
	s.body = Here{s.Card}
	if w.Config.Bodies != nil {
		elsewhere, err := w.Config.Bodies(ctx, c.Profile.Name, n)
		if err != nil {
			return nil, err
		}
		s.body = watched{elsewhere, tap}
	}
	s.body = busy{s.body, s}
	s.meter = meter{ledger: s.body.Ledger, hz: chip.ClockHz, last: s.body.Ledger()}
	w.sims = append(w.sims, s)
	return s, s.report(w.CA)
}

// host is who has sent a command, and how where the card's interface does not say it.
func (s *SIM) host(e *observe.APDUEvent) (report.PartyID, report.Bearer) {
	switch {
	case e.Interface == observe.OverTheAir:
		return s.Carrier.w.lane(s.Carrier.Party), ""
	case e.Interface == observe.Contactless && s.reader != "":
		return s.reader, ""
	case e.Interface == observe.Contact && s.relays != "" && e.Channel != 0:
		return s.relays, report.OverRelay
	case s.phone != "":
		return s.phone, ""
	}
	return s.lane, ""
}

// sim finds a SIM by its ICCID; nil: it is none of the world.
func (w *World) sim(id phone.ICCID) *SIM {
	for _, s := range w.sims {
		if s.ICCID == id {
			return s
		}
	}
	return nil
}

// CutPower has the card lose its power in the middle of what it does next, when its
// clock has gone on by so many cycles.
func (s *SIM) CutPower(afterCycles uint64) { s.body.Cut(afterCycles) }

// SIMs are all SIMs, in the order in which they were made.
func (w *World) SIMs() []*SIM { return w.sims }
