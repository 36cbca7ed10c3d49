package main

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/personalise"
	"inkan/scenarios/world"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/handset/uiapp"
)

var downloadPromise = Promise{
	Name:     "processors' time of a whole download, all parties, by relay: applied for, authority's key, activated",
	Baseline: "its signatures by crypto/rsa: the My Number Card's, the authority's",
	Limit:    12,
	MaxNanos: 25e6,
	// Messages, rows, scripts, the card's execution: spec/decisions/0020.
	AllocLimit: 33_000,
	Measure:    measureDownload,
}

var onCardPromise = Promise{
	Name:       "processors' time of the same with a key that the SIM makes",
	Baseline:   "key generation alone, of as many modular multiplications, and two signatures by crypto/rsa",
	Limit:      1.5,
	AllocLimit: 33_000,
	Measure:    measureOnCard,
}

// downloadCarrier is whose SIMs they are.
const downloadCarrier = "hayate"

// downloadPhones is how many phones a world has: in a measurement enough for the
// stores' first memory tables, which grow from small ones, to count little.
func downloadPhones(rounds int) int { return min(24, max(4, rounds/4)) }

// people is a world with phones that have not applied yet.
type people struct {
	w      *world.World
	phones []*world.Phone
}

func newPeople(phones int, origin jpki.Origin) (p *people, err error) {
	ctx := context.Background()
	p = new(people)
	if p.w, err = world.New(ctx, world.Config{Seed: 1, Carriers: []string{downloadCarrier}, Origin: origin, LightDisks: true}); err != nil {
		return nil, err
	}
	for n := range phones {
		holder, err := p.w.Resident(ctx, uint32(n+1))
		if err != nil {
			return p, err
		}
		sim, err := p.w.Carriers[downloadCarrier].Sell(ctx, holder.Name)
		if err != nil {
			return p, err
		}
		phone, err := p.w.Phone(ctx, holder, sim, world.PhoneConfig{})
		if err != nil {
			return p, err
		}
		p.phones = append(p.phones, phone)
	}
	return p, nil
}

// download has all phones apply and follow their downloads to the end.
func (p *people) download() error {
	for _, phone := range p.phones {
		if err := phone.Apply(context.Background(), uiapp.Apply, tsmp.UsageHolder); err != nil {
			return err
		}
		if err := phone.Follow(context.Background(), p.w.Patience()); err != nil {
			return err
		}
	}
	return nil
}

// multiplied is what the SIMs have spent on modular exponentiation, in cycles.
func (p *people) multiplied() (cycles uint64) {
	for _, s := range p.w.SIMs() {
		cycles += s.Card.Clock.Ledger()[clock.ModExp]
	}
	return cycles
}

// downloads measures worlds of phones, the fastest; multiplied is what its SIMs
// multiplied.
func downloads(origin jpki.Origin, rounds int) (r Result, multiplied uint64, err error) {
	r = Result{OperationNanos: math.Inf(1), Allocs: math.Inf(1)}
	phones := downloadPhones(rounds)
	for n := range max(3, rounds/20) {
		p, err := newPeople(phones, origin)
		if err != nil {
			return r, 0, err
		}
		before := p.multiplied()
		nanos, allocs, err := counted(processorTime, p.download)
		if err = errors.Join(err, p.w.Close()); err != nil {
			return r, 0, err
		}
		if each := nanos / float64(phones); n > 0 && each < r.OperationNanos { // the first makes the keys
			r.OperationNanos, r.Allocs, multiplied = each, allocs/float64(phones), (p.multiplied()-before)/uint64(phones)
		}
	}
	return r, multiplied, nil
}

// measureDownload measures downloads of keys that were made before.
func measureDownload(rounds int) (Result, error) {
	defer oneProcessor()()
	r, _, err := downloads(jpki.OriginDelivered, rounds)
	if err != nil {
		return r, err
	}
	if r.BaselineNanos, r.BaselineAllocs, err = signatures(); err != nil {
		return r, err
	}
	r.Note = fmt.Sprintf("A download with a key that is there takes %.1f ms of processors' time beside its signatures.", (r.OperationNanos-r.BaselineNanos)/1e6)
	return r, err
}

// signatures measures the RSA signatures of a download by crypto/rsa: that of the
// applicant's card, and that of the authority's certificate.
func signatures() (nanos, allocs float64, err error) {
	key, err := personalise.SeededKey(1, "bench/download")
	if err != nil {
		return 0, 0, err
	}
	const rounds = 200
	digest := sha256.Sum256(nil)
	nanos, allocs, err = counted(processorTime, func() error {
		for range 2 * rounds {
			if _, err := key.Sign(nil, digest[:], crypto.SHA256); err != nil {
				return err
			}
		}
		return nil
	})
	return nanos / rounds, allocs / rounds, err
}

// measureOnCard measures downloads of keys that the SIM makes. How long the search for
// primes is differs from key to key, so the baseline makes keys as well, and is
// counted by the modular multiplications that both need on the same chip.
func measureOnCard(rounds int) (Result, error) {
	defer oneProcessor()()
	r, cycles, err := downloads(jpki.OriginOnCard, rounds)
	if err != nil {
		return r, err
	}
	p, err := newPeople(1, jpki.OriginOnCard)
	if err != nil {
		return r, err
	}
	chip := p.phones[0].SIM.Card.Chip
	if err := p.w.Close(); err != nil {
		return r, err
	}
	var bare uint64
	nanos, allocs, err := counted(processorTime, func() error {
		for n := range uint64(downloadPhones(rounds)) {
			k := new(clock.Clock)
			if _, err := engine.New(chip, k, entropy.Seeded(n, "bench/key")).GenerateRSA(2048, []byte{1, 0, 1}); err != nil {
				return err
			}
			bare += k.Ledger()[clock.ModExp]
		}
		return nil
	})
	share := float64(cycles) / float64(bare)
	if err != nil {
		return r, err
	}
	signing, signingAllocs, err := signatures()
	r.BaselineNanos, r.BaselineAllocs = nanos*share+signing, allocs*share+signingAllocs
	r.Note = fmt.Sprintf("A key of the SIM's takes %v of the card's time to multiply.", time.Duration(float64(cycles)/float64(chip.ClockHz)*1e9).Round(time.Millisecond))
	return r, err
}
