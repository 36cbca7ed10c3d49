package world

import (
	"context"
	"fmt"
	"time"

	"inkan/core/tsmp"
	scene "inkan/scenarios/handset"
	"inkan/sim/handset/relay"
)

// How long the app stays with a relay whose server has it wait: then it asks the
// service how far it is.
const (
	longestWait = 2 * time.Second
	maxWaits    = 4
)

// run is a relay channel that the app serves.
type run struct {
	*relay.Run
	air time.Duration // that the world's clock has
}

// relay carries out scripts that wait for the app, as far as there are some now.
func (p *Phone) relay(ctx context.Context, _ *scene.Phone, access *tsmp.RelayAccess) error {
	r := p.runs[access.Ticket]
	if r == nil {
		session, err := p.Session()
		if err != nil {
			return err
		}
		r = new(run)
		party := tsmp.RemoteRelay{Caller: p.caller(access.Party, func(bool, int) error { return nil })}
		remote := relay.Remote{Party: party, Ticket: access.Ticket, Entropy: p.w.source(fmt.Sprintf("relay %d of %s", len(p.runs), p.Name)), Now: p.w.Now,
			Sent: map[tsmp.CallID]time.Time{}}
		if r.Run, err = p.Relay(&timed{remote, p, r}, session); err != nil {
			return err
		}
		r.Open = p.RelayChannel
		p.runs[access.Ticket] = r
	}
	before := r.Scripts
	for range maxWaits {
		p.SIM.relays = p.w.lane(access.Party)
		wait, err := r.Do(ctx)
		p.SIM.relays = ""
		r.settle(p)
		p.carried = p.carried || r.Scripts > before
		if err != nil || wait == 0 || wait > longestWait {
			return err
		}
		if err := p.w.Pass(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// settle lets the time go by that the relay has taken.
func (r *run) settle(p *Phone) {
	p.chip()
	if link, err := p.Connection(); err == nil {
		p.w.pass(causeOf(link), r.Air-r.air)
		r.air = r.Air
	}
}

// timed is a relay's server that is asked when it is time.
type timed struct {
	relay.Server
	p *Phone
	r *run
}

// Fetch implements relay.Server.
func (t *timed) Fetch(ctx context.Context, done uint32) (relay.Script, error) {
	t.r.settle(t.p)
	if err := t.p.w.turn(ctx); err != nil {
		return relay.Script{}, err
	}
	return t.Server.Fetch(ctx, done)
}

// Return implements relay.Server.
func (t *timed) Return(ctx context.Context, script uint32, responses [][]byte, interrupted bool) (relay.Script, error) {
	t.r.settle(t.p)
	return t.Server.Return(ctx, script, responses, interrupted)
}
