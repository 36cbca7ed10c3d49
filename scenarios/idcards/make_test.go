package idcards_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/jpki/cardsigner"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/scenarios/idcards"
	"inkan/sim/idcard"
	"inkan/spec/req"
)

// checkCard looks whether a card has all of its order, and signs with it.
func checkCard(t *testing.T, card *idcard.Card, o *idcards.Order) {
	t.Helper()
	ctx := t.Context()
	if c, err := basic.ReadCard(ctx, card); err != nil || c != o.Card {
		t.Fatalf("%v, %v", c, err)
	}
	if err := basic.Open(ctx, card, basic.EFPIN, []byte(o.PINs.Text)); err != nil {
		t.Fatal(err)
	}
	number, err := jpki.ReadFile(ctx, card, basic.EFNumber, nil)
	if n, failed := basic.DecodeNumber(number); err != nil || failed != nil || n != o.PersonalNumber {
		t.Fatalf("%v, %v", err, failed)
	}
	attributes, err := jpki.ReadFile(ctx, card, basic.EFAttributes, nil)
	if a, failed := basic.DecodeAttributes(attributes); err != nil || failed != nil || a != o.Attributes {
		t.Fatalf("%v, %v", err, failed)
	}
	digests, err := basic.ReadDigests(ctx, card)
	if err != nil || digests.Number != sha256.Sum256(number) {
		t.Fatal(err)
	}
	status, err := readStatus(ctx, card)
	if err != nil || status.Phase != jpki.Active || status.Form != jpki.FormCard {
		t.Fatalf("%+v, %v", status, err)
	}
	for _, role := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if o.Roles != 0 && !o.Roles.Has(role) {
			continue
		}
		pin := map[jpki.Role]string{jpki.Auth: o.PINs.Auth, jpki.Sign: o.PINs.Sign}[role]
		s, err := cardsigner.New(ctx, card, cardsigner.Config{Role: role, PIN: []byte(pin)})
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte("a message"))
		if _, err := s.Sign(nil, digest[:], crypto.SHA256); err != nil {
			t.Fatal(err)
		}
		if err := s.Certificate().CheckSignatureFrom(s.Authority()); err != nil {
			t.Fatal(err)
		}
		if key := o.Keys[role]; key != nil && !key.PublicKey.Equal(s.Public()) {
			t.Errorf("%v: another key than the delivered one", role)
		}
	}
}

func readStatus(ctx context.Context, card *idcard.Card) (jpki.Status, error) {
	if _, err := gp.Exchange(ctx, card, jpki.SelectApplication{}, nil); err != nil {
		return jpki.Status{}, err
	}
	return jpki.ReadStatus(ctx, card)
}

// Cards with delivered keys, with keys of their own, and for a child.
func TestMake(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-013", "SPEC-IDCARD-016")
	delivered := order(t, 5)
	own := order(t, 6)
	own.Keys = nil
	child := order(t, 7)
	child.Roles = jpki.Auth
	for name, o := range map[string]idcards.Order{"delivered": delivered, "on the card": own, "child": child} {
		t.Run(name, func(t *testing.T) {
			card := made(t, o)
			checkCard(t, card, &o)
			if name != "child" {
				return
			}
			if n := tries(t, card, jpki.Sign); n != 0 {
				t.Errorf("%d tries of a PIN that there is not", n)
			}
			if b, err := jpki.ReadFile(t.Context(), card, jpki.EFAvailability, nil); err != nil || !bytes.Equal(b, []byte{0, 0x8F, 0}) {
				t.Errorf("availability %X, %v", b, err)
			}
		})
	}
}

// Holders of demonstrations have whole cards, the same for the same seed.
func TestOpen(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001", "SPEC-IDCARD-013")
	for _, h := range idcards.Holders() {
		card, err := idcards.Open(t.Context(), h.Name, 4)
		if err != nil {
			t.Fatal(err)
		}
		o, err := h.Order()
		if err != nil {
			t.Fatal(err)
		}
		checkCard(t, card, &o)
		if h.Name != "taro" {
			continue
		}
		again, err := idcards.Open(t.Context(), h.Name, 4)
		if err != nil {
			t.Fatal(err)
		}
		var a, b bytes.Buffer
		checkCard(t, again, &o)
		if err := errors.Join(card.Flash.Snapshot(&a), again.Flash.Snapshot(&b)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: two cards of one seed differ, %v", h.Name, err)
		}
	}
	if _, err := idcards.Open(t.Context(), "nobody", 1); err == nil || !strings.Contains(err.Error(), "taro, hanako, kenta") {
		t.Error(err)
	}
}

