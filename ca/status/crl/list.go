package crl

import (
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/status"
	"inkan/ca/status/der"
	"inkan/core/jpki/certificate"
)

// List is what a list says besides its entries.
type List struct {
	Issuer     *status.Issuer
	Partition  string // certificate.CAList for the authority's own certificates
	Number     uint64 // CRL number
	ThisUpdate time.Time
	NextUpdate time.Time
}

// check reports what would make a wrong list.
func (l *List) check() error {
	switch {
	case l.Issuer == nil || l.Issuer.Signer == nil:
		return fmt.Errorf("crl: list of %q: want an issuer with its key", l.Partition)
	case l.Number == 0:
		return fmt.Errorf("crl: list of %q: want a number from 1 on", l.Partition)
	case !l.NextUpdate.After(l.ThisUpdate):
		return fmt.Errorf("crl: list of %q: want a next update after %s, got %s", l.Partition, l.ThisUpdate.Format(time.RFC3339), l.NextUpdate.Format(time.RFC3339))
	}
	return nil
}

// appendHead appends the to-be-signed part up to the entries.
// Spec: SPEC-STATUS-010, SPEC-STATUS-011.
func (l *List) appendHead(dst []byte) []byte {
	dst = append(dst, 0x02, 1, 1) // version 2
	dst = append(dst, der.SHA256WithRSA...)
	dst = append(dst, l.Issuer.Certificate.RawSubject...)
	dst = der.AppendTime(dst, l.ThisUpdate)
	return der.AppendTime(dst, l.NextUpdate)
}

// Object identifiers of the extensions: the last byte of 2.5.29.n.
const (
	extensionNumber = 20
	extensionReason = 21
	extensionIDP    = 28
	extensionAKI    = 35
)

// appendExtensions appends the list's extensions, which follow the entries:
// authority key identifier, number, issuing distribution point.
// Spec: SPEC-STATUS-012, SPEC-STATUS-013, SPEC-STATUS-014, SPEC-STATUS-015.
func (l *List) appendExtensions(dst []byte) ([]byte, error) {
	name, err := certificate.PartitionName(l.Issuer.Authority, l.Partition)
	if err != nil {
		return nil, err
	}
	b := cryptobyte.NewBuilder(dst)
	b.AddASN1(asn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addExtension(b, extensionAKI, false, func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(l.Issuer.KeyID()) })
				})
			})
			addExtension(b, extensionNumber, false, func(b *cryptobyte.Builder) { b.AddASN1Uint64(l.Number) })
			addExtension(b, extensionIDP, true, func(b *cryptobyte.Builder) { addIDP(b, name, l.Partition == certificate.CAList) })
		})
	})
	return b.Bytes()
}

func addExtension(b *cryptobyte.Builder, id byte, critical bool, value func(*cryptobyte.Builder)) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x55, 0x1D, id}) })
		if critical {
			b.AddASN1Boolean(true)
		}
		b.AddASN1(asn1.OCTET_STRING, value)
	})
}

// addIDP adds an IssuingDistributionPoint whose fullName is one directory name.
func addIDP(b *cryptobyte.Builder, name certificate.Name, authorities bool) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) { // distributionPoint
			b.AddASN1(asn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) { // fullName
				b.AddASN1(asn1.Tag(4).Constructed().ContextSpecific(), name.Marshal) // directoryName
			})
		})
		if authorities {
			b.AddASN1(asn1.Tag(2).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddUint8(0xFF) }) // onlyContainsCACerts
		}
	})
}
