package usim

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// search is where and how SEARCH RECORD looks.
type search struct {
	first    int // record
	backward bool
	offset   int  // in each record
	behind   bool // offset is a byte value: the search begins behind it
	pattern  []byte
}

// Modes of SEARCH RECORD, b3-b1 of P2 and of the search indication.
const (
	searchForward  = 4
	searchBackward = 5
	searchEnhanced = 6 // P2
	searchNext     = 6 // search indication
	searchPrevious = 7
	searchBehind   = 0x08
)

// searchRecord is SEARCH RECORD (ETSI TS 102 221 §11.1.7): the numbers of the
// records that hold the pattern, in the order of the search.
// Spec: SPEC-USIM-079 to SPEC-USIM-083.
func (u *UICC) searchRecord(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	sfi, sw := sfiOf(cmd.P2)
	if sw != iso7816.OK {
		return dst, sw
	}
	f, sw := u.target(s, sfi, uicc.OpRead, recordFiles...)
	if sw != iso7816.OK {
		return dst, sw
	}
	q, sw := searchOf(s, f, cmd)
	if sw != iso7816.OK {
		return dst, sw
	}
	n := len(dst)
	step := 1
	if q.backward {
		step = -1
	}
	for at := q.first; at >= 1 && at <= f.records; at += step {
		if u.holds(f, at, &q) {
			dst = append(dst, byte(at))
		}
	}
	if len(dst) == n {
		return dst, iso7816.EndOfFile
	}
	s.record = dst[n]
	return dst, iso7816.OK
}

func searchOf(s *session, f *file, cmd *apdu.Command) (q search, sw iso7816.SW) {
	mode := int(cmd.P2 & 0x07)
	q.pattern, q.first = cmd.Data, int(cmd.P1)
	if mode == searchEnhanced {
		if len(cmd.Data) < 3 {
			return q, iso7816.WrongLength
		}
		if mode = int(cmd.Data[0]); mode&^searchBehind < searchForward || mode > searchPrevious|searchBehind {
			return q, iso7816.WrongData
		}
		q.behind, mode = mode&searchBehind != 0, mode&^searchBehind
		q.offset, q.pattern = int(cmd.Data[1]), cmd.Data[2:]
	} else if mode != searchForward && mode != searchBackward {
		return q, iso7816.IncorrectP1P2
	}
	if len(q.pattern) == 0 || len(q.pattern) > f.recordBytes {
		return q, iso7816.WrongLength
	}
	if q.backward = mode&1 != 0; q.first == 0 {
		q.first = int(s.record)
	}
	if mode == searchNext {
		q.first = int(s.record) + 1
	}
	if mode == searchPrevious {
		if q.first = int(s.record) - 1; s.record == 0 {
			q.first = f.records
		}
	}
	if q.first < 1 || q.first > f.records {
		return q, iso7816.RecordNotFound
	}
	return q, iso7816.OK
}

// holds tells whether a record has the pattern.
func (u *UICC) holds(f *file, n int, q *search) bool {
	slot := u.slot(f, n)
	b := u.record[:f.recordBytes]
	u.machine.ReadBytes(f.body, bodyContent+slot, b)
	u.work(0, len(b))
	from := q.offset
	if q.behind {
		if from = bytes.IndexByte(b, byte(q.offset)) + 1; from == 0 {
			return false
		}
	}
	return from <= len(b) && bytes.Contains(b[from:], q.pattern)
}
