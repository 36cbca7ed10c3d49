package os

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/confidential"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// provider has an ephemeral key.
func provider(t testing.TB) *ecdh.PrivateKey {
	t.Helper()
	seed := sha256.Sum256([]byte("ephemeral"))
	k, err := ecdh.P256().NewPrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func groupings(control, public []byte) []byte {
	return tlv.AppendDGI(tlv.AppendDGI(nil, gp.DGIConfidentialControl, control), gp.DGIEphemeralPublicKey, public)
}

// TestConfidentialSetup sets up a domain's keys that the carrier does not know.
func TestConfidentialSetup(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-080", "SPEC-UICC-OS-081", "SPEC-UICC-OS-082", "SPEC-UICC-OS-083", "SPEC-UICC-OS-084", "SPEC-UICC-OS-085", "SPEC-UICC-OS-066")
	for _, c := range []struct {
		size   int
		random bool
	}{{16, false}, {16, true}, {24, true}, {32, true}} {
		card := newCard(t, Config{})
		carrier := open(t, card, gp.AID{}, channelOf{level: 0x33})
		do(t, carrier, ssd(ssdAID, 0), iso7816.OK)
		ephemeral := provider(t)
		template := confidential.Control(0x31, c.size, c.random)
		control, err := template.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		public, err := (&gp.EphemeralPublicKey{Point: ephemeral.PublicKey().Bytes(), Parameters: []byte{0}}).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		static, err := ecdh.P256().NewPublicKey(card.AgreementKey())
		if err != nil {
			t.Fatal(err)
		}
		store := func(control, public []byte, want iso7816.SW) []byte {
			t.Helper()
			return storeAgreement(t, carrier, control, public, want)
		}
		refusedAgreements(t, carrier, control, public)
		if list := card.keyList(card.mustDomain(t, ssdAID)); len(list) != 0 {
			t.Fatalf("%d keys after refusals", len(list))
		}
		var before *confidential.Keys
		for i := range 2 { // the second time keys are replaced
			if i > 0 && !c.random {
				break
			}
			r, err := gp.DecodeConfidentialResponse(store(control, public, iso7816.OK))
			if err != nil {
				t.Fatal(err)
			}
			agreed, err := confidential.Agree(ephemeral, static, control, &r)
			if err != nil {
				t.Fatal(err)
			}
			r.Receipt[0] ^= 1
			if _, err := confidential.Agree(ephemeral, static, control, &r); err != confidential.ErrReceipt {
				t.Errorf("a wrong receipt: %v", err)
			}
			open(t, card, ssdAID, channelOf{keys: agreed.KeySet(0x31), level: 0x33})
			if _, err := tryOpen(card, channelOf{version: 0x31}); err == nil {
				t.Error("the carrier's keys open the domain")
			}
			if before != nil && c.random && bytes.Equal(before.Enc, agreed.Enc) {
				t.Error("the card's random bytes change nothing")
			}
			before = agreed
			carrier = open(t, card, gp.AID{}, channelOf{level: 0x33})
		}
	}
	card := newCard(t, Config{Authority: &Authority{Off: true}})
	if card.AgreementKey() != nil || card.AuthorityKey() != nil {
		t.Error("an authority that is off has keys")
	}
	do(t, card, gp.Select{Name: gp.AIDCASD.Append(nil)}, iso7816.FileNotFound)
}

// storeAgreement sends both groupings to the supplementary domain by the one above.
func storeAgreement(t testing.TB, carrier apdu.Card, control, public []byte, want iso7816.SW) []byte {
	t.Helper()
	do(t, carrier, gp.Install{Purpose: gp.ForPersonalization, Application: ssdAID}, iso7816.OK)
	return do(t, carrier, gp.StoreData{Last: true, Structure: gp.StructureDGI, MayRespond: true, Data: groupings(control, public)}, want)
}

// refusedAgreements sends templates and a point that are not taken.
func refusedAgreements(t testing.TB, carrier apdu.Card, control, public []byte) {
	t.Helper()
	off := bytes.Clone(public)
	off[len(off)-5] ^= 1
	storeAgreement(t, carrier, control, off, iso7816.WrongData)
	scenario, version := confidential.Control(0x31, 16, false), confidential.Control(0x20, 16, false)
	scenario.Scenario = gp.ScenarioPush
	kind := confidential.Control(0x31, 16, false)
	kind.KeyType = []byte{0x80}
	for _, c := range []gp.ConfidentialControl{scenario, version, kind} {
		other, err := c.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		storeAgreement(t, carrier, other, public, iso7816.WrongData)
	}
	do(t, carrier, gp.StoreData{Last: true, Structure: gp.StructureDGI, Data: tlv.AppendDGI(nil, gp.DGIConfidentialControl, control)}, iso7816.WrongData)
}

// mustDomain is the ID of a domain.
func (c *Card) mustDomain(t testing.TB, aid gp.AID) domainID {
	t.Helper()
	e, ok := c.entry(aid)
	if !ok {
		t.Fatalf("no domain %v", aid)
	}
	return e.own
}

// TestDerivation fixes the keys of an agreement.
func TestDerivation(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-082", "SPEC-UICC-OS-083")
	c := confidential.Control(0x31, 16, false)
	p, err := confidential.PlanOf(&c)
	if err != nil {
		t.Fatal(err)
	}
	secret := bytes.Repeat([]byte{0x5A}, 32)
	k := p.Derive(secret, nil, nil)
	info := []byte{0x5C, 0x88, 0x10, 0x00}
	one := sha256.Sum256(append(append(bytes.Clone(secret), 0, 0, 0, 1), info...))
	two := sha256.Sum256(append(append(bytes.Clone(secret), 0, 0, 0, 2), info...))
	if !bytes.Equal(k.Enc, one[16:]) || !bytes.Equal(k.MAC, two[:16]) || !bytes.Equal(k.DEK, two[16:]) {
		t.Errorf("%X %X %X", k.Enc, k.MAC, k.DEK)
	}
}
