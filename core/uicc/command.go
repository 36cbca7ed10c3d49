package uicc

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Instruction bytes (ETSI TS 102 221 §10.1.2).
const (
	InsDeactivateFile     byte = 0x04
	InsTerminalProfile    byte = 0x10
	InsFetch              byte = 0x12
	InsTerminalResponse   byte = 0x14
	InsVerifyPIN          byte = 0x20
	InsChangePIN          byte = 0x24
	InsDisablePIN         byte = 0x26
	InsEnablePIN          byte = 0x28
	InsUnblockPIN         byte = 0x2C
	InsIncrease           byte = 0x32
	InsActivateFile       byte = 0x44
	InsAuthenticate       byte = 0x88
	InsSearchRecord       byte = 0xA2
	InsSelect             byte = 0xA4
	InsTerminalCapability byte = 0xAA
	InsReadBinary         byte = 0xB0
	InsReadRecord         byte = 0xB2
	InsGetResponse        byte = 0xC0
	InsEnvelope           byte = 0xC2
	InsUpdateBinary       byte = 0xD6
	InsUpdateRecord       byte = 0xDC
	InsStatus             byte = 0xF2
)

// Class bytes on the basic logical channel.
const (
	ClassInterindustry byte = 0x00
	ClassUICC          byte = 0x80 // commands of ETSI TS 102 221 alone
	ClassGSM           byte = 0xA0 // of a SIM of the second generation; refused
)

// Command is a typed command: what a host sends.
type Command interface {
	// APDU is the command on the basic logical channel. The data field is
	// appended to buf and borrowed from it. It fails when a field does not fit.
	APDU(buf []byte) (apdu.Command, error)
}

// Exchange sends one typed command and appends the response data to dst. A status
// word other than normal processing comes back as the error too, with the data;
// 91xx is normal. Any other error is the transport's or the encoder's.
// Spec: SPEC-USIM-002.
func Exchange(ctx context.Context, card apdu.Card, cmd Command, dst []byte) ([]byte, iso7816.SW, error) {
	c, err := cmd.APDU(nil)
	if err != nil {
		return dst, 0, err
	}
	raw, err := c.Append(nil)
	if err != nil {
		return dst, 0, err
	}
	n := len(dst)
	out, err := card.Transmit(ctx, raw, dst)
	if err != nil {
		return dst, 0, err
	}
	if len(out) < n+2 {
		return dst, 0, fmt.Errorf("uicc: INS %02X: a response of %d bytes", c.INS, len(out)-n)
	}
	end := len(out) - 2
	sw := iso7816.SW(out[end])<<8 | iso7816.SW(out[end+1])
	return out[:end], sw, sw.Err()
}

func data(buf []byte, values ...[]byte) []byte {
	n := len(buf)
	for _, v := range values {
		buf = append(buf, v...)
	}
	return buf[n:]
}

func failed(what string, limit string) error { return fmt.Errorf("uicc: %s: want %s", what, limit) }
