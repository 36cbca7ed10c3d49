package personalise

import (
	"bytes"
	"context"
	"math/big"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// edge is the double's card edge, as far as a good host goes.
func (d *double) edge(c *apdu.Command) ([]byte, iso7816.SW) {
	if c.P2&0x80 != 0 && c.INS != iso7816.INSReadBinary && c.INS != iso7816.INSGetData {
		d.current = jpki.EF(c.P2 & 0x1F)
	}
	role := jpki.Auth
	if d.current == jpki.EFSignKey || d.current == jpki.EFSignPIN {
		role = jpki.Sign
	}
	switch c.INS {
	case iso7816.INSSelect:
		d.current = jpki.EF(c.Data[0])<<8 | jpki.EF(c.Data[1])
	case iso7816.INSReadBinary:
		return d.read(int(c.P1)<<8|int(c.P2), c.Ne)
	case iso7816.INSGetData:
		s := jpki.Status{Phase: d.phase, Form: jpki.Form(d.order.Roles), Counter: d.order.Counter}
		return s.Append(nil), iso7816.OK
	case jpki.InsResetRetryCounter:
		if !bytes.Equal(c.Data[:jpki.CodeLen], d.parts[perso.ItemCode.For(role)]) {
			return nil, iso7816.WithTries(4)
		}
		d.pins[d.current] = string(c.Data[jpki.CodeLen:])
	case iso7816.INSVerify:
		d.verified[d.current] = d.pins[d.current] == string(c.Data)
		if !d.verified[d.current] && d.lie != "retry" {
			return nil, iso7816.WithTries(2)
		}
	case jpki.InsSign:
		return d.signature(role, c.Data)
	default:
		return nil, iso7816.INSNotSupported
	}
	return nil, iso7816.OK
}

func (d *double) read(offset, ne int) ([]byte, iso7816.SW) {
	content := d.files[d.current]
	if d.lie == "certificate" && d.current == jpki.EFAuthCertificate {
		content = d.files[jpki.EFAuthCACertificate]
	}
	if offset >= len(content) {
		return nil, iso7816.WrongP1P2
	}
	return content[offset:min(len(content), offset+ne)], iso7816.OK
}

// signature pads a DigestInfo and raises it to the private exponent.
func (d *double) signature(role jpki.Role, info []byte) ([]byte, iso7816.SW) {
	if !d.verified[role.PIN()] {
		return nil, iso7816.SecurityStatusNotSatisfied
	}
	em := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, jpki.SignatureLen-3-len(info))...)
	em = append(append(em, 0), info...)
	if d.lie == "signature" {
		em[255]++
	}
	key := d.keys[role]
	s := new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N)
	return s.FillBytes(make([]byte, jpki.SignatureLen)), iso7816.OK
}

// refusing is a card that has nothing.
type refusing struct{}

func (refusing) Transmit(_ context.Context, _, dst []byte) ([]byte, error) {
	return apdu.Response{SW: iso7816.FileNotFound}.Append(dst), nil
}
