package world

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/idcards"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/personalise"
	"inkan/scenarios/report"
	"inkan/sim/handset/air"
	"inkan/sim/profile"
	"inkan/sim/runtime"
)

// Config is what a world is made of. The zero value has defaults for everything.
type Config struct {
	Seed  uint64    // keys, identifiers, codes and fates of messages follow from it
	Start time.Time // zero: personalise.DefaultNow
	// Carriers are names of profiles; nil: all.
	Carriers []string
	// Origin is where keys are made; zero: on the card.
	Origin jpki.Origin
	// Origins are those of single carriers, by profile.
	Origins map[string]jpki.Origin
	// Bearers are those that the SP-TSM lets carriers use, the preferred one first; nil:
	// relay, then short messages.
	Bearers []tsmp.Bearer
	// Air are parameters of the phones' bearers other than air.Default.
	Air map[air.Kind]air.Parameters
	// Plan is what goes wrong from the beginning.
	Plan Plan
	// Made is told of the world before anything happens in it; nil: nobody is.
	Made func(*World)
	// Keys are the RSA keys of My Number Cards, and those that the authority makes, by
	// what they are for; nil: personalise.SeededKey of the seed. No two are the same.
	Keys func(label string) (*rsa.PrivateKey, error)
	// Bodies are cards elsewhere, by profile and number: each as NewCard makes it. nil:
	// all are in this process.
	Bodies func(ctx context.Context, profile string, n uint32) (Body, error)
	// LightDisks has processes that die lose parts of files that were not synced, and
	// no whole files: for long runs, in which copies of everything take too long.
	LightDisks bool
	// Report has the run recorded; nil: it is not.
	Report *report.Config
}

// World is all parties and their clock. Not for concurrent use.
type World struct {
	Config Config
	Clock  *Clock
	Plan   Plan

	CA       *authority.CA
	City     tsmp.RemoteMunicipal // as the municipality calls the authority
	Desk     tsmp.RemoteCA        // as the help desk does
	Carriers map[string]*Carrier
	Bank     *Provider
	Notebook *Provider

	Record       *report.Recorder // nil: nothing is recorded
	lanes        map[tsmp.PartyID]report.PartyID
	worked       time.Duration // cards' work that the clock has not passed over yet
	quiet        int           // above 0: cards are being made, and nobody watches
	directory    tsmp.Keys
	parties      map[tsmp.PartyID]handles
	processes    map[tsmp.PartyID]*process
	order        []*process // in the order of their turns
	calls        entropy.Source
	maker        *idcards.Maker
	cards        int
	loadFile     []byte                  // of the JPKI application
	verified     runtime.Verified        // load files that a SIM has found good
	substituted  map[tsmp.PartyID][]byte // load files of parties that have another one
	pretends     bool                    // the SP-TSM, that its load file is the genuine one
	sims         []*SIM
	working      []*SIM // whose clocks have gone on since they were read
	phones       []*Phone
	attesting    []attesting // what the authority is told of SIMs, at each start
	made         struct{ sims, phones uint32 }
	audited      map[tsmp.PartyID]uint64  // entries that watchers have seen
	notes        map[tsmp.PartyID][]Entry // trails of parties without a process
	noting       []tsmp.PartyID           // these, in the order of their first entries
	later        []late
	lostMessages uint64
	steps        int       // that the story has begun
	calling      int       // calls of the help desk
	task         *task     // the life that goes on now; nil: none does
	left         []*Traces // on SIMs that nobody uses any more
}

// New brings all parties together. The caller calls Close.
func New(ctx context.Context, c Config) (w *World, err error) {
	if c.Start.IsZero() {
		c.Start = personalise.DefaultNow
	}
	if c.Carriers == nil {
		for _, p := range profile.All() {
			c.Carriers = append(c.Carriers, p.Name)
		}
	}
	if c.Bearers == nil {
		c.Bearers = []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS}
	}
	if c.Origin == 0 {
		c.Origin = jpki.OriginOnCard
	}
	w = &World{Config: c, Clock: newClock(c.Start), Carriers: map[string]*Carrier{}, lanes: map[tsmp.PartyID]report.PartyID{}, directory: tsmp.Keys{},
		parties: map[tsmp.PartyID]handles{}, processes: map[tsmp.PartyID]*process{}, calls: entropy.Seeded(c.Seed, "world/calls"), audited: map[tsmp.PartyID]uint64{},
		notes: map[tsmp.PartyID][]Entry{}}
	w.Plan = c.Plan
	if c.Made != nil {
		c.Made(w)
	}
	if c.Report != nil {
		recorded := *c.Report
		recorded.Now, recorded.Seed = w.Clock.Now, c.Seed
		w.Record = report.NewRecorder(recorded)
	}
	if w.loadFile, err = laboratory.LoadFile(); err != nil {
		return nil, err
	}
	if w.maker, err = idcards.NewMaker(ctx, entropy.Seeded(c.Seed, "world/card maker")); err != nil {
		return nil, err
	}
	if err := w.found(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// found opens all parties.
func (w *World) found(ctx context.Context) error {
	city, desk := w.enlist(City, tsmp.RoleMunicipality), w.enlist(Desk, tsmp.RoleHelpDesk)
	provider := w.enlist(SPTSM, tsmp.RoleSPTSM)
	managers := map[string]tsmp.Identity{}
	for _, name := range w.Config.Carriers {
		if profile.Named(name) == nil {
			return fmt.Errorf("world: no carrier is called %q", name)
		}
		managers[name] = w.enlist(ManagerOf(name), tsmp.RoleMNOTSM)
	}
	if err := w.openAuthority(ctx); err != nil {
		return err
	}
	w.City, w.Desk = tsmp.RemoteMunicipal{Caller: w.caller(city, CA)}, tsmp.RemoteCA{Caller: w.caller(desk, CA)}
	for _, name := range w.Config.Carriers {
		if err := w.openCarrier(ctx, name, managers[name]); err != nil {
			return fmt.Errorf("world: %s: %w", name, err)
		}
	}
	if err := w.openProvider(ctx, provider); err != nil {
		return err
	}
	return w.openRelyingParties()
}

// Close ends all processes.
func (w *World) Close() (err error) {
	for _, p := range w.order {
		if p.server != nil {
			err = errors.Join(err, p.server.Close())
		}
	}
	return err
}

// Now is the world's time as the parties' clocks have it, in whole seconds.
func (w *World) Now() time.Time { return w.Clock.Now().Truncate(time.Second) }

// About is a new call, now.
func (w *World) About() *tsmp.Call {
	return &tsmp.Call{ID: tsmp.NewCallID(w.calls), Sent: w.Now()}
}

// seed is a seed that follows from the world's.
func (w *World) seed(label string) uint64 {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("world/"+label+"/"), w.Config.Seed))
	return binary.BigEndian.Uint64(sum[:])
}

// key is an RSA key of the world.
func (w *World) key(label string) (*rsa.PrivateKey, error) {
	if w.Config.Keys != nil {
		return w.Config.Keys(label)
	}
	return personalise.SeededKey(w.Config.Seed, label)
}

// source is randomness that follows from the world's seed.
func (w *World) source(label string) entropy.Source {
	return entropy.Seeded(w.Config.Seed, "world/"+label)
}
