package world

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/sp"
)

// software is the application's load file as a party has it.
func (w *World) software(party tsmp.PartyID) []byte {
	if other := w.substituted[party]; other != nil {
		return other
	}
	return w.loadFile
}

// Substitute puts a look-alike in the place of the application's load file at parties, as
// somebody could who looks after their servers: it has the same names and does the same,
// so that its key and its proofs are as good as those of the genuine one, but it is another
// load file. No parties: all have the genuine one again.
func (w *World) Substitute(ctx context.Context, parties ...tsmp.PartyID) error {
	was := w.substituted
	w.substituted, w.pretends = map[tsmp.PartyID][]byte{}, false
	for _, party := range parties {
		other, err := lookAlike(w.loadFile)
		if err != nil {
			return err
		}
		w.substituted[party] = other
	}
	for _, p := range w.order {
		if was[p.party] == nil && w.substituted[p.party] == nil {
			continue
		}
		if err := w.Kill(ctx, p.party); err != nil {
			return err
		}
	}
	return nil
}

// Pretend is Substitute at the SP-TSM, which says to everybody but the card that its load
// file is the genuine one.
func (w *World) Pretend(ctx context.Context) error {
	if err := w.Substitute(ctx, SPTSM); err != nil {
		return err
	}
	w.pretends = true
	return w.Kill(ctx, SPTSM)
}

// loads is what an SP-TSM does on cards that loads another file than it says.
type loads struct {
	sp.Cards
	software *sp.Software
}

// Begin implements sp.Cards.
func (l loads) Begin(ctx context.Context, p *sp.Program, d *sp.Domain) ([]byte, error) {
	other := *p
	other.Software = l.software
	return l.Cards.Begin(ctx, &other, d)
}

// headerMagic begins the header of a CAP file; four bytes later comes the package's minor
// version.
var headerMagic = []byte{0xDE, 0xCA, 0xFF, 0xED}

// lookAlike is a load file that differs from another in the package's minor version.
func lookAlike(loadFile []byte) ([]byte, error) {
	at := bytes.Index(loadFile, headerMagic)
	if at < 0 {
		return nil, errors.New("world: a load file without header")
	}
	other := slices.Clone(loadFile)
	other[at+len(headerMagic)+3]++
	return other, nil
}

// Counterfeit makes the SIM one that only says that it is the one of its identifier: of the
// genuine one the authority knows another key.
func (s *SIM) Counterfeit(ctx context.Context) error {
	w := s.Carrier.w
	key, err := w.attestingKey("genuine " + s.Name)
	if err != nil {
		return err
	}
	for i := range w.attesting {
		if w.attesting[i].se == s.SE() {
			w.attesting[i].key = &key.PublicKey
		}
	}
	return w.Kill(ctx, CA)
}

// attestingKey is a key of a controlling authority.
func (w *World) attestingKey(name string) (*ecdsa.PrivateKey, error) {
	source := w.source("attesting key of " + name)
	for range 8 {
		var scalar [32]byte
		source.Fill(scalar[:])
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:]); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("world: no key for %s", name)
}
