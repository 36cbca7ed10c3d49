package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// activate is ACTIVATE FILE and DEACTIVATE FILE of an EF (ETSI TS 102 221
// §11.1.14, §11.1.15). The file that is named becomes the current one.
// Spec: SPEC-USIM-090, SPEC-USIM-091, SPEC-USIM-092.
func (u *UICC) activate(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	op, state := uicc.OpActivate, uicc.Activated
	if cmd.INS == uicc.InsDeactivateFile {
		op, state = uicc.OpDeactivate, uicc.Deactivated
	}
	if cmd.P2 != 0 {
		return dst, iso7816.IncorrectP1P2
	}
	i := s.file
	if len(cmd.Data) > 0 || cmd.P1 != 0 {
		if by := uicc.SelectBy(cmd.P1); by != uicc.ByFileID && by != uicc.ByPath && by != uicc.ByPathFromHere {
			return dst, iso7816.IncorrectP1P2
		}
		u.lookAt()
		var sw iso7816.SW
		if i, sw = u.locate(s, cmd); sw != iso7816.OK {
			return dst, sw
		}
		if i == none {
			return dst, iso7816.FileNotFound
		}
	}
	if i == none {
		return dst, iso7816.NoCurrentFile
	}
	f := &u.files[i]
	if f.isDirectory() {
		return dst, iso7816.FunctionNotSupported
	}
	if !u.allowed(s, f, op) {
		return dst, iso7816.SecurityStatusNotSatisfied
	}
	u.choose(s, i)
	if u.state(f) != state {
		u.spare[0] = byte(state)
		u.machine.WriteBytes(f.body, bodyState, u.spare[:1])
	}
	return dst, iso7816.OK
}
