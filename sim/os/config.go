package os

import (
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/observe"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
	"inkan/sim/usim"
	"inkan/sim/vm"
)

// Config is what a card is made of. The zero value is a new card of the reference
// chip: SCP03 with i 70 and key version 30, SCP02 with i 55 and key version 20,
// all with test keys, no file system. What the first boot writes into the memory
// is marked; later boots take it from there.
type Config struct {
	Chip     *engine.Chip     // nil: engine.Reference()
	Clock    *clock.Clock     // nil: a new one
	Flash    *nvm.Flash       // nil: a new, erased one of the chip's geometry on Clock
	Entropy  entropy.Source   // nil: seeded by 0
	Observer observe.Observer // may be nil

	Protocol     byte   // T=0 or T=1, and media bits: runtime.CheckProtocol
	ATR          []byte // nil: runtime.DefaultATR
	BufferBytes  int    // APDU buffer; 0: 261
	MaxData      int    // longest data field of a command, as the FCI says; 0: 255
	Channels     int    // highest logical channel, 0 to 19
	Options      runtime.Options
	Verified     *runtime.Verified // that other cards share; may be nil
	Machine      vm.Config         // sizes
	MaxLoadBytes int               // longest load file; 0: what the memory has free

	// Issuer is the issuer security domain.
	Issuer Issuer
	// State is the card's life cycle state at first: 0: OP_READY. Written by the
	// first boot.
	State gp.LifeCycle
	// Protocols are the secure channel protocols that domains offer, the
	// preferred one first; nil: SCP03 i 70, SCP02 i 55. A domain's parameters may
	// take some away.
	Protocols []gp.SCPOption
	Policy    Policy

	// Contactless has applications activated for the contactless interface one by
	// one; without it all may be selected there.
	Contactless bool

	// Authority is the controlling authority's domain; nil: it is there with test
	// keys and no certificate.
	Authority *Authority

	// UICC is the file system and the toolkit session; nil: there is none, and a
	// reset selects the issuer security domain. Chip, RecordKind and OTA are filled in.
	UICC *usim.Config
	// Remote are the applications of remote file management.
	Remote []RemoteFiles
}

// Issuer is the issuer security domain as the first boot writes it.
type Issuer struct {
	AID     gp.AID   // zero: A000000151000000
	Aliases []gp.AID // other names; nil: A000000003000000

	Keys []Key // nil: test keys; see KeySet, PublicKey

	KDD  [10]byte // key diversification data of INITIALIZE UPDATE and GET DATA CF
	IIN  []byte   // data object 42; nil: none
	CIN  []byte   // data object 45; nil: none
	CPLC gp.CPLC

	// Privileges beside Security Domain; 0: all that an issuer security domain has.
	Privileges gp.Privileges
	// TARs for secured packets; nil: 000000 and B20100.
	TARs []scp80.TAR
}

// Key is a key of a security domain: of one value, or of several components.
type Key struct {
	Version, ID byte
	Values      []gp.KeyValue
}

// KeySet is the three keys of a secure channel, or of SCP80 (KIc, KID, KIK), as
// identifiers 1 to 3.
func KeySet(t keys.Type, set *scp.KeySet) []Key {
	var all []Key
	for i, value := range [][]byte{set.Enc, set.MAC, set.DEK} {
		all = append(all, Key{set.Version, byte(i + 1), []gp.KeyValue{{Type: t, Value: value}}})
	}
	return all
}

// Authority configures the controlling authority's security domain (CASD).
type Authority struct {
	Off bool // there is none
	// Signature is the private key of the global service, on P-256, 32 bytes;
	// nil: authority.TestKey.
	Signature []byte
	// Agreement is the private key of confidential key set-up, on P-256, 32 bytes;
	// nil: TestAgreementKey.
	Agreement []byte
	// Certificate is the data object 7F21 with tag and length; nil: none.
	Certificate []byte
}

// RemoteFiles is an application of remote file management.
type RemoteFiles struct {
	TAR     scp80.TAR
	Minimum scp80.SPI // 0: Policy.MinimumSPI
	Access  usim.Domain
	ADF     []byte // AID; nil: the shared file system
	Domain  gp.AID // whose keys protect it; zero: the issuer's
}

