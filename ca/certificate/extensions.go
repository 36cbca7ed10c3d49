package certificate

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	profile "inkan/core/jpki/certificate"
)

// extensions writes those of the kind in their order.
func (w *writer) extensions(b *cryptobyte.Builder) {
	for _, e := range w.Kind.Extensions() {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(e.OID())
			if e.Critical() {
				b.AddASN1Boolean(true)
			}
			b.AddASN1(tag.OCTET_STRING, func(b *cryptobyte.Builder) { w.value(b, e) })
		})
	}
}

func (w *writer) value(b *cryptobyte.Builder, e profile.Extension) {
	switch e {
	case profile.KeyUsage:
		b.AddBytes(w.Kind.KeyUsage())
	case profile.SubjectAltName:
		if w.Kind.CA() {
			b.AddBytes(japaneseNames[w.authority])
			return
		}
		w.person(b)
	case profile.ExtKeyUsage:
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(w.purpose()) })
	case profile.BasicConstraints:
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Boolean(true) })
	case profile.OCSPNoCheck:
		b.AddASN1NULL()
	case profile.CertificatePolicies:
		b.AddBytes(policies[w.Kind])
	case profile.IssuerAltName:
		b.AddBytes(japaneseNames[w.authority])
	case profile.CRLDistributionPoints:
		w.distributionPoint(b)
	case profile.AuthorityInfoAccess:
		b.AddBytes(access)
	case profile.AuthorityKeyIdentifier:
		b.AddBytes(w.issuer.keyIDPart)
	case profile.SubjectKeyIdentifier:
		id := w.keyID()
		b.AddASN1OctetString(id[:])
	}
}

func (w *writer) purpose() asn1.ObjectIdentifier {
	if w.Kind == profile.OCSPResponder {
		return profile.OIDOCSPSigning
	}
	return profile.OIDClientAuth
}

// addDirectoryName writes GeneralNames with one directoryName.
func addDirectoryName(b *cryptobyte.Builder, n profile.Name) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1(constructed(4), n.Marshal) })
}

// person writes the holder's values. Spec: SPEC-CERT-PROFILE-019.
func (w *writer) person(b *cryptobyte.Builder) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, a := range profile.PersonAttributes() {
			b.AddASN1(constructed(0), func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(a.OID())
				b.AddASN1(constructed(0), func(b *cryptobyte.Builder) {
					b.AddASN1(tag.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.Value(w.Person))) })
				})
			})
		}
	})
}

// Values that are the same in many certificates, written once.
var (
	policies = func() map[profile.Kind][]byte {
		all := map[profile.Kind][]byte{}
		for k := profile.CardSignature; k <= profile.PhoneSignature; k++ {
			all[k] = built(func(b *cryptobyte.Builder) { addPolicies(b, k) })
		}
		return all
	}()
	japaneseNames = func() map[profile.Authority][]byte {
		all := map[profile.Authority][]byte{}
		for _, a := range profile.Authorities() {
			all[a] = built(func(b *cryptobyte.Builder) { addDirectoryName(b, a.JapaneseName()) })
		}
		return all
	}()
	access = built(addAccess)
)

func built(add func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	add(&b)
	return b.BytesOrPanic()
}

// addPolicies writes the kind's policy and where the practice statement is.
// Spec: SPEC-CERT-PROFILE-006, SPEC-CERT-PROFILE-039.
func addPolicies(b *cryptobyte.Builder, k profile.Kind) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(k.Policy())
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(profile.OIDCPS)
					b.AddASN1(tag.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(profile.CPSURI)) })
				})
			})
		})
	})
}

// distributionPoint writes where the certificate's revocation is published.
// Spec: SPEC-CERT-PROFILE-015.
func (w *writer) distributionPoint(b *cryptobyte.Builder) {
	partition := profile.CAList
	if w.Kind.Holder() {
		partition = w.Municipality.Partition()
	}
	name, err := profile.PartitionName(w.authority, partition)
	if err != nil {
		b.SetError(err)
		return
	}
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(constructed(0), func(b *cryptobyte.Builder) {
				b.AddASN1(constructed(0), func(b *cryptobyte.Builder) { b.AddASN1(constructed(4), name.Marshal) })
			})
		})
	})
}

// addAccess writes where OCSP is answered. Spec: SPEC-CERT-PROFILE-021.
func addAccess(b *cryptobyte.Builder) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(profile.OIDOCSP)
			b.AddASN1(tag.Tag(6).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte(profile.OCSPURI)) })
		})
	})
}

// authorityKeyIdentifier is the value that names a generation: key identifier,
// name, serial number. Spec: SPEC-CERT-PROFILE-022.
func authorityKeyIdentifier(p *profile.Certificate) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(p.SubjectKeyID[:]) })
		b.AddASN1(constructed(1), func(b *cryptobyte.Builder) { b.AddASN1(constructed(4), p.Subject.Marshal) })
		var serial cryptobyte.Builder
		serial.AddASN1Uint64(p.Serial)
		b.AddASN1(tag.Tag(2).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(serial.BytesOrPanic()[2:]) })
	})
	return b.BytesOrPanic()
}
