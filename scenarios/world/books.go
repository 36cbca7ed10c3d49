package world

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/jpki"
	scene "inkan/scenarios/handset"
	"inkan/scenarios/laboratory"
	"inkan/sim/applets/aram"
	phone "inkan/sim/handset"
	"inkan/tsm/mno"
)

// desk is the carrier's administration: shop, call centre, warehouse.
func (c *Carrier) desk(who string) *mno.Desk { return c.manager().Desk(who) }

// stock puts a SIM into the carrier's inventory.
func (c *Carrier) stock(ctx context.Context, s *SIM) error {
	delivered, err := laboratory.Delivered(s.Card, s.Card.Number, c.w.Config.Start)
	if err != nil {
		return err
	}
	return c.desk("warehouse").AddSIM(ctx, delivered)
}

// Sell makes a SIM and sells it on a new contract, with a new number.
func (c *Carrier) Sell(ctx context.Context, holder string) (*SIM, error) {
	return c.SellWithNumber(ctx, holder, phone.Number(fmt.Sprintf("8190%08d", 12340001+c.w.made.sims)))
}

// SellWithNumber is Sell with a number that nobody has, or has any more.
func (c *Carrier) SellWithNumber(ctx context.Context, holder string, number phone.Number) (*SIM, error) {
	s, err := c.make(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.stock(ctx, s); err != nil {
		return nil, err
	}
	contract := mno.Subscriber{MSISDN: string(number), IMSI: c.Profile.IMSI(s.Card.Number), Holder: holder}
	if s.contract, err = c.desk("shop").AddSubscriber(ctx, contract); err != nil {
		return nil, err
	}
	if err := c.desk("shop").GiveSIM(ctx, s.contract, s.SE()); err != nil {
		return nil, err
	}
	s.Number = number
	c.numbers[s.ICCID] = number
	c.Network.Assign(number, s.ICCID)
	return s, nil
}

// EndContract ends the SIM's contract, 解約: its number may go to somebody else. The
// carrier's books still know which number the SIM had.
func (s *SIM) EndContract(ctx context.Context) error {
	s.Carrier.Network.Withdraw(s.Number)
	return s.Carrier.desk("shop").EndSubscriber(ctx, s.contract)
}

// Permit has the contract's holder let somebody use the line.
func (s *SIM) Permit(ctx context.Context, user string) error {
	return s.Carrier.desk("shop").SetUsers(ctx, s.contract, []string{user})
}

// seen tells the carrier which device a SIM is in, and that it can be reached.
func (c *Carrier) seen(ctx context.Context, s *SIM, imei string) error {
	if err := c.desk("network").SeeDevice(ctx, s.SE(), imei, "", 1); err != nil {
		return err
	}
	return c.manager().Seen(ctx, string(s.ICCID))
}

// Fill fills the SIM with a domain of another service that keeps nearly all the memory
// that is left. The phone is switched off meanwhile.
func (s *SIM) Fill(ctx context.Context, p *Phone) error {
	if err := p.Stop(); err != nil {
		return err
	}
	s.Carrier.w.quiet++
	err := s.fill(ctx)
	s.Carrier.w.quiet--
	return errors.Join(err, p.SwitchOn(ctx))
}

func (s *SIM) fill(ctx context.Context) error {
	if _, err := s.Reset(ctx, false); err != nil {
		return err
	}
	channel, err := scene.Issuer(ctx, s.Card, s.Carrier.w.source("fill "+s.Name))
	if err != nil {
		return err
	}
	defer channel.Host.Close()
	for n, size := range []uint32{1 << 20, 512 << 10, 256 << 10, 128 << 10, 64 << 10, 32 << 10, 16 << 10, 8 << 10} {
		p := gp.InstallParameters{ApplicationSpecific: []byte{}, System: &gp.SystemParameters{NonVolatileReserved: gp.NewMemorySize(size)}}
		parameters, err := p.Append(nil)
		if err != nil {
			return err
		}
		aid, err := gp.NewAID(append([]byte{0xF0, 0x6F, 0x74, 0x68, 0x65, 0x72}, byte(n)))
		if err != nil {
			return err
		}
		// Those that do not fit are refused, and the next is half as large.
		_, _ = gp.Exchange(ctx, channel, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage, Module: gp.AIDSecurityDomainModule,
			Application: aid, Privileges: gp.SecurityDomain, Parameters: parameters}, nil)
	}
	return nil
}

// Plant puts another application under the JPKI application's name on the SIM. The
// phone is switched off meanwhile.
func (s *SIM) Plant(ctx context.Context, p *Phone) error {
	if err := p.Stop(); err != nil {
		return err
	}
	s.Carrier.w.quiet++
	err := s.plant(ctx)
	s.Carrier.w.quiet--
	return errors.Join(err, p.SwitchOn(ctx))
}

func (s *SIM) plant(ctx context.Context) error {
	if _, err := s.Reset(ctx, false); err != nil {
		return err
	}
	channel, err := scene.Issuer(ctx, s.Card, s.Carrier.w.source("plant "+s.Name))
	if err != nil {
		return err
	}
	defer channel.Host.Close()
	_, err = gp.Exchange(ctx, channel, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aram.PackageAID, Module: aram.ModuleAID,
		Application: jpki.AIDInstance, Parameters: []byte{0xC9, 0x00}}, nil)
	return err
}
