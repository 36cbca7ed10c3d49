package pcsc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"inkan/core/apdu"
	"inkan/core/jpki/basic"
	"inkan/scenarios/idcards"
	"inkan/sim/idcard"
	"inkan/sim/nvm"
	"inkan/sim/profile"
)

// IDCardProfile stands in images of My Number Cards, where those of SIMs have their
// profile's name.
const IDCardProfile = "my-number-card"

// check refuses options that do not go together.
func (o *Options) check() error {
	if o.IDCard == "" {
		return nil
	}
	switch {
	case o.Profile != "" || o.Demo:
		return errors.New("a My Number Card has no profile of a carrier, and is personalised as it is")
	case o.T0:
		return errOnlyT1
	}
	return nil
}

var errOnlyT1 = errors.New("a My Number Card has T=1 only")

// makeIDCard makes a My Number Card and personalises it, or takes it from its image.
// Spec: SPEC-IDCARD-018.
func (s *Served) makeIDCard(ctx context.Context, o Options, image *Image) (err error) {
	parts := idcard.Parts{Number: image.Number, Entropy: o.entropy(image.Snapshot), Snapshot: image.Snapshot, Contactless: o.Contactless}
	if o.T0 {
		return errOnlyT1
	}
	if o.Line {
		parts.Slot = new(profile.Slot)
	}
	if s.Known {
		if s.IDCard, err = idcard.New(parts); err != nil {
			err = fmt.Errorf("%s: %w", o.Image, err)
		}
		return err
	}
	holder, err := idcards.HolderNamed(o.IDCard)
	if err != nil {
		return err
	}
	image.Number = holder.Number
	s.IDCard, err = idcards.OpenWith(ctx, o.IDCard, o.seed(), parts)
	return err
}

// Terminal is the card, whichever it is.
func (s *Served) Terminal() apdu.Terminal {
	if s.IDCard != nil {
		return s.IDCard
	}
	return s.Card
}

// flash is the memory that an image keeps.
func (s *Served) flash() *nvm.Flash {
	if s.IDCard != nil {
		return s.IDCard.Flash
	}
	return s.Card.Flash
}

// describeIDCard says whose card it is, as far as it says so without a PIN.
func (s *Served) describeIDCard(w io.Writer) error {
	card, err := basic.ReadCard(context.Background(), s.IDCard)
	if err != nil {
		return err
	}
	if _, err := s.IDCard.Reset(context.Background(), false); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "card\tMy Number Card, %s\n", s.from())
	fmt.Fprintf(t, "serial\t%s of municipality %s, until %v\n", card.Serial, card.Municipality, card.Expiry)
	fmt.Fprintf(t, "chip\t%s, %d KiB\n", s.IDCard.Chip.Name, s.IDCard.Chip.NVM.SizeBytes>>10)
	if !s.Known {
		p := idcards.DemoPINs
		fmt.Fprintf(t, "PINs\tuser authentication %s, signature %s, text input support %s\n", p.Auth, p.Sign, p.Text)
	}
	fmt.Fprintf(t, "try\topensc-tool -n\n\tpkcs15-tool -D\n\tpkcs11-tool --slot 1 --login --pin %s --sign --id 02 -m SHA256-RSA-PKCS -i file -o signature\n", idcards.DemoPINs.Sign)
	return t.Flush()
}
