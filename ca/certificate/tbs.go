package certificate

import (
	"crypto/sha1"
	"encoding/asn1"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	profile "inkan/core/jpki/certificate"
)

// writer has what the parts of one certificate need.
type writer struct {
	*Request
	authority profile.Authority
	issuer    *Issuer // nil for an authority's own certificate
	subject   profile.Name
	key       []byte // RSAPublicKey
}

// TBS appends the TBSCertificate of a request. Errors are of requests that no
// certificate can be written of; whether it may be signed is for Sign to say.
func (i *Issuer) TBS(dst []byte, r *Request) ([]byte, error) {
	return appendTBS(dst, r, i.Authority, i)
}

func appendTBS(dst []byte, r *Request, a profile.Authority, issuer *Issuer) ([]byte, error) {
	if err := r.check(a); err != nil {
		return dst, err
	}
	subject, err := r.subject(a)
	if err != nil {
		return dst, err
	}
	w := &writer{Request: r, authority: a, issuer: issuer, subject: subject, key: rsaPublicKey(r)}
	b := cryptobyte.NewBuilder(slices.Grow(dst, tbsLen))
	b.AddASN1(tag.SEQUENCE, w.tbs)
	out, err := b.Bytes()
	if err != nil {
		return dst, err
	}
	return out, nil
}

// tbsLen is a length in bytes that few certificates pass.
const tbsLen = 1600

func (w *writer) tbs(b *cryptobyte.Builder) {
	b.AddASN1(constructed(0), func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
	b.AddASN1Uint64(w.Serial)
	addAlgorithm(b, profile.OIDSHA256WithRSA)
	if w.issuer != nil {
		b.AddBytes(w.issuer.subject)
	} else {
		w.subject.Marshal(b)
	}
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		addTime(b, w.NotBefore)
		addTime(b, w.NotAfter)
	})
	w.subject.Marshal(b)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		addAlgorithm(b, profile.OIDRSAEncryption)
		b.AddASN1BitString(w.key)
	})
	b.AddASN1(constructed(3), func(b *cryptobyte.Builder) { b.AddASN1(tag.SEQUENCE, w.extensions) })
}

func addAlgorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1NULL()
	})
}

// lastUTCTime is the last year of UTCTime. Spec: SPEC-CERT-PROFILE-008.
const lastUTCTime = 2049

func addTime(b *cryptobyte.Builder, t time.Time) {
	t = t.UTC()
	if t.Year() > lastUTCTime {
		b.AddASN1GeneralizedTime(t)
		return
	}
	b.AddASN1UTCTime(t)
}

func rsaPublicKey(r *Request) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r.PublicKey.N)
		b.AddASN1Int64(int64(r.PublicKey.E))
	})
	return b.BytesOrPanic()
}

func (w *writer) keyID() [sha1.Size]byte { return sha1.Sum(w.key) }

func constructed(n uint8) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }
