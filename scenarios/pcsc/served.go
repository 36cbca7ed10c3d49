package pcsc

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"inkan/core/entropy"
	"inkan/core/jpki"
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

	// Seed makes everything random follow from it; nil: real randomness.
	Seed *uint64
	Say  func(line string) // what a person wants to know; may be nil
}

// Served is a card with its file. Not for concurrent use.
type Served struct {
	Card  *profile.Card
	Known bool // it came from the image
	file  *File
	keep  *Keeper
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
	image := &Image{Profile: o.Profile, Number: o.Number}
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
	s.keep = Keep(s.file, *image, s.Card.Flash, func(err error) {
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
	if o.Profile != "" && o.Profile != image.Profile {
		return nil, fmt.Errorf("%s is a card of profile %s, not %s: choose another file, or leave the profile out", o.Image, image.Profile, o.Profile)
	}
	return image, nil
}

// make makes the card, and personalises it.
func (s *Served) make(ctx context.Context, o Options, image *Image) (err error) {
	p := profile.Named(image.Profile)
	if p == nil {
		return fmt.Errorf("no profile is called %s: want one of %s", image.Profile, ProfileNames())
	}
	parts := profile.Parts{Number: image.Number, T0: o.T0, Entropy: entropy.System(), Snapshot: image.Snapshot}
	if o.Line {
		parts.Slot = new(profile.Slot)
	}
	if o.Seed != nil {
		// A card that goes on does not repeat what it drew before.
		parts.Entropy = entropy.Seeded(*o.Seed, fmt.Sprintf("card/%x", sha256.Sum256(image.Snapshot)))
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
	seed := uint64(1)
	if o.Seed != nil {
		seed = *o.Seed
	}
	_, err = Personalise(ctx, s.Card, seed, nil)
	return err
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
func (s *Served) HasJPKI() bool { return s.Card.Applet(jpki.AIDInstance.Append(nil)) != nil }

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
