package personalise

import (
	"errors"
	"fmt"
	"time"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
)

// Config says what to personalise and how. Card is needed; everything else has
// a default.
type Config struct {
	Card     apdu.Card
	CardName string // for the report: the chip, the reader
	Line     string // for the report: between reader and card; empty: nothing
	ClockHz  uint64 // 0: not known
	Meter    Meter  // nil: none

	Seed uint64
	Now  time.Time // of the certificates; zero: DefaultNow

	LoadFile   []byte                  // to load and install first; nil: the application is there
	LoadHash   perso.Hash              // of the load file when it was not loaded here
	Parameters *jpki.InstallParameters // nil: the SIM form's defaults
	Delivered  bool                    // the authority makes the keys

	SCP        byte        // 2 or 3; 0 is 3
	SCP02I     byte        // i of SCP02, which the card does not tell; 0: 55
	Level      scp.Level   // of the secure channel; 0: the highest that the reference card has
	BlockBytes int         // plain data of one protected command; 0: perso.MaxBlockBytes
	SIM        []byte      // identifier in the order, up to 16 bytes; nil: that of a test card
	Keys       *scp.KeySet // of the domain; nil: test keys 40 to 4F, version 20 or 30
	OwnChannel bool        // the application's own channel in place of the domain's

	// Over, if not nil, is a bearer that protects by itself the commands to the
	// domain: they go through it and no channel is opened. OverName says what it is.
	Over     apdu.Card
	OverName string

	// Domain is the security domain that loads and installs, and forwards the
	// data; zero: the issuer's. Token signs what it manages, where the card
	// wants a token; nil: there is none.
	Domain gp.AID
	Token  gp.ContentSigner
	// Receipts checks what the card confirms of what a token allowed; nil: it is not
	// looked at.
	Receipts *Receipts

	// CA orders, issues and takes the receipt; nil: a test authority that
	// Run has in itself. With one, LifeCycle is not for Run.
	CA CA

	Authority  perso.Authority // of the card's attestations
	Unattested bool            // the card makes none
	LifeCycle  bool            // go on to suspension, resumption, a reset of the PINs, and erasure
	PINs       map[jpki.Role]string
	Message    []byte // to sign

	// Progress is called when a step begins, with done nil, and when it has
	// ended. It may be nil.
	Progress func(name string, done *Step)
}

// DefaultNow is the time of certificates when none is given, so that a seed
// alone decides the bytes.
var DefaultNow = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// DefaultMessage is what is signed when nothing is given.
const DefaultMessage = "inkan: a message to be signed by the key in the SIM\n"

// defaultPINs are well-known test values.
var defaultPINs = map[jpki.Role]string{jpki.Auth: "1234", jpki.Sign: "ABC123"}

// complete fills in the defaults and checks what was given.
func (c *Config) complete() error {
	if c.Card == nil {
		return errors.New("personalise: no card")
	}
	if c.CA != nil && c.LifeCycle {
		return errors.New("personalise: the life cycle of what another authority issued is that authority's")
	}
	if c.Meter == nil {
		c.Meter = noMeter{}
	}
	if c.Now.IsZero() {
		c.Now = DefaultNow
	}
	if c.Parameters == nil {
		p := jpki.Defaults(jpki.FormSIM)
		c.Parameters = &p
	}
	if c.SCP == 0 {
		c.SCP = gp.SCP03
	}
	if c.SCP != gp.SCP02 && c.SCP != gp.SCP03 {
		return fmt.Errorf("personalise: SCP%02d: want 2 or 3", c.SCP)
	}
	if err := c.completeChannel(); err != nil {
		return err
	}
	if c.Keys == nil {
		c.Keys = &scp.KeySet{Version: 0x30, Enc: keys.TestKey(), MAC: keys.TestKey(), DEK: keys.TestKey()}
		if c.SCP == gp.SCP02 {
			c.Keys.Version = 0x20
		}
	}
	if c.Message == nil {
		c.Message = []byte(DefaultMessage)
	}
	return c.completePINs()
}

// completeChannel fills in how commands are protected.
func (c *Config) completeChannel() error {
	if c.Over != nil && c.OwnChannel {
		return errors.New("personalise: a bearer to the domain and the application's own channel")
	}
	if c.Domain.IsZero() {
		c.Domain = gp.AIDIssuerSecurityDomain
	}
	if c.SCP02I == 0 {
		c.SCP02I = byte(scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.PseudoRandom)
	}
	if c.Level == 0 {
		c.Level = scp.CMAC | scp.CDecryption
		if c.SCP == gp.SCP03 {
			c.Level |= scp.RMAC | scp.REncryption
		}
	}
	if c.BlockBytes == 0 {
		c.BlockBytes = perso.MaxBlockBytes
	}
	if c.SIM == nil {
		c.SIM = []byte("\x89\x81\x10\x00\x00\x00\x00\x00\x00\x17")
	}
	if len(c.SIM) > 16 || c.BlockBytes < 32 || c.BlockBytes > perso.MaxBlockBytes {
		return fmt.Errorf("personalise: SIM identifier of %d bytes, blocks of %d: want up to 16, and 32 to %d", len(c.SIM), c.BlockBytes, perso.MaxBlockBytes)
	}
	return nil
}

func (c *Config) completePINs() error {
	given := c.PINs
	c.PINs = map[jpki.Role]string{}
	for role, pin := range defaultPINs {
		if p, ok := given[role]; ok {
			pin = p
		}
		if !jpki.ValidPIN(role, []byte(pin)) {
			return fmt.Errorf("personalise: the %v PIN has 4 digits, or 6 to 16 of 0-9 and A-Z for sign", role)
		}
		c.PINs[role] = pin
	}
	return nil
}

// roles are those of the form, one by one.
func (c *Config) roles() (roles []jpki.Role) {
	for _, r := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if c.Parameters.Form.Roles().Has(r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// Format prints what there is to personalise, and no PIN, whatever the verb.
func (c Config) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "personalisation on %s, seed %d", c.CardName, c.Seed)
}

// MarshalText is what Format prints, for JSON and logs.
func (c Config) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }
