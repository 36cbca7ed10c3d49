package gp

// LifeCycle is a life-cycle state as one byte. What it means depends on the
// Kind of its owner (GP Card Specification 2.3.1 §5, §11.1.1).
type LifeCycle byte

// String is the state in hex: what it is called depends on the kind of its
// owner, and Kind.LifeCycleName says it.
func (s LifeCycle) String() string { return hexByte(byte(s)) }

// Life-cycle states of the card, which are the issuer security domain's.
const (
	CardOpReady     LifeCycle = 0x01
	CardInitialized LifeCycle = 0x07
	CardSecured     LifeCycle = 0x0F
	CardLocked      LifeCycle = 0x7F
	CardTerminated  LifeCycle = 0xFF
)

// Life-cycle states of executable load files, applications and supplementary
// security domains.
const (
	Loaded       LifeCycle = 0x01 // load files
	Installed    LifeCycle = 0x03
	Selectable   LifeCycle = 0x07
	Personalized LifeCycle = 0x0F // security domains; applications at will
	Locked       LifeCycle = 0x83 // with the bits of the state before: 1xxxxx11

	lockBit LifeCycle = 0x80
)

// Kind is what a registry entry describes.
type Kind byte

// Kinds of registry entries.
const (
	KindIssuerSecurityDomain Kind = iota + 1
	KindSecurityDomain
	KindApplication
	KindLoadFile
)

var kindNames = [...]string{"", "issuer security domain", "security domain", "application", "load file"}

// String is the kind in words.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return "kind " + hexByte(byte(k))
	}
	return kindNames[k]
}

// Locked reports whether the state of an application or security domain has
// the lock bit.
func (s LifeCycle) Locked() bool { return s&lockBit != 0 }

// Lock is the locked form of a state: it keeps the state before.
func (s LifeCycle) Lock() LifeCycle { return s | lockBit }

// Unlock is the state before the lock.
func (s LifeCycle) Unlock() LifeCycle { return s &^ lockBit }

// Valid reports whether an entry of this kind can be in the state.
// Spec: SPEC-GP-030.
func (k Kind) Valid(s LifeCycle) bool {
	switch k {
	case KindIssuerSecurityDomain:
		return s == CardOpReady || s == CardInitialized || s == CardSecured || s == CardLocked || s == CardTerminated
	case KindSecurityDomain:
		u := s.Unlock()
		return u == Installed || u == Selectable || u == Personalized
	case KindApplication:
		return s.Unlock() == Installed || s&0x07 == 0x07
	case KindLoadFile:
		return s == Loaded
	}
	return false
}

// CanBecome reports whether the life cycle of an entry of this kind has a step
// from one state to another. Who may take the step is the card's rule, not
// this one. Staying is no step.
// Spec: SPEC-GP-031, SPEC-GP-032, SPEC-GP-033, SPEC-GP-034, SPEC-GP-035.
func (k Kind) CanBecome(from, to LifeCycle) bool {
	if from == to || !k.Valid(from) || !k.Valid(to) {
		return false
	}
	switch k {
	case KindIssuerSecurityDomain:
		return cardCanBecome(from, to)
	case KindSecurityDomain, KindApplication:
		if from.Locked() || to.Locked() {
			return from.Unlock() == to.Unlock()
		}
	}
	switch k {
	case KindSecurityDomain:
		return from == Installed && to == Selectable || from == Selectable && to == Personalized
	case KindApplication:
		return to != Installed && (from != Installed || to == Selectable)
	}
	return false
}

// cardCanBecome has the card's steps (GP Card Specification 2.3.1 §5.1.1).
func cardCanBecome(from, to LifeCycle) bool {
	switch to {
	case CardInitialized:
		return from == CardOpReady
	case CardSecured:
		return from == CardInitialized || from == CardLocked
	case CardLocked:
		return from == CardSecured
	case CardTerminated:
		return true
	}
	return false
}

// LifeCycleName is the standard's name of the state of an entry of this kind,
// or the byte in hex.
func (k Kind) LifeCycleName(s LifeCycle) string {
	if k == KindIssuerSecurityDomain {
		if name, ok := cardStateNames[s]; ok {
			return name
		}
		return hexByte(byte(s))
	}
	switch {
	case !k.Valid(s):
		return hexByte(byte(s))
	case k == KindLoadFile:
		return "LOADED"
	case s.Locked():
		return "LOCKED"
	case s == Installed:
		return "INSTALLED"
	case s == Selectable:
		return "SELECTABLE"
	case k == KindSecurityDomain:
		return "PERSONALIZED"
	}
	return "application-specific " + hexByte(byte(s))
}

var cardStateNames = map[LifeCycle]string{
	CardOpReady: "OP_READY", CardInitialized: "INITIALIZED", CardSecured: "SECURED",
	CardLocked: "CARD_LOCKED", CardTerminated: "TERMINATED",
}
