package uicc

import (
	"inkan/core/apdu"
)

// MaxOffset is the greatest offset in the current file; with an SFI it is 255.
const MaxOffset = 0x7FFF

// offset sets P1-P2. Spec: SPEC-USIM-060.
func offset(c *apdu.Command, sfi SFI, at int) error {
	switch {
	case sfi > 0 && sfi <= 30 && at >= 0 && at <= 255:
		c.P1, c.P2 = 0x80|byte(sfi), byte(at)
	case sfi == 0 && at >= 0 && at <= MaxOffset:
		c.P1, c.P2 = byte(at>>8), byte(at)
	default:
		return failed("BINARY", "an SFI of 1 to 30 and an offset up to 255, or an offset up to 32767")
	}
	return nil
}

// ReadBinary is READ BINARY (ETSI TS 102 221 §11.1.3): 00 B0.
type ReadBinary struct {
	SFI    SFI // 0: the current file
	Offset int
	Length int // 0: up to 256
}

// APDU implements Command.
func (b ReadBinary) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsReadBinary, Ne: b.Length}
	if c.Ne == 0 {
		c.Ne = apdu.MaxShortNe
	}
	return c, offset(&c, b.SFI, b.Offset)
}

// UpdateBinary is UPDATE BINARY (ETSI TS 102 221 §11.1.4): 00 D6.
type UpdateBinary struct {
	SFI    SFI
	Offset int
	Data   []byte
}

// APDU implements Command.
func (b UpdateBinary) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsUpdateBinary, Data: data(buf, b.Data)}
	return c, offset(&c, b.SFI, b.Offset)
}

// RecordMode is how a command names a record, b3-b1 of P2.
type RecordMode byte

// Modes (ETSI TS 102 221 §11.1.5.2).
const (
	NextRecord     RecordMode = 0x02
	PreviousRecord RecordMode = 0x03
	AbsoluteRecord RecordMode = 0x04 // the number in P1; 0: the current record
)

// record sets P1-P2. Spec: SPEC-USIM-070.
func record(c *apdu.Command, sfi SFI, m RecordMode, number byte) error {
	if sfi < 0 || sfi > 30 {
		return failed("RECORD", "an SFI of 1 to 30, or 0")
	}
	if m == 0 {
		m = AbsoluteRecord
	}
	c.P1, c.P2 = number, byte(sfi)<<3|byte(m)
	return nil
}

// ReadRecord is READ RECORD (ETSI TS 102 221 §11.1.5): 00 B2.
type ReadRecord struct {
	SFI    SFI
	Mode   RecordMode // 0: AbsoluteRecord
	Number byte
	Length int // of the record; 0: 256
}

// APDU implements Command.
func (r ReadRecord) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsReadRecord, Ne: r.Length}
	if c.Ne == 0 {
		c.Ne = apdu.MaxShortNe
	}
	return c, record(&c, r.SFI, r.Mode, r.Number)
}

// UpdateRecord is UPDATE RECORD (ETSI TS 102 221 §11.1.6): 00 DC.
type UpdateRecord struct {
	SFI    SFI
	Mode   RecordMode
	Number byte
	Data   []byte
}

// APDU implements Command.
func (r UpdateRecord) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsUpdateRecord, Data: data(buf, r.Data)}
	return c, record(&c, r.SFI, r.Mode, r.Number)
}

// SearchRecord is SEARCH RECORD (ETSI TS 102 221 §11.1.7): 00 A2.
type SearchRecord struct {
	SFI      SFI
	Number   byte // where the search begins; 0: at the current record
	Backward bool
	Enhanced *SearchIndication // nil: simple search
	Pattern  []byte
}

// SearchIndication is the two bytes before the pattern of an enhanced search.
type SearchIndication struct {
	// Mode is b3-b1: 4 forward and 5 backward from the number in P1, 6 forward
	// from the next record, 7 backward from the previous one; b4: Offset is a
	// byte value behind which the search begins, instead of an offset.
	Mode   byte
	Offset byte
}

// APDU implements Command.
func (s SearchRecord) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsSearchRecord, Ne: apdu.MaxShortNe}
	mode := RecordMode(4)
	if s.Backward {
		mode = 5
	}
	if s.Enhanced != nil {
		mode = 6
		buf = append(buf, s.Enhanced.Mode, s.Enhanced.Offset)
		c.Data = append(buf, s.Pattern...)[len(buf)-2:]
	} else {
		c.Data = data(buf, s.Pattern)
	}
	return c, record(&c, s.SFI, mode, s.Number)
}

// Increase is INCREASE (ETSI TS 102 221 §11.1.8): 80 32. The response data is the
// new value, then the value that was added.
type Increase struct {
	SFI   SFI
	Value []byte
}

// APDU implements Command.
func (i Increase) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassUICC, INS: InsIncrease, Ne: apdu.MaxShortNe, Data: data(buf, i.Value)}
	if i.SFI > 0 {
		c.P1 = 0x80 | byte(i.SFI)
	}
	return c, nil
}
