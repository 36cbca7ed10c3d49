package os

import (
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp/confidential"
	"inkan/spec/req"
)

// TestAgreedVersions has keys of each kind agreed on: a domain without SCP03, or one
// that only packets reach, is handed over too.
func TestAgreedVersions(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-081", "SPEC-UICC-OS-082")
	ephemeral := provider(t)
	public, err := (&gp.EphemeralPublicKey{Point: ephemeral.PublicKey().Bytes(), Parameters: []byte{0}}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		version byte
		kind    keys.Type
		size    int
		want    iso7816.SW
	}{
		{0x01, keys.AES, 16, iso7816.OK}, {0x0F, keys.DES, 16, iso7816.OK}, {0x20, keys.DES, 24, iso7816.OK}, {0x30, keys.AES, 32, iso7816.OK},
		{0x20, keys.AES, 16, iso7816.WrongData}, {0x30, keys.DES, 16, iso7816.WrongData}, {0x20, keys.DES, 8, iso7816.WrongData},
		{0x01, keys.DES, 32, iso7816.WrongData}, {0x70, keys.AES, 16, iso7816.WrongData}, {0x40, keys.AES, 16, iso7816.WrongData},
		{0x01, keys.TripleDESCBC, 16, iso7816.WrongData},
	} {
		card := newCard(t, Config{})
		carrier := open(t, card, gp.AID{}, channelOf{level: 0x33})
		do(t, carrier, ssd(ssdAID, 0), iso7816.OK)
		template := (&confidential.Plan{Version: c.version, Type: c.kind, SizeBytes: c.size, Random: true}).Control()
		control, err := template.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		storeAgreement(t, carrier, control, public, c.want)
		list := card.keyList(card.mustDomain(t, ssdAID))
		if c.want != iso7816.OK {
			if len(list) != 0 {
				t.Errorf("%02X %v of %d bytes: %d keys after a refusal", c.version, c.kind, c.size, len(list))
			}
			continue
		}
		if len(list) != 3 || list[0].version != c.version || list[2].values[0].Type != c.kind {
			t.Errorf("%02X %v: keys %v", c.version, c.kind, list)
		}
	}
}
