package gp

import "inkan/core/apdu"

// Load is LOAD (GP Card Specification 2.3.1 §11.6): 80 E8 00/80 number, the
// next part of the load file. LoadBlocks makes its values, LoadFileReader takes
// them.
type Load struct {
	Last   bool   // P1 80
	Number byte   // P2; 00 follows FF
	Data   []byte // 1 to 255 bytes
}

// APDU implements Command.
func (l Load) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsLoad, P2: l.Number, Ne: apdu.MaxShortNe}
	if l.Last {
		c.P1 = 0x80
	}
	if err := checkLen("LOAD block", len(l.Data), 1, apdu.MaxShortData); err != nil {
		return c, err
	}
	c.Data = added(buf, append(buf, l.Data...))
	return c, nil
}

// DecodeLoad reads LOAD. Errors are *wire.DecodeError. Spec: SPEC-GP-110.
func DecodeLoad(c *apdu.Command) (Load, error) {
	r := data("LOAD", c, IsGlobalPlatformClass, InsLoad)
	if c.P1 != 0x00 && c.P1 != 0x80 {
		failP1(&r, "00 or 80", c.P1)
	}
	someData(&r)
	l := Load{Last: c.P1 == 0x80, Number: c.P2, Data: r.Rest()}
	if r.Err() != nil {
		return Load{}, r.Err()
	}
	return l, nil
}
