package idcards

import (
	"context"
	"crypto/rsa"
	"fmt"
	"strings"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/jpki/certificate"
	"inkan/scenarios/personalise"
	"inkan/sim/idcard"
)

// Holder is somebody with a card for demonstrations. Nobody has these numbers.
type Holder struct {
	Name       string // to ask for: a to z
	Number     uint32 // of the card
	Card       basic.Card
	Attributes basic.Attributes
	Eleven     string // digits of the personal number, without check digit
	Security   string // code on the card's face
	Roles      jpki.Role
}

// Holders are those of demonstrations: an adult, another in another municipality,
// and a child without signature certificate.
func Holders() []Holder {
	return []Holder{
		{Name: "taro", Number: 1, Card: basic.Card{Serial: "900000000000001", Municipality: "13101", Expiry: basic.Date{Year: 2035, Month: time.April, Day: 1}},
			Attributes: basic.Attributes{Name: "印鑑\u3000太郎", Address: "東京都千代田区見本町一丁目２番３号", Birth: basic.Date{Year: 1984, Month: time.April, Day: 1}, Sex: basic.Male},
			Eleven:     "00000000001", Security: "0001", Roles: jpki.Both},
		{Name: "hanako", Number: 2, Card: basic.Card{Serial: "900000000000002", Municipality: "27100", Expiry: basic.Date{Year: 2036, Month: time.February, Day: 29}},
			Attributes: basic.Attributes{Name: "印鑑\u3000花子", Address: "大阪府大阪市見本区例示二丁目４番５－６０１号", Birth: basic.Date{Year: 1996, Month: time.February, Day: 29}, Sex: basic.Female},
			Eleven:     "00000000002", Security: "0002", Roles: jpki.Both},
		{Name: "kenta", Number: 3, Card: basic.Card{Serial: "900000000000003", Municipality: "13101", Expiry: basic.Date{Year: 2030, Month: time.August, Day: 8}},
			Attributes: basic.Attributes{Name: "印鑑\u3000健太", Address: "東京都千代田区見本町一丁目２番３号", Birth: basic.Date{Year: 2014, Month: time.August, Day: 8}, Sex: basic.Male},
			Eleven:     "00000000003", Security: "0003", Roles: jpki.Auth},
	}
}

// HolderNamed finds a holder; the error names those that there are.
func HolderNamed(name string) (Holder, error) {
	var names []string
	for _, h := range Holders() {
		if h.Name == name {
			return h, nil
		}
		names = append(names, h.Name)
	}
	return Holder{}, fmt.Errorf("no holder of a card is called %q: want one of %s", name, strings.Join(names, ", "))
}

// Order is the order of the holder's card without keys and certificates, with
// DemoPINs.
func (h *Holder) Order() (Order, error) {
	number, err := basic.NewNumber(h.Eleven)
	return Order{Number: h.Number, Card: h.Card, Attributes: h.Attributes, PersonalNumber: number, SecurityCode: h.Security,
		PINs: DemoPINs, Roles: h.Roles}, err
}

// WithTestCA completes an order with delivered keys and with certificates of the
// service's profile by its published test keys: all of it follows from the seed and the card's number.
func (o *Order) WithTestCA(seed uint64, now time.Time) error {
	o.Seed, o.Keys = seed, map[jpki.Role]*rsa.PrivateKey{}
	authorities := map[jpki.Role]*personalise.TestCA{}
	for _, role := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if !o.Roles.Has(role) {
			continue
		}
		key, err := personalise.SeededKey(seed, fmt.Sprintf("idcards/delivered key %d %v", o.Number, role))
		if err != nil {
			return err
		}
		o.Keys[role] = key
		if authorities[role], err = personalise.NewTestCA(role, now); err != nil {
			return err
		}
		authorities[role].From(certificate.FirstSerial + 1 + uint64(o.Number))
	}
	o.Certify = func(_ context.Context, role jpki.Role, public *rsa.PublicKey) (Certified, error) {
		a := authorities[role]
		s, err := o.subject(role)
		if err != nil {
			return Certified{}, err
		}
		der, _, err := a.Issue(public, s, now)
		return Certified{der, a.Certificate.Raw}, err
	}
	return nil
}

// subject is what the certificate of a role says of the holder: what the card's other
// applications say.
func (o *Order) subject(role jpki.Role) (s personalise.Subject, err error) {
	m, known := certificate.MunicipalityOf(o.Card.Municipality)
	if !known { // a city of wards, as a whole
		if m, err = certificate.NewMunicipality(o.Card.Municipality, "Osaka-fu", "Osaka-shi"); err != nil {
			return s, err
		}
	}
	a := o.Attributes
	e := o.Card.Expiry
	s = personalise.Subject{Kind: certificate.CardAuthentication, Identifier: fmt.Sprintf("INKAN0%08d", o.Number), Municipality: m, Birth: certificate.Date(a.Birth),
		Within: time.Date(e.Year, e.Month, e.Day, 23, 59, 59, 0, certificate.JST).UTC()}
	if role == jpki.Sign {
		s.Kind, s.Identifier = certificate.CardSignature, ""
		s.Person = &certificate.Person{Name: a.Name, NameSubstitutes: certificate.Substitutes(a.Name), Birth: certificate.BirthOn(s.Birth), Sex: certificate.Sex(a.Sex),
			Address: a.Address, AddressSubstitutes: certificate.Substitutes(a.Address)}
	}
	return s, nil
}

// Open makes the card of a holder for demonstrations, with certificates of test
// authorities and DemoPINs. Everything follows from the seed.
func Open(ctx context.Context, name string, seed uint64) (*idcard.Card, error) {
	return OpenWith(ctx, name, seed, idcard.Parts{Entropy: entropy.Seeded(seed, "idcards/card of "+name)})
}

// OpenWith is Open with other parts; their memory and number are the holder's.
func OpenWith(ctx context.Context, name string, seed uint64, parts idcard.Parts) (*idcard.Card, error) {
	h, err := HolderNamed(name)
	if err != nil {
		return nil, err
	}
	m, err := NewMaker(ctx, entropy.Seeded(seed, "idcards/maker"))
	if err != nil {
		return nil, err
	}
	o, err := h.Order()
	if err != nil {
		return nil, err
	}
	if err := o.WithTestCA(seed, personalise.DefaultNow); err != nil {
		return nil, err
	}
	return m.MakeWith(ctx, o, parts)
}
