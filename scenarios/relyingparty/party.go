package relyingparty

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"sync"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/core/jpki/login"
)

// Config is a relying party. All fields but Policy and Accounts are needed.
type Config struct {
	Origin     string             // see login.CheckOrigin
	Anchors    *Anchors           // the authorities that are trusted
	Kinds      []certificate.Kind // of certificates that are accepted
	Policy     Policy
	Fetch      Fetcher
	Statements Statements
	Accounts   *Accounts // nil: every good certificate logs in, without an account
	Now        func() time.Time
	Entropy    entropy.Source
	Life       time.Duration // of a statement; at most login.MaxLife
}

// Party asks for logins and verifies them. It may be used concurrently.
type Party struct {
	config Config
	mutex  sync.Mutex // of the entropy source
}

// New makes a relying party.
func New(config Config) (*Party, error) {
	if err := login.CheckOrigin(config.Origin); err != nil {
		return nil, err
	}
	switch {
	case config.Anchors == nil || config.Fetch == nil || config.Statements == nil || config.Now == nil || config.Entropy == nil:
		return nil, errors.New("relyingparty: anchors, fetcher, statements, clock and randomness are needed")
	case config.Life < time.Second || config.Life > login.MaxLife:
		return nil, fmt.Errorf("relyingparty: a statement lives 1 s to %s, not %s", login.MaxLife, config.Life)
	case len(config.Kinds) == 0:
		return nil, errors.New("relyingparty: no kind of certificate is accepted")
	}
	for _, kind := range config.Kinds {
		if _, ok := purposes[kind]; !ok {
			return nil, fmt.Errorf("relyingparty: nobody logs in with a certificate of kind %s", kind)
		}
	}
	for _, method := range config.Policy.Methods {
		if method != OCSP && method != CRL {
			return nil, fmt.Errorf("relyingparty: %s", method)
		}
	}
	return &Party{config: config}, nil
}

func (p *Party) random(dst []byte) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.config.Entropy.Fill(dst)
}

// Challenge makes a statement to be signed, with the text that the holder is
// shown, and keeps it. Spec: SPEC-RELYING-PARTY-008.
func (p *Party) Challenge(text string) (*login.Statement, error) {
	s := login.Statement{Origin: p.config.Origin, Text: text, Expiry: p.config.Now().Add(p.config.Life).UTC().Truncate(time.Second)}
	p.random(s.Nonce[:])
	if err := s.Check(); err != nil {
		return nil, err
	}
	return &s, p.config.Statements.Put(s)
}

// Session is a login that was accepted.
type Session struct {
	Verified
	Evidence  []*Evidence // what the revocation check rests on
	Unchecked bool        // nothing was to be had, and the policy lets it pass
	Name      string      // the account, where there are accounts
}

// Login verifies a response. The statement is used up first, whatever follows.
// Errors are *Error, or of the store of statements.
// Spec: SPEC-RELYING-PARTY-008, SPEC-RELYING-PARTY-009.
func (p *Party) Login(ctx context.Context, response []byte) (*Session, error) {
	r, err := login.ParseResponse(response)
	if err != nil {
		return nil, failed(ResponseMalformed, err, "response")
	}
	now := p.config.Now()
	statement, ok, err := p.config.Statements.Take(r.Nonce)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, fail(ChallengeUnknown, "no statement has this nonce, or it was used")
	case now.After(statement.Expiry):
		return nil, fail(ChallengeExpired, "expired at %s", text(statement.Expiry))
	}
	verified, err := p.config.Anchors.check(r.Certificate, now, p.config.Kinds)
	if err != nil {
		return nil, err
	}
	digest, err := statement.Digest()
	if err != nil {
		return nil, failed(ResponseMalformed, err, "statement")
	}
	if err := rsa.VerifyPKCS1v15(verified.Key, crypto.SHA256, digest[:], r.Signature[:]); err != nil {
		return nil, failed(SignatureWrong, err, "the certificate's key does not verify the statement")
	}
	session, err := p.status(ctx, verified, now)
	if err != nil || p.config.Accounts == nil {
		return session, err
	}
	if session.Name, err = p.config.Accounts.Recognise(verified.Account); err != nil {
		return nil, err
	}
	return session, nil
}

// Verify verifies a certificate alone, for a relying party with a protocol of its
// own or at the registration of an account: everything but the statement.
func (p *Party) Verify(ctx context.Context, der []byte) (*Session, error) {
	now := p.config.Now()
	verified, err := p.config.Anchors.check(der, now, p.config.Kinds)
	if err != nil {
		return nil, err
	}
	return p.status(ctx, verified, now)
}

// status checks the revocation of a certificate and of its authority.
func (p *Party) status(ctx context.Context, v *Verified, now time.Time) (*Session, error) {
	c := &checker{policy: p.config.Policy, fetcher: p.config.Fetch, random: p.random, now: p.config.Now, at: now}
	session := &Session{Verified: *v}
	if p.config.Policy.Authorities {
		evidence, err := c.authority(ctx, v.Issuer)
		if err != nil {
			return nil, err
		}
		if evidence != nil {
			session.Evidence = append(session.Evidence, evidence)
		}
	}
	evidence, unchecked, err := c.status(ctx, v.Certificate, v.Issuer)
	if err != nil {
		return nil, err
	}
	session.Evidence, session.Unchecked = append(session.Evidence, evidence...), unchecked
	return session, nil
}
