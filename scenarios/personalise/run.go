package personalise

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/scp"
)

// run is one personalisation.
type run struct {
	Config
	card     counted
	over     counted
	host     scp.Host
	secured  apdu.Card // nil: no channel is open
	sessions int
	report   *Report

	ca       *perso.SoftwareKey
	order    perso.Order
	session  *perso.Session
	transfer *perso.Transfer
	sequence byte
	pairs    map[jpki.Role]*pair
}

// pair is what the authority has for a role.
type pair struct {
	authority   *TestCA
	public      *rsa.PublicKey
	private     *rsa.PrivateKey // of a delivered key, until it is sealed
	certificate []byte          // nil: only the authority and the card know it
	code        []byte
}

// Run loads the application if asked, personalises it, sets the first PINs,
// reads the certificates back and has the message signed, and then goes through
// the life cycle if asked. It stops at the first step that fails; the report
// has the steps up to there.
func Run(ctx context.Context, c Config) (*Report, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	r := newRun(c)
	defer r.close()
	stages := []func(context.Context) error{r.prepare, r.connect, r.issue, r.use}
	if c.CA != nil {
		stages = []func(context.Context) error{r.connect, r.issueBy, r.use}
	}
	if c.LifeCycle {
		stages = append(stages, r.suspendAndResume, r.resetPINs, r.erase)
	}
	for _, stage := range stages {
		if err := stage(ctx); err != nil {
			return r.report, err
		}
	}
	return r.report, nil
}

// newRun is a run of a complete configuration.
func newRun(c Config) *run {
	r := &run{Config: c, card: counted{Card: c.Card}, over: counted{Card: c.Over}, pairs: map[jpki.Role]*pair{}}
	r.report = &Report{Card: c.CardName, Line: c.Line, ClockHz: c.ClockHz, Form: c.Parameters.Form.String(), Message: c.Message,
		Channel: "the issuer's domain", Origin: r.origin().String()}
	if c.Domain != gp.AIDIssuerSecurityDomain {
		r.report.Channel = "the domain " + c.Domain.String()
	}
	if c.OwnChannel {
		r.report.Channel = "the application itself"
	}
	protocol := fmt.Sprintf("SCP%02d", c.SCP)
	if c.Over != nil {
		protocol = c.OverName
	}
	r.report.Channel = protocol + " with " + r.report.Channel
	return r
}

func (r *run) origin() jpki.Origin {
	if r.Delivered {
		return jpki.OriginDelivered
	}
	return jpki.OriginOnCard
}

// step does one thing and charges it with what it cost.
func (r *run) step(ctx context.Context, name, detail string, do func(context.Context) error) error {
	if r.Progress != nil {
		r.Progress(name, nil)
	}
	r.card.figures, r.over.figures = Figures{}, Figures{}
	r.Meter.Begin()
	err := do(ctx)
	s := Step{Name: name, Detail: detail, Figures: r.card.figures}
	s.Figures.Add(&r.over.figures)
	r.Meter.End(&s.Figures)
	r.report.Steps = append(r.report.Steps, s)
	r.report.Total.Add(&s.Figures)
	r.report.Total.NVM.Pages = r.Meter.Pages()
	if r.Progress != nil {
		r.Progress(name, &r.report.Steps[len(r.report.Steps)-1])
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// prepare makes the authority's keys, which cost the card nothing.
func (r *run) prepare(context.Context) error {
	source := entropy.Seeded(r.Seed, "personaliser/CA content key")
	for r.ca == nil {
		var scalar [32]byte
		source.Fill(scalar[:])
		r.ca, _ = perso.NewSoftwareKey(1, scalar[:]) // not a scalar once in 2^32
	}
	for _, role := range r.roles() {
		authority, err := NewTestCA(role, r.Now)
		if err != nil {
			return err
		}
		p := &pair{authority: authority, code: make([]byte, jpki.CodeLen)}
		fillDigits(entropy.Seeded(r.Seed, "personaliser/code/"+role.String()), p.code)
		if r.Delivered {
			if p.private, err = SeededKey(r.Seed, "personaliser/delivered key/"+role.String()); err != nil {
				return err
			}
			p.public = &p.private.PublicKey
		}
		r.pairs[role] = p
	}
	return nil
}

// fillDigits fills a code with characters that a person can type.
func fillDigits(source entropy.Source, code []byte) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWX" // 32
	source.Fill(code)
	for i, b := range code {
		code[i] = alphabet[b&31]
	}
}

// connect loads the application if asked and gets to where data groups can be
// sent.
func (r *run) connect(ctx context.Context) error {
	if r.LoadFile != nil {
		if err := r.open(ctx, "domain", r.Domain); err != nil {
			return err
		}
		if err := r.load(ctx); err != nil {
			return err
		}
		r.LoadHash = sha256.Sum256(r.LoadFile)
	}
	return r.reach(ctx)
}

// reach opens the channel that data groups go through, unless it is open, and
// has the domain forward them.
func (r *run) reach(ctx context.Context) error {
	r.transfer = nil
	if r.OwnChannel {
		if err := r.open(ctx, "application", jpki.AIDInstance); err != nil {
			return err
		}
	} else {
		if r.secured == nil {
			if err := r.open(ctx, "domain", r.Domain); err != nil {
				return err
			}
		}
		err := r.step(ctx, "INSTALL", "[for personalization]", func(ctx context.Context) error {
			_, err := gp.Exchange(ctx, r.secured, gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDInstance}, nil)
			return err
		})
		if err != nil {
			return err
		}
	}
	r.transfer = &perso.Transfer{Card: r.secured, BlockBytes: r.BlockBytes, More: true}
	return nil
}
