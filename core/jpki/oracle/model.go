package oracle

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"math/big"
)

// Phases of the application, as GET DATA shows them.
const (
	PhaseEmpty     = 0x00
	PhaseOrdered   = 0x01
	PhaseActive    = 0x03
	PhaseSuspended = 0x07
)

// Environment is what is around the instance.
type Environment struct {
	AID       []byte             // the instance's
	LoadFile  [32]byte           // SHA-256 of the load file that the card has loaded
	Authority *ecdsa.PublicKey   // attestation key of the card's authority, P-256; nil: the card has none
	CA        []*ecdh.PrivateKey // content keys of the certificate authority, P-256
	T0        bool               // the contact interface is T=0
}

// Indices of the two roles; a role's byte is index+1.
const (
	auth = 0
	sign = 1
)

// Interfaces, as indices of PIN tries.
const (
	contact     = 0
	contactless = 1
)

// content is what the application holds for one role. Slices are never written
// to, only replaced.
type content struct {
	key       *key // nil: none
	cert, end []byte
	code      []byte // nil: none pending
	codeTries int
	ca        []byte // certificate of the CA
	pin       []byte // nil: none set
	tries     [2]int
	verified  [2]bool // by interface, as tries
}

// key is an RSA key; a key made on the card has no private parts here, and no
// modulus until it was read.
type key struct {
	modulus *big.Int // nil: not known
	parts   [][]byte // P, Q, dP, dQ, qInv
}

// order is an order that the application took.
type order struct {
	raw                    []byte
	hash                   [32]byte
	purpose, origin, roles byte
	id                     []byte
	counter                uint32
	point                  []byte
}

// Selections.
const (
	selectedOther = iota // another application
	selectedThis
	selectedNone
)

// Model is the application's state, and the card's as far as it decides what
// the application is asked. The zero value is of no use: see New. Methods named
// for events change it, Step and Store do not.
type Model struct {
	env Environment
	par Parameters

	// Survives the power.
	phase     byte
	highest   uint32
	last      *order // the last one
	issue     *order // the one that the content came with
	open      *order // the one under way
	raised    *order // a cut order whose counter was raised and nothing else kept
	sequence  byte
	lastType  byte
	lastMAC   []byte // nil: none
	ephemeral []byte // point of the open order; nil: not known
	challenge []byte
	roles     [2]content
	receipt   *answer
	lifeCycle byte

	// Ends with the power, some of it with the selection.
	selection   int
	contactless bool // interface of the next command
	current     uint16
	state       byte // contactless state
	blocks      blocks
	answer      *answer
}

// New is an instance that was just installed on a card where another
// application is selected over contact. The error is 6A80, for parameters.
func New(parameters []byte, env Environment) (*Model, error) {
	p, err := ParseParameters(parameters)
	if err != nil {
		return nil, err
	}
	return &Model{env: env, par: p, lifeCycle: 0x07}, nil
}

// Parameters are those of the instance.
func (m *Model) Parameters() Parameters { return m.par }

// Phase is the phase: one of the constants above.
func (m *Model) Phase() byte { return m.phase }

// LifeCycle is the application's GlobalPlatform state. Spec: SPEC-PERSO-058.
func (m *Model) LifeCycle() byte { return m.lifeCycle }

// Clone is an independent copy.
func (m *Model) Clone() *Model {
	c := *m
	return &c
}

// Reset is a loss of power and a reset, after which commands come over the
// named interface and another application is selected. Spec: SPEC-JPKI-AP-025.
func (m *Model) Reset(contactless bool) {
	m.deselect(selectedOther)
	m.contactless, m.state, m.answer = contactless, 0, nil
	m.blocks = blocks{}
}

// Interface says how the next commands come, with nothing else changed.
func (m *Model) Interface(contactless bool) { m.contactless = contactless }

// Other says that another application was selected.
func (m *Model) Other() {
	if m.selection == selectedThis {
		m.blocks = blocks{}
	}
	m.deselect(selectedOther)
}

// SessionEnds says that a session which the application had opened itself
// ended, another one beginning included.
func (m *Model) SessionEnds() { m.blocks = blocks{} }

// deselect ends what a selection has. Spec: SPEC-JPKI-AP-003.
func (m *Model) deselect(selection int) {
	m.selection, m.current = selection, 0
	m.roles[auth].verified, m.roles[sign].verified = [2]bool{}, [2]bool{}
}

// phone tells whether the command comes over contactless under policy 00.
func (m *Model) phone() bool { return m.contactless && m.par.Policy == policyPhone }

// has tells whether a role is the form's, as seen over the interface.
// Spec: SPEC-JPKI-AP-029.
func (m *Model) has(role int) bool {
	return role == auth || m.par.Form == formCard && !m.phone()
}

// attests tells whether statements have an attestation.
func (m *Model) attests() bool { return m.par.Attestation != attestNever && m.env.Authority != nil }
