package enrolment

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"sync"
	"time"

	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/cardsigner"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/idcards"
	"inkan/scenarios/personalise"
	"inkan/scenarios/relyingparty"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/idcard"
	"inkan/sim/profile"
)

// Config is how a story is played. The zero value has defaults for everything.
type Config struct {
	Seed  uint64    // keys, identifiers and codes follow from it
	Start time.Time // of the story; zero: personalise.DefaultNow

	// Profiles are the carriers of the two phones; empty: test and hayate.
	Profiles [2]string
	// Sign lends a key on the holder's card; nil: package cardsigner.
	Sign Lend
	// Told hears of each step when it is done; it may be nil.
	Told func(*Step)
}

// Lend gives the signature key of a My Number Card for one signature; release gives
// it back.
type Lend func(ctx context.Context, card *idcard.Card, pin string) (key Key, release func(), err error)

// Key is a key with its certificate.
type Key interface {
	crypto.Signer
	Certificate() *x509.Certificate
}

// The parties of the messages besides the authority.
const (
	City  tsmp.PartyID = "chiyoda.inkan.example"
	Desk  tsmp.PartyID = "desk.inkan.example"
	SPTSM tsmp.PartyID = "sp-tsm.inkan.example"
	Bank               = "https://bank.example"
)

// World is all parties, and a clock that they share. Not for concurrent use, apart
// from its CA and clock.
type World struct {
	CA *authority.CA

	config Config
	report *Report
	clock  clock
	calls  entropy.Source
	desk   *tsmp.Caller
	city   tsmp.RemoteMunicipal
	tsm    tsmp.RemoteCA
	told   inbox // of the SP-TSM
	bank   *relyingparty.Party

	maker    *idcards.Maker
	holder   idcards.Holder
	person   tsmp.PersonID
	card     *idcard.Card
	cardID   tsmp.CardID
	cards    int // that the holder has had
	applied  int // applications
	enrolled int // issues into phones
	applet   []byte
	phones   []*phone
}

// clock is the time of the story.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

// Now is the story's time.
func (w *World) Now() time.Time {
	w.clock.mutex.Lock()
	defer w.clock.mutex.Unlock()
	return w.clock.now
}

// pass lets time go by.
func (w *World) pass(d time.Duration) {
	w.clock.mutex.Lock()
	defer w.clock.mutex.Unlock()
	w.clock.now = w.clock.now.Add(d)
}

// New brings the parties together, with the authority's test keys. The caller calls
// Close.
func New(ctx context.Context, c Config) (*World, error) {
	if c.Start.IsZero() {
		c.Start = personalise.DefaultNow
	}
	if c.Profiles == [2]string{} {
		c.Profiles = [2]string{"test", "hayate"}
	}
	if c.Sign == nil {
		c.Sign = byCommands
	}
	w := &World{config: c, clock: clock{now: c.Start.UTC().Truncate(time.Second)}, calls: entropy.Seeded(c.Seed, "enrolment/calls"), report: newReport()}
	file, err := cap.Open(applet.CAP)
	if err != nil {
		return nil, err
	}
	w.applet = file.LoadFile(nil, file.Descriptor != nil)
	for _, name := range c.Profiles {
		if profile.Named(name) == nil {
			return nil, fmt.Errorf("enrolment: no profile is called %q", name)
		}
	}
	if w.holder, err = idcards.HolderNamed("taro"); err != nil {
		return nil, err
	}
	if w.maker, err = idcards.NewMaker(ctx, entropy.Seeded(c.Seed, "enrolment/card maker")); err != nil {
		return nil, err
	}
	return w, w.found(ctx)
}

// found opens the authority, and makes the others known to it.
func (w *World) found(ctx context.Context) (err error) {
	parties := tsmp.Keys{}
	identities := map[tsmp.PartyID]tsmp.Identity{}
	for party, role := range map[tsmp.PartyID]tsmp.Role{City: tsmp.RoleMunicipality, Desk: tsmp.RoleHelpDesk, SPTSM: tsmp.RoleSPTSM} {
		identity, key := authority.Named(party, role, w.config.Seed)
		identities[party], parties[key.ID] = identity, key
	}
	if w.CA, err = authority.Open(ctx, authority.Config{Now: w.Now, Seed: &w.config.Seed, Parties: parties,
		Offices: map[tsmp.PartyID]string{City: w.municipality().Code}}); err != nil {
		return err
	}
	asking := func(party tsmp.PartyID) *tsmp.Caller {
		c := w.CA.Caller(identities[party])
		c.Exchange = w.report.recorded(c.Exchange)
		return c
	}
	w.city, w.desk, w.tsm = tsmp.RemoteMunicipal{Caller: asking(City)}, asking(Desk), tsmp.RemoteCA{Caller: asking(SPTSM)}
	w.told.handler = &tsmp.Handler{Identity: identities[SPTSM], Keys: tsmp.Keys{w.CA.Key.ID: w.CA.Key}, Journal: new(tsmp.MemoryJournal),
		Service: tsmp.NotifiedService(&w.told), Now: w.Now}
	w.told.keys = parties
	return w.openBank()
}

// Close ends the authority and wipes the phones' keys.
func (w *World) Close() error {
	for _, p := range w.phones {
		p.wipe()
	}
	return w.CA.Close()
}

// Report is what has happened so far.
func (w *World) Report() *Report { return w.report }

// about is a new call, now.
func (w *World) about() *tsmp.Call {
	return &tsmp.Call{ID: tsmp.NewCallID(w.calls), Sent: w.Now()}
}

// municipality is where the holder lives, as certificates have it.
func (w *World) municipality() certificate.Municipality {
	m, _ := certificate.MunicipalityOf(w.holder.Card.Municipality)
	return m
}

// byCommands signs with the commands of the card.
func byCommands(ctx context.Context, card *idcard.Card, pin string) (Key, func(), error) {
	s, err := cardsigner.New(ctx, card, cardsigner.Config{Role: jpki.Sign, PIN: []byte(pin)})
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// short is the beginning of an identifier, for people.
func short(id fmt.Stringer) string {
	s := id.String()
	return s[:min(8, len(s))] + "…"
}

// last is the phone that was enrolled last.
func (w *World) last() *phone {
	return slices.MaxFunc(w.phones, func(a, b *phone) int { return a.turn - b.turn })
}
