package profile

import (
	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/iso7816"
)

// direction says for a header of T=0 which way its data goes. GET DATA of the
// access rule application with data of its own takes it. What ISO/IEC 7816-4,
// GlobalPlatform and ETSI TS 102 221 say reads, reads; but instructions of the
// proprietary class are also applications' own, which take data where the command
// that the reader is about to send has some. With any other instruction, too, the
// command says what a real application would.
// Spec: SPEC-PROFILES-016, SPEC-PROFILES-017.
func (b *Behind) direction(cla apdu.Class, ins, p1, p2 byte) apdu.Direction {
	if ins == iso7816.INSGetData && cla.Proprietary() {
		switch tag := uint(p1)<<8 | uint(p2); tag {
		case uint(ara.TagResponseRights), uint(ara.TagResponseARAConfig):
			return apdu.ToCard
		}
	}
	own := cla.Proprietary() && b.data
	if !own && apdu.DefaultDirection(cla, ins, p1, p2) == apdu.FromCard {
		return apdu.FromCard
	}
	return b.intent
}
