package basic

import (
	"errors"
	"fmt"
	"iter"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/tlv"
)

// insReadRecord is READ RECORD(S).
const insReadRecord = 0xB2

var _ gp.Command = ReadRecord{}

// ReadRecord is READ RECORD: 00 B2 number P2 Ne, of the file that an SFI names or
// the current one.
type ReadRecord struct {
	File   jpki.EF // zero: the current one
	Number byte    // from 1
	Ne     int     // 1 to 256
}

// APDU implements gp.Command. Spec: SPEC-IDCARD-032.
func (r ReadRecord) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: insReadRecord, P1: r.Number, P2: r.File.SFI()<<3 | 0x04, Ne: r.Ne}
	if r.File != 0 && r.File.SFI() == 0 || r.Number == 0 || r.Ne < 1 || r.Ne > apdu.MaxShortNe {
		return c, errors.New("basic: READ RECORD: file, number or length out of range")
	}
	return c, nil
}

// Data is personalisation data of one application: data groups for STORE DATA
// (spec/IDCARD.md §Data groups).
type Data struct{ groups []byte }

// Put adds the content of a file, or the value of a PIN or code.
func (d *Data) Put(file jpki.EF, value []byte) *Data {
	d.groups = tlv.AppendDGI(d.groups, uint16(DGI(file)), value)
	return d
}

// Format prints how many bytes there are, which may be secret, whatever the verb.
func (d Data) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "Data(%d bytes)", len(d.groups)) }

// MarshalText is what Format prints.
func (d Data) MarshalText() ([]byte, error) { return fmt.Append(nil, d), nil }

// Blocks are the STORE DATA commands, sizeBytes of data each. Errors are those of
// gp.StoreDataBlocks.
func (d *Data) Blocks(sizeBytes int) (iter.Seq[gp.StoreData], error) {
	return gp.StoreDataBlocks(d.groups, sizeBytes, gp.StoreData{Structure: gp.StructureDGI})
}

// Wipe overwrites the data.
func (d *Data) Wipe() {
	clear(d.groups[:cap(d.groups)])
	d.groups = d.groups[:0]
}
