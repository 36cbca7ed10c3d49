package phone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"inkan/core/entropy"
	scene "inkan/scenarios/handset"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/scenarios/pcsc"
	"inkan/sim/profile"
)

// card is the phone's SIM.
type card struct {
	*profile.Card
	file *pcsc.File // nil: it is not kept
}

// openCard takes the SIM of the image, or makes a new one with the carrier's access
// rules. Spec: SPEC-SERVE-021.
func (p *Phone) openCard(ctx context.Context) (c *card, err error) {
	c = new(card)
	if p.config.Image != "" {
		if c.file, err = pcsc.OpenFile(p.config.Image); err != nil {
			return nil, err
		}
	}
	if err := p.makeCard(ctx, c); err != nil {
		if c.file != nil {
			err = errors.Join(err, c.file.Close())
		}
		return nil, err
	}
	return c, nil
}

func (p *Phone) makeCard(ctx context.Context, c *card) (err error) {
	image := &pcsc.Image{Profile: p.config.Profile, Number: p.config.Number}
	if c.file != nil {
		kept, err := c.file.Read()
		if err != nil {
			return err
		}
		if kept != nil {
			image = kept
		}
	}
	if err := p.fits(image); err != nil {
		return err
	}
	of := profile.Named(image.Profile)
	if of == nil {
		return fmt.Errorf("no profile is called %s: want one of %s", image.Profile, pcsc.ProfileNames())
	}
	if image.Number == 0 {
		if err := p.again(ctx, func() (err error) { image.Number, err = p.buy(ctx, of); return err }); err != nil {
			return fmt.Errorf("the shop: %w", err)
		}
	}
	if c.Card, err = profile.New(of, profile.Parts{Number: image.Number, Entropy: entropy.System(), Snapshot: image.Snapshot}); err != nil {
		return err
	}
	if image.Snapshot != nil {
		return nil
	}
	return scene.InstallRules(ctx, c.Card, laboratory.Rules(), entropy.System())
}

// fits refuses an image of another card than was asked for.
func (p *Phone) fits(image *pcsc.Image) error {
	switch asked := &p.config; {
	case image.Profile == "":
		image.Profile = defaultProfile
	case asked.Profile != "" && asked.Profile != image.Profile:
		return fmt.Errorf("%s is a card of profile %s, not %s", asked.Image, image.Profile, asked.Profile)
	case asked.Number != 0 && asked.Number != image.Number:
		return fmt.Errorf("%s is card %d of profile %s, not %d", asked.Image, image.Number, image.Profile, asked.Number)
	}
	return nil
}

// buy has the shop give a SIM that nobody has used.
func (p *Phone) buy(ctx context.Context, of *profile.Profile) (uint32, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, folder.URL(folder.Network, folder.AppsPort)+"/"+of.Name+"/shop/v1/sim", nil)
	if err != nil {
		return 0, err
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, unreachable(err)
	}
	defer answer.Body.Close()
	var sim struct{ Number uint32 }
	body := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case answer.StatusCode == http.StatusServiceUnavailable:
		return 0, unreachable(errors.New(answer.Status))
	case answer.StatusCode != http.StatusOK:
		return 0, errors.New(answer.Status)
	case body.Decode(&sim) != nil || sim.Number == 0:
		return 0, errors.New("the answer has no number of a SIM")
	}
	return sim.Number, nil
}

// maxAnswer is the longest answer of a shop or bank that is read.
const maxAnswer = 64 << 10

// save keeps the card's memory, where it is kept.
func (c *card) save() error {
	if c.file == nil {
		return nil
	}
	var memory bytes.Buffer
	if err := c.Flash.Snapshot(&memory); err != nil {
		return err
	}
	return c.file.Write(&pcsc.Image{Profile: c.Profile.Name, Number: c.Number, Snapshot: memory.Bytes()})
}

func (c *card) close() error {
	if c.file == nil {
		return nil
	}
	return errors.Join(c.save(), c.file.Close())
}
