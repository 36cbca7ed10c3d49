package gp

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/tlv"
)

const (
	tagDeleteCRT  tlv.Tag = 0xB6
	tagKeyID      tlv.Tag = 0xD0
	tagKeyVersion tlv.Tag = 0xD2
)

// Delete is DELETE (GP Card Specification 2.3.1 §11.2): 80 E4 00 P2. It names
// either card content by its AID, or keys by identifier, version or both.
type Delete struct {
	Related bool // P2 80: also the objects that depend on it
	AID     AID  // application, security domain or load file; zero for keys
	// CRT is the content of B6, the control reference template of a delegated
	// deletion; nil when absent.
	CRT   []byte
	Token []byte // 9E; nil when absent
	// HasKeyID and HasKeyVersion are which of the two select the keys.
	HasKeyID, HasKeyVersion bool
	KeyID, KeyVersion       byte
}

// APDU implements Command. A data field of more than 255 bytes has Extended
// set.
func (d Delete) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsDelete, Ne: apdu.MaxShortNe}
	if d.Related {
		c.P2 = 0x80
	}
	out, err := d.AppendWithoutToken(buf)
	if err != nil {
		return c, err
	}
	if d.Token != nil {
		out = tlv.Append(out, TagDeleteToken, d.Token)
	}
	c.Data = added(buf, out)
	c.Extended = len(c.Data) > apdu.MaxShortData
	return c, nil
}

// AppendWithoutToken appends the data field without 9E: what comes behind P1,
// P2 and Lc in the bytes that a delete token signs. Spec: SPEC-GP-104.
func (d *Delete) AppendWithoutToken(dst []byte) ([]byte, error) {
	isKey := d.HasKeyID || d.HasKeyVersion
	switch {
	case isKey == !d.AID.IsZero():
		return dst, errValue("DELETE", "AID or key")
	case isKey && (d.CRT != nil || d.Token != nil):
		return dst, errValue("DELETE [key]", "token")
	case len(d.CRT) > maxFieldLen || len(d.Token) > maxFieldLen:
		return dst, errValue("DELETE", "token")
	}
	if !isKey {
		dst = appendAID(dst, tagAID, d.AID)
		return appendPresent(dst, tagDeleteCRT, d.CRT), nil
	}
	if d.HasKeyID {
		dst = append(dst, byte(tagKeyID), 1, d.KeyID)
	}
	if d.HasKeyVersion {
		dst = append(dst, byte(tagKeyVersion), 1, d.KeyVersion)
	}
	return dst, nil
}

// DecodeDelete reads DELETE. A chain of DELETE commands is joined first
// (Joiner). Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-115, SPEC-GP-116, SPEC-GP-117.
func DecodeDelete(c *apdu.Command) (Delete, error) {
	r := data("DELETE", c, IsGlobalPlatformClass, InsDelete)
	if c.P1 != 0x00 {
		failP1(&r, "00", c.P1)
	}
	if c.P2 != 0x00 && c.P2 != 0x80 {
		failP2(&r, "00 or 80", c.P2)
	}
	someData(&r)
	if r.Err() != nil {
		return Delete{}, r.Err()
	}
	d := Delete{Related: c.P2 == 0x80}
	t := tlv.NewReaderAt(c.Data, dataOffset(c), 0)
	for t.Next() {
		if err := d.decodeObject(&t); err != nil {
			return Delete{}, err
		}
	}
	if t.Err() != nil {
		return Delete{}, t.Err()
	}
	if d.AID.IsZero() && !d.HasKeyID && !d.HasKeyVersion {
		return Delete{}, t.Fault("4F, D0 or D2", "none")
	}
	return d, nil
}

// decodeObject takes the objects in their order: 4F [B6] [9E], or D0 and D2.
func (d *Delete) decodeObject(t *tlv.Reader) (err error) {
	isKey := d.HasKeyID || d.HasKeyVersion
	isContent := !d.AID.IsZero()
	switch {
	case t.Tag() == tagAID && !isKey && !isContent:
		if d.AID, err = aidValue(t); err == nil && d.AID.IsZero() {
			return t.Fault("an AID of 5 to 16 bytes", "0")
		}
		return err
	case t.Tag() == tagDeleteCRT && isContent && d.CRT == nil && d.Token == nil:
		d.CRT = t.Value()
	case t.Tag() == TagDeleteToken && isContent && d.Token == nil:
		d.Token = t.Value()
	case t.Tag() == tagKeyID && !isContent && !d.HasKeyID:
		d.HasKeyID = true
		return oneByte(t, &d.KeyID)
	case t.Tag() == tagKeyVersion && !isContent && !d.HasKeyVersion:
		d.HasKeyVersion = true
		return oneByte(t, &d.KeyVersion)
	default:
		return t.Fault("4F, then B6, 9E or nothing; or D0, D2", "another tag")
	}
	return nil
}

func oneByte(t *tlv.Reader, to *byte) error {
	v := t.Value()
	if len(v) != 1 {
		return t.Fault("1 byte", strconv.Itoa(len(v)))
	}
	*to = v[0]
	return nil
}
