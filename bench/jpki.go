package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"

	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/scenarios/personalise"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/nvm"
	"inkan/sim/os"
)

var jpkiPromise = Promise{
	Name:       "JPKI signature: a command of 38 bytes to the personalised applet on a whole card",
	Baseline:   "the same signature by crypto/rsa, its key prepared",
	Limit:      1.15,
	AllocLimit: 30, // copies of what goes in and out, and of the key to compare
	Setup:      setupJPKI,
}

const jpkiPIN = "2580"

// jpkiLoadFile is the load file of the JPKI application.
func jpkiLoadFile() ([]byte, error) {
	f, err := cap.Open(applet.CAP)
	if err != nil {
		return nil, err
	}
	return f.LoadFile(nil, f.Descriptor != nil), nil
}

// personalised makes the memory of a card with the JPKI application, key,
// certificate and PIN, and gives the certificate.
func personalised() (*nvm.Flash, *x509.Certificate, error) {
	file, err := jpkiLoadFile()
	if err != nil {
		return nil, nil, err
	}
	card, err := os.New(os.Config{})
	if err != nil {
		return nil, nil, err
	}
	report, err := personalise.Run(context.Background(), personalise.Config{Card: card, LoadFile: file, Delivered: true,
		Authority: perso.ECDSAAuthority{Key: card.AuthorityKey()}, PINs: map[jpki.Role]string{jpki.Auth: jpkiPIN}})
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(report.Issued[0].Certificate)
	return card.Machine().Flash(), certificate, err
}

// signer is a card with the JPKI application selected and its PIN verified.
type signer struct {
	card    *os.Card
	command []byte
	answer  []byte
}

var signDigest = sha256.Sum256(rsaMessage)

// newSigner makes a card of a configuration, whose memory is personalised.
func newSigner(cfg os.Config) (*signer, error) {
	card, err := os.New(cfg)
	if err != nil {
		return nil, err
	}
	for _, c := range []gp.Command{jpki.SelectApplication{}, jpki.Verify{PIN: jpki.Auth.PIN().Reference(), Value: []byte(jpkiPIN)}} {
		if _, err := gp.Exchange(context.Background(), card, c, nil); err != nil {
			return nil, err
		}
	}
	command, err := jpki.Signature{Mode: jpki.SignDigest, Key: jpki.Auth.Key().Reference(), Data: signDigest[:]}.APDU(nil)
	if err != nil {
		return nil, err
	}
	raw, err := command.Append(nil)
	return &signer{card: card, command: raw}, err
}

// sign has the card sign and gives the signature, valid until the next one.
func (s *signer) sign() ([]byte, error) {
	var err error
	if s.answer, err = s.card.Transmit(context.Background(), s.command, s.answer[:0]); err != nil {
		return nil, err
	}
	n := len(s.answer) - 2
	if sw := iso7816.SW(s.answer[n])<<8 | iso7816.SW(s.answer[n+1]); sw != iso7816.OK {
		return nil, sw
	}
	return s.answer[:n], nil
}

func setupJPKI() (operation, baseline func(), err error) {
	flash, certificate, err := personalised()
	if err != nil {
		return nil, nil, err
	}
	s, err := newSigner(os.Config{Flash: flash})
	if err != nil {
		return nil, nil, err
	}
	_, key, err := newKey(entropy.Seeded(0, "personaliser/delivered key/auth"))
	if err != nil || !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, nil, errors.Join(err, errDiffers)
	}
	var got, want []byte
	operation = func() {
		if got, err = s.sign(); err != nil {
			panic(err)
		}
	}
	baseline = func() {
		if want, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, signDigest[:]); err != nil {
			panic(err)
		}
	}
	operation()
	baseline()
	if !bytes.Equal(got, want) {
		err = errDiffers
	}
	return operation, baseline, err
}
