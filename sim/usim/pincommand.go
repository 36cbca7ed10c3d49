package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// verifyPIN is VERIFY PIN (ETSI TS 102 221 §11.1.9).
// Spec: SPEC-USIM-102, SPEC-USIM-107, SPEC-USIM-108.
func (u *UICC) verifyPIN(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	i, sw := u.pinCommand(cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	p := u.pin(i)
	switch {
	case len(cmd.Data) == 0:
		return dst, tries(p[pinTries])
	case len(cmd.Data) != 8:
		return dst, iso7816.WrongLength
	case !p.enabled():
		return dst, iso7816.ReferenceDataNotUsable
	}
	return dst, u.present(s, i, false, cmd.Data, change{})
}

// changePIN is CHANGE PIN (ETSI TS 102 221 §11.1.10).
// Spec: SPEC-USIM-101, SPEC-USIM-109.
func (u *UICC) changePIN(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	i, sw := u.pinCommand(cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	p := u.pin(i)
	switch {
	case len(cmd.Data) != 16:
		return dst, iso7816.WrongLength
	case !p.enabled():
		return dst, iso7816.ReferenceDataNotUsable
	case !acceptable(&p, cmd.Data[8:]):
		return dst, iso7816.WrongData
	}
	return dst, u.present(s, i, false, cmd.Data[:8], change{value: cmd.Data[8:]})
}

func acceptable(p *pinState, value []byte) bool {
	return p[pinFlags]&flagFree != 0 || uicc.PIN(value).Acceptable()
}

// disablePIN is DISABLE PIN and ENABLE PIN (ETSI TS 102 221 §11.1.11, §11.1.12). A
// PIN that is right counts as verified. Spec: SPEC-USIM-110, SPEC-USIM-111.
func (u *UICC) disablePIN(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	i, sw := u.pinCommand(cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	enable := cmd.INS == uicc.InsEnablePIN
	p := u.pin(i)
	switch {
	case len(cmd.Data) != 8:
		return dst, iso7816.WrongLength
	case p.enabled() == enable, p[pinFlags]&flagFixed != 0:
		return dst, iso7816.ReferenceDataNotUsable
	}
	return dst, u.present(s, i, false, cmd.Data, change{toggle: true})
}

// unblockPIN is UNBLOCK PIN (ETSI TS 102 221 §11.1.13): the PIN gets a new value,
// all its tries, is enabled and counts as verified.
// Spec: SPEC-USIM-107, SPEC-USIM-112, SPEC-USIM-113.
func (u *UICC) unblockPIN(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	i, sw := u.pinCommand(cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	p := u.pin(i)
	switch {
	case p[pinPUKLimit] == 0:
		return dst, iso7816.ReferencedDataNotFound
	case len(cmd.Data) == 0:
		return dst, tries(p[pinPUKTries])
	case len(cmd.Data) != 16:
		return dst, iso7816.WrongLength
	case !acceptable(&p, cmd.Data[8:]):
		return dst, iso7816.WrongData
	}
	return dst, u.present(s, i, true, cmd.Data[:8], change{value: cmd.Data[8:], unblocks: true})
}
