package gp

import (
	"inkan/core/apdu"
)

// Occurrence is which of the applications that match a partial name SELECT
// means: bits 2–1 of P2.
type Occurrence byte

// Occurrences. GlobalPlatform cards know FirstOrOnly and NextOccurrence.
const (
	FirstOrOnly        Occurrence = 0
	LastOccurrence     Occurrence = 1
	NextOccurrence     Occurrence = 2
	PreviousOccurrence Occurrence = 3
)

// SelectReturn is what SELECT is to return: bits 4–3 of P2.
type SelectReturn byte

// What SELECT can return (ISO/IEC 7816-4:2020 table 63).
const (
	ReturnFCI     SelectReturn = 0x00
	ReturnFCP     SelectReturn = 0x04
	ReturnFMD     SelectReturn = 0x08
	ReturnNothing SelectReturn = 0x0C
)

// Select is SELECT by DF name (GP Card Specification 2.3.1 §11.9): 00 A4 04 P2.
type Select struct {
	Name       []byte // a partial AID of 1 to 16 bytes; empty selects the issuer security domain
	Occurrence Occurrence
	Return     SelectReturn
}

// APDU implements Command.
func (s Select) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsSelect, P1: 0x04, P2: byte(s.Occurrence) | byte(s.Return)}
	if s.Occurrence > PreviousOccurrence || s.Return&^ReturnNothing != 0 {
		return c, errValue("SELECT", "P2")
	}
	if err := checkLen("SELECT name", len(s.Name), 0, MaxAIDLen); err != nil {
		return c, err
	}
	if s.Return != ReturnNothing {
		c.Ne = apdu.MaxShortNe
	}
	c.Data = added(buf, append(buf, s.Name...))
	return c, nil
}

// DecodeSelect reads SELECT by DF name. P1 other than 04 selects files and is
// a fault here: a UICC decodes those elsewhere. Errors are *wire.DecodeError.
// Spec: SPEC-GP-050, SPEC-GP-051.
func DecodeSelect(c *apdu.Command) (Select, error) {
	r := data("SELECT", c, IsInterindustryClass, InsSelect)
	if c.P1 != 0x04 {
		failP1(&r, "04", c.P1)
	}
	if c.P2&0xF0 != 0 {
		failP2(&r, "bits 8 to 5 zero", c.P2)
	}
	if n := r.Len(); n > MaxAIDLen {
		r.Fail("DF name", "at most 16 bytes", "more")
	}
	s := Select{Name: r.Rest(), Occurrence: Occurrence(c.P2 & 0x03), Return: SelectReturn(c.P2 & 0x0C)}
	if r.Err() != nil {
		return Select{}, r.Err()
	}
	return s, nil
}
