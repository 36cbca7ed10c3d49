package gp

import "inkan/core/apdu"

// GetResponse is GET RESPONSE (ISO/IEC 7816-4:2020 §11.7.1), which fetches
// what a status word 61xx announced: 00 C0 00 00 Le.
type GetResponse struct {
	Ne int // bytes wanted, 1 to 256 (65536 when extended)
}

// APDU implements Command.
func (g GetResponse) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsGetResponse, Ne: g.Ne, Extended: g.Ne > apdu.MaxShortNe}
	if g.Ne < 1 || g.Ne > apdu.MaxExtendedNe {
		return c, errValue("GET RESPONSE", "Ne")
	}
	return c, nil
}

// DecodeGetResponse reads GET RESPONSE, of interindustry or GlobalPlatform
// class: hosts use either. Errors are *wire.DecodeError. Spec: SPEC-GP-062.
func DecodeGetResponse(c *apdu.Command) (GetResponse, error) {
	r := data("GET RESPONSE", c, anyClass, InsGetResponse)
	if c.P1 != 0 {
		failP1(&r, "00", c.P1)
	}
	if c.P2 != 0 {
		failP2(&r, "00", c.P2)
	}
	noData(&r)
	if r.Err() == nil && c.Ne == 0 {
		r.FailAt(4, "Lc", "an Le field", "none")
	}
	if r.Err() != nil {
		return GetResponse{}, r.Err()
	}
	return GetResponse{Ne: c.Ne}, nil
}
