package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// recordFiles are the structures of READ, UPDATE and SEARCH RECORD.
var recordFiles = []uicc.Structure{uicc.LinearFixed, uicc.Cyclic}

// sfiOf reads the file of P2 of a record command.
func sfiOf(p2 byte) (uicc.SFI, iso7816.SW) {
	if p2>>3 == 31 {
		return 0, iso7816.IncorrectP1P2
	}
	return uicc.SFI(p2 >> 3), iso7816.OK
}

// number finds the record that P1-P2 mean; 0: none. Next and previous move the
// record pointer; a cyclic file goes round, a linear one ends.
// Spec: SPEC-USIM-071, SPEC-USIM-072, SPEC-USIM-073.
func number(s *session, f *file, cmd *apdu.Command) (int, iso7816.SW) {
	current := int(s.record)
	n := current
	switch mode := uicc.RecordMode(cmd.P2 & 0x07); {
	case mode == uicc.AbsoluteRecord:
		if cmd.P1 != 0 {
			n = int(cmd.P1)
		}
	case cmd.P1 != 0:
		return 0, iso7816.IncorrectP1P2
	case mode == uicc.NextRecord:
		if n = current + 1; n > f.records && f.structure == uicc.Cyclic {
			n = 1
		}
	case mode == uicc.PreviousRecord:
		if n = current - 1; current == 0 || n == 0 && f.structure == uicc.Cyclic {
			n = f.records
		}
	default:
		return 0, iso7816.IncorrectP1P2
	}
	if n < 1 || n > f.records {
		return 0, iso7816.RecordNotFound
	}
	return n, iso7816.OK
}

// slot is where a record begins in a file's content: of a cyclic file, record 1
// is the youngest.
func (u *UICC) slot(f *file, n int) int {
	at := n - 1
	if f.structure == uicc.Cyclic {
		at = (u.head(f) + at) % f.records
	}
	return at * f.recordBytes
}

func (u *UICC) head(f *file) int {
	b := u.spare[:1]
	u.machine.ReadBytes(f.body, bodyHead, b)
	return int(b[0]) % f.records
}

// readRecord is READ RECORD (ETSI TS 102 221 §11.1.5).
// Spec: SPEC-USIM-070 to SPEC-USIM-075.
func (u *UICC) readRecord(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	sfi, sw := sfiOf(cmd.P2)
	if sw != iso7816.OK {
		return dst, sw
	}
	if len(cmd.Data) > 0 {
		return dst, iso7816.WrongLength
	}
	f, sw := u.target(s, sfi, uicc.OpRead, recordFiles...)
	if sw != iso7816.OK {
		return dst, sw
	}
	n, sw := number(s, f, cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	if sw = fits(cmd, f.recordBytes); sw != iso7816.OK {
		return dst, sw
	}
	if uicc.RecordMode(cmd.P2&0x07) != uicc.AbsoluteRecord {
		s.record = byte(n)
	}
	return u.appendContent(dst, f, u.slot(f, n), f.recordBytes), iso7816.OK
}

// updateRecord is UPDATE RECORD (ETSI TS 102 221 §11.1.6). A cyclic file takes
// only the previous record: the oldest one becomes record 1.
// Spec: SPEC-USIM-076, SPEC-USIM-077, SPEC-USIM-078.
func (u *UICC) updateRecord(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	sfi, sw := sfiOf(cmd.P2)
	if sw != iso7816.OK {
		return dst, sw
	}
	f, sw := u.target(s, sfi, uicc.OpUpdate, recordFiles...)
	if sw != iso7816.OK {
		return dst, sw
	}
	if f.structure == uicc.Cyclic {
		if uicc.RecordMode(cmd.P2&0x07) != uicc.PreviousRecord || cmd.P1 != 0 {
			return dst, iso7816.IncorrectP1P2
		}
		if len(cmd.Data) != f.recordBytes {
			return dst, iso7816.WrongLength
		}
		u.turn(f, cmd.Data)
		s.record = 1
		return dst, iso7816.OK
	}
	n, sw := number(s, f, cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	if len(cmd.Data) != f.recordBytes {
		return dst, iso7816.WrongLength
	}
	u.machine.WriteBytes(f.body, bodyContent+u.slot(f, n), cmd.Data)
	if uicc.RecordMode(cmd.P2&0x07) != uicc.AbsoluteRecord {
		s.record = byte(n)
	}
	return dst, iso7816.OK
}

// turn writes the oldest record of a cyclic file, which becomes record 1: both or,
// after a power cut, neither.
func (u *UICC) turn(f *file, data []byte) {
	head := (u.head(f) + f.records - 1) % f.records
	u.atomically(func() {
		u.machine.WriteBytes(f.body, bodyContent+head*f.recordBytes, data)
		u.spare[0] = byte(head)
		u.machine.WriteBytes(f.body, bodyHead, u.spare[:1])
	})
}

// atomically runs fn in a transaction of its own, or in the one that is open.
func (u *UICC) atomically(fn func()) {
	if u.machine.TransactionDepth() > 0 {
		fn()
		return
	}
	u.machine.Begin()
	fn()
	u.machine.Commit()
}

// increase is INCREASE of a cyclic file (ETSI TS 102 221 §11.1.8).
// Spec: SPEC-USIM-084, SPEC-USIM-085, SPEC-USIM-086.
func (u *UICC) increase(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	sfi := uicc.SFI(0)
	switch {
	case cmd.P2 != 0:
		return dst, iso7816.IncorrectP1P2
	case cmd.P1&0x80 != 0:
		if sfi = uicc.SFI(cmd.P1 & 0x1F); cmd.P1&0x60 != 0 || sfi == 0 || sfi == 31 {
			return dst, iso7816.IncorrectP1P2
		}
	case cmd.P1 != 0:
		return dst, iso7816.IncorrectP1P2
	}
	f, sw := u.target(s, sfi, uicc.OpIncrease, uicc.Cyclic)
	if sw != iso7816.OK {
		return dst, sw
	}
	if len(cmd.Data) < 1 || len(cmd.Data) > f.recordBytes {
		return dst, iso7816.WrongLength
	}
	sum := u.record[:f.recordBytes]
	u.machine.ReadBytes(f.body, bodyContent+u.slot(f, 1), sum)
	carry := 0
	for i := range sum {
		at := len(sum) - 1 - i
		v := int(sum[at]) + carry
		if j := len(cmd.Data) - 1 - i; j >= 0 {
			v += int(cmd.Data[j])
		}
		sum[at], carry = byte(v), v>>8
	}
	if carry != 0 {
		return dst, maximumReached
	}
	u.turn(f, sum)
	s.record = 1
	return append(append(dst, sum...), cmd.Data...), iso7816.OK
}

// maximumReached is INCREASE's status word for a sum that does not fit (ETSI TS
// 102 221 §10.2.1.8).
const maximumReached iso7816.SW = 0x9850
