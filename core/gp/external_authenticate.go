package gp

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/scp"
)

// ExternalAuthenticate is EXTERNAL AUTHENTICATE (GP Card Specification 2.3.1
// §E.5.2, Amendment D §7.1.2): 84 82 level 00, host cryptogram, C-MAC.
type ExternalAuthenticate struct {
	Level          scp.Level
	HostCryptogram []byte // 8 bytes, 16 in the S16 mode of SCP03
	MAC            []byte // as long as the cryptogram
}

// APDU implements Command.
func (a ExternalAuthenticate) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassSecure, INS: InsExternalAuthenticate, P1: byte(a.Level)}
	if n := len(a.HostCryptogram); n != 8 && n != 16 || len(a.MAC) != n {
		return c, errValue("EXTERNAL AUTHENTICATE", "cryptogram or MAC")
	}
	c.Data = added(buf, append(append(buf, a.HostCryptogram...), a.MAC...))
	return c, nil
}

// DecodeExternalAuthenticate reads EXTERNAL AUTHENTICATE with its MAC. Whether
// the card offers the level is for the secure channel to say. Errors are
// *wire.DecodeError. Spec: SPEC-GP-057.
func DecodeExternalAuthenticate(c *apdu.Command) (ExternalAuthenticate, error) {
	r := data("EXTERNAL AUTHENTICATE", c, IsGlobalPlatformClass, InsExternalAuthenticate)
	if c.P2 != 0 {
		failP2(&r, "00", c.P2)
	}
	n := r.Len()
	if r.Err() == nil && n != 16 && n != 32 {
		r.FailAt(4, "Lc", "10 or 20", strconv.Itoa(n)+" bytes")
	}
	a := ExternalAuthenticate{
		Level:          scp.Level(c.P1),
		HostCryptogram: r.Bytes(n/2, "host cryptogram"),
		MAC:            r.Bytes(n/2, "C-MAC"),
	}
	if r.Err() != nil {
		return ExternalAuthenticate{}, r.Err()
	}
	return a, nil
}
