package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math"
	"os"

	"inkan/ca"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
)

var issueCardPromise = Promise{
	Name:     "processors' time to issue a card's two certificates by requests, 32 callers, registry on the disk",
	Baseline: "processors' time of two signatures with the authorities' keys, by as many callers",
	Limit:    1.4,
	// Two requests, two certificates, their lints, four commits.
	AllocLimit: 1000,
	Measure:    measureIssueCards,
}

// cardRounds is how many rounds the key pairs suffice for.
const cardRounds = 4

// blank is a card without certificates, and the requests of its keys.
type blank struct {
	a    *authority
	card record.CardID
	keys []ca.CardKey
}

// measureIssueCards issues certificates of cards that are there, and signs as often,
// in turns.
func measureIssueCards(rounds int) (r Result, err error) {
	defer oneProcessor()()
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	a, err := newAuthority(folder)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, a.registry.Close()) }()
	sign, digest := a.bareSignature(), sha256.Sum256(nil)
	least := math.Inf(1)
	r = Result{OperationNanos: least, BaselineNanos: least, Allocs: least, BaselineAllocs: least}
	for range min(rounds, cardRounds) {
		cards := make([]*blank, issueCallers)
		for i := range cards {
			if cards[i], err = a.newBlank(); err != nil {
				return r, err
			}
		}
		if err := operation(&r, &least, cards, (*blank).certify); err != nil {
			return r, err
		}
		bare := Result{OperationNanos: r.BaselineNanos, Allocs: r.BaselineAllocs}
		err := operation(&bare, &least, cards, func(*blank) error { return errors.Join(sign(digest[:]), sign(digest[:])) })
		if err != nil {
			return r, err
		}
		r.BaselineNanos, r.BaselineAllocs = bare.OperationNanos, bare.Allocs
	}
	return r, nil
}

// newBlank registers a person with a card.
func (a *authority) newBlank() (*blank, error) {
	b := &blank{a: a}
	person, err := a.registry.RegisterPerson(context.Background(), profile.Date{Year: 1985, Month: 4, Day: 1},
		record.Attributes{Name: "模型　太郎", Address: "模型町一丁目", Sex: 1, Municipality: profile.Municipalities()[0]}, municipal)
	if err != nil {
		return nil, err
	}
	if b.card, err = a.registry.IssueCard(context.Background(), person, a.now().AddDate(10, 0, 0), municipal); err != nil {
		return nil, err
	}
	for _, kind := range []profile.Kind{profile.CardSignature, profile.CardAuthentication} {
		key, err := a.nextKey()
		if err != nil {
			return nil, err
		}
		csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, key)
		if err != nil {
			return nil, err
		}
		b.keys = append(b.keys, ca.CardKey{Kind: kind, Request: csr})
	}
	return b, nil
}

// certify issues both certificates.
func (b *blank) certify() error {
	_, err := b.a.CertifyCards(context.Background(), b.card, municipal, b.keys...)
	return err
}
