package usim

import (
	"slices"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// place reads P1-P2 of READ and UPDATE BINARY. Spec: SPEC-USIM-060.
func place(cmd *apdu.Command) (sfi uicc.SFI, offset int, sw iso7816.SW) {
	if cmd.P1&0x80 == 0 {
		return 0, int(cmd.P1)<<8 | int(cmd.P2), iso7816.OK
	}
	if sfi = uicc.SFI(cmd.P1 & 0x1F); cmd.P1&0x60 != 0 || sfi == 0 || sfi == 31 {
		return 0, 0, iso7816.IncorrectP1P2
	}
	return sfi, int(cmd.P2), iso7816.OK
}

// readBinary is READ BINARY (ETSI TS 102 221 §11.1.3).
// Spec: SPEC-USIM-065, SPEC-USIM-066.
func (u *UICC) readBinary(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	sfi, offset, sw := place(cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	if len(cmd.Data) > 0 || cmd.Ne == 0 {
		return dst, iso7816.WrongLength
	}
	f, sw := u.target(s, sfi, uicc.OpRead, uicc.Transparent)
	if sw != iso7816.OK {
		return dst, sw
	}
	if offset >= f.size {
		return dst, iso7816.WrongP1P2
	}
	n := min(cmd.Ne, f.size-offset)
	all := cmd.Ne == apdu.MaxShortNe || cmd.Ne == apdu.MaxExtendedNe
	if n < cmd.Ne && !all {
		sw = iso7816.EndOfFile
	}
	return u.appendContent(dst, f, offset, n), sw
}

// updateBinary is UPDATE BINARY (ETSI TS 102 221 §11.1.4): all of it or, after a
// power cut, nothing. Spec: SPEC-USIM-067, SPEC-USIM-068.
func (u *UICC) updateBinary(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	sfi, offset, sw := place(cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	if len(cmd.Data) == 0 || len(cmd.Data) > u.machine.MaxCommitCapacity() {
		return dst, iso7816.WrongLength
	}
	f, sw := u.target(s, sfi, uicc.OpUpdate, uicc.Transparent)
	switch {
	case sw != iso7816.OK:
		return dst, sw
	case offset >= f.size:
		return dst, iso7816.WrongP1P2
	case len(cmd.Data) > f.size-offset:
		return dst, iso7816.WrongLength
	}
	u.machine.WriteBytes(f.body, bodyContent+offset, cmd.Data)
	return dst, iso7816.OK
}

// appendContent appends n bytes of a file's content.
func (u *UICC) appendContent(dst []byte, f *file, offset, n int) []byte {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	u.machine.ReadBytes(f.body, bodyContent+offset, dst[at:])
	return dst
}
