package ca

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// double is the applet of one SIM as the authority sees it: it answers orders with
// statements, opens envelopes and makes receipts, as spec/PERSO.md says.
type double struct {
	t         *testing.T
	aid       gp.AID
	authority *ecdsa.PrivateKey // nil: nothing is attested
	ephemeral *ecdh.PrivateKey
	key       *rsa.PrivateKey
	loaded    perso.Hash // of the load file that the applet came with

	order     perso.Order
	challenge [16]byte
	cipher    *perso.Cipher
	items     []perso.Item
}

const label = "INKAN-PERSO-1"

func newDouble(t *testing.T, number byte, key *rsa.PrivateKey) *double {
	scalar := func(b byte) []byte { s := make([]byte, 32); s[30], s[31] = b, number; return s }
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar(1))
	if err != nil {
		t.Fatal(err)
	}
	ephemeral, err := ecdh.P256().NewPrivateKey(scalar(2))
	if err != nil {
		t.Fatal(err)
	}
	d := &double{t: t, aid: jpki.AIDInstance, authority: private, ephemeral: ephemeral, key: key, loaded: perso.Hash{1}}
	d.challenge[0] = number
	return d
}

// keyID is the name of the card's authority.
func (d *double) keyID() perso.Hash {
	spki, err := x509.MarshalPKIXPublicKey(&d.authority.PublicKey)
	if err != nil {
		d.t.Fatal(err)
	}
	return sha256.Sum256(spki)
}

func (d *double) attest(statement []byte) []byte {
	if d.authority == nil {
		return nil
	}
	return d.sign(append(append(append(d.aid.AppendLV(nil), d.loaded[:]...), label...), statement...))
}

// sign is a signature by the card's authority.
func (d *double) sign(message []byte) []byte {
	h := sha256.Sum256(message)
	r, s, err := signP256(d.authority, h[:])
	if err != nil {
		d.t.Fatal(err)
	}
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out
}

func (d *double) point() (p perso.Point) {
	copy(p[:], d.ephemeral.PublicKey().Bytes())
	return p
}

// takeOrder answers ORDER.
func (d *double) takeOrder(order []byte) []byte {
	var err error
	if d.order, err = perso.DecodeOrder(order); err != nil {
		d.t.Fatal(err)
	}
	public, err := ecdh.P256().NewPublicKey(d.order.CAPoint[:])
	if err != nil {
		d.t.Fatal(err)
	}
	z, err := d.ephemeral.ECDH(public)
	if err != nil {
		d.t.Fatal(err)
	}
	point := d.point()
	keys := perso.DeriveKeys(z, d.aid, d.order.Hash(), &point)
	d.cipher = perso.NewCipher(&keys)
	s := perso.OrderStatement{Header: d.header(perso.StatementOrder), Point: point, Challenge: d.challenge}
	s.Attestation = d.attest(unattested(s.Append(nil)))
	return s.Append(nil)
}

func (d *double) header(of perso.StatementType) perso.Header {
	return perso.Header{Type: of, OrderHash: d.order.Hash(), Counter: d.order.Counter}
}

// unattested takes the empty attestation off a statement.
func unattested(statement []byte) []byte { return statement[:len(statement)-1] }

// generate answers GENERATE.
func (d *double) generate() []byte {
	s := perso.KeyStatement{Header: d.header(perso.StatementKey), Role: jpki.Auth}
	d.key.N.FillBytes(s.Modulus[:])
	message := append(s.Header.Append([]byte(label)), byte(jpki.Auth))
	message = append(d.aid.AppendLV(message), s.Modulus[:]...)
	h := sha256.Sum256(message)
	proof, err := rsa.SignPKCS1v15(nil, d.key, crypto.SHA256, h[:])
	if err != nil {
		d.t.Fatal(err)
	}
	copy(s.Proof[:], proof)
	whole := unattested(s.Append(nil))
	s.Attestation = d.attest(whole[:len(whole)-perso.ModulusLen])
	return s.Append(nil)
}

// takeEnvelope opens ENVELOPE.
func (d *double) takeEnvelope(value []byte) {
	_, _, items, err := d.cipher.Open(value)
	if err != nil {
		d.t.Fatal(err)
	}
	d.items = items
}

func (d *double) item(tag perso.ItemTag) []byte {
	for _, i := range d.items {
		if i.Tag == tag {
			return i.Value
		}
	}
	return nil
}

// activate answers ACTIVATE.
func (d *double) activate() []byte {
	r := perso.Receipt{Header: d.header(perso.StatementReceipt), Roles: jpki.Auth, AuthCertificate: perso.CertificateHash(d.item(perso.ItemCertificate))}
	d.cipher.SealReceipt(&r)
	return r.Append(nil)
}

// erase answers ERASE.
func (d *double) erase() []byte {
	s := perso.EraseStatement{Header: d.header(perso.StatementErase), Highest: d.order.Counter}
	s.Attestation = d.attest(unattested(s.Append(nil)))
	return s.Append(nil)
}
