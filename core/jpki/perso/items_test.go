package perso

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"inkan/core/jpki"
	"inkan/spec/req"
)

func item(tag ItemTag, n int) Item { return Item{tag, bytes.Repeat([]byte{'0'}, n)} }

func validity(role jpki.Role) Item {
	return Item{ItemValidity.For(role), []byte("20311128145959Z")}
}

func keyParts(role jpki.Role) (items []Item) {
	for t := ItemP; t <= ItemQInv; t++ {
		items = append(items, item(t.For(role), PrimeLen))
	}
	return items
}

// Content that the card would refuse is not sealed, and nothing is appended.
func TestSealRefuses(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-074")
	issue, delivered, reset := *load(t, "envelope")[0].session(t), *load(t, "envelope")[2].session(t), *load(t, "envelope")[4].session(t)
	challenge := Item{ItemChallenge, reset.challenge[:]}
	other := Item{ItemChallenge, bytes.Repeat([]byte{9}, ChallengeLen)}
	code, signCode := item(ItemCode, jpki.CodeLen), item(ItemCode.For(jpki.Sign), jpki.CodeLen)
	for name, c := range map[string]struct {
		session Session
		items   []Item
		ok      bool
	}{
		"certificate":         {issue, []Item{item(ItemCertificate, 300)}, true},
		"nothing":             {issue, nil, false},
		"unknown tag":         {issue, []Item{item(0x09, 1)}, false},
		"tag of no role":      {issue, []Item{item(0x21, 1)}, false},
		"empty certificate":   {issue, []Item{item(ItemCertificate, 0)}, false},
		"long certificate":    {issue, []Item{item(ItemCertificate, 4097)}, false},
		"long content":        {issue, []Item{item(ItemCertificate, 3072)}, false},
		"validity":            {issue, []Item{validity(jpki.Auth)}, true},
		"validity length":     {issue, []Item{item(ItemValidity, 14)}, false},
		"validity form":       {issue, []Item{item(ItemValidity, 15)}, false},
		"code length":         {issue, []Item{item(ItemCode, 11)}, false},
		"twice":               {issue, []Item{code, code}, false},
		"other role":          {issue, []Item{signCode}, false},
		"key of on-card":      {issue, keyParts(jpki.Auth), false},
		"key":                 {delivered, keyParts(jpki.Auth), true},
		"both keys":           {delivered, append(keyParts(jpki.Auth), keyParts(jpki.Sign)...), true},
		"key with four parts": {delivered, keyParts(jpki.Auth)[:4], false},
		"key of two roles":    {delivered, append(keyParts(jpki.Auth)[:3], keyParts(jpki.Sign)[3:]...), false},
		"key part length":     {delivered, append(keyParts(jpki.Auth)[:4], item(ItemQInv, 127)), false},
		"challenge in issue":  {issue, []Item{{ItemChallenge, issue.challenge[:]}, code}, false},
		"reset":               {reset, []Item{challenge, code}, true},
		"reset without code":  {reset, []Item{challenge}, false},
		"reset challenge":     {reset, []Item{other, code}, false},
		"reset order":         {reset, []Item{code, challenge}, false},
		"reset with more":     {reset, []Item{challenge, code, validity(jpki.Auth)}, false},
		"sign challenge":      {reset, []Item{{ItemChallenge | 0x10, reset.challenge[:]}, code}, false},
	} {
		sealed, err := c.session.Seal([]byte{1}, 1, c.items)
		if (err == nil) != c.ok || !c.ok && !bytes.Equal(sealed, []byte{1}) {
			t.Errorf("%s: %d bytes, %v", name, len(sealed), err)
		}
	}
	if _, err := issue.Seal(nil, 0, []Item{code}); err == nil {
		t.Error("sequence 0")
	}
}

