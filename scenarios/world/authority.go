package world

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/keys"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
)

// caServer is the certificate authority as a process.
type caServer struct {
	*authority.CA
	w    *World
	self *process
	told tsmp.Notified

	again time.Time // when it tells again what it could not tell; zero: there is nothing
}

// openAuthority opens the authority, which has the test keys.
func (w *World) openAuthority(ctx context.Context) error {
	open := func(ctx context.Context, disk vfs.FS, life int) (server, error) {
		parties := tsmp.Keys{}
		for id, key := range w.directory {
			if key.Party != CA {
				parties[id] = key
			}
		}
		seed := w.seed(fmt.Sprintf("authority %d", life))
		a, err := authority.Open(ctx, authority.Config{Folder: "ca", FS: disk, Now: w.Now, Seed: &seed, Delivered: w.delivered(life), Parties: parties,
			LoadFiles: []perso.Hash{sha256.Sum256(w.loadFile)}})
		if err != nil {
			return nil, err
		}
		w.CA = a
		w.directory[a.Key.ID] = a.Key
		for _, m := range w.attesting {
			if _, err := a.Inventory.Report(m.se, m.key); err != nil {
				return nil, err
			}
		}
		caller := &tsmp.Caller{Identity: a.Handler.Identity, Peer: SPTSM, Keys: w.directory}
		s := &caServer{CA: a, w: w, self: w.processes[CA], told: tsmp.RemoteNotified{Caller: caller}}
		caller.Exchange = w.between(s.self, CA, SPTSM, w.onWire)
		return s, nil
	}
	return w.run(ctx, &process{party: CA, open: open})
}

// delivered are the keys that the authority makes; nil: those of its own seed.
func (w *World) delivered(life int) keys.Source {
	if w.Config.Keys == nil {
		return nil
	}
	return &delivered{w: w, life: life}
}

// delivered is a keys.Source of a world's keys.
type delivered struct {
	w           *World
	life, count int
}

// Next implements keys.Source.
func (d *delivered) Next() (*rsa.PrivateKey, error) {
	d.count++
	return d.w.key(fmt.Sprintf("authority %d/delivered %d", d.life, d.count))
}

// Handle implements server.
func (s *caServer) Handle(ctx context.Context, request []byte) ([]byte, error) {
	return s.Handler.Handle(ctx, request)
}

// tellAgain is how long the authority waits until it tells again what it could not tell.
const tellAgain = time.Minute

// Work implements server: it tells the SP-TSM what has changed. What it cannot tell
// now it tells at the next turn, or when nothing else happens later.
func (s *caServer) Work(ctx context.Context, now time.Time) (more bool, err error) {
	s.again = time.Time{}
	_, err = s.Notify(ctx, SPTSM, s.told)
	if IsLost(err) {
		s.self.touch()
		s.again = now.Add(tellAgain)
		return false, nil
	}
	return false, err
}

// NextDue implements server.
func (s *caServer) NextDue(context.Context) (time.Time, error) { return s.again, nil }
