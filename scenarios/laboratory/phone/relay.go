package phone

import (
	"context"
	"fmt"
	"time"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	scene "inkan/scenarios/handset"
	"inkan/sim/handset/relay"
)

// How the app stays with a relay whose server has it wait: after that it asks the
// service how far it is.
const (
	longestWait = 2 * time.Second
	askRelay    = 50 * time.Millisecond
	maxWaits    = 10
)

// run is a relay channel that the app serves.
type run struct {
	*relay.Run
	said int // commands that were spoken of
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
		remote := relay.Remote{Party: tsmp.RemoteRelay{Caller: p.caller(access.Party)}, Ticket: access.Ticket, Entropy: entropy.System(), Now: time.Now,
			Sent: map[tsmp.CallID]time.Time{}}
		if r.Run, err = p.Relay(remote, session); err != nil {
			return err
		}
		r.Open = p.RelayChannel
		p.runs[access.Ticket] = r
	}
	for range maxWaits {
		wait, err := r.Do(ctx)
		if r.Commands > r.said {
			p.config.Say("relay", fmt.Sprintf("%d commands of %s for the SIM", r.Commands-r.said, access.Party))
			r.said = r.Commands
		}
		if err != nil || wait == 0 || wait > longestWait {
			return reached(err)
		}
		if err := sleep(ctx, min(wait, askRelay)); err != nil {
			return err
		}
	}
	return nil
}
