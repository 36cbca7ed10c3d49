package scp03_test

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
)

// counter is a sequence counter; a card keeps it in non-volatile memory.
type counter uint32

func (c *counter) Load() uint32             { return uint32(*c) }
func (c *counter) Store(value uint32) error { *c = counter(value); return nil }

// securityDomain is a card that opens a channel and lists one application.
type securityDomain struct{ channel *scp03.Card }

func (d securityDomain) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if !d.channel.IsOpen() {
		return d.channel.Handshake(dst, cmd), nil
	}
	plain, err := d.channel.Unwrap(nil, cmd)
	if err != nil {
		return apdu.Response{SW: scp.ErrSecurity}.Append(dst), nil
	}
	return d.channel.Wrap(dst, d.execute(plain).Append(nil))
}

func (d securityDomain) execute(plain []byte) apdu.Response {
	c, err := apdu.DecodeCommand(plain)
	if err != nil {
		return apdu.Response{SW: iso7816.WrongLength}
	}
	g, err := gp.DecodeGetStatus(&c)
	if err != nil {
		return apdu.Response{SW: gp.StatusOf(err)}
	}
	data, err := g.AppendEntry(nil, &gp.Entry{
		Kind: gp.KindApplication, AID: gp.MustAID("D2760000850101"), LifeCycle: gp.Selectable,
	})
	if err != nil {
		return apdu.Response{SW: iso7816.NoPreciseDiagnosis}
	}
	return apdu.Response{Data: data, SW: iso7816.OK}
}

// Both ends of a channel: the host opens it at level 33 (everything encrypted
// and with a MAC, both ways) and lists the card's applications through it.
func Example() {
	ctx := context.Background()
	set := &scp.KeySet{Version: 0x30, Enc: keys.TestKey(), MAC: keys.TestKey(), DEK: keys.TestKey()}

	channel, err := scp03.NewCard(scp03.CardConfig{
		Options: scp03.PseudoRandom | scp03.ResponseMAC | scp03.ResponseEncryption,
		Keys:    func(version byte) (*scp.KeySet, scp.Counter) { return set, new(counter) },
		AID:     gp.AIDIssuerSecurityDomain.Append(nil),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var card apdu.Card = securityDomain{channel}

	host, err := scp03.Open(ctx, card, scp03.HostConfig{
		Keys:    scp03.FixedKeys(set),
		Level:   scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption,
		Entropy: entropy.Seeded(1, "host"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer host.Close()

	get := gp.GetStatus{Subset: gp.SubsetApplications}
	err = gp.Status(ctx, &scp.Secured{Host: host, Card: card}, get, func(e *gp.Entry) error {
		fmt.Printf("%v %02X\n", e.AID, byte(e.LifeCycle))
		return nil
	})
	fmt.Println(err)
	// Output:
	// D2760000850101 07
	// <nil>
}
