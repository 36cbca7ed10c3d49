package pcsc

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/sim/idcard"
	"inkan/sim/profile"
)

// Options say which card is served.
type Options struct {
	Profile string // empty: the image's, or without one the test profile
	Number  uint32 // of a new card
	T0      bool   // T=0 in place of T=1
	Line    bool   // commands travel over a simulated line, character by character
	Demo    bool   // a new card gets the JPKI application, personalised
	Image   string // file that keeps the card; empty: it is gone at the end

	// IDCard is a My Number Card in the place of a SIM, personalised for the holder
	// of this name (idcards.Holders); empty: a SIM, or what the image has.
	IDCard string
	// Contactless is a reader without contacts, for a My Number Card.
	Contactless bool

	// Seed makes everything random follow from it; nil: real randomness.
	Seed *uint64
	Say  func(line string) // what a person wants to know; may be nil
}

// Served is a card with its file. Not for concurrent use.
type Served struct {
	Card   *profile.Card // nil: it is a My Number Card
	IDCard *idcard.Card  // nil: it is a SIM
	Known  bool          // it came from the image
	file   *File
	keep   *Keeper
}

// Open makes the card, or takes it from its image. The caller calls Close.
func Open(ctx context.Context, o Options) (*Served, error) {
	s := new(Served)
	if err := s.open(ctx, o); err != nil {
		if s.file != nil {
			err = errors.Join(err, s.file.Close())
		}
		return nil, err
	}
	return s, nil
}

func (s *Served) open(ctx context.Context, o Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	image := &Image{Profile: o.Profile, Number: o.Number}
	if o.IDCard != "" {
		image.Profile = IDCardProfile
	}
	if o.Image != "" {
		if s.file, err = OpenFile(o.Image); err != nil {
			return err
		}
		if image, err = s.known(o, image); err != nil {
			return err
		}
	}
	if image.Profile == "" {
		image.Profile = profile.Test().Name
	}
	if err := s.make(ctx, o, image); err != nil || s.file == nil {
		return err
	}
	s.keep = Keep(s.file, *image, s.flash(), func(err error) {
		if o.Say != nil {
			o.Say(fmt.Sprintf("the image is not saved: %v", err))
		}
	})
	return nil
}

// known is the card of the image, or the new one that was asked for.
func (s *Served) known(o Options, asked *Image) (*Image, error) {
	image, err := s.file.Read()
	if err != nil {
		return nil, err
	}
	if image == nil {
		return asked, nil
	}
	s.Known = true
	if asked.Profile != "" && asked.Profile != image.Profile {
		return nil, fmt.Errorf("%s is a card of profile %s, not %s: choose another file, or leave the profile out", o.Image, image.Profile, asked.Profile)
	}
	return image, nil
}

// make makes the card, and personalises it.
func (s *Served) make(ctx context.Context, o Options, image *Image) (err error) {
	if image.Profile == IDCardProfile {
		return s.makeIDCard(ctx, o, image)
	}
	if o.Contactless {
		return errors.New("a SIM has contacts: only a My Number Card may be in a reader without")
	}
	p := profile.Named(image.Profile)
	if p == nil {
		return fmt.Errorf("no profile is called %s: want one of %s", image.Profile, ProfileNames())
	}
	parts := profile.Parts{Number: image.Number, T0: o.T0, Entropy: o.entropy(image.Snapshot), Snapshot: image.Snapshot}
	if o.Line {
		parts.Slot = new(profile.Slot)
	}
	if s.Card, err = profile.New(p, parts); err != nil {
		if s.Known {
			err = fmt.Errorf("%s: %w", o.Image, err)
		}
		return err
	}
	if !o.Demo || s.Known {
		return nil
	}
	_, err = Personalise(ctx, s.Card, o.seed(), nil)
	return err
}

// entropy is the card's: one that goes on does not repeat what it drew before.
func (o *Options) entropy(snapshot []byte) entropy.Source {
	if o.Seed == nil {
		return entropy.System()
	}
	return entropy.Seeded(*o.Seed, fmt.Sprintf("card/%x", sha256.Sum256(snapshot)))
}

// seed is what keys and certificates of a demonstration follow from.
func (o *Options) seed() uint64 {
	if o.Seed == nil {
		return 1
	}
	return *o.Seed
}

// ProfileNames are the names of all profiles, for messages.
func ProfileNames() string {
	var names []string
	for _, p := range profile.All() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// HasJPKI tells whether the JPKI application is on the card.
func (s *Served) HasJPKI() bool {
	return s.IDCard != nil || s.Card.Applet(jpki.AIDInstance.Append(nil)) != nil
}

// Note has the image written, if the card changed its memory.
func (s *Served) Note() {
	if s.keep != nil {
		s.keep.Note()
	}
}

// Close saves the card and gives its file back.
func (s *Served) Close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.keep.Close(), s.file.Close())
}
