package cardsigner

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
)

// Config says which key is used, and the holder's PIN.
type Config struct {
	Role jpki.Role // jpki.Sign or jpki.Auth
	PIN  []byte    // copied; Close wipes the copy
	// LastTry allows a PIN to be sent when a single try is left.
	LastTry bool
	// Progress hears of every command before it is sent; it may be nil.
	Progress func(step string)
}

// Format prints the role and no PIN, whatever the verb.
func (c Config) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%v key of a card", c.Role) }

// MarshalText is what Format prints.
func (c Config) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

// Signer is a key on a card. Not for concurrent use.
type Signer struct {
	Config
	ctx         context.Context // crypto.Signer has no place for one
	card        apdu.Card
	certificate *x509.Certificate
	authority   *x509.Certificate
	public      *rsa.PublicKey
	spoilt      error // why the PIN is not sent any more
}

var _ crypto.Signer = (*Signer)(nil)

// Errors beside the transport's and the card's status words.
var (
	ErrBlocked   = errors.New("cardsigner: the PIN is blocked or not set")
	ErrLastTry   = errors.New("cardsigner: a single try of the PIN is left")
	ErrSignature = errors.New("cardsigner: the card's signature is not the certificate's")
)

// PINError is a PIN that was wrong. It wraps the card's status word.
type PINError struct {
	Role  jpki.Role
	Tries int // that are left
	SW    iso7816.SW
}

// Error says how many tries are left.
func (e *PINError) Error() string {
	return fmt.Sprintf("cardsigner: wrong %v PIN, %d tries left", e.Role, e.Tries)
}

// Unwrap is the card's status word, 63Cx.
func (e *PINError) Unwrap() error { return e.SW }

