package scp02

import (
	"fmt"
	"strconv"

	"inkan/core/wire"
)

const protocol = 0x02 // the SCP identifier in an INITIALIZE UPDATE response

// InitializeUpdateSize is the size of the response data of INITIALIZE UPDATE,
// in bytes.
const InitializeUpdateSize = 28

// InitializeUpdateResponse is the response data of INITIALIZE UPDATE:
// KDD(10) KVN(1) 02 counter(2) challenge(6) cryptogram(8).
type InitializeUpdateResponse struct {
	KDD             [10]byte // key diversification data
	KeyVersion      byte     // key version number (KVN) that the card uses
	SequenceCounter uint16
	CardChallenge   [CardChallengeSize]byte
	CardCryptogram  [CryptogramSize]byte
}

// Append appends the 28 bytes to dst.
// Spec: SPEC-SCP02-010.
func (r *InitializeUpdateResponse) Append(dst []byte) []byte {
	dst = append(dst, r.KDD[:]...)
	dst = append(dst, r.KeyVersion, protocol, byte(r.SequenceCounter>>8), byte(r.SequenceCounter))
	dst = append(dst, r.CardChallenge[:]...)
	return append(dst, r.CardCryptogram[:]...)
}

// DecodeInitializeUpdateResponse reads the response data, without status word. Errors are *wire.DecodeError.
// Spec: SPEC-SCP02-010, SPEC-SCP02-011.
func DecodeInitializeUpdateResponse(b []byte) (r InitializeUpdateResponse, err error) {
	d := wire.NewReader("INITIALIZE UPDATE response", b)
	copy(r.KDD[:], d.Bytes(diversificationLen, "KDD"))
	r.KeyVersion = d.Byte("KVN")
	at := d.Offset()
	if p := d.Byte("SCP"); p != protocol {
		d.FailAt(at, "SCP", "02", fmt.Sprintf("%02X", p))
	}
	r.SequenceCounter = d.Uint16("sequence counter")
	copy(r.CardChallenge[:], d.Bytes(CardChallengeSize, "card challenge"))
	copy(r.CardCryptogram[:], d.Bytes(CryptogramSize, "card cryptogram"))
	if err := d.End(); err != nil {
		return InitializeUpdateResponse{}, err
	}
	return r, nil
}

// splitResponse splits a response APDU into data and the two bytes of the
// status word. Data is borrowed. Errors are *wire.DecodeError.
func splitResponse(resp []byte) (data, sw []byte, err error) {
	n := len(resp) - 2
	if n < 0 {
		return nil, nil, &wire.DecodeError{Format: "R-APDU", Path: "SW", Want: "2 bytes", Got: strconv.Itoa(len(resp)) + " left"}
	}
	return resp[:n], resp[n:], nil
}