// Sealing again gives the same bytes; another sequence, none of them.
func TestSealAgain(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-074")
	v := load(t, "envelope")[0]
	items := []Item{item(ItemCertificate, 1500), validity(jpki.Auth), item(ItemCode, jpki.CodeLen)}
	one, err := v.session(t).Seal(nil, 1, items)
	if err != nil {
		t.Fatal(err)
	}
	s := v.session(t)
	two, _ := s.Seal(nil, 2, items)
	again, _ := s.Seal(nil, 1, items)
	if !bytes.Equal(one, again) {
		t.Error("the same items are sealed otherwise")
	}
	if bytes.Equal(one[2:18], two[2:18]) || len(one) != len(two) {
		t.Error("another sequence has the same first block")
	}
}

func TestKeyItems(t *testing.T) {
	v := load(t, "envelope")[2]
	_, _, want, err := v.session(t).cipher.Open(v.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	p, q := new(big.Int).SetBytes(want[0].Value), new(big.Int).SetBytes(want[1].Value)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: Exponent},
		D: new(big.Int).ModInverse(big.NewInt(Exponent), phi), Primes: []*big.Int{p, q}}
	items, err := KeyItems(jpki.Auth, key)
	if err != nil || !bytes.Equal(AppendItems(nil, items), AppendItems(nil, want[:5])) {
		t.Errorf("%v %v", items, err)
	}
	WipeItems(items)
	for _, i := range items {
		if !bytes.Equal(i.Value, make([]byte, PrimeLen)) {
			t.Error("a key part is left")
		}
	}
	key.E = 3
	if _, err := KeyItems(jpki.Auth, key); err == nil {
		t.Error("exponent 3")
	}
}

// Keys, codes and plain content stay out of every printed form.
func TestSecretsAreNotShown(t *testing.T) {
	secret := bytes.Repeat([]byte{0xAB}, 32)
	key, err := NewSoftwareKey(3, secret)
	if err != nil {
		t.Fatal(err)
	}
	keys := Keys{Enc: [32]byte(secret), MAC: [32]byte(secret)}
	session := &Session{cipher: NewCipher(&keys)}
	for _, v := range []any{key, *key, keys, &keys, Item{ItemCode, secret}, []Item{{ItemCode, secret}}, session, NewCipher(&keys)} {
		var forms []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
			forms = append(forms, fmt.Sprintf(verb, v))
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append(forms, string(b)) {
			if low := strings.ToLower(s); strings.Contains(low, "abab") || strings.Contains(low, "171") || strings.Contains(low, "q6ur") {
				t.Errorf("%T: %s", v, s)
			}
		}
	}
	_, err = session.Seal(nil, 1, []Item{{ItemCode, secret}})
	if err == nil || strings.Contains(strings.ToLower(err.Error()), "abab") {
		t.Error(err)
	}
}

func TestSealDoesNotAllocate(t *testing.T) {
	s := load(t, "envelope")[0].session(t)
	items := []Item{item(ItemCertificate, 1500), validity(jpki.Auth), item(ItemCode, jpki.CodeLen)}
	buf := make([]byte, 0, 2000)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := s.Seal(buf, 1, items); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSeal(b *testing.B) {
	s := load(b, "envelope")[0].session(b)
	items := []Item{item(ItemCertificate, 1573), validity(jpki.Auth), item(ItemCode, jpki.CodeLen)}
	buf := make([]byte, 0, 2000)
	b.ReportAllocs()
	b.SetBytes(int64(itemsLen(items)))
	for b.Loop() {
		if _, err := s.Seal(buf, 1, items); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSession(b *testing.B) {
	v := load(b, "envelope")[0]
	o := v.order(b)
	st := OrderStatement{Header: Header{StatementOrder, o.Hash(), o.Counter}, Point: Point(v.EphemeralPoint)}
	key, card := v.contentKey(b), Card{AID: jpki.AIDInstance, Unattested: true}
	for b.Loop() {
		if _, err := Open(o, card, &st, key); err != nil {
			b.Fatal(err)
		}
	}
}
