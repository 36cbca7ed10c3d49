package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/uicc"
)

// selectFile is SELECT (ETSI TS 102 221 §11.1.1).
// Spec: SPEC-USIM-044 to SPEC-USIM-052.
func (u *UICC) selectFile(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	name := uicc.SelectBy(cmd.P1) == uicc.ByName
	answer := cmd.P2 & 0x0C
	switch {
	case cmd.P2&0x90 != 0, !name && cmd.P2&0x63 != 0, cmd.P2&0x20 != 0, answer == 0x08:
		return dst, iso7816.IncorrectP1P2
	case name && cmd.P2&uicc.SelectTerminate != 0:
		return dst, u.terminate(s, cmd.Data)
	}
	u.lookAt()
	i, sw := u.locate(s, cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	if i == none {
		return dst, iso7816.FileNotFound
	}
	u.choose(s, i)
	f := &u.files[i]
	if u.state(f) != uicc.Activated {
		sw = iso7816.FileDeactivated
	}
	if answer != uicc.SelectNoData {
		dst = u.appendFCP(dst, f)
	}
	return dst, sw
}

// locate finds the file that SELECT means.
func (u *UICC) locate(s *session, cmd *apdu.Command) (int16, iso7816.SW) {
	d := cmd.Data
	switch uicc.SelectBy(cmd.P1) {
	case uicc.ByFileID, uicc.ByChild:
		if len(d) == 0 && cmd.P1 == 0 {
			return root, iso7816.OK
		}
		if len(d) != 2 {
			return none, iso7816.WrongLength
		}
		id := uicc.FileID(d[0])<<8 | uicc.FileID(d[1])
		if cmd.P1 == 0 {
			return u.reachable(s, id), iso7816.OK
		}
		i := u.child(s.directory, id)
		if i >= 0 && !u.files[i].isDirectory() {
			i = none
		}
		return i, iso7816.OK
	case uicc.ByParent:
		if len(d) != 0 {
			return none, iso7816.WrongLength
		}
		return u.files[s.directory].parent, iso7816.OK
	case uicc.ByName:
		if len(d) < 1 || len(d) > 16 {
			return none, iso7816.WrongLength
		}
		return u.byName(d, cmd.P2, s.application), iso7816.OK
	case uicc.ByPath, uicc.ByPathFromHere:
		if len(d) == 0 || len(d)%2 != 0 {
			return none, iso7816.WrongLength
		}
		if uicc.SelectBy(cmd.P1) == uicc.ByPathFromHere {
			return u.byPath(s, s.directory, d), iso7816.OK
		}
		return u.byPath(s, root, d), iso7816.OK
	}
	return none, iso7816.IncorrectP1P2
}

// choose makes a file the current one. Spec: SPEC-USIM-050, SPEC-USIM-051.
func (u *UICC) choose(s *session, i int16) {
	f := &u.files[i]
	if !f.isDirectory() {
		s.directory, s.file, s.record = f.parent, i, 0
		return
	}
	application := s.application
	if len(f.aid) > 0 {
		application = i
	}
	s.begin(i, application)
}

// terminate ends an application session. Spec: SPEC-USIM-048.
func (u *UICC) terminate(s *session, name []byte) iso7816.SW {
	if len(name) < 1 || len(name) > 16 {
		return iso7816.WrongLength
	}
	if i := u.byName(name, 0, none); i == none || i != s.application {
		return iso7816.FileNotFound
	}
	s.begin(root, none)
	return iso7816.OK
}

// status is STATUS (ETSI TS 102 221 §11.1.2). Spec: SPEC-USIM-053, SPEC-USIM-054.
func (u *UICC) status(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	if cmd.P1 > 2 {
		return dst, iso7816.IncorrectP1P2
	}
	if len(cmd.Data) > 0 {
		return dst, iso7816.WrongLength
	}
	n := len(dst)
	switch cmd.P2 {
	case uicc.StatusFCP:
		dst = u.appendFCP(dst, &u.files[s.directory])
	case uicc.StatusName:
		if s.application == none {
			return dst, iso7816.ConditionsNotSatisfied
		}
		dst = tlv.Append(dst, 0x84, u.files[s.application].aid)
	case uicc.StatusNoData:
		return dst, iso7816.OK
	default:
		return dst, iso7816.IncorrectP1P2
	}
	return dst, fits(cmd, len(dst)-n)
}

// appendFCP appends a file's FCP template. Spec: SPEC-USIM-010 to SPEC-USIM-015.
func (u *UICC) appendFCP(dst []byte, f *file) []byte {
	p := uicc.FCP{ID: f.id, LifeCycle: u.state(f), Rule: f.rule, Size: -1,
		Descriptor: uicc.Descriptor{Structure: f.structure, RecordBytes: f.recordBytes, RecordCount: byte(f.records)}}
	if !f.isDirectory() {
		p.Size, p.SFI = f.size, f.sfi
		return p.Append(dst)
	}
	var pins [uicc.MaxPINs]uicc.PINStatus
	n := 0
	for i, k := range u.keys {
		if uicc.KeyReference(k) < 0x80 || len(f.aid) > 0 {
			pins[n] = uicc.PINStatus{Key: uicc.KeyReference(k), Enabled: u.pin(i).enabled()}
			n++
		}
	}
	p.PINs, p.AID = pins[:n], f.aid
	var inner [12]byte
	free := u.machine.FreeBytes()
	p.Proprietary = append(inner[:0], 0x80, 1, 0x71, 0x83, 4, byte(free>>24), byte(free>>16), byte(free>>8), byte(free))
	return p.Append(dst)
}
