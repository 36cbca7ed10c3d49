package authority

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inkan/core/tsmp"
)

// Peer is a service manager that is told of changes, and the way to it. Its answers
// verify under its keys among Config.Parties.
type Peer struct {
	Party    tsmp.PartyID
	Exchange tsmp.Exchange
}

// Pauses of a lane.
const (
	// lookEvery is how often a lane looks for something to tell.
	lookEvery = time.Second
	// sweepLooks is how many looks later it asks the registry for what time alone has
	// brought about, which the registry has to write down.
	sweepLooks = 60
	// longestPause is the most between two attempts; it doubles from lookEvery on.
	longestPause = 2 * time.Minute
)

// checkPeers refuses peers whose answers nobody could verify.
func (c *Config) checkPeers() error {
	seen := map[tsmp.PartyID]bool{}
	for _, p := range c.Peers {
		known := false
		for _, key := range c.Parties {
			known = known || key.Party == p.Party && key.Role == tsmp.RoleSPTSM
		}
		switch {
		case p.Exchange == nil:
			return fmt.Errorf("authority: peer %s without a way to it", p.Party)
		case seen[p.Party]:
			return fmt.Errorf("authority: peer %s is there twice", p.Party)
		case !known:
			return fmt.Errorf("authority: peer %s has no key among the parties as a service manager", p.Party)
		}
		seen[p.Party] = true
	}
	return nil
}

// Tell tells each peer what it has not acknowledged, in order, until the context
// ends, which is no error. Each peer has a lane of its own: one that does not
// answer holds up nobody else. What is to be told is in the registry, so that it is
// told after a restart too. Failures go to Config.Fault, and are tried again.
// Spec: SPEC-CA-065, SPEC-CA-067.
func (a *CA) Tell(ctx context.Context) {
	var lanes sync.WaitGroup
	for _, p := range a.config.Peers {
		lanes.Go(func() { a.lane(ctx, p, lookEvery) })
	}
	lanes.Wait()
}

// lane tells one peer, with pauses of so long; after failures longer ones.
func (a *CA) lane(ctx context.Context, p Peer, least time.Duration) {
	caller := &tsmp.Caller{Identity: a.Handler.Identity, Peer: p.Party, Keys: a.Handler.Keys, Exchange: p.Exchange}
	timer := time.NewTimer(0)
	defer timer.Stop()
	pause := least
	for look := 0; ; look++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		told, err := a.tell(ctx, look%sweepLooks == 0, p.Party, tsmp.RemoteNotified{Caller: caller})
		pause = min(2*pause, longestPause)
		if err == nil || told > 0 {
			pause = least
		}
		if err != nil && ctx.Err() == nil && a.config.Fault != nil {
			a.config.Fault(fmt.Errorf("notification of %s, again in %s: %w", p.Party, pause, err))
		}
		timer.Reset(pause)
	}
}

// tell tells a peer what there is, if there is anything.
func (a *CA) tell(ctx context.Context, sweep bool, to tsmp.PartyID, peer tsmp.Notified) (int, error) {
	if !sweep {
		if waiting, err := a.registry.HasNotices(string(to)); err != nil || !waiting {
			return 0, err
		}
	}
	return a.Notify(ctx, to, peer)
}
