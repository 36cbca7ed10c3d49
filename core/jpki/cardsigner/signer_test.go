package cardsigner_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/cardsigner"
	"inkan/spec/req"
)

var keyOnce = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// double is a card with one key, as far as the signer needs one.
type double struct {
	key         *rsa.PrivateKey
	certificate []byte
	pin         string
	tries       int
	verified    bool
	selected    bool
	file        jpki.EF
	sent        []string // instructions
	broken      bool     // signatures are of another message
	gone        error    // of the transport
}

func newDouble(t *testing.T) *double {
	t.Helper()
	key, err := keyOnce()
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "TEST ONLY"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &double{key: key, certificate: der, pin: "ABC123", tries: 5}
}

// Transmit implements apdu.Card.
func (d *double) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if d.gone != nil {
		return dst, d.gone
	}
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	data, sw := d.answer(&c)
	return append(append(dst, data...), sw.SW1(), sw.SW2()), nil
}

func (d *double) answer(c *apdu.Command) ([]byte, iso7816.SW) {
	switch c.INS {
	case 0xA4:
		if c.P1 == 4 {
			d.sent = append(d.sent, "SELECT")
			d.selected, d.verified = true, false
			return nil, 0x9000
		}
		d.file = jpki.EF(c.Data[0])<<8 | jpki.EF(c.Data[1])
		return nil, 0x9000
	case 0x20:
		return nil, d.verify(c)
	case 0xB0:
		offset := int(c.P1)<<8 | int(c.P2)
		if !d.verified && d.file == jpki.EFSignCertificate {
			return nil, 0x6982
		}
		if offset >= len(d.certificate) {
			return nil, 0x6B00
		}
		return d.certificate[offset:min(offset+c.Ne, len(d.certificate))], 0x9000
	case 0x2A:
		d.sent = append(d.sent, "SIGN")
		if !d.verified {
			return nil, 0x6982
		}
		return d.sign(c)
	}
	return nil, 0x6D00
}

func (d *double) verify(c *apdu.Command) iso7816.SW {
	if len(c.Data) == 0 {
		return 0x63C0 | iso7816.SW(d.tries)
	}
	d.sent = append(d.sent, "VERIFY")
	if d.tries == 0 {
		return 0x6984
	}
	if d.verified = string(c.Data) == d.pin; !d.verified {
		d.tries--
		return 0x63C0 | iso7816.SW(d.tries)
	}
	d.tries = 5
	return 0x9000
}

func (d *double) sign(c *apdu.Command) ([]byte, iso7816.SW) {
	data := slices.Clone(c.Data)
	if d.broken {
		data[0] ^= 1
	}
	var s []byte
	var err error
	if jpki.SignMode(c.P1) == jpki.SignDigestPSS {
		s, err = rsa.SignPSS(rand.Reader, d.key, crypto.SHA256, data, &rsa.PSSOptions{SaltLength: 32})
	} else {
		s, err = rsa.SignPKCS1v15(nil, d.key, 0, data)
	}
	if err != nil {
		return nil, 0x6F00
	}
	return s, 0x9000
}

func config() cardsigner.Config { return cardsigner.Config{Role: jpki.Sign, PIN: []byte("ABC123")} }

