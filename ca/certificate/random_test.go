package certificate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys/testkeys"
	"inkan/core/entropy"
	profile "inkan/core/jpki/certificate"
)

// drawText draws a text with gaps inside, of at most limit characters.
func drawText(t *rapid.T, label string, limit int) string {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("見本花子東京都清瀬市一二三ＡＢＣあいうアイウ０１２Az09𠮷髙-・\u3000")), 1, limit, -1).Draw(t, label)
	if trimmed := strings.Trim(text, profile.Gap); trimmed != "" {
		return trimmed
	}
	return "見"
}

// drawBirth draws a day of birth from the beginning of Meiji to a time.
func drawBirth(t *rapid.T, to time.Time) profile.Date {
	first := time.Date(1868, 1, 25, 0, 0, 0, 0, profile.JST)
	days := int(to.Sub(first) / (24 * time.Hour))
	return profile.DateOf(first.AddDate(0, 0, rapid.IntRange(0, days).Draw(t, "day of birth")))
}

func drawPerson(t *rapid.T, birth profile.Date) *profile.Person {
	p := &profile.Person{Name: drawText(t, "name", profile.MaxName), Address: drawText(t, "address", profile.MaxAddress), Birth: profile.BirthOn(birth),
		Sex: rapid.SampledFrom([]profile.Sex{profile.Male, profile.Female, profile.SexUnknown, profile.SexNotApplicable}).Draw(t, "sex")}
	if rapid.Bool().Draw(t, "era not known") {
		p.Birth.Era = profile.EraUnknown
	}
	p.NameSubstitutes = profile.Substitutes(p.Name, rapid.SliceOfN(rapid.IntRange(0, profile.MaxName), 0, 3).Draw(t, "substitutes")...)
	p.AddressSubstitutes = profile.Substitutes(p.Address)
	return p
}

// TestRandom issues to random holders: what is read back is what was asked for,
// and no certificate ends after what it depends on.
func TestRandom(t *testing.T) {
	issuers := map[profile.Authority][]*certificate.Issuer{}
	for _, a := range profile.Authorities() {
		issuers[a] = []*certificate.Issuer{certificatetest.Issuer(t, a, 1), certificatetest.Issuer(t, a, 2), certificatetest.Issuer(t, a, 3)}
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]profile.Kind{profile.CardSignature, profile.CardAuthentication, profile.PhoneAuthentication}).Draw(t, "kind")
		issuer := rapid.SampledFrom(issuers[kind.Authority()]).Draw(t, "generation")
		span := int(issuer.Profile.NotAfter.Sub(certificatetest.Issued) / time.Second)
		from := certificatetest.Issued.Add(time.Duration(rapid.IntRange(0, span).Draw(t, "seconds after")) * time.Second)
		if from.Before(issuer.Profile.NotBefore) {
			from = issuer.Profile.NotBefore
		}
		birth := drawBirth(t, from)
		r := &certificate.Request{Kind: kind, Serial: rapid.Uint64Range(profile.FirstSerial, profile.MaxSerial).Draw(t, "serial"),
			PublicKey:    &testkeys.Holder(rapid.IntRange(1, testkeys.HolderCount).Draw(t, "key")).PublicKey,
			Municipality: rapid.SampledFrom(profile.Municipalities()).Draw(t, "municipality"), Birth: birth}
		if kind == profile.CardSignature {
			r.Person = drawPerson(t, birth)
		} else {
			r.Identifier = profile.NewIdentifier(entropy.Seeded(rapid.Uint64().Draw(t, "seed"), "identifier"))
		}
		if rapid.Bool().Draw(t, "depends") {
			r.Within = from.Add(time.Duration(rapid.IntRange(0, 5*366*86400).Draw(t, "card ends after")) * time.Second)
		}
		r.SetValidity(from, issuer)
		checkIssued(t, issuer, r)
	})
}

func checkIssued(t *rapid.T, issuer *certificate.Issuer, r *certificate.Request) {
	der, err := issuer.Sign(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := profile.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	type said struct {
		Kind                profile.Kind
		Serial              uint64
		NotBefore, NotAfter time.Time
		Partition, Area, ID string
		Person              *profile.Person
		Key                 profile.KeyID
	}
	want := said{r.Kind, r.Serial, r.NotBefore, r.NotAfter, r.Municipality.Partition(), r.Municipality.Area(), r.Identifier, r.Person, issuer.Profile.SubjectKeyID}
	got := said{c.Kind, c.Serial, c.NotBefore, c.NotAfter, c.Partition, c.Area, c.Identifier, c.Person, c.AuthorityKeyID}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if !c.PublicKey.Equal(r.PublicKey) {
		t.Fatal("another key")
	}
	for _, limit := range []time.Time{r.Within, issuer.Profile.NotAfter, profile.ValidUntil(r.NotBefore, r.Birth)} {
		if !limit.IsZero() && c.NotAfter.After(limit) {
			t.Fatalf("ends %s, after %s", c.NotAfter, limit)
		}
	}
}
