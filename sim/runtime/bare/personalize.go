package bare

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// macBytes is the length of the R-MAC in both protocols, as the bare card has
// them.
const macBytes = 8

// forPersonalization is INSTALL [for personalization]: STORE DATA goes to the
// application from here on. Spec: SPEC-RUNTIME-121, SPEC-RUNTIME-123.
func (d *domain) forPersonalization(i *gp.Install) error {
	aid := i.Application.Append(nil)
	a := d.Applet(aid)
	if a == nil {
		return iso7816.ReferencedDataNotFound
	}
	if _, state := (*Card)(d).entry(aid); state.Locked() {
		return iso7816.ConditionsNotSatisfied
	}
	if !d.Personalizable(a) {
		return iso7816.ConditionsNotSatisfied
	}
	d.target = aid
	return nil
}

// storeData is STORE DATA: it goes to the application that INSTALL named. The
// last block that is answered 9000 ends that; a failure does not.
// Spec: SPEC-RUNTIME-121, SPEC-RUNTIME-122, SPEC-RUNTIME-128, SPEC-RUNTIME-129.
func (d *domain) storeData(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	switch {
	case !gp.IsGlobalPlatformClass(cmd.CLA):
		return dst, iso7816.CLANotSupported
	case len(cmd.Data) == 0 || len(cmd.Data) > apdu.MaxShortData:
		return dst, iso7816.WrongLength
	}
	a := d.Applet(d.target)
	if d.target == nil || a == nil {
		d.target = nil
		return dst, iso7816.ReferencedDataNotFound
	}
	if _, state := (*Card)(d).entry(a.AID); state.Locked() {
		return dst, iso7816.ConditionsNotSatisfied
	}
	plain := append([]byte{cmd.CLA, cmd.INS, cmd.P1, cmd.P2, byte(len(cmd.Data))}, cmd.Data...)
	out, sw := d.Personalize(dst, a, plain)
	clear(plain)
	if d.channel.IsOpen() && len(out)-len(dst) > d.room() {
		return dst, iso7816.NoPreciseDiagnosis
	}
	if sw == iso7816.OK && cmd.P1&0x80 != 0 {
		d.target = nil
	}
	return out, sw
}

// room is how much response data fits a short response at the channel's level.
func (d *domain) room() int {
	level, n := d.channel.Level(), apdu.MaxShortNe
	if level&scp.RMAC == 0 {
		return n
	}
	n -= macBytes
	if level&scp.REncryption != 0 {
		n = n/16*16 - 1 // at least one byte of padding
	}
	return n
}