// Policy is what a card asks of those who manage it.
type Policy struct {
	// Level is the least security level of a secure channel. Commands that change
	// the card need C-MAC, unless there are PlainSessions.
	Level scp.Level
	// PlainSessions lets an authenticated host manage the card without C-MAC, at
	// level 00, as the Card Specification does. Whoever is between the two can add
	// commands of his own.
	PlainSessions bool
	// SeparateVersions keeps key versions 01 to 0F for SCP80 alone. Without it they
	// open secure channels too: hosts that know no UICC put their keys there.
	SeparateVersions bool
	// Refused are protocols that are there but may not be used, with their key
	// versions kept.
	Refused []byte

	// After SlowAfter failed authentications in a row each INITIALIZE UPDATE
	// takes SlowCycles longer than the one before, doubling, to 2^10 times; 0: 3
	// and 1,000,000. After FailureLimit the domain's channels are blocked; 0: 255,
	// negative: never.
	SlowAfter    int
	SlowCycles   uint64
	FailureLimit int

	// MinimumSPI is the least protection of secured packets; 0: CC and a counter
	// that must be higher.
	MinimumSPI scp80.SPI
	PoR        scp80.PoRPolicy
	// AllowDES admits single DES keys over the air.
	AllowDES bool
}

func (p *Policy) fill() {
	if p.SlowAfter == 0 {
		p.SlowAfter = 3
	}
	if p.SlowCycles == 0 {
		p.SlowCycles = 1_000_000
	}
	if p.FailureLimit == 0 {
		p.FailureLimit = 255
	}
	if p.MinimumSPI == 0 {
		p.MinimumSPI = scp80.CC | scp80.CounterHigher
	}
}

// issuerPrivileges is what an issuer security domain has.
const issuerPrivileges = gp.SecurityDomain | gp.CardLock | gp.CardTerminate | gp.CVMManagement | gp.TrustedPath |
	gp.AuthorizedManagement | gp.TokenVerification | gp.GlobalDelete | gp.GlobalLock | gp.GlobalRegistry |
	gp.ReceiptGeneration | gp.CipheredLoadFile | gp.ContactlessActivation

// ownBytes is the memory that is kept for counters of secure channels, packets,
// receipts and failures, and for notes of what is under way: no application can
// take so much that nobody could manage the card. Spec: SPEC-UICC-OS-134.
const ownBytes = 1024

// fill completes a configuration.
func (cfg *Config) fill() error {
	if cfg.Chip == nil {
		cfg.Chip = engine.Reference()
	}
	if cfg.Clock == nil {
		cfg.Clock = new(clock.Clock)
	}
	if cfg.Flash == nil {
		flash, err := nvm.NewFlash(cfg.Chip.NVM, cfg.Clock, cfg.Observer)
		if err != nil {
			return err
		}
		cfg.Flash = flash
	}
	if cfg.Entropy == nil {
		cfg.Entropy = entropy.Seeded(0, "card operating system")
	}
	if cfg.MaxData == 0 {
		cfg.MaxData = 255
	}
	if cfg.State == 0 {
		cfg.State = gp.CardOpReady
	}
	if cfg.Protocols == nil {
		cfg.Protocols = []gp.SCPOption{{Protocol: gp.SCP03, I: 0x70}, {Protocol: gp.SCP02, I: 0x55}}
	}
	if cfg.Authority == nil {
		cfg.Authority = new(Authority)
	}
	if cfg.Machine.OwnBytes == 0 {
		cfg.Machine.OwnBytes = ownBytes
	}
	cfg.Policy.fill()
	cfg.Issuer.fill()
	return nil
}

func (i *Issuer) fill() {
	if i.AID.IsZero() {
		i.AID = gp.AIDIssuerSecurityDomain
	}
	if i.Aliases == nil {
		i.Aliases = []gp.AID{gp.AIDCardManager}
	}
	if i.Keys == nil {
		test := keys.TestKey()
		i.Keys = append(KeySet(keys.AES, &scp.KeySet{Version: 0x30, Enc: test, MAC: test, DEK: test}),
			KeySet(keys.DES, &scp.KeySet{Version: 0x20, Enc: test, MAC: test, DEK: test})...)
	}
	if i.Privileges == 0 {
		i.Privileges = issuerPrivileges
	}
	i.Privileges |= gp.SecurityDomain
	if i.TARs == nil {
		i.TARs = []scp80.TAR{scp80.TARIssuerSD, scp80.TARIssuerSDRAM}
	}
}
