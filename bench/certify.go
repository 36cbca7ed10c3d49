package main

import (
	"crypto/sha256"
	"errors"

	"inkan/ca/certificate"
	profile "inkan/core/jpki/certificate"
)

var certifyPromise = Promise{
	Name:       "make a phone's certificate: write it, judge it by all lints, sign it, verify that",
	Baseline:   "the signature by crypto/rsa",
	Limit:      1.25, // 0.8 of bare signatures a second
	AllocLimit: 250,  // the lints' view of the certificate, and the key prepared for verifying
	Setup:      setupCertify,
}

func setupCertify() (operation, baseline func(), err error) {
	a, err := newAuthority("")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, a.registry.Close()) }()
	key, err := a.nextKey()
	if err != nil {
		return nil, nil, err
	}
	town := profile.Municipalities()[0]
	q := &certificate.Request{Kind: profile.PhoneAuthentication, Serial: profile.FirstSerial, PublicKey: &key.PublicKey, Municipality: town,
		Birth: profile.Date{Year: 1985, Month: 4, Day: 1}, Identifier: "997794E9AGCI01"}
	q.SetValidity(authorityStart, a.issuer())
	var der []byte
	operation = func() {
		if der, err = a.issuer().Sign(der[:0], q); err != nil {
			panic(err)
		}
	}
	operation()
	p, err := profile.Parse(der)
	if err != nil || !key.PublicKey.Equal(p.PublicKey) {
		return nil, nil, errors.Join(err, errDiffers)
	}
	sign, digest := a.bareSignature(), sha256.Sum256(nil)
	return operation, func() {
		if err := sign(digest[:]); err != nil {
			panic(err)
		}
	}, nil
}
