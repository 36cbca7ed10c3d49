package main

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// phone is an applicant's phone: its SIM's answers to an order are made here, as
// spec/PERSO.md says, without a card.
type phone struct {
	a         *authority
	holder    holder
	sim       [16]byte
	authority *ecdsa.PrivateKey // of the SIM, which attests
	name      perso.Hash        // of its key
	ephemeral *ecdh.PrivateKey
	key       *rsa.PrivateKey
	signed    application.Application

	instance tsmp.PhoneID
	request  *tsmp.IssueRequest // of the order that is open
}

const personalisationLabel = "INKAN-PERSO-1"

// loaded is the hash of the load file on each SIM.
var loaded = perso.Hash{1}

// newPhone makes the phone of a new person.
func (a *authority) newPhone(number byte) (p *phone, err error) {
	p = &phone{a: a, sim: [16]byte{0x98, 0x18, number}}
	if p.holder, err = a.enrol(); err != nil {
		return nil, err
	}
	if p.key, err = a.nextKey(); err != nil {
		return nil, err
	}
	if p.authority, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	if p.ephemeral, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(&p.authority.PublicKey)
	if err != nil {
		return nil, err
	}
	p.name = sha256.Sum256(spki)
	a.known[p.name] = perso.ECDSAAuthority{Key: &p.authority.PublicKey}
	return p, nil
}

// call is a call of a service manager.
func (a *authority) call() *tsmp.Call {
	n := a.calls.Add(1)
	c := &tsmp.Call{Sender: "sp-tsm.inkan.example", Role: tsmp.RoleSPTSM, Sent: a.now(), Evidence: make([]byte, 2048)}
	c.ID[15], c.ID[14], c.ID[13] = byte(n), byte(n>>8), byte(n>>16)
	copy(c.Evidence, c.ID[:])
	return c
}

// prepare brings all up to the issue of a certificate: the application, the order
// and what the SIM says to it.
func (p *phone) prepare() error {
	ctx := context.Background()
	q := &p.signed
	*q = application.Application{Purpose: application.Issue, Time: p.a.now(), Language: application.Japanese, SIM: p.sim, Roles: jpki.Auth, Origin: jpki.OriginOnCard}
	if _, err := rand.Read(q.Nonce[:]); err != nil {
		return err
	}
	copy(q.ReplyKey[:], p.ephemeral.PublicKey().Bytes())
	code := application.NewCode(entropy.System())
	q.Commit(code)
	der, err := q.Sign(p.holder.signature, p.holder.key, q.Time)
	if err != nil {
		return err
	}
	verified, err := p.a.VerifyApplication(ctx, p.a.call(), &tsmp.VerifyApplicationRequest{Application: der, Code: code.Plain()})
	if err != nil {
		return err
	}
	p.instance = verified.Phone
	placed, err := p.a.PlaceOrder(ctx, p.a.call(), &tsmp.PlaceOrderRequest{ApplicationID: verified.ApplicationID, SIM: p.sim,
		InstanceAID: jpki.AIDInstance.Append(nil), LoadFileHash: loaded, AttestationKey: p.name})
	if err != nil {
		return err
	}
	p.request, err = p.statements(placed)
	return err
}

// statements are the SIM's answers to ORDER and GENERATE.
func (p *phone) statements(placed *tsmp.PlaceOrderAnswer) (*tsmp.IssueRequest, error) {
	order, err := perso.DecodeOrder(placed.Order)
	if err != nil {
		return nil, err
	}
	header := perso.Header{Type: perso.StatementOrder, OrderHash: order.Hash(), Counter: order.Counter}
	s := perso.OrderStatement{Header: header}
	copy(s.Point[:], p.ephemeral.PublicKey().Bytes())
	whole := s.Append(nil)
	if s.Attestation, err = p.attest(whole[:len(whole)-1]); err != nil {
		return nil, err
	}
	header.Type = perso.StatementKey
	k := perso.KeyStatement{Header: header, Role: jpki.Auth}
	p.key.N.FillBytes(k.Modulus[:])
	message := append(header.Append([]byte(personalisationLabel)), byte(jpki.Auth))
	digest := sha256.Sum256(append(jpki.AIDInstance.AppendLV(message), k.Modulus[:]...))
	proof, err := rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, digest[:])
	if err != nil {
		return nil, err
	}
	copy(k.Proof[:], proof)
	whole = k.Append(nil)
	k.Attestation, err = p.attest(whole[:len(whole)-1-perso.ModulusLen])
	return &tsmp.IssueRequest{OrderID: placed.OrderID, OrderStatement: s.Append(nil), KeyStatements: [][]byte{k.Append(nil)}}, err
}

// attest is a signature by the SIM's authority.
func (p *phone) attest(statement []byte) ([]byte, error) {
	message := append(jpki.AIDInstance.AppendLV(nil), loaded[:]...)
	digest := sha256.Sum256(append(append(message, personalisationLabel...), statement...))
	r, s, err := ecdsa.Sign(rand.Reader, p.authority, digest[:])
	if err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out, nil
}

// issue issues the certificate.
func (p *phone) issue() (*tsmp.IssueAnswer, error) {
	return p.a.Issue(context.Background(), p.a.call(), p.request)
}

// end revokes what was issued, so that the next application can follow.
func (p *phone) end() error {
	return p.a.registry.RevokePhone(context.Background(), registry.Turn{Phone: record.PhoneID(p.instance)}, profile.Unspecified, operator)
}
