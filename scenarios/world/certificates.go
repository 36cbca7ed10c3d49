package world

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// register is what is read of the authority's registry.
type register interface {
	EachCertificate(au certificate.Authority, from uint64, each func(c *record.Certificate) error) error
	Evidence(h record.Hash) (evidence []byte, found bool, err error)
}

// certificates makes sure of the phones' certificates: one live one a person, and each
// live one by a card's receipt that is kept.
func certificates(r register, now time.Time) error {
	var wrong []error
	live := map[record.PersonID]uint64{}
	err := r.EachCertificate(certificate.AuthenticationAuthority, 0, func(c *record.Certificate) error {
		if c.Kind != certificate.PhoneAuthentication || !c.Live(now) {
			return nil
		}
		if other, there := live[c.Person]; there {
			wrong = append(wrong, fmt.Errorf("SPEC-WORKFLOW-001: the certificates %d and %d are both live for the person %v", other, c.Serial, c.Person))
		}
		live[c.Person] = c.Serial
		receipt, found, err := r.Evidence(c.Receipt)
		if err == nil && (!found || sha256.Sum256(receipt) != c.Receipt) {
			wrong = append(wrong, fmt.Errorf("SPEC-WORKFLOW-002: the certificate %d is %v without a receipt of its card", c.Serial, c.State))
		}
		return err
	})
	return errors.Join(append(wrong, err)...)
}

// known makes sure that the certificate on a SIM is a live one of the authority's, for
// that SIM.
func (b *books) known(t *Traces) error {
	if len(t.Certificate) == 0 {
		return fmt.Errorf("a key is on it without certificate, in the phase %v, and nobody erases it", t.Phase)
	}
	hash := record.Hash(sha256.Sum256(t.Certificate))
	for _, i := range b.instances[t.SE] {
		all, err := b.register.OfPhone(record.PhoneID(i.Phone))
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.DER != hash {
				continue
			}
			if c.State != certificate.Active && c.State != certificate.Suspended {
				return fmt.Errorf("its certificate %d is %v, and nobody erases the key", c.Serial, c.State)
			}
			return nil
		}
	}
	return errors.New("the authority does not know the certificate that is on it")
}
