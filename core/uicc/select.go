package uicc

import (
	"inkan/core/apdu"
)

// SelectBy is how SELECT names a file, its P1.
type SelectBy byte

// Ways to name a file (ETSI TS 102 221 §11.1.1.2).
const (
	ByFileID       SelectBy = 0x00
	ByChild        SelectBy = 0x01 // a child DF of the current DF
	ByParent       SelectBy = 0x03
	ByName         SelectBy = 0x04 // an AID, or the beginning of one
	ByPath         SelectBy = 0x08 // from the MF, which the path leaves out
	ByPathFromHere SelectBy = 0x09 // from the current DF
)

// P2 of SELECT.
const (
	SelectFCP       byte = 0x04
	SelectNoData    byte = 0x0C
	SelectNext      byte = 0x02 // by name: the next occurrence; others by b2-b1
	SelectLast      byte = 0x01
	SelectPrevious  byte = 0x03
	SelectTerminate byte = 0x40 // by name: ends the application session
)

// Select is SELECT (ETSI TS 102 221 §11.1.1): 00 A4.
type Select struct {
	By   SelectBy
	Path []FileID // of ByFileID and ByChild one, of the paths at least one
	Name []byte   // of ByName, 1 to 16 bytes
	P2   byte     // 0: SelectFCP
}

// APDU implements Command.
func (s Select) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsSelect, P1: byte(s.By), P2: s.P2}
	if c.P2 == 0 {
		c.P2 = SelectFCP
	}
	if c.P2&0x0C == SelectFCP {
		c.Ne = apdu.MaxShortNe
	}
	one := s.By == ByFileID || s.By == ByChild
	path := s.By == ByPath || s.By == ByPathFromHere
	switch {
	case s.By == ByName && (len(s.Name) < 1 || len(s.Name) > 16):
		return c, failed("SELECT by name", "1 to 16 bytes")
	case one && len(s.Path) != 1, path && (len(s.Path) < 1 || len(s.Path) > 8):
		return c, failed("SELECT", "one file, or a path of 1 to 8")
	case !one && !path && len(s.Path) > 0, s.By != ByName && len(s.Name) > 0:
		return c, failed("SELECT", "either a path or a name")
	}
	buf = append(buf, s.Name...)
	for _, id := range s.Path {
		buf = id.Append(buf)
	}
	c.Data = buf[len(buf)-len(s.Name)-2*len(s.Path):]
	return c, nil
}

// Status is STATUS (ETSI TS 102 221 §11.1.2): 80 F2.
type Status struct {
	Application byte // P1: 00 no indication, 01 initialised, 02 termination
	Return      byte // P2: 00 FCP of the current DF, 01 DF name, 0C nothing
}

// P2 of STATUS.
const (
	StatusFCP    byte = 0x00
	StatusName   byte = 0x01
	StatusNoData byte = 0x0C
)

// APDU implements Command.
func (s Status) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassUICC, INS: InsStatus, P1: s.Application, P2: s.Return, Ne: apdu.MaxShortNe}
	if s.Return == StatusNoData {
		c.Ne = 0
	}
	return c, nil
}

// ActivateFile is ACTIVATE FILE, or DEACTIVATE FILE with Off (ETSI TS 102 221
// §11.1.14, §11.1.15). No path: the current file.
type ActivateFile struct {
	Off  bool
	By   SelectBy // ByFileID, ByPath or ByPathFromHere
	Path []FileID
}

// APDU implements Command.
func (a ActivateFile) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsActivateFile, P1: byte(a.By)}
	if a.Off {
		c.INS = InsDeactivateFile
	}
	for _, id := range a.Path {
		buf = id.Append(buf)
	}
	c.Data = buf[len(buf)-2*len(a.Path):]
	return c, nil
}