// New verifies the PIN and reads the certificates of the role. Signatures go by the
// same context. Errors are *PINError, ErrBlocked, ErrLastTry, those of gp.Exchange,
// and of a certificate that is none or of no RSA key of 2048 bits.
// Spec: SPEC-IDCARD-060, SPEC-IDCARD-062, SPEC-IDCARD-063.
func New(ctx context.Context, card apdu.Card, c Config) (*Signer, error) {
	if !c.Role.Single() || !jpki.ValidPIN(c.Role, c.PIN) {
		return nil, fmt.Errorf("cardsigner: want one role, and its PIN: 4 digits for auth, 6 to 16 of 0-9 and A-Z for sign")
	}
	c.PIN = append([]byte(nil), c.PIN...)
	s := &Signer{Config: c, ctx: ctx, card: card}
	if err := s.read(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Signer) read() (err error) {
	if err := s.open(s.ctx); err != nil {
		return err
	}
	if s.certificate, err = s.readCertificate(s.Role.Certificate()); err != nil {
		return err
	}
	if s.authority, err = s.readCertificate(s.Role.CACertificate()); err != nil {
		return err
	}
	public, ok := s.certificate.PublicKey.(*rsa.PublicKey)
	if !ok || public.Size() != jpki.SignatureLen {
		return fmt.Errorf("cardsigner: the %v certificate is of no RSA key of 2048 bits", s.Role)
	}
	s.public = public
	return nil
}

func (s *Signer) readCertificate(file jpki.EF) (*x509.Certificate, error) {
	s.say("READ " + file.String())
	der, err := jpki.ReadFile(s.ctx, s.card, file, nil)
	if err != nil {
		return nil, fmt.Errorf("cardsigner: %v: %w", file, err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("cardsigner: %v: %w", file, err)
	}
	return c, nil
}

// Public implements crypto.Signer: *rsa.PublicKey, the certificate's.
func (s *Signer) Public() crypto.PublicKey { return s.public }

// Certificate is the holder's.
func (s *Signer) Certificate() *x509.Certificate { return s.certificate }

// Authority is the certificate of who issued it, as the card has it.
func (s *Signer) Authority() *x509.Certificate { return s.authority }

// Close wipes the PIN; signatures fail from then on.
func (s *Signer) Close() {
	clear(s.PIN)
	s.spoilt = errors.New("cardsigner: the signer is closed")
}

// Sign implements crypto.Signer with the context of New; the card has its own
// randomness.
func (s *Signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.SignContext(s.ctx, digest, opts)
}

// SignContext signs a digest: PKCS #1 v1.5 with SHA-1, SHA-256, SHA-384 or
// SHA-512, or, for *rsa.PSSOptions, PSS with SHA-256 and 32 bytes of salt. Errors
// are those of New, of other options, and ErrSignature.
// Spec: SPEC-IDCARD-060, SPEC-IDCARD-061, SPEC-IDCARD-064.
func (s *Signer) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	command, verify, err := s.command(digest, opts)
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.say("SIGN")
	signature, err := gp.Exchange(ctx, s.card, command, nil)
	if err != nil {
		return nil, fmt.Errorf("cardsigner: signature: %w", err)
	}
	if verify(signature) != nil {
		return nil, ErrSignature
	}
	return signature, nil
}

// command is the signature command, and what its response has to satisfy.
func (s *Signer) command(digest []byte, opts crypto.SignerOpts) (c jpki.Signature, verify func([]byte) error, err error) {
	c.Key = s.Role.Key().Reference()
	if opts == nil {
		return c, nil, errors.New("cardsigner: no hash is named")
	}
	hash := opts.HashFunc()
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		salt := pss.SaltLength
		if hash != crypto.SHA256 || len(digest) != hash.Size() || salt != rsa.PSSSaltLengthEqualsHash && salt != hash.Size() {
			return c, nil, errors.New("cardsigner: PSS: want SHA-256 and a salt of 32 bytes")
		}
		c.Mode, c.Data = jpki.SignDigestPSS, digest
		return c, func(signature []byte) error { return rsa.VerifyPSS(s.public, hash, digest, signature, pss) }, nil
	}
	if c.Data, err = jpki.AppendDigestInfo(nil, hash, digest); err != nil {
		return c, nil, fmt.Errorf("cardsigner: %w", err)
	}
	return c, func(signature []byte) error { return rsa.VerifyPKCS1v15(s.public, hash, digest, signature) }, nil
}

// open selects the application and verifies the PIN. A PIN that was wrong once is
// not sent again. Spec: SPEC-IDCARD-060, SPEC-IDCARD-062, SPEC-IDCARD-063.
func (s *Signer) open(ctx context.Context) error {
	if s.spoilt != nil {
		return s.spoilt
	}
	s.say("SELECT")
	if _, err := gp.Exchange(ctx, s.card, jpki.SelectApplication{}, nil); err != nil {
		return fmt.Errorf("cardsigner: SELECT of the application: %w", err)
	}
	pin := s.Role.PIN().Reference()
	tries, err := jpki.Tries(ctx, s.card, pin)
	switch {
	case err != nil:
		return fmt.Errorf("cardsigner: tries of the PIN: %w", err)
	case tries == 0:
		return ErrBlocked
	case tries == 1 && !s.LastTry:
		return ErrLastTry
	}
	s.say("VERIFY")
	_, err = gp.Exchange(ctx, s.card, jpki.Verify{PIN: pin, Value: s.PIN}, nil)
	var sw iso7816.SW
	if !errors.As(err, &sw) {
		return err
	}
	if left, ok := sw.Tries(); ok {
		s.spoilt = &PINError{s.Role, left, sw}
		return s.spoilt
	}
	if sw == iso7816.ReferenceDataNotUsable || sw == iso7816.AuthenticationBlocked {
		return ErrBlocked
	}
	return fmt.Errorf("cardsigner: VERIFY: %w", err)
}

func (s *Signer) say(step string) {
	if s.Progress != nil {
		s.Progress(step)
	}
}
