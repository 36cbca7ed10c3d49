package relyingparty

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"io"
	"math/big"
	"testing"

	"inkan/ca/keys/testkeys"
)

// plain is an RSA key that makes signatures of every hash, as the keys of the
// service do not.
type plainKey struct{ *rsa.PrivateKey }

func plain(k *rsa.PrivateKey) crypto.Signer { return plainKey{k} }

// Sign makes PKCS #1 v1.5.
func (k plainKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, k.PrivateKey, opts.HashFunc(), digest)
}

// otherHash is a certificate with SHA-384 by an authority whose key makes such
// signatures, and that authority.
func otherHash(t testing.TB) (der []byte, anchors *Anchors) {
	t.Helper()
	signer := plain(testkeys.Holder(3))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(9), RawSubject: caList, NotBefore: at.AddDate(-1, 0, 0), NotAfter: at.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: keyID(signer), SignatureAlgorithm: x509.SHA256WithRSA,
	}
	own := create(t, template, template, signer.Public(), signer)
	anchors, err := NewAnchors(own)
	if err != nil {
		t.Fatal(err)
	}
	leaf := leafTemplate()
	leaf.SignatureAlgorithm = x509.SHA384WithRSA
	return create(t, leaf, parse(t, own), testkeys.Holder(1).Public(), signer), anchors
}

// withoutKeyID is a self-signed authority's certificate without a subject key
// identifier, which crypto/x509 writes only for who is no authority; so the
// extension is renamed.
func (w *world) withoutKeyID(t testing.TB) []byte {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(9), RawSubject: caList, NotBefore: at.AddDate(-1, 0, 0), NotAfter: at.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	return create(t, template, template, &private.PublicKey, private)
}
