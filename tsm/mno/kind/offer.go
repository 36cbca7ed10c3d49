package kind

import (
	"bytes"
	"fmt"
	"slices"

	"inkan/core/gp"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
)

// Offer is a service that a carrier and an SP-TSM have agreed on: what may be put
// on cards, and what it needs there.
type Offer struct {
	Service  string
	Provider tsmp.PartyID
	Models   []tsmp.Model // of those that the card's kind has
	Usages   []tsmp.Usage
	// Identifiers that were agreed on.
	Domains, Packages, Modules, Instances [][]byte
	// TARs are those that domains may be given beside what follows from their AIDs, 3
	// bytes each; none: none may.
	TARs [][]byte
	// Hashes of load files that were agreed on; empty: any with the provider's DAP, of
	// which tokens want that the carrier has seen it.
	Hashes [][32]byte
	// DAP verifies the provider's signature of load files; nil: none is demanded.
	DAP gp.ContentVerifier
	// NonVolatile and Volatile are the bytes that the service needs on a card: they
	// are kept for it from the declaration on.
	NonVolatile, Volatile uint64
	// System is the least version of an open operating system.
	System int
}

// Check tells what is wrong with an offer; nil: nothing.
func (o *Offer) Check() error {
	bad := func(s string) error { return fmt.Errorf("offer %q to %s: %s", o.Service, o.Provider, s) }
	switch {
	case o.Service == "" || len(o.Service) > tsmp.MaxService || !o.Provider.Valid():
		return bad("want a service of 1 to 64 bytes and a party")
	case len(o.Models) == 0 || len(o.Usages) == 0 || len(o.Domains) == 0:
		return bad("want a model, a usage and a domain at least")
	case len(o.Hashes) == 0 && o.DAP == nil:
		return bad("want hashes of load files, or a key that verifies their signatures")
	}
	for _, tar := range o.TARs {
		if len(tar) != len(scp80.TAR{}) || scp80.TAR(tar) == scp80.TARIssuerSD {
			return bad(fmt.Sprintf("TAR %X: want 3 bytes that are not the issuer's", tar))
		}
	}
	for _, list := range [][][]byte{o.Domains, o.Packages, o.Modules, o.Instances} {
		for _, b := range list {
			if _, err := gp.NewAID(b); err != nil {
				return bad(err.Error())
			}
		}
	}
	return nil
}

// Has reports whether an identifier is in a list of the offer.
func Has(list [][]byte, aid []byte) bool {
	return slices.ContainsFunc(list, func(b []byte) bool { return bytes.Equal(b, aid) })
}

// Scope is what a declaration of the service covers in one domain.
func (o *Offer) Scope(domain []byte) content.Scope {
	return content.Scope{Domain: domain, Packages: o.Packages, Modules: o.Modules, Instances: o.Instances, Hashes: o.Hashes}
}

// ModelsOn are the models that both the offer and a kind of card have.
func (o *Offer) ModelsOn(k *Kind) (models []tsmp.Model) {
	for _, m := range k.Models {
		if slices.Contains(o.Models, m) {
			models = append(models, m)
		}
	}
	return models
}
