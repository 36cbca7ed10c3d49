package jpki_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/sim/applets/jpki"
)

// What an issue brings, by role.
var (
	codes  = map[vocabulary.Role]string{vocabulary.Auth: "AUTHCODE9281", vocabulary.Sign: "SIGNCODE7734"}
	pins   = map[vocabulary.Role]string{vocabulary.Auth: "5937", vocabulary.Sign: "QX83ZR71"}
	limits = map[vocabulary.Role]string{vocabulary.Auth: "20310401145959Z", vocabulary.Sign: "20310402145959Z"}
)

// loadedFile is the hash of the load file on the cards.
var loadedFile = sync.OnceValue(func() perso.Hash {
	f, err := cap.Open(jpki.CAP)
	if err != nil {
		panic(err)
	}
	return sha256.Sum256(f.LoadFile(nil, true))
})

// certificate is what stands for one: the application does not read it.
func certificate(role vocabulary.Role, ca bool, size int) []byte {
	r := rand.New(rand.NewPCG(uint64(role), uint64(size)))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[0], b[1], b[2], b[3] = 0x30, 0x82, byte((size-4)>>8), byte(size-4)
	if ca {
		b[4] ^= 0xFF
	}
	return b
}

// deliveredKeys are RSA keys of 2048 bits, the same at each run.
var deliveredKeys = sync.OnceValue(func() map[vocabulary.Role]*rsa.PrivateKey {
	r := rand.New(rand.NewPCG(2048, 4))
	return map[vocabulary.Role]*rsa.PrivateKey{vocabulary.Auth: rsaKey(r), vocabulary.Sign: rsaKey(r)}
})

func rsaKey(r *rand.Rand) *rsa.PrivateKey {
	p, q := prime(r), prime(r)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: perso.Exponent},
		D: new(big.Int).ModInverse(big.NewInt(perso.Exponent), phi), Primes: []*big.Int{p, q}}
	k.Precompute()
	return k
}

// prime is a prime of 1024 bits, the two highest set.
func prime(r *rand.Rand) *big.Int {
	b := make([]byte, 128)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[0] |= 0xC0
	b[127] |= 1
	n, e := new(big.Int).SetBytes(b), big.NewInt(perso.Exponent)
	for !n.ProbablyPrime(8) || new(big.Int).Mod(n, e).Cmp(big.NewInt(1)) == 0 {
		n.Add(n, big.NewInt(2))
	}
	return n
}

// authority is the certificate authority, with an order under way.
type authority struct {
	*rig
	key     *perso.SoftwareKey
	order   perso.Order
	session *perso.Session
	public  map[vocabulary.Role]*rsa.PublicKey
	size    int // of certificates
	next    byte
}

func (r *rig) authority() *authority {
	r.Helper()
	scalar := sha256.Sum256([]byte("inkan test content key"))
	key, err := perso.NewSoftwareKey(1, scalar[:])
	if err != nil {
		r.Fatal(err)
	}
	return &authority{rig: r, key: key, size: 1500, public: map[vocabulary.Role]*rsa.PublicKey{}}
}

// newOrder makes an order with a counter.
func (a *authority) newOrder(purpose vocabulary.Purpose, origin vocabulary.Origin, roles vocabulary.Role, counter uint32) *perso.Order {
	o := &perso.Order{Purpose: purpose, Origin: origin, Roles: roles, Counter: counter, CAKeyVersion: 1, CAPoint: a.key.Point()}
	copy(o.ID[:], fmtHex([]byte{byte(counter >> 24), byte(counter >> 16), byte(counter >> 8), byte(counter)})+"ORDER-ID")
	copy(o.SIM[:], "8981100000000000")
	o.LoadFile = loadedFile()
	return o
}

func (a *authority) cardOf() perso.Card {
	c := perso.Card{AID: vocabulary.AIDInstance, Unattested: true}
	if k := a.card.AuthorityKey(); k != nil {
		c = perso.Card{AID: vocabulary.AIDInstance, Authority: perso.ECDSAAuthority{Key: k}}
	}
	return c
}

// try sends data groups and gives the answer, or the status word.
func (r *rig) try(card apdu.Card, g *perso.Groups) ([]byte, iso7816.SW) {
	r.Helper()
	return r.tryBlocks(card, g, 0)
}

func (r *rig) tryBlocks(card apdu.Card, g *perso.Groups, size int) ([]byte, iso7816.SW) {
	r.Helper()
	t := perso.Transfer{Card: card, BlockBytes: size, More: true}
	answer, err := t.Send(ctx, g, nil)
	var sw iso7816.SW
	switch {
	case err == nil:
		return answer, iso7816.OK
	case errors.As(err, &sw):
		return nil, sw
	}
	r.Fatalf("%v", err)
	return nil, 0
}

// do sends data groups that have to be answered 9000.
func (r *rig) do(card apdu.Card, g *perso.Groups) []byte {
	r.Helper()
	answer, sw := r.try(card, g)
	if sw != iso7816.OK {
		r.Fatalf("%v, want 9000", sw)
	}
	return answer
}

func groups() *perso.Groups { return new(perso.Groups) }

