package security

import (
	"inkan/sim/engine"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const pairName = "javacard/security/KeyPair"

var (
	classPair = binding.Class(pairName)

	pairRSA = byteConstant(pairName + ".ALG_RSA")
	pairCRT = byteConstant(pairName + ".ALG_RSA_CRT")
	pairEC  = byteConstant(pairName + ".ALG_EC_FP")
)

// Cells of a pair.
const (
	pairPublic  = 0 // reference
	pairPrivate = 1 // reference
)

func bindKeyPair(t *binding.Table) {
	t.State(pairName, 2, 0)
	t.BindAll(pairName, map[string]binding.Native{
		"<init>(BS)V": newPair,
		"<init>(Ljavacard/security/PublicKey;Ljavacard/security/PrivateKey;)V": joinPair,
		"getPublic()Ljavacard/security/PublicKey;": func(c *vm.Call) {
			c.ReturnRef(c.Machine().RefCell(c.This(), classPair, pairPublic))
		},
		"getPrivate()Ljavacard/security/PrivateKey;": func(c *vm.Call) {
			c.ReturnRef(c.Machine().RefCell(c.This(), classPair, pairPrivate))
		},
		"genKeyPair()V": generatePair,
	})
}

var pairKinds = map[int8][2]string{
	pairRSA: {"RSA_PUBLIC", "RSA_PRIVATE"}, pairCRT: {"RSA_PUBLIC", "RSA_CRT_PRIVATE"}, pairEC: {"EC_FP_PUBLIC", "EC_FP_PRIVATE"},
}

// newPair makes both keys, without value.
func newPair(c *vm.Call) {
	names, ok := pairKinds[c.Byte(0)]
	if !ok || !sizeBuilt(names[0], int(c.Short(1))) {
		fail(c, noSuchAlgorithm)
	}
	public := build(c, names[0], int(c.Short(1)), vm.Persistent, false)
	private := build(c, names[1], int(c.Short(1)), vm.Persistent, false)
	setPair(c, public, private)
}

// joinPair takes two keys of one algorithm and length; null or others are
// ILLEGAL_VALUE, keys that no generation goes with NO_SUCH_ALGORITHM.
func joinPair(c *vm.Call) {
	m := c.Machine()
	public, private := c.Ref(0), c.Ref(1)
	for _, ref := range []vm.Ref{public, private} {
		if ref == vm.Null {
			fail(c, illegalValue)
		}
		m.CheckAccess(c.Context(), ref)
	}
	k, ok1 := keyOf(m, public)
	l, ok2 := keyOf(m, private)
	if !ok1 || !ok2 || !pairs(k, l) || bitsOf(m, public) != bitsOf(m, private) {
		fail(c, illegalValue)
	}
	setPair(c, public, private)
}

func pairs(public, private *kind) bool {
	for _, names := range pairKinds {
		if kinds[names[0]] == public && kinds[names[1]] == private {
			return true
		}
	}
	return false
}

func setPair(c *vm.Call, public, private vm.Ref) {
	c.Machine().SetRefCell(c.This(), classPair, pairPublic, public)
	c.Machine().SetRefCell(c.This(), classPair, pairPrivate, private)
}

// generatePair makes new values: RSA with the public key's exponent if it was
// set, else 65537; EC with the keys' domain parameters if they were set (the
// public key's first), else with the default curve of the length. Spec:
// SPEC-RUNTIME-107.
func generatePair(c *vm.Call) {
	m := c.Machine()
	public := m.RefCell(c.This(), classPair, pairPublic)
	private := m.RefCell(c.This(), classPair, pairPrivate)
	if public == vm.Null || private == vm.Null {
		fail(c, illegalUse)
	}
	if k, _ := keyOf(m, public); k.api == "RSAPublicKey" {
		generateRSA(c, public, private)
	} else {
		generateEC(c, public, private)
	}
	m.SetHostValue(public, nil)
	m.SetHostValue(private, nil)
}

func generateRSA(c *vm.Call, public, private vm.Ref) {
	m := c.Machine()
	e := part(m, public, slotExponent)
	if e == nil {
		e = []byte{1, 0, 1}
	}
	k, err := engines(c).GenerateRSA(bitsOf(m, public), e)
	if err != nil {
		fail(c, illegalValue)
	}
	defer together(m, rsaBytes(bitsOf(m, public)))()
	if m.TransactionDepth() == 0 { // too long for one: a cut leaves no key rather than half of one
		setPart(m, public, slotModulus, nil)
		setPart(m, private, slotModulus, nil) // or P
	}
	setPart(m, public, slotExponent, k.E)
	if kind, _ := keyOf(m, private); kind.api == "RSAPrivateKey" {
		setPart(m, private, slotExponent, k.D)
		setPart(m, private, slotModulus, k.N)
	} else {
		for slot, v := range [...][]byte{slotQ: k.Q, slotPQ: k.QInv, slotDP1: k.DP, slotDQ1: k.DQ} {
			if v != nil {
				setPart(m, private, slot, v)
			}
		}
		setPart(m, private, slotP, k.P)
	}
	setPart(m, public, slotModulus, k.N)
}

// rsaBytes is the room in the journal that a key pair's values take at most:
// two numbers of the modulus's length and five halves, each with its length and
// what an entry has besides.
func rsaBytes(bitCount int) int { return (2*bitCount+5*bitCount/2)/8 + 7*16 }

// defaultCurves are the curves of pairs without parameters.
var defaultCurves = map[int]string{
	160: "secp160r1", 192: "secp192r1", 224: "secp224r1", 256: "secp256r1", 320: "brainpoolP320r1",
	384: "secp384r1", 512: "brainpoolP512r1", 521: "secp521r1",
}

var domainSlots = []int{slotField, slotA, slotB, slotG, slotR}

func generateEC(c *vm.Call, public, private vm.Ref) {
	m := c.Machine()
	from := public // parameters are copied before, a cut there leaves no key
	if !hasDomain(m, public) && hasDomain(m, private) {
		from = private
	}
	if !hasDomain(m, from) {
		setDomain(c, public)
	}
	for _, to := range []vm.Ref{public, private} {
		for _, slot := range append([]int{slotK}, domainSlots...) {
			if b := part(m, from, slot); to != from && b != nil {
				setPart(m, to, slot, b)
			}
		}
	}
	s, w := engines(c).GenerateEC(curveOf(c, public))
	defer together(m, 4*len(w))()
	setPart(m, private, slotValue, s)
	setPart(m, public, slotValue, w)
}

func hasDomain(m *vm.Machine, key vm.Ref) bool {
	for _, slot := range domainSlots {
		if part(m, key, slot) == nil {
			return false
		}
	}
	return true
}

func setDomain(c *vm.Call, key vm.Ref) {
	m := c.Machine()
	d := engine.DomainNamed(defaultCurves[bitsOf(m, key)])
	if d == nil {
		fail(c, illegalValue)
	}
	for i, v := range [][]byte{d.P, d.A, d.B, d.G, d.N} {
		setPart(m, key, domainSlots[i], v)
	}
	setPart(m, key, slotK, []byte{0, byte(d.H)})
}

// together makes the writes until the returned function's call one transaction,
// so that a power cut does not leave half a key, where none is open and they
// fit.
func together(m *vm.Machine, sizeBytes int) func() {
	if m.TransactionDepth() != 0 || m.MaxCommitCapacity() < sizeBytes {
		return func() {}
	}
	m.Begin()
	return m.Commit
}