func open(t *testing.T, d *double, c cardsigner.Config) *cardsigner.Signer {
	t.Helper()
	s, err := cardsigner.New(t.Context(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	d.sent = nil
	return s
}

// Each signature selects, verifies and signs; PKCS #1 v1.5 with every hash, and PSS.
func TestSign(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-060", "SPEC-IDCARD-061")
	d := newDouble(t)
	s := open(t, d, config())
	message := []byte("a message")
	sum, long := sha256.Sum256(message), sha512.Sum512(message)
	for _, c := range []struct {
		digest []byte
		opts   crypto.SignerOpts
	}{{sum[:], crypto.SHA256}, {long[:], crypto.SHA512}, {sum[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthEqualsHash}},
		{sum[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: 32}}} {
		d.sent, d.verified = nil, false // another program was there
		signature, err := s.Sign(nil, c.digest, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		public := s.Public().(*rsa.PublicKey)
		if pss, ok := c.opts.(*rsa.PSSOptions); ok {
			err = rsa.VerifyPSS(public, crypto.SHA256, c.digest, signature, pss)
		} else {
			err = rsa.VerifyPKCS1v15(public, c.opts.HashFunc(), c.digest, signature)
		}
		if got := strings.Join(d.sent, " "); err != nil || got != "SELECT VERIFY SIGN" {
			t.Errorf("%s, %v", got, err)
		}
	}
	if s.Certificate().Subject.CommonName != "TEST ONLY" || s.Authority() == nil {
		t.Error("certificates")
	}
	if _, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, s); err != nil {
		t.Errorf("crypto/x509 does not take the signer: %v", err)
	}
}

// Options that the card does not have are refused before a command.
func TestOptionsRefused(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-061")
	d := newDouble(t)
	s := open(t, d, config())
	sum := sha256.Sum256(nil)
	for name, o := range map[string]crypto.SignerOpts{
		"none": nil, "MD5": crypto.MD5, "no hash": crypto.Hash(0), "other hash": crypto.SHA512,
		"PSS SHA-512":  &rsa.PSSOptions{Hash: crypto.SHA512, SaltLength: rsa.PSSSaltLengthEqualsHash},
		"PSS any salt": &rsa.PSSOptions{Hash: crypto.SHA256}, "PSS salt": &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: 20},
	} {
		if _, err := s.Sign(nil, sum[:], o); err == nil || len(d.sent) > 0 {
			t.Errorf("%s: %v, %v", name, err, d.sent)
		}
	}
	if _, err := s.Sign(nil, sum[:31], crypto.SHA256); err == nil || len(d.sent) > 0 {
		t.Errorf("short digest: %v", err)
	}
}

// A wrong PIN is said with its tries and not sent again; the last try is kept for
// the holder, unless the caller says otherwise; a blocked PIN is not sent.
func TestPIN(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-062", "SPEC-IDCARD-063")
	d := newDouble(t)
	s := open(t, d, config())
	d.pin = "XYZ789"
	sum := sha256.Sum256(nil)
	for range 3 {
		_, err := s.Sign(nil, sum[:], crypto.SHA256)
		var wrong *cardsigner.PINError
		if !errors.As(err, &wrong) || wrong.Tries != 4 || wrong.Role != jpki.Sign || !errors.Is(err, iso7816.Counter) {
			t.Errorf("%v", err)
		}
	}
	if got := strings.Join(d.sent, " "); got != "SELECT VERIFY" {
		t.Errorf("%s: the PIN is sent again", got)
	}
	d.tries, d.sent = 1, nil
	if _, err := cardsigner.New(t.Context(), d, config()); !errors.Is(err, cardsigner.ErrLastTry) || slices.Contains(d.sent, "VERIFY") || d.tries != 1 {
		t.Errorf("%v, %v", err, d.sent)
	}
	last := config()
	last.LastTry, last.PIN = true, []byte("XYZ789")
	if _, err := cardsigner.New(t.Context(), d, last); err != nil || d.tries != 5 {
		t.Errorf("%v, %d tries", err, d.tries)
	}
	d.tries, d.sent = 0, nil
	if _, err := cardsigner.New(t.Context(), d, config()); !errors.Is(err, cardsigner.ErrBlocked) || slices.Contains(d.sent, "VERIFY") {
		t.Errorf("%v, %v", err, d.sent)
	}
}

// A signature of something else is no signature.
func TestWrongSignature(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-064")
	d := newDouble(t)
	s := open(t, d, config())
	d.broken = true
	sum := sha256.Sum256(nil)
	for _, o := range []crypto.SignerOpts{crypto.SHA256, &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: 32}} {
		if signature, err := s.Sign(nil, sum[:], o); !errors.Is(err, cardsigner.ErrSignature) || signature != nil {
			t.Errorf("%X, %v", signature, err)
		}
	}
}

// Errors of configuration, transport and certificate; a closed signer.
func TestErrors(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-060")
	for _, c := range []cardsigner.Config{{}, {Role: jpki.Both, PIN: []byte("1234")}, {Role: jpki.Auth, PIN: []byte("ABC123")}, {Role: jpki.Sign, PIN: []byte("abc123")}} {
		if _, err := cardsigner.New(t.Context(), newDouble(t), c); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
	gone := errors.New("gone")
	d := newDouble(t)
	s := open(t, d, config())
	d.gone = gone
	sum := sha256.Sum256(nil)
	if _, err := s.Sign(nil, sum[:], crypto.SHA256); !errors.Is(err, gone) {
		t.Error(err)
	}
	d.gone = nil
	s.Close()
	if _, err := s.Sign(nil, sum[:], crypto.SHA256); err == nil || len(d.sent) > 0 {
		t.Errorf("a closed signer: %v, %v", err, d.sent)
	}
	d.certificate = d.certificate[:100]
	if _, err := cardsigner.New(t.Context(), d, config()); err == nil {
		t.Error("half a certificate")
	}
	if text := fmt.Sprintf("%v %+v %x", config(), config(), config()); strings.Contains(text, "ABC123") || strings.Contains(text, "414243") {
		t.Error(text)
	}
}
