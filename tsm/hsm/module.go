package hsm

import (
	"context"
	"crypto"
	"errors"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/tsm/store/row"
)

// Errors of a Module.
var (
	// ErrUnknownKey: the module has no key with this label.
	ErrUnknownKey = errors.New("hsm: unknown key")
	// ErrUse: the key is not for this.
	ErrUse = errors.New("hsm: the key is for another use")
	// ErrWrapped: the blob was not made by this module, or was changed.
	ErrWrapped = errors.New("hsm: the wrapped key does not open")
	// ErrClosed: the object was closed.
	ErrClosed = errors.New("hsm: closed")
)

// Module does with keys what a service manager needs, and shows none of them. A
// context ends the wait for a module that is somewhere else. Safe for concurrent
// use; what its methods return is not.
type Module interface {
	// Packets protects SCP80 packets with a card's key set, as the SPI says.
	// Spec: SPEC-HSM-020.
	Packets(ctx context.Context, k KeyRef, spi scp80.SPI) (Packets, error)
	// Channel is the host's side of one session of SCP02 or SCP03. The same
	// configuration makes the same session: nothing of it has to be kept.
	// Spec: SPEC-HSM-030.
	Channel(ctx context.Context, c ChannelConfig) (Channel, error)

	// Generate makes a key set. Spec: SPEC-HSM-012.
	Generate(ctx context.Context, s Spec) (KeyRef, error)
	// BeginAgreement makes an ephemeral key on P-256: the point for the card, 04 x y,
	// and the private key as only this module can use it. Spec: SPEC-HSM-050.
	BeginAgreement(ctx context.Context) (point []byte, ephemeral row.Wrapped, err error)
	// FinishAgreement derives the key set that a control template (with its tag A6)
	// asks for, out of the ephemeral key, the card's static point (of the certificate
	// that the caller has verified) and the card's answer, whose receipt is checked.
	// Errors are confidential.ErrReceipt, ErrWrapped, and those of a template or a
	// point that is none. Spec: SPEC-HSM-051, SPEC-HSM-052.
	FinishAgreement(ctx context.Context, ephemeral row.Wrapped, card, control []byte, answer *gp.ConfidentialResponse) (KeyRef, error)

	// Public is the public half of a signing key. Spec: SPEC-HSM-040.
	Public(ctx context.Context, label string) (crypto.PublicKey, error)
	// Sign signs a message as cards verify it (core/gp.ContentVerifier): tokens, DAP.
	// Spec: SPEC-HSM-040.
	Sign(ctx context.Context, label string, message []byte) ([]byte, error)
	// VerifyMAC tells whether a MAC is that of a message under a receipt key: AES-CMAC,
	// or the retail MAC of DES keys. Spec: SPEC-HSM-041.
	VerifyMAC(ctx context.Context, k KeyRef, message, mac []byte) (bool, error)

	// Random overwrites all of dst with random bytes.
	Random(ctx context.Context, dst []byte) error
}

// Packets protects the packets of one key set. Not for concurrent use. The caller
// closes it.
type Packets interface {
	// BlockBytes is the block of the cipher: 8 or 16.
	BlockBytes() int
	// Seal appends the command packet (from CPL on) with a counter, which the caller
	// has never used with these keys for other data: the same arguments make the same
	// packet. Spec: SPEC-HSM-021.
	Seal(dst []byte, tar scp80.TAR, counter uint64, data []byte) ([]byte, error)
	// Open verifies a proof of receipt (from RPL on) of the packet with that counter and
	// appends its response data. Errors are those of scp80.Host.Open; what is not fresh
	// is scp80.ErrProof. Spec: SPEC-HSM-022.
	Open(dst []byte, tar scp80.TAR, counter uint64, proof []byte) ([]byte, scp80.Response, error)
	KeySealer
	// Close wipes the keys.
	Close()
}

// Channel is the host's side of a session: Initialize, Authenticate, Open, each once
// and in this order, then commands. Not for concurrent use. The caller closes it.
type Channel interface {
	// Initialize appends INITIALIZE UPDATE.
	Initialize(dst []byte) ([]byte, error)
	// Authenticate takes the answer, verifies the card and appends EXTERNAL
	// AUTHENTICATE. Errors are those of scp02.Handshake and scp03.Handshake.
	Authenticate(dst, response []byte) ([]byte, error)
	// Open takes the answer of EXTERNAL AUTHENTICATE.
	Open(response []byte) error
	// Wrap appends a command's protected form. Commands may be wrapped before the
	// answers to earlier ones are there: those answers this channel cannot verify.
	Wrap(dst, command []byte) ([]byte, error)
	// Unwrap verifies the answer to the command that was wrapped last and appends the
	// plain one. Any error ends the session.
	Unwrap(dst, response []byte) ([]byte, error)
	KeySealer
	// Close wipes the keys.
	Close()
}

// KeySealer makes PUT KEY commands.
type KeySealer interface {
	// PutKey is PUT KEY of a whole set in plain form, its keys enciphered under the
	// data encryption key of the channel, or the KIK of the packets: identifiers 01 to
	// 03, in the place of the version replaced, or as new ones with 0.
	// Spec: SPEC-HSM-060, SPEC-HSM-061.
	PutKey(ctx context.Context, set KeyRef, replaced byte) (gp.PutKey, error)
}

// ChannelConfig says how a session is opened.
type ChannelConfig struct {
	Keys     KeyRef    // of UseSCP02 or UseSCP03, which decides the protocol
	Options  byte      // i; SCP03: 0, the card says it
	Level    scp.Level // of commands and responses
	Channel  byte      // logical channel, 0 to 19
	AID      []byte    // of the domain; if set, a pseudo-random challenge is checked
	Initiate [8]byte   // the host's challenge: drawn once for each session, by Random
}

// Spec is a key set to be made.
type Spec struct {
	Use       Use
	Version   byte
	Type      keys.Type // DES or AES
	SizeBytes int       // of each key
}
