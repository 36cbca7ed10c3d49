package basic

import (
	"bytes"
	"fmt"

	"inkan/core/tlv"
)

// Information is the content of EFInformation: which layout the application has,
// and an identifier of a key.
type Information struct {
	KeyID [16]byte
}

// Tags of EFInformation.
const (
	tagInformation    tlv.Tag = 0xFF40
	tagIdentification tlv.Tag = 0xDF41
	tagKeyID          tlv.Tag = 0xDF42
	tagFiller         tlv.Tag = 0xDF43
)

// identification is the layout that cards were seen to have.
var identification = []byte{0x01, 0x03, 0x0E, 0x01}

// fillerLen is an element of which nobody knows what it is.
const fillerLen = 128

// Append appends the content of EFInformation. Spec: SPEC-IDCARD-001.
func (i *Information) Append(dst []byte) []byte {
	body := tlv.Append(tlv.Append(nil, tagIdentification, identification), tagKeyID, i.KeyID[:])
	body = tlv.Append(body, tagFiller, bytes.Repeat([]byte{0xFF}, fillerLen))
	return tlv.Append(dst, tagInformation, body)
}

// DecodeInformation reads the content of EFInformation; the filler of a real card
// may be anything. Errors are *wire.DecodeError. Spec: SPEC-IDCARD-001.
func DecodeInformation(b []byte) (i Information, err error) {
	r, err := inside("information", b, tagInformation)
	if err != nil {
		return i, err
	}
	at := r.Offset()
	if v := element(&r, tagIdentification, "identification"); r.Err() == nil && !bytes.Equal(v, identification) {
		r.FailAt(at, "identification", "01030E01", fmt.Sprintf("%X", v))
	}
	at = r.Offset()
	id := element(&r, tagKeyID, "key identifier")
	if r.Err() == nil && len(id) != len(i.KeyID) {
		r.FailAt(at, "key identifier", "16 bytes", fmt.Sprint(len(id)))
	}
	copy(i.KeyID[:], id)
	at = r.Offset()
	if v := element(&r, tagFiller, "filler"); r.Err() == nil && len(v) != fillerLen {
		r.FailAt(at, "filler", "128 bytes", fmt.Sprint(len(v)))
	}
	if err := r.End(); err != nil {
		return Information{}, err
	}
	return i, nil
}
