package channel

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// opener is a card side with an explicit handshake: scp02.Card and scp03.Card.
type opener interface {
	scp.Card
	Handshake(dst, cmd []byte) []byte
	IsOpen() bool
}

// domain is a security domain with one record: STORE DATA sets it, GET DATA
// reads it, both only through an open channel. It is what a channel protects
// here, not a card manager.
type domain struct {
	channel opener
	record  []byte
}

var _ apdu.Card = (*domain)(nil)

// Transmit serves one command APDU.
func (d *domain) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return apdu.Response{SW: iso7816.WrongLength}.Append(dst), nil
	}
	switch c.INS {
	case gp.InsInitializeUpdate, gp.InsExternalAuthenticate:
		return d.channel.Handshake(dst, cmd), nil
	}
	if !d.channel.IsOpen() {
		return apdu.Response{SW: iso7816.SecurityStatusNotSatisfied}.Append(dst), nil
	}
	plain, err := d.channel.Unwrap(nil, cmd)
	if err != nil {
		return apdu.Response{SW: statusOf(err)}.Append(dst), nil
	}
	out, err := d.channel.Wrap(dst, d.execute(plain).Append(nil))
	if err != nil {
		return apdu.Response{SW: statusOf(err)}.Append(dst), nil
	}
	return out, nil
}

func (d *domain) execute(plain []byte) apdu.Response {
	c, err := apdu.DecodeCommand(plain)
	switch {
	case err != nil:
		return apdu.Response{SW: iso7816.WrongLength}
	case c.INS == gp.InsStoreData:
		d.record = append(d.record[:0], c.Data...)
		return apdu.Response{SW: iso7816.OK}
	case c.INS == gp.InsGetData:
		return apdu.Response{Data: d.record, SW: iso7816.OK}
	}
	return apdu.Response{SW: iso7816.INSNotSupported}
}

func statusOf(err error) iso7816.SW {
	var sw iso7816.SW
	if errors.As(err, &sw) {
		return sw
	}
	return iso7816.NoPreciseDiagnosis
}