// place sends an order and opens the authority's session of it.
func (a *authority) place(card apdu.Card, o *perso.Order) {
	a.Helper()
	s, err := perso.DecodeOrderStatement(a.do(card, groups().Order(o)))
	if err != nil {
		a.Fatal(err)
	}
	a.order, a.next = *o, 1
	if a.session, err = perso.Open(o, a.cardOf(), &s, a.key); err != nil {
		a.Fatal(err)
	}
}

// generate has the card make a key.
func (a *authority) generate(card apdu.Card, role vocabulary.Role) {
	a.Helper()
	s, err := perso.DecodeKeyStatement(a.do(card, groups().Generate(role)))
	if err != nil {
		a.Fatal(err)
	}
	if err := a.session.VerifyKey(&s); err != nil {
		a.Fatal(err)
	}
	a.public[role] = s.PublicKey()
}

// items are what an envelope has for a role.
func (a *authority) items(role vocabulary.Role) []perso.Item {
	a.Helper()
	items := []perso.Item{
		{Tag: perso.ItemCertificate.For(role), Value: certificate(role, false, a.size)},
		{Tag: perso.ItemValidity.For(role), Value: []byte(limits[role])},
		{Tag: perso.ItemCode.For(role), Value: []byte(codes[role])},
	}
	if a.order.Origin == vocabulary.OriginDelivered {
		parts, err := perso.KeyItems(role, deliveredKeys()[role])
		if err != nil {
			a.Fatal(err)
		}
		items = append(items, parts...)
		a.public[role] = &deliveredKeys()[role].PublicKey
	}
	return items
}

// seal makes the next envelope.
func (a *authority) seal(items ...perso.Item) []byte {
	a.Helper()
	sealed, err := a.session.Seal(nil, a.next, items)
	if err != nil {
		a.Fatal(err)
	}
	a.next++
	return sealed
}

var roleList = []vocabulary.Role{vocabulary.Auth, vocabulary.Sign}

// fill brings all content of the open order but the key of an on-card order.
func (a *authority) fill(card apdu.Card) {
	a.Helper()
	for _, role := range roleList {
		if a.order.Roles.Has(role) {
			if a.order.Origin == vocabulary.OriginOnCard {
				a.generate(card, role)
			}
			a.do(card, groups().CACertificate(role, certificate(role, true, 1200)))
			a.do(card, groups().Envelope(a.seal(a.items(role)...)))
		}
	}
}

// activate ends the issue and verifies the receipt.
func (a *authority) activate(card apdu.Card) []byte {
	a.Helper()
	answer := a.do(card, groups().Activate(a.order.ID))
	a.verifyReceipt(answer)
	return answer
}

func (a *authority) verifyReceipt(answer []byte) {
	a.Helper()
	receipt, err := perso.DecodeReceipt(answer)
	if err != nil {
		a.Fatal(err)
	}
	var hashes [2]perso.Hash
	for i, role := range roleList {
		if a.order.Roles.Has(role) {
			hashes[i] = perso.CertificateHash(certificate(role, false, a.size))
		}
	}
	if err := a.session.VerifyReceipt(&receipt, hashes[0], hashes[1]); err != nil {
		a.Fatal(err)
	}
}

// setPINs uses the codes.
func (a *authority) setPINs() {
	a.Helper()
	a.selectApplication()
	for _, role := range roleList {
		if a.order.Roles.Has(role) {
			a.want(resetRetry(role, codes[role], pins[role]), "9000")
		}
	}
}

func reference(role vocabulary.Role) byte { return byte(role.PIN().Reference()) }

func resetRetry(role vocabulary.Role, code, pin string) string {
	return command(0x00, 0x2C, 0x00, reference(role), []byte(code+pin))
}

func verify(role vocabulary.Role, pin string) string {
	return command(0x00, 0x20, 0x00, reference(role), []byte(pin))
}

func change(role vocabulary.Role, pin string) string {
	return command(0x00, 0x24, 0x01, reference(role), []byte(pin))
}

func sign(mode byte, role vocabulary.Role, data []byte) string {
	return command(0x80, 0x2A, mode, byte(role.Key().Reference()), data) + "00"
}

// command is a command APDU in hex.
func command(cla, ins, p1, p2 byte, data []byte) string {
	b := []byte{cla, ins, p1, p2}
	if len(data) > 0 {
		b = append(append(b, byte(len(data))), data...)
	}
	return fmtHex(b)
}

func rolesOf(opt options) vocabulary.Role {
	if bytes.Contains([]byte(opt.parameters), []byte(cardForm)) {
		return vocabulary.Both
	}
	return vocabulary.Auth
}

var issuedCards sync.Map // options -> *authority

// issued is a card in the phase ACTIVE with PINs set, the application
// selected: made once for each form and copied.
func issued(t testing.TB, opt options) *authority {
	t.Helper()
	if made, ok := issuedCards.Load(opt); ok {
		a := *made.(*authority)
		a.rig = boot(t, opt, a.flash)
		a.selectApplication()
		return &a
	}
	r := newRig(t, opt)
	a := r.authority()
	card := r.domain(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, rolesOf(opt), 5))
	a.fill(card)
	a.activate(card)
	a.setPINs()
	made := *a
	made.rig = a.again()
	issuedCards.Store(opt, &made)
	a.rig = r
	a.selectApplication()
	return a
}
