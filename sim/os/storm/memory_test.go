package storm_test

import (
	"fmt"
	"math/rand/v2"

	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/sim/applets/hoard"
	cardos "inkan/sim/os"
)

// hoardLimits are installation parameters: quotas of 2000 and 300 bytes; 3000 and 200
// bytes reserved; both in a form of four bytes; none.
var hoardLimits = [][]byte{
	{0xC9, 0, 0xEF, 8, 0xC7, 2, 0x01, 0x2C, 0xC8, 2, 0x07, 0xD0},
	{0xC9, 0, 0xEF, 8, 0xD7, 2, 0x00, 0xC8, 0xD8, 2, 0x0B, 0xB8},
	{0xC9, 1, 4, 0xEF, 12, 0xC8, 4, 0, 0, 0x10, 0, 0xD8, 4, 0, 0, 0x08, 0},
	{0xC9, 0},
}

// memory says where a card counts its memory otherwise than a walk over the heap, or
// lets an instance have more than its quota.
func memory(card *cardos.Card) string {
	m := card.Machine()
	if err := m.Audit(); err != nil {
		return err.Error()
	}
	kept := 0
	for _, a := range card.Applets() {
		u, l := m.Usage(a.Account), a.Limits
		if q := l.NonVolatile.Quota; q > 0 && u.NonVolatile > q {
			return fmt.Sprintf("applet %X has %d bytes, its quota is %d", a.AID, u.NonVolatile, q)
		}
		if q := l.Volatile.Quota; q > 0 && u.Reset+u.Deselect > q {
			return fmt.Sprintf("applet %X has %d bytes of RAM, its quota is %d", a.AID, u.Reset+u.Deselect, q)
		}
		kept += max(0, int(l.NonVolatile.Reserved)-int(u.NonVolatile))
	}
	if m.FreeBytes() < kept {
		return fmt.Sprintf("%d bytes are free, %d are reserved", m.FreeBytes(), kept)
	}
	return ""
}

// hoarding has instances take memory and give it back.
func hoarding(r *rand.Rand, _ *scp.Secured) [][]byte {
	all := encode(gp.Select{Name: pick(r, []gp.AID{bounded, reserving}).Append(nil)})
	for range 2 + r.IntN(8) {
		ins := pick(r, []byte{hoard.Array, hoard.Array, hoard.ClearOnReset, hoard.ClearOnDeselect, hoard.Aborted, hoard.Committed, hoard.Drop, hoard.Available})
		all = append(all, []byte{0x80, ins, byte(r.IntN(16)), byte(r.IntN(1 << r.IntN(9)))})
	}
	return all
}

// hoards is content management of instances with limits.
func hoards(r *rand.Rand, _ *scp.Secured) [][]byte {
	aid := pick(r, []gp.AID{bounded, reserving})
	domain := domainInstall(gp.MustAID("A0000001515350BB01"), 0)
	domain.Parameters = pick(r, hoardLimits)
	return encode(gp.Delete{AID: aid}, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: hoard.PackageAID, Module: hoard.ModuleAID, Application: aid,
		Parameters: pick(r, hoardLimits)}, domain, gp.GetData{Tag: gp.TagExtendedResources})
}
