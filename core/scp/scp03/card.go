package scp03

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/observe"
	"inkan/core/scp"
)

// CardConfig is what a Security Domain knows when a channel is opened.
type CardConfig struct {
	Options Options // i
	// Keys looks up the key set of a key version, 00 meaning the first one,
	// and the sequence counter that belongs to it (used only with
	// PseudoRandom). Without such a set it returns nil. The set is only read,
	// and not kept.
	Keys     func(version byte) (*scp.KeySet, scp.Counter)
	KDD      [10]byte       // key diversification data
	AID      []byte         // of the Security Domain, for the pseudo-random challenge
	Entropy  entropy.Source // of the random challenge; not used with PseudoRandom
	Levels   []scp.Level    // accepted levels; nil: every level that Options allows
	Observer observe.Observer
	// Cipher makes the AES of every key; nil: the standard library's. A card
	// model accounts for its AES engine here.
	Cipher func(key []byte) (cipher.Block, error)
}

// Card is the on-card side: closed, authenticating (between INITIALIZE UPDATE
// and EXTERNAL AUTHENTICATE), or open. Not for concurrent use.
type Card struct {
	config  CardConfig
	session *session     // set while authenticating or open
	derived *sessionKeys // set while authenticating
	due     bool         // a command was unwrapped whose response is not wrapped
}

var _ scp.Card = (*Card)(nil)

// NewCard checks the configuration.
// Spec: SPEC-SCP03-001.
func NewCard(config CardConfig) (*Card, error) {
	if err := config.Options.Check(); err != nil {
		return nil, err
	}
	switch {
	case config.Keys == nil:
		return nil, errors.New("scp03: CardConfig needs Keys")
	case config.Options&PseudoRandom != 0 && (len(config.AID) < 5 || len(config.AID) > 16):
		return nil, fmt.Errorf("scp03: an AID has 5 to 16 bytes, not %d", len(config.AID))
	case config.Options&PseudoRandom == 0 && config.Entropy == nil:
		return nil, errors.New("scp03: CardConfig needs Entropy for a random challenge")
	}
	for _, level := range config.Levels {
		if !config.Options.Allows(level) {
			return nil, fmt.Errorf("scp03: i %02X does not allow level %02X", byte(config.Options), byte(level))
		}
	}
	config.AID = slices.Clone(config.AID)
	config.Levels = slices.Clone(config.Levels)
	return &Card{config: config}, nil
}

// Authenticating reports whether an INITIALIZE UPDATE was answered and its
// EXTERNAL AUTHENTICATE is awaited.
func (c *Card) Authenticating() bool { return c.derived != nil }

// IsOpen reports whether a session is open, at whatever level.
func (c *Card) IsOpen() bool { return c.session != nil && c.derived == nil }

// Level is the agreed security level; 0 when no session is open.
func (c *Card) Level() scp.Level {
	if !c.IsOpen() {
		return 0
	}
	return c.session.level
}

// Unwrap verifies and decrypts a command APDU and appends the plain one to
// dst. The error is scp.ErrSecurity, whatever the cause, and nothing of the
// command comes out; the session has ended then. At level 00 a command passes
// as it is.
// Spec: SPEC-SCP03-052 to SPEC-SCP03-057, SPEC-SCP03-080, SPEC-SCP03-082.
func (c *Card) Unwrap(dst, cmd []byte) ([]byte, error) {
	if !c.IsOpen() {
		c.fail("no open session")
		return dst, scp.ErrSecurity
	}
	command, err := apdu.DecodeCommand(cmd)
	if err != nil {
		c.fail("malformed command APDU")
		return dst, scp.ErrSecurity
	}
	if c.session.level == 0 {
		if !scp.PlainClass(command.CLA) {
			c.fail("secure messaging at level 00")
			return dst, scp.ErrSecurity
		}
		c.due = true
		return append(dst, cmd...), nil
	}
	out, cause := c.session.unprotectCommand(dst, &command)
	if cause != "" {
		c.fail(cause)
		return dst, scp.ErrSecurity
	}
	c.due = true
	return out, nil
}

// Verifies reports whether a command APDU has the C-MAC that is due, and changes
// nothing: Unwrap is to follow, unless the command is a part of one that was protected
// as a whole. At level 00, and without a session, there is none. Spec: SPEC-SCP03-088.
func (c *Card) Verifies(cmd []byte) bool {
	command, err := apdu.DecodeCommand(cmd)
	if err != nil || !c.IsOpen() || c.session.level == 0 {
		return false
	}
	size := len(command.Data) - c.session.macSize
	if _, ok := scp.UnprotectClass(command.CLA); !ok || size < 0 {
		return false
	}
	c.session.commandMAC(&command, command.Data[:size])
	return c.session.tagEqual(command.Data[size:])
}

// Wrap appends the protected form of a plain response APDU to dst: once for
// every command unwrapped. ErrTooLong leaves the session as it was, so that
// the caller can answer with an error status; any other failure is
// scp.ErrSecurity and ends the session.
// Spec: SPEC-SCP03-060 to SPEC-SCP03-063, SPEC-SCP03-069.
func (c *Card) Wrap(dst, resp []byte) ([]byte, error) {
	if !c.IsOpen() {
		return dst, scp.ErrSecurity
	}
	if !c.due {
		c.fail("no command to answer")
		return dst, scp.ErrSecurity
	}
	r, err := apdu.DecodeResponse(resp)
	if err != nil {
		c.fail("response without status word")
		return dst, scp.ErrSecurity
	}
	out, err := c.session.protectResponse(dst, resp, r.SW)
	if err != nil {
		return dst, err
	}
	c.due = false
	return out, nil
}

// DecryptSensitive appends the plain form of enc, whole blocks of 16 bytes
// under the static DEK (AES-CBC, zero ICV). Other lengths, 0 too, are
// scp.ErrSecurity and end the session.
// Spec: SPEC-SCP03-070, SPEC-SCP03-073.
func (c *Card) DecryptSensitive(dst, enc []byte) ([]byte, error) {
	if !c.IsOpen() || len(enc) == 0 || len(enc)%blockSize != 0 {
		c.fail("sensitive data: no open session, or not whole blocks")
		return dst, scp.ErrSecurity
	}
	start := len(dst)
	dst = append(dst, enc...)
	c.session.dek.Decrypt(dst[start:], dst[start:], nil)
	return dst, nil
}

// EncryptSensitive appends plain, whole blocks of 16 bytes, under the static DEK
// (AES-CBC, zero ICV). Other lengths, 0 too, are scp.ErrSecurity and end the
// session.
// Spec: SPEC-SCP03-070, SPEC-SCP03-073.
func (c *Card) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	if !c.IsOpen() || len(plain) == 0 || len(plain)%blockSize != 0 {
		c.fail("sensitive data: no open session, or not whole blocks")
		return dst, scp.ErrSecurity
	}
	start := len(dst)
	dst = append(dst, plain...)
	c.session.dek.Encrypt(dst[start:], dst[start:], nil)
	return dst, nil
}

// Close ends the session, or the handshake, and wipes its keys.
// Spec: SPEC-SCP03-080, SPEC-SCP03-081.
func (c *Card) Close() {
	if c.session != nil {
		c.session.wipe()
		c.session = nil
	}
	if c.derived != nil {
		c.derived.wipe()
		c.derived = nil
	}
	c.due = false
}

// fail ends the session and tells the observer the cause.
func (c *Card) fail(cause string) {
	c.Close()
	if c.config.Observer != nil {
		c.config.Observer.Trap(&observe.Trap{Where: "scp03/card", Cause: cause})
	}
}
