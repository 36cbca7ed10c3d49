package jpki

import (
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
)

// Instructions of the card edge that package iso7816 does not have.
const (
	InsChangeReferenceData = 0x24
	InsResetRetryCounter   = 0x2C
	InsSign                = 0x2A // with the proprietary class
	InsContactless         = 0x44
	InsReserved            = 0x88 // authentication without PIN, answered 6A81
)

const classProprietary = 0x80

// Every command of the card edge.
var _ = []gp.Command{SelectApplication{}, SelectFile{}, ReadBinary{}, RetryQuery{}, Verify{}, ChangeReferenceData{},
	ResetRetryCounter{}, Signature{}, Contactless{}, GetChallenge{}, GetData{}}

// SelectApplication is SELECT by name: 00 A4 04 0C AID, or with WithFCI 00 A4
// 04 00 AID 00. The zero AID is AIDInstance.
type SelectApplication struct {
	AID     gp.AID
	WithFCI bool // ask for 6F L 84 L AID
}

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-001, SPEC-JPKI-AP-002.
func (s SelectApplication) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: iso7816.INSSelect, P1: 0x04, P2: 0x0C}
	if s.WithFCI {
		c.P2, c.Ne = 0x00, apdu.MaxShortNe
	}
	if s.AID.IsZero() {
		s.AID = AIDInstance
	}
	c.Data = s.AID.Append(buf)[len(buf):]
	return c, nil
}

// SelectFile is SELECT of an elementary file: 00 A4 02 0C 02 EF.
type SelectFile struct{ EF EF }

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-030.
func (s SelectFile) APDU(buf []byte) (apdu.Command, error) {
	return apdu.Command{INS: iso7816.INSSelect, P1: 0x02, P2: 0x0C,
		Data: append(buf, byte(s.EF>>8), byte(s.EF))[len(buf):]}, nil
}

// Offsets that READ BINARY can carry.
const (
	MaxOffset    = 0x7FFF // of the current file
	MaxSFIOffset = 0xFF   // of a file named by its short identifier
)

// ReadBinary is READ BINARY: 00 B0 offset Ne of the current file, or, with EF,
// 00 B0 80|SFI offset Ne.
type ReadBinary struct {
	EF     EF // zero: the current one
	Offset int
	Ne     int // 1 to 256
}

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-034.
func (b ReadBinary) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: iso7816.INSReadBinary, P1: byte(b.Offset >> 8), P2: byte(b.Offset), Ne: b.Ne}
	most := MaxOffset
	if b.EF != 0 {
		c.P1, most = byte(b.EF.Reference()), MaxSFIOffset
		if b.EF.SFI() == 0 {
			return c, errValue("READ BINARY", "file")
		}
	}
	if b.Offset < 0 || b.Offset > most || b.Ne < 1 || b.Ne > apdu.MaxShortNe {
		return c, errValue("READ BINARY", "offset or length")
	}
	return c, nil
}

// SignMode is how the signature command makes an encoded message of its data:
// its P1.
type SignMode byte

// Modes (spec/JPKI-AP.md §Signature).
const (
	SignRaw            SignMode = 0x00 // PKCS #1 v1.5 padding of 1 to 245 bytes, such as a DigestInfo
	SignHash           SignMode = 0x01 // the same of SHA-256(data)
	SignDigest         SignMode = 0x02 // the same of DigestInfo(SHA-256, data), 32 bytes
	SignMessage        SignMode = 0x03 // the same of DigestInfo(SHA-256, SHA-256(data))
	SignDigestPSS      SignMode = 0x04 // EMSA-PSS of a SHA-256, 32 bytes
	SignMessagePSS     SignMode = 0x05 // EMSA-PSS of SHA-256(data)
	signatureModeCount          = 6
)

// SignatureLen is the length of every signature in bytes.
const SignatureLen = 256

// Signature is the signature command: 80 2A mode key data 00.
type Signature struct {
	Mode SignMode
	Key  Reference // zero: Current
	Data []byte
}

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-070.
func (s Signature) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: classProprietary, INS: InsSign, P1: byte(s.Mode), Ne: apdu.MaxShortNe}
	if s.Mode >= signatureModeCount {
		return c, errValue("signature", "P1")
	}
	least, most := 1, apdu.MaxShortData
	switch s.Mode {
	case SignRaw:
		most = SignatureLen - 11
	case SignDigest, SignDigestPSS:
		least, most = 32, 32
	}
	if len(s.Data) < least || len(s.Data) > most {
		return c, errValue("signature", "data length")
	}
	c.Data = append(buf, s.Data...)[len(buf):]
	err := s.Key.put(&c, "signature")
	return c, err
}

// Contactless is CONTACTLESS: 80 44 state 00.
type Contactless struct{ State ContactlessState }

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-023.
func (s Contactless) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{CLA: classProprietary, INS: InsContactless, P1: byte(s.State)}
	if s.State > ContactlessOne {
		return c, errValue("CONTACTLESS", "state")
	}
	return c, nil
}

// GetChallenge is GET CHALLENGE: 00 84 00 00 Ne.
type GetChallenge struct{ Ne int } // 1 to 256

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-080.
func (g GetChallenge) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: iso7816.INSGetChallenge, Ne: g.Ne}
	if g.Ne < 1 || g.Ne > apdu.MaxShortNe {
		return c, errValue("GET CHALLENGE", "length")
	}
	return c, nil
}

// GetData is GET DATA of one of the application's objects: 80 CA tag 00.
type GetData struct{ Tag tlv.Tag }

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-081, SPEC-JPKI-AP-082.
func (g GetData) APDU([]byte) (apdu.Command, error) {
	return gp.GetData{Tag: g.Tag}.APDU(nil)
}

// put sets the P2 of a command.
func (r Reference) put(c *apdu.Command, instruction string) error {
	if r == 0 {
		r = Current
	}
	if !r.valid() {
		return errValue(instruction, "reference")
	}
	c.P2 = byte(r)
	return nil
}

func errValue(instruction, field string) error {
	return errors.New("jpki: " + instruction + ": " + field + " out of range")
}
