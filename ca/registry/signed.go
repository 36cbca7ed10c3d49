package registry

import (
	"crypto/sha256"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/registry/record"
)

// signed is what a certificate says of what was reserved for it. Whoever completes
// has made and judged the certificate: nothing else of it is looked at.
type signed struct {
	serial              uint64
	notBefore, notAfter time.Time
	key                 record.Hash // of the SubjectPublicKeyInfo
}

// read reads a Certificate (RFC 5280 §4.1); false says that it is none in DER as
// far as the public key, or not one of its lengths.
func (s *signed) read(der []byte) bool {
	in := cryptobyte.String(der)
	var whole, tbs, validity, key cryptobyte.String
	explicit := tag.Tag(0).ContextSpecific().Constructed()
	ok := in.ReadASN1(&whole, tag.SEQUENCE) && in.Empty() &&
		whole.ReadASN1(&tbs, tag.SEQUENCE) && whole.SkipASN1(tag.SEQUENCE) && whole.SkipASN1(tag.BIT_STRING) && whole.Empty() &&
		tbs.SkipOptionalASN1(explicit) && tbs.ReadASN1Integer(&s.serial) &&
		tbs.SkipASN1(tag.SEQUENCE) && tbs.SkipASN1(tag.SEQUENCE) && // algorithm, issuer
		tbs.ReadASN1(&validity, tag.SEQUENCE) && readTime(&validity, &s.notBefore) && readTime(&validity, &s.notAfter) && validity.Empty() &&
		tbs.SkipASN1(tag.SEQUENCE) && tbs.ReadASN1Element(&key, tag.SEQUENCE)
	s.key = sha256.Sum256(key)
	return ok
}

func readTime(in *cryptobyte.String, t *time.Time) bool {
	if in.PeekASN1Tag(tag.UTCTime) {
		return in.ReadASN1UTCTime(t)
	}
	return in.ReadASN1GeneralizedTime(t)
}