// After personalisation the batch's keys open nothing, and those of the card's
// number do; another card's do not.
func TestOwnKeys(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-015")
	card := made(t, order(t, 8))
	open := func(set scp.KeySet) error {
		if _, err := gp.Exchange(t.Context(), card, gp.Select{}, nil); err != nil {
			return err
		}
		_, err := scp03.Open(t.Context(), card, scp03.HostConfig{Keys: scp03.FixedKeys(&set), KeyVersion: set.Version,
			Level: scp.CMAC, Entropy: entropy.Seeded(1, "host")})
		return err
	}
	if err := open(idcard.BatchKeys()); err == nil {
		t.Error("the batch's keys open a channel")
	}
	for number, want := range map[uint32]bool{8: true, 9: false} {
		set, err := idcard.Keys(number)
		if err != nil {
			t.Fatal(err)
		}
		if err := open(set); (err == nil) != want {
			t.Errorf("keys of card %d: %v", number, err)
		}
	}
	kdd := idcard.KDD(8)
	data, err := gp.Exchange(t.Context(), card, gp.GetData{Tag: gp.TagDiversificationData}, nil)
	if err != nil || !bytes.HasSuffix(data, kdd[:]) {
		t.Errorf("diversification data %X, %v", data, err)
	}
}

// Orders that cannot be are refused before anything is sent.
func TestOrdersRefused(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-017")
	good := order(t, 10)
	for name, spoil := range map[string]func(*idcards.Order){
		"another key": func(o *idcards.Order) {
			o.Keys = map[jpki.Role]*rsa.PrivateKey{jpki.Auth: keyOf(&good, jpki.Sign), jpki.Sign: keyOf(&good, jpki.Sign)}
			o.Certify = given(t, &good)
		},
		"one key":         func(o *idcards.Order) { o.Keys = map[jpki.Role]*rsa.PrivateKey{jpki.Auth: keyOf(&good, jpki.Auth)} },
		"no certifier":    func(o *idcards.Order) { o.Certify = nil },
		"no certificate":  func(o *idcards.Order) { o.Certify = idcards.Given(nil) },
		"another CA":      func(o *idcards.Order) { o.Certify = swapped(t, &good) },
		"sign alone":      func(o *idcards.Order) { o.Roles = jpki.Sign },
		"auth PIN":        func(o *idcards.Order) { o.PINs.Auth = "12345" },
		"sign PIN":        func(o *idcards.Order) { o.PINs.Sign = "abc123" },
		"text PIN":        func(o *idcards.Order) { o.PINs.Text = "" },
		"personal number": func(o *idcards.Order) { o.PersonalNumber = "123456789012" },
		"record":          func(o *idcards.Order) { o.Card.Serial = "1" },
		"attributes":      func(o *idcards.Order) { o.Attributes.Name = "" },
		"security code":   func(o *idcards.Order) { o.SecurityCode = "1" },
	} {
		o := order(t, 10)
		spoil(&o)
		card := &counted{Card: body(t, idcard.Parts{Number: 10})}
		if err := maker(t).Personalise(t.Context(), card, o); err == nil || card.n > 0 {
			t.Errorf("%s: %v after %d commands", name, err, card.n)
		}
	}
}

// given has the certificates of an order.
func given(t *testing.T, o *idcards.Order) idcards.Certifier {
	t.Helper()
	all := map[jpki.Role]idcards.Certified{}
	for _, role := range []jpki.Role{jpki.Auth, jpki.Sign} {
		c, err := o.Certify(t.Context(), role, &o.Keys[role].PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		all[role] = c
	}
	return idcards.Given(all)
}

// swapped has certificates with each other's authority.
func swapped(t *testing.T, o *idcards.Order) idcards.Certifier {
	certify := given(t, o)
	return func(ctx context.Context, role jpki.Role, public *rsa.PublicKey) (idcards.Certified, error) {
		c, err := certify(ctx, role, public)
		if err != nil {
			return c, err
		}
		other, err := certify(ctx, jpki.Both-role, public)
		c.CA = other.CA
		return c, err
	}
}

// Everything between the selection of the domain and the hand-over is in a secure
// channel.
func TestProtected(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-016")
	card := &counted{Card: body(t, idcard.Parts{Number: 11})}
	if err := maker(t).Personalise(t.Context(), card, order(t, 11)); err != nil {
		t.Fatal(err)
	}
	for i, c := range card.commands {
		switch {
		case strings.HasPrefix(c, "84"):
		case i == 0 && c == "00A4", i == 1 && c == "8050", i >= len(card.commands)-3 && (c == "00A4" || c == "002C"):
		default:
			t.Errorf("command %d is %s", i, c)
		}
	}
	t.Logf("%d commands", card.n)
}

// The two readers are one card: a PIN's tries, contactless policy, and files.
func TestContactless(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-011", "SPEC-IDCARD-013")
	o := order(t, 12)
	card := made(t, o)
	wrong := jpki.Verify{PIN: jpki.EFAuthPIN.Reference(), Value: []byte("9999")}
	air, err := card.Another(idcard.Parts{Number: 12, Contactless: true})
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, air, &o)
	tries(t, air, jpki.Auth)
	if _, err := gp.Exchange(t.Context(), air, wrong, nil); !errors.Is(err, iso7816.SW(0x63C2)) {
		t.Error(err)
	}
	back, err := air.Another(idcard.Parts{Number: 12})
	if err != nil {
		t.Fatal(err)
	}
	if n := tries(t, back, jpki.Auth); n != 2 {
		t.Errorf("%d tries, want 2", n)
	}
}
