package uicc

import "fmt"

// FileID is a file identifier (ETSI TS 102 221 §8.3).
type FileID uint16

// Files of the MF (ETSI TS 102 221 §13) and of DF TELECOM (3GPP TS 31.102 §4.6).
const (
	MF         FileID = 0x3F00
	ADF        FileID = 0x7FFF // the ADF of the application active on the channel
	EFDIR      FileID = 0x2F00
	EFPL       FileID = 0x2F05
	EFARR      FileID = 0x2F06 // of the MF
	EFICCID    FileID = 0x2FE2
	DFTELECOM  FileID = 0x7F10
	EFADN      FileID = 0x6F3A
	EFARRLocal FileID = 0x6F06 // of an ADF or DF
)

// Files of ADF USIM (3GPP TS 31.102 §4.2).
const (
	EFLI        FileID = 0x6F05
	EFIMSI      FileID = 0x6F07
	EFKeys      FileID = 0x6F08
	EFKeysPS    FileID = 0x6F09
	EFHPPLMN    FileID = 0x6F31
	EFUST       FileID = 0x6F38
	EFACM       FileID = 0x6F39
	EFSMS       FileID = 0x6F3C
	EFMSISDN    FileID = 0x6F40
	EFSMSP      FileID = 0x6F42
	EFSMSS      FileID = 0x6F43
	EFSPN       FileID = 0x6F46
	EFEST       FileID = 0x6F56
	EFSTARTHFN  FileID = 0x6F5B
	EFTHRESHOLD FileID = 0x6F5C
	EFPSLOCI    FileID = 0x6F73
	EFACC       FileID = 0x6F78
	EFFPLMN     FileID = 0x6F7B
	EFLOCI      FileID = 0x6F7E
	EFAD        FileID = 0x6FAD
	EFECC       FileID = 0x6FB7
)

// String is the identifier in hex.
func (f FileID) String() string { return fmt.Sprintf("%04X", uint16(f)) }

// Append appends the two bytes.
func (f FileID) Append(dst []byte) []byte { return append(dst, byte(f>>8), byte(f)) }

// KeyReference names a PIN or an administrative key (ETSI TS 102 221 §9.5.1).
type KeyReference byte

// Key references. Global ones are below 80, those of an application from 80 on.
const (
	PIN1         KeyReference = 0x01 // global PIN of application 1
	ADM1         KeyReference = 0x0A
	ADM2         KeyReference = 0x0B
	UniversalPIN KeyReference = 0x11
	PIN2         KeyReference = 0x81 // local PIN, the second PIN of application 1
)

// RIDs and application codes of the 3GPP applications (ETSI TS 101 220 annex E).
var (
	AIDPrefixUSIM = []byte{0xA0, 0, 0, 0, 0x87, 0x10, 0x02}
	AIDPrefixISIM = []byte{0xA0, 0, 0, 0, 0x87, 0x10, 0x04}
)
