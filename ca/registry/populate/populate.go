// Package populate fills a registry with made-up persons, for benchmarks and
// tests of size.
//
// It goes through the registry's own Import, so that what it makes passes the
// registry's check. It must not know the store. It implements no spec.
package populate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Plan is what to make.
type Plan struct {
	Persons int
	// Municipalities is how many there are, which the persons are dealt to in turn.
	Municipalities int
	// RevokedOf says that every n-th person's certificates are revoked; 0 is none.
	RevokedOf int
	// Phones says that every n-th person has a phone's certificate; 0 is none.
	Phones int
	Now    time.Time
}

// batch is how many persons are imported in one commit.
const batch = 500

// Fill makes the persons, each with a card and its two certificates.
func Fill(ctx context.Context, r *registry.Registry, p Plan) error {
	towns := make([]certificate.Municipality, max(p.Municipalities, 1))
	for i := range towns {
		var err error
		towns[i], err = certificate.NewMunicipality(fmt.Sprintf("%05d", 1000+i), "Model-ken", "Machi"+letters(i)+"-shi")
		if err != nil {
			return err
		}
	}
	cause := registry.Cause{Actor: registry.Operator}
	persons := make([]registry.Import, 0, batch)
	for i := range p.Persons {
		persons = append(persons, p.person(i, towns[i%len(towns)]))
		if len(persons) == batch || i == p.Persons-1 {
			if _, err := r.Import(ctx, persons, cause); err != nil {
				return err
			}
			persons = persons[:0]
		}
	}
	return nil
}

// letters writes a number with the letters a to z.
func letters(n int) string {
	b := []byte{byte('a' + n/676%26), byte('a' + n/26%26), byte('a' + n%26)}
	return string(b)
}

func (p *Plan) person(i int, town certificate.Municipality) registry.Import {
	birth := certificate.Date{Year: 1940 + i%60, Month: time.Month(1 + i%12), Day: 1 + i%28}
	person := registry.Import{Birth: birth, CardNotAfter: p.Now.AddDate(9, 0, 0),
		Attributes: record.Attributes{Name: fmt.Sprintf("模型　%d", i), Address: fmt.Sprintf("模型町%d", i), Sex: record.Sex(1 + i%2), Municipality: town}}
	state, reason := certificate.Active, certificate.Unspecified
	if p.RevokedOf > 0 && i%p.RevokedOf == 0 {
		state, reason = certificate.Revoked, certificate.Superseded
	}
	kinds := []certificate.Kind{certificate.CardSignature, certificate.CardAuthentication}
	if p.Phones > 0 && i%p.Phones == 0 {
		kinds = append(kinds, certificate.PhoneAuthentication)
	}
	for _, kind := range kinds {
		person.Certificates = append(person.Certificates, registry.ImportedCertificate{Kind: kind, Generation: 1, NotBefore: p.Now,
			NotAfter: certificate.ValidUntil(p.Now, birth), Key: key(i, kind), State: state, Since: p.Now, Reason: reason})
	}
	return person
}

// key is a hash that stands for a made-up key.
func key(i int, kind certificate.Kind) record.Hash {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte{byte(kind)}, uint64(i)))
}
