package storm_test

import (
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"
	"sync"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	jpkiapplet "inkan/sim/applets/jpki"
	cardos "inkan/sim/os"
)

// pinCodes are what the holder gets and sets.
var pinCodes = map[jpki.Role][2]string{jpki.Auth: {authCode, authPIN}, jpki.Sign: {signCode, signPIN}}

// loadedFile is the hash of the application's load file on the cards.
var loadedFile = sync.OnceValue(func() perso.Hash {
	f, err := cap.Open(jpkiapplet.CAP)
	if err != nil {
		panic(err)
	}
	return sha256.Sum256(f.LoadFile(nil, true))
})

// certificate stands for one: the application does not read it.
func certificate(label string) []byte {
	const size = 1500
	return append([]byte{0x30, 0x82, (size - 4) >> 8, (size - 4) & 0xFF}, secret("certificate/"+label, size-4)...)
}

// deliveredKey is an RSA key of 2048 bits that follows from a label.
func deliveredKey(label string) *rsa.PrivateKey {
	prime := func(label string) *big.Int {
		b := secret(label, 128)
		b[0] |= 0xC0
		b[127] |= 1
		n := new(big.Int).SetBytes(b)
		for e := big.NewInt(perso.Exponent); !n.ProbablyPrime(8) || new(big.Int).Mod(n, e).Cmp(big.NewInt(1)) == 0; {
			n.Add(n, big.NewInt(2))
		}
		return n
	}
	p, q := prime(label+"/p"), prime(label+"/q")
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: perso.Exponent},
		D: new(big.Int).ModInverse(big.NewInt(perso.Exponent), phi), Primes: []*big.Int{p, q}}
	k.Precompute()
	return k
}

// issue is one personalisation of the JPKI application with delivered keys, step by
// step: each step but the first needs the answers of those before.
type issue struct {
	card     *cardos.Card
	session  *perso.Session
	key      *perso.SoftwareKey
	order    perso.Order
	transfer *perso.Transfer
	sequence byte
}

// newIssue sends data groups through a channel that forwards them.
func newIssue(card *cardos.Card, through apdu.Card, counter uint32) (*issue, error) {
	scalar := sha256.Sum256([]byte("storm content key"))
	key, err := perso.NewSoftwareKey(1, scalar[:])
	if err != nil {
		return nil, err
	}
	i := &issue{card: card, key: key, transfer: &perso.Transfer{Card: through, More: true}}
	i.order = perso.Order{Purpose: jpki.PurposeIssue, Origin: jpki.OriginDelivered, Roles: jpki.Both, Counter: counter, CAKeyVersion: 1, CAPoint: key.Point()}
	copy(i.order.ID[:], fmt.Sprintf("STORM ORDER %04d", counter))
	copy(i.order.SIM[:], "8981100000000000")
	i.order.LoadFile = loadedFile()
	return i, nil
}

func (i *issue) send(g *perso.Groups) ([]byte, error) { return i.transfer.Send(ctx, g, nil) }

func (i *issue) place() error {
	answer, err := i.send(new(perso.Groups).Order(&i.order))
	if err != nil {
		return err
	}
	s, err := perso.DecodeOrderStatement(answer)
	if err != nil {
		return err
	}
	i.session, err = perso.Open(&i.order, perso.Card{AID: jpki.AIDInstance, Authority: perso.ECDSAAuthority{Key: i.card.AuthorityKey()}}, &s, i.key)
	return err
}

func (i *issue) authority(role jpki.Role) error {
	_, err := i.send(new(perso.Groups).CACertificate(role, certificate("CA "+role.String())))
	return err
}

func (i *issue) content(role jpki.Role) error {
	items := []perso.Item{
		{Tag: perso.ItemCertificate.For(role), Value: certificate(role.String())},
		{Tag: perso.ItemValidity.For(role), Value: []byte("20310401145959Z")},
		{Tag: perso.ItemCode.For(role), Value: []byte(pinCodes[role][0])},
	}
	parts, err := perso.KeyItems(role, deliveredKey(role.String()))
	if err != nil {
		return err
	}
	i.sequence++
	sealed, err := i.session.Seal(nil, i.sequence, append(items, parts...))
	if err != nil {
		return err
	}
	_, err = i.send(new(perso.Groups).Envelope(sealed))
	return err
}

func (i *issue) activate() error {
	_, err := i.send(new(perso.Groups).Activate(i.order.ID))
	return err
}

var roles = []jpki.Role{jpki.Auth, jpki.Sign}

// personalise issues both roles through the provider's domain and sets the PINs.
func (w *world) personalise(card *cardos.Card) error {
	host, err := w.open(card, opening{aid: jpki.AIDProviderDomain, keys: &w.provider, level: 0x33, seed: 3})
	if err != nil {
		return err
	}
	if _, err := gp.Exchange(ctx, host, gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDInstance}, nil); err != nil {
		return err
	}
	i, err := newIssue(card, host, 5)
	if err != nil {
		return err
	}
	if err := i.place(); err != nil {
		return err
	}
	for _, role := range roles {
		if err := i.authority(role); err != nil {
			return err
		}
		if err := i.content(role); err != nil {
			return err
		}
	}
	if err := i.activate(); err != nil {
		return err
	}
	if _, err := gp.Exchange(ctx, card, jpki.SelectApplication{}, nil); err != nil {
		return err
	}
	for _, role := range roles {
		c := jpki.ResetRetryCounter{PIN: role.PIN().Reference(), Code: []byte(pinCodes[role][0]), New: []byte(pinCodes[role][1])}
		if _, err := gp.Exchange(ctx, card, c, nil); err != nil {
			return err
		}
	}
	return nil
}
