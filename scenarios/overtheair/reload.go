package overtheair

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/uicc"
	"inkan/scenarios/personalise"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/profile"
)

// Config says how the application of a card is replaced over the air. Card is
// needed.
type Config struct {
	Card       *profile.Card
	Meter      personalise.Meter // of the card; nil: none
	Seed       uint64
	Conditions Conditions
	Counter    scp80.Counter // the server's; nil: from 0, gone at the end
	Format     remote.Format // 0: the carrier's
	Parts      int           // most messages of a packet; 0: MaxParts
	Delivered  bool          // the authority makes the key
	Timing     Timing        // zero: DefaultTiming

	// Progress is called when a step begins, with done nil, and when it has ended.
	Progress func(name string, done *Step)
}

// run is one replacement.
type run struct {
	Config
	target  Target
	network *Network
	link    *Link
	receipt *personalise.Receipts // nil: the card gives none
	report  *Report
}

// Run removes the application from a card, if it is there, and loads, installs and
// personalises it, all by short messages; then the holder's telephone sets the PIN
// and has a message signed. It stops at the first step that fails; the report has
// the steps up to there. Spec: SPEC-OTA-032.
func Run(ctx context.Context, c Config) (*Report, error) {
	r := &run{Config: c}
	if err := r.connect(); err != nil {
		return nil, err
	}
	defer r.target.Keys.Wipe()
	p := c.Card.Profile
	r.report = &Report{Profile: p.Name, Carrier: p.Carrier, Chip: c.Card.Chip.Name, ClockHz: c.Card.Chip.ClockHz, Model: p.Model.String(),
		Domain: r.target.Domain.String(), TAR: r.target.TAR.String(), SPI: r.target.SPI.String(), Keys: r.target.Algorithm.String(),
		Format: r.link.cfg.Format.String(), Parts: r.link.cfg.Parts, Conditions: c.Conditions, Timing: r.Timing}
	err := r.stages(ctx)
	r.report.finish()
	return r.report, err
}

func (r *run) connect() (err error) {
	if r.Card == nil {
		return errors.New("overtheair: no card")
	}
	if r.Counter == nil {
		r.Counter = new(Memory)
	}
	if r.Timing == (Timing{}) {
		r.Timing = DefaultTiming
	}
	if r.target, err = TargetOf(r.Card.Profile, r.Card.Number); err != nil {
		return err
	}
	address, err := uicc.AppendServiceCentre(nil, 0x91, r.Card.Profile.ServiceSC)
	if err != nil {
		return err
	}
	if r.network, err = NewNetwork(&Handset{Card: r.Card, ServiceCentre: address[1:]}, r.Conditions, r.Seed); err != nil {
		return err
	}
	if r.link, err = r.target.Connect(r.network, r.Counter, r.Format, r.Parts); err != nil {
		return err
	}
	if r.receipt, err = personalise.ReceiptsOf(r.Card.Profile, r.Card.Number); r.receipt != nil {
		r.receipt.Unanswered = func() int { return r.link.Unanswered }
	}
	return err
}

func (r *run) stages(ctx context.Context) error {
	if err := r.network.Handset.Start(ctx); err != nil {
		return err
	}
	if err := r.step("OPEN", "probe: does it answer, is the counter ahead", func() error { return r.link.Open(ctx) }); err != nil {
		return err
	}
	if err := r.step("DELETE", "application and load file", func() error { return r.remove(ctx) }); err != nil {
		return err
	}
	return r.personalise(ctx)
}

// step does one thing that personalise does not, and charges it.
func (r *run) step(name, detail string, do func() error) error {
	if r.Progress != nil {
		r.Progress(name, nil)
	}
	var f personalise.Figures
	if r.Meter != nil {
		r.Meter.Begin()
	}
	err := do()
	if r.Meter != nil {
		r.Meter.End(&f)
	}
	r.charge(name, detail, &f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// charge adds a step with what went over the air since the last one.
func (r *run) charge(name, detail string, card *personalise.Figures) {
	s := r.report.add(name, detail, card, r.network.Traffic, r.link.cfg.Server.Packets, r.link.Recoveries)
	if r.Progress != nil {
		r.Progress(name, s)
	}
}

// remove deletes the load file with its applications; that it is not there is fine.
func (r *run) remove(ctx context.Context) error {
	c, err := gp.Delete{AID: jpki.AIDPackage, Related: true}.APDU(nil)
	if err != nil {
		return err
	}
	if r.target.Token != nil {
		if c, err = gp.AddToken(c, r.target.Token); err != nil {
			return err
		}
	}
	raw, err := c.Append(nil)
	if err != nil {
		return err
	}
	answer, err := r.link.Transmit(ctx, raw, nil)
	if err != nil {
		return err
	}
	response, err := apdu.DecodeResponse(answer)
	switch {
	case err != nil:
		return err
	case response.SW == iso7816.ReferencedDataNotFound:
		return nil
	case response.SW != iso7816.OK:
		return response.SW
	case r.receipt == nil:
		return nil
	}
	return r.receipt.Check(response.Data, gp.DeleteReceipt(jpki.AIDPackage))
}

// personalise loads, installs and personalises over the link, and uses the
// application on the telephone.
func (r *run) personalise(ctx context.Context) error {
	c, err := r.configuration()
	if err != nil {
		return err
	}
	c.Progress = func(name string, done *personalise.Step) {
		switch {
		case done != nil:
			r.charge(name, done.Detail, &done.Figures)
		case r.Progress != nil:
			r.Progress(name, nil)
		}
	}
	result, err := personalise.Run(ctx, c)
	if result != nil {
		r.report.Issued, r.report.Message = result.Issued, result.Message
	}
	if r.receipt != nil {
		r.report.Receipts, r.report.ReceiptsLost = r.receipt.Verified, r.receipt.Lost
	}
	return err
}

// configuration is what to personalise, and how.
func (r *run) configuration() (c personalise.Config, err error) {
	file, err := cap.Open(applet.CAP)
	if err != nil {
		return c, err
	}
	p := r.Card.Profile
	sim, err := uicc.AppendICCID(nil, p.ICCID(r.Card.Number))
	if err != nil {
		return c, err
	}
	return personalise.Config{Card: r.Card, CardName: r.Card.Chip.Name, ClockHz: r.Card.Chip.ClockHz, Meter: r.Meter,
		Seed: r.Seed, LoadFile: file.LoadFile(nil, file.Descriptor != nil), Delivered: r.Delivered, SIM: sim, Domain: r.target.Domain, Token: r.target.Token,
		Receipts: r.receipt, Over: r.link, OverName: "SCP80 in short messages", BlockBytes: r.link.DataBytes(min(p.MaxData, perso.MaxBlockBytes)),
		Authority: perso.ECDSAAuthority{Key: r.Card.AuthorityKey()}}, nil
}
