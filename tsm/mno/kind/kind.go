// Package kind is kinds of SIM cards and of services as data: what an MNO-TSM knows
// of a carrier's cards beside each one's own row, and what it has agreed on with
// each SP-TSM.
//
// It must not know a single card, a subscription or a store. It implements
// spec/MNO-TSM.md, sections "Kinds of cards" and "Offers".
package kind

import (
	"errors"
	"fmt"
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
)

// Kind is what the SIM cards of one kind have in common. Values are shared and
// never changed.
type Kind struct {
	// Name is the profileId of GetSECapabilityProfileId: both sides have it as data.
	Name string
	// Owner is whose keys the cards have: the tenant itself, or the host carrier of a
	// light MVNO. Spec: SPEC-MNO-TSM-003.
	Owner tsmp.PartyID
	// Models are the deployment models that the carrier offers on it.
	Models []tsmp.Model
	// Issuer is the issuer's domain: SCP, key versions, TAR, SPI, block size, format.
	// Its keys name master keys; the card's diversification data are in its row.
	Issuer remote.Domain
	// Token is the HSM's label of the key that signs tokens; empty: no tokens, and no
	// delegated model.
	Token string
	// Receipt is the master of the cards' receipt keys; zero: none.
	Receipt hsm.KeyRef
	// Authority is the AID of the controlling authority's domain; nil: the cards have
	// none.
	Authority []byte
	// NonVolatile and Volatile are the bytes that are free on a new card.
	NonVolatile, Volatile uint64
	// NoSMS and NoRelay are bearers that do not reach the card: OTA keys that are not
	// there, a card without access rules for the UI app.
	NoSMS, NoRelay bool
}

// Check tells what is wrong with a kind; nil: nothing.
func (k *Kind) Check() error {
	bad := func(s string) error { return fmt.Errorf("kind %q: %s", k.Name, s) }
	switch {
	case k.Name == "" || len(k.Name) > tsmp.MaxProfileID:
		return bad("a name of 1 to 64 bytes")
	case !k.Owner.Valid():
		return bad("owner: want a party")
	case k.Issuer.AID.IsZero():
		return bad("the issuer's domain has no AID")
	case slices.Contains(k.Models, tsmp.ModelDelegated) && (k.Token == "" || k.Receipt.Zero()):
		return bad("the delegated model needs a token key and a receipt key")
	case k.NonVolatile > tsmp.MaxMemory || k.Volatile > tsmp.MaxMemory:
		return bad("memory: at most 16777215 bytes")
	}
	for _, ref := range []hsm.KeyRef{k.Issuer.PacketKeys, k.Issuer.ChannelKeys, k.Receipt} {
		if ref.Zero() {
			continue
		}
		if ref.Master == "" || len(ref.Diversification) > 0 {
			return bad("want keys of masters, without a card's diversification data")
		}
		if err := ref.Valid(); err != nil {
			return errors.Join(bad("keys"), err)
		}
	}
	return nil
}

// Reaches reports whether a bearer reaches cards of the kind at all.
func (k *Kind) Reaches(b tsmp.Bearer) bool {
	return k.Issuer.Reaches(b) && !(b == tsmp.BearerSMS && k.NoSMS) && !(b == tsmp.BearerRelay && k.NoRelay)
}

// maxParts is the most short messages whose packet is no longer than
// tsmp.MaxPacket.
const maxParts = 7

// Domain is the issuer's domain of one card, by its diversification data.
func (k *Kind) Domain(kdd []byte) remote.Domain {
	d := k.Issuer
	if d.Parts == 0 {
		d.Parts = maxParts
	}
	d.PacketKeys, d.ChannelKeys = of(d.PacketKeys, kdd), of(d.ChannelKeys, kdd)
	return d
}

// ReceiptKey is the receipt key of one card.
func (k *Kind) ReceiptKey(kdd []byte) hsm.KeyRef { return of(k.Receipt, kdd) }

func of(r hsm.KeyRef, kdd []byte) hsm.KeyRef {
	if !r.Zero() {
		r.Diversification = slices.Clone(kdd)
	}
	return r
}
