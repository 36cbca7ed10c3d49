package login

import (
	"encoding/binary"

	"inkan/core/wire"
)

// SignatureLen is that of a signature by a key of 2048 bits, in bytes.
const SignatureLen = 256

// MaxCertificateLen is in bytes.
const MaxCertificateLen = 4096

// Response is what the holder's side gives back: which statement it signed, the
// signature of its digest, and the certificate of the key. The statement itself
// is not in it: the relying party has its own.
type Response struct {
	Nonce       [NonceLen]byte
	Signature   [SignatureLen]byte // PKCS #1 v1.5 of Statement.Digest
	Certificate []byte             // DER
}

// Append appends the encoding. It panics for a certificate longer than
// MaxCertificateLen. Spec: SPEC-RELYING-PARTY-007.
func (r *Response) Append(dst []byte) []byte {
	if len(r.Certificate) > MaxCertificateLen {
		panic("login: response: certificate of more than 4096 bytes")
	}
	dst = append(append(dst, r.Nonce[:]...), r.Signature[:]...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.Certificate)))
	return append(dst, r.Certificate...)
}

// ParseResponse reads an encoding, all of it. Errors are *wire.DecodeError of
// format "login response". Spec: SPEC-RELYING-PARTY-007.
func ParseResponse(b []byte) (*Response, error) {
	reader := wire.NewReader("login response", b)
	r := new(Response)
	copy(r.Nonce[:], reader.Bytes(NonceLen, "nonce"))
	copy(r.Signature[:], reader.Bytes(SignatureLen, "signature"))
	at := reader.Offset()
	length := int(reader.Uint16("certificate length"))
	if reader.Err() == nil && (length == 0 || length > MaxCertificateLen) {
		reader.FailAt(at, "certificate length", "1 to 4096", "another")
	}
	r.Certificate = append([]byte(nil), reader.Bytes(length, "certificate")...)
	if err := reader.End(); err != nil {
		return nil, err
	}
	return r, nil
}
