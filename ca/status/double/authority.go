package double

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// The test authority is valid between these times.
var (
	NotBefore = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	NotAfter  = time.Date(2036, 12, 31, 14, 59, 59, 0, time.UTC)
)

// Issuer is a generation of an authority, 1 or 2, with published test keys and
// certificates that crypto/x509 made: what status needs of them is there, the rest
// of the profile is not. It panics where the library fails.
func Issuer(ca certificate.Authority, generation int) *status.Issuer {
	caRole, ocspRole := keys.SignatureCA, keys.SignatureOCSP
	if ca == certificate.AuthenticationAuthority {
		caRole, ocspRole = keys.AuthenticationCA, keys.AuthenticationOCSP
	}
	signer := testkeys.Signer(caRole, generation)
	self := sign(&x509.Certificate{
		SerialNumber: big.NewInt(int64(generation)), RawSubject: ca.Name().AppendDER(nil), NotBefore: NotBefore, NotAfter: NotAfter,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
		ExtraExtensions: []pkix.Extension{DistributionPoint(ca, certificate.CAList)},
	}, nil, signer.Public(), signer)
	responder := testkeys.Signer(ocspRole, generation)
	delegated := sign(&x509.Certificate{
		SerialNumber: big.NewInt(int64(100 + generation)), RawSubject: ca.ResponderName().AppendDER(nil), NotBefore: NotBefore, NotAfter: NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}}, // no check
	}, self, responder.Public(), signer)
	return &status.Issuer{Authority: ca, Generation: generation, Certificate: self, Signer: signer,
		Responder: &status.Responder{Certificate: delegated, Signer: responder}}
}

// Holder is a certificate that an issuer made for a test key, with the
// distribution point of a partition.
func Holder(issuer *status.Issuer, serial uint64, partition string) *x509.Certificate {
	return sign(&x509.Certificate{
		SerialNumber: new(big.Int).SetUint64(serial), Subject: pkix.Name{Country: []string{"JP"}, CommonName: "holder"}, NotBefore: NotBefore, NotAfter: NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		ExtraExtensions: []pkix.Extension{DistributionPoint(issuer.Authority, partition)},
	}, issuer.Certificate, &testkeys.Holder(1).PublicKey, issuer.Signer)
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	if parent == nil {
		parent = template
	}
	template.SubjectKeyId = keyID(public)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		panic("double: " + err.Error())
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic("double: " + err.Error())
	}
	return c
}

// keyID is SHA-1 of the bits of a public key, as the service's certificates have
// it.
func keyID(public crypto.PublicKey) []byte {
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic("double: " + err.Error())
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Bits      asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &info); err != nil {
		panic("double: " + err.Error())
	}
	id := sha1.Sum(info.Bits.Bytes)
	return id[:]
}

// DistributionPoint is the extension CRLDistributionPoints of a partition: one
// full name, the partition's directory name.
func DistributionPoint(ca certificate.Authority, partition string) pkix.Extension {
	name, err := certificate.PartitionName(ca, partition)
	if err != nil {
		panic("double: " + err.Error())
	}
	value := name.AppendDER(nil)
	for _, tag := range []byte{0xA4, 0xA0, 0xA0, 0x30, 0x30} { // directoryName, fullName, distributionPoint, one of a list
		outer, err := asn1.Marshal(asn1.RawValue{Class: int(tag >> 6), Tag: int(tag & 0x1F), IsCompound: true, Bytes: value})
		if err != nil {
			panic("double: " + err.Error())
		}
		value = outer
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: value}
}
