package relyingparty

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// certID names a certificate in OCSP (RFC 6960 §4.1.1), with SHA-1 as the profile
// of RFC 5019 wants it: its collisions do not matter here.
type certID struct {
	algorithm asn1.ObjectIdentifier
	name, key []byte // hashes
	serial    []byte // content of the INTEGER
}

var oidSHA1 = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}

func certIDOf(target, issuer *x509.Certificate) (certID, error) {
	s := cryptobyte.String(issuer.RawSubjectPublicKeyInfo)
	var info, algorithm cryptobyte.String
	var key asn1.BitString
	if !s.ReadASN1(&info, casn1.SEQUENCE) || !info.ReadASN1(&algorithm, casn1.SEQUENCE) || !info.ReadASN1BitString(&key) {
		return certID{}, errDER
	}
	var b cryptobyte.Builder
	b.AddASN1BigInt(target.SerialNumber)
	encoded, err := b.Bytes()
	if err != nil {
		return certID{}, err
	}
	content, number := cryptobyte.String(encoded), cryptobyte.String(nil)
	content.ReadASN1(&number, casn1.INTEGER)
	return certID{oidSHA1, hash(issuer.RawSubject), hash(key.RightAlign()), number}, nil
}

func hash(b []byte) []byte {
	sum := sha1.Sum(b)
	return sum[:]
}

// request writes an OCSPRequest for one certificate; nonce may be nil.
// Spec: SPEC-RELYING-PARTY-030.
func (id certID) request(nonce []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { // OCSPRequest
		b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { // TBSRequest
			b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { // requestList
				b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { // Request
					b.AddASN1(casn1.SEQUENCE, id.add)
				})
			})
			if nonce != nil {
				b.AddASN1(constructed(2), func(b *cryptobyte.Builder) {
					b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1ObjectIdentifier(oidOCSPNonce)
							b.AddASN1(casn1.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(nonce) })
						})
					})
				})
			}
		})
	})
	return b.Bytes()
}

func (id certID) add(b *cryptobyte.Builder) {
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id.algorithm)
		b.AddASN1NULL()
	})
	b.AddASN1OctetString(id.name)
	b.AddASN1OctetString(id.key)
	b.AddASN1(casn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(id.serial) })
}

// answered is what the signed part of a response says of its question.
type answered struct {
	ids   []certID
	nonce []byte // nil where there is none
}

// readAnswered reads ResponseData (RFC 6960 §4.2.1) as far as golang.org/x/crypto
// does not give it out: the certificates that are answered for, and the nonce.
func readAnswered(tbs []byte) (*answered, error) {
	s, body := cryptobyte.String(tbs), cryptobyte.String(nil)
	var responder, produced, list, extensions cryptobyte.String
	var tag casn1.Tag
	var extended bool
	if !s.ReadASN1(&body, casn1.SEQUENCE) || !s.Empty() || !body.SkipOptionalASN1(constructed(0)) || !body.ReadAnyASN1(&responder, &tag) ||
		!body.ReadASN1(&produced, casn1.GeneralizedTime) || !body.ReadASN1(&list, casn1.SEQUENCE) ||
		!body.ReadOptionalASN1(&extensions, &extended, constructed(1)) || !body.Empty() {
		return nil, errDER
	}
	a := new(answered)
	for !list.Empty() {
		var single, id, algorithm, name, key, serial cryptobyte.String
		var got certID
		if !list.ReadASN1(&single, casn1.SEQUENCE) || !single.ReadASN1(&id, casn1.SEQUENCE) || !id.ReadASN1(&algorithm, casn1.SEQUENCE) ||
			!algorithm.ReadASN1ObjectIdentifier(&got.algorithm) || !id.ReadASN1(&name, casn1.OCTET_STRING) ||
			!id.ReadASN1(&key, casn1.OCTET_STRING) || !id.ReadASN1(&serial, casn1.INTEGER) || !id.Empty() {
			return nil, errDER
		}
		got.name, got.key, got.serial = name, key, serial
		a.ids = append(a.ids, got)
	}
	if !extended {
		return a, nil
	}
	return a, a.readNonce(extensions)
}

// readNonce finds the nonce among the response's extensions. Others are passed
// over unless they are critical.
func (a *answered) readNonce(s cryptobyte.String) error {
	var list cryptobyte.String
	if !s.ReadASN1(&list, casn1.SEQUENCE) || !s.Empty() {
		return errDER
	}
	for !list.Empty() {
		var extension, value, nonce cryptobyte.String
		var oid asn1.ObjectIdentifier
		critical := false
		if !list.ReadASN1(&extension, casn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&oid) ||
			extension.PeekASN1Tag(casn1.BOOLEAN) && !extension.ReadASN1Boolean(&critical) ||
			!extension.ReadASN1(&value, casn1.OCTET_STRING) || !extension.Empty() {
			return errDER
		}
		switch {
		case oid.Equal(oidOCSPNonce):
			if a.nonce != nil || !value.ReadASN1(&nonce, casn1.OCTET_STRING) || !value.Empty() {
				return errDER
			}
			a.nonce = append([]byte{}, nonce...)
		case critical:
			return errDER
		}
	}
	return nil
}
