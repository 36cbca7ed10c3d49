package os

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/confidential"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	"inkan/spec/req"
)

// putOne is PUT KEY of one AES key in the place of another.
func putOne(t testing.TB, host *scp.Secured, replaced, version, id byte, value []byte, want iso7816.SW) {
	t.Helper()
	k := gp.Key{Components: []gp.KeyValue{{Type: keys.AES, Value: value}}}
	f, err := k.Seal(host.Host.EncryptSensitive, gp.DEKBlockAES, true)
	if err != nil {
		t.Fatal(err)
	}
	do(t, host, gp.PutKey{KeyVersion: replaced, KeyID: id, NewKeyVersion: version, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}, want)
}

// TestCountersAfterKeys plays packets back after keys beside the one that
// authenticates them were replaced.
func TestCountersAfterKeys(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-114")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{})
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	packet, _, err := h.Seal(nil, scp80.TARIssuerSD, expanded(t, gp.GetData{Tag: gp.TagKeyInformation}))
	if err != nil {
		t.Fatal(err)
	}
	receive := func(want scp80.Status) {
		t.Helper()
		if out, err := card.Receive(packet); err != nil || out.Status != want {
			t.Fatalf("%v, %v, want %v", out.Status, err, want)
		}
	}
	receive(scp80.StatusOK)
	receive(scp80.StatusCounterLow)
	host := open(t, card, gp.AID{}, channelOf{version: 0x30})
	putOne(t, host, 1, 1, 3, keySet(0, 0x11).Enc, iso7816.OK) // KIK
	receive(scp80.StatusCounterLow)
	putOne(t, host, 1, 1, 2, set.MAC, iso7816.OK) // KID by itself
	receive(scp80.StatusCounterLow)
	putOne(t, host, 1, 1, 2, keySet(0, 0x12).Enc, iso7816.OK)
	if n := (otaCounter{card, issuerID, 1}).Load(); n != 0 {
		t.Errorf("a new KID begins with counter %d", n)
	}
}

// TestMovedKeys: keys that get another version take their counters with them.
func TestMovedKeys(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-114")
	card := newCard(t, Config{})
	for range 5 {
		open(t, card, gp.AID{}, channelOf{version: 0x30})
	}
	host := open(t, card, gp.AID{}, channelOf{version: 0x30})
	test := testKeySet()
	test.Version = 0x31
	putKeys(t, host, keys.AES, 0x30, test, iso7816.OK)
	if n := (sequence{card, issuerID, 0x31}).Load(); n != 6 {
		t.Errorf("the counter is %d, was 6", n)
	}
	open(t, card, gp.AID{}, channelOf{version: 0x31})
}

// TestReplayedAgreement plays a recorded set-up of keys back.
func TestReplayedAgreement(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-115")
	card := newCard(t, Config{})
	carrier := open(t, card, gp.AID{}, channelOf{level: 0x33})
	do(t, carrier, ssd(ssdAID, 0), iso7816.OK)
	template := confidential.Control(0x31, 16, false)
	control, err := template.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := (&gp.EphemeralPublicKey{Point: provider(t).PublicKey().Bytes(), Parameters: []byte{0}}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	storeAgreement(t, carrier, control, public, iso7816.OK)
	before := card.keySet(card.mustDomain(t, ssdAID), 0x31)
	storeAgreement(t, carrier, control, public, iso7816.ConditionsNotSatisfied)
	template = confidential.Control(0x31, 16, true)
	if control, err = template.Append(nil); err != nil {
		t.Fatal(err)
	}
	if after := card.keySet(card.mustDomain(t, ssdAID), 0x31); !bytes.Equal(before.Enc, after.Enc) {
		t.Error("refused, and the keys are others")
	}
	storeAgreement(t, carrier, control, public, iso7816.OK)
	if after := card.keySet(card.mustDomain(t, ssdAID), 0x31); bytes.Equal(before.Enc, after.Enc) {
		t.Error("not replaced")
	}
}

// TestChannelsOfOldKeys: who opened a channel with keys that are gone has none.
func TestChannelsOfOldKeys(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-116")
	for name, change := range map[string]func(t *testing.T, host *scp.Secured){
		"replaced": func(t *testing.T, host *scp.Secured) {
			putKeys(t, host, keys.AES, 0x31, keySet(0x31, 0x77), iso7816.OK)
		},
		"moved": func(t *testing.T, host *scp.Secured) {
			putKeys(t, host, keys.AES, 0x31, keySet(0x32, 0x77), iso7816.OK)
		},
		"deleted": func(t *testing.T, host *scp.Secured) {
			do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x31}, iso7816.OK)
		},
		"one of them": func(t *testing.T, host *scp.Secured) {
			do(t, host, gp.Delete{HasKeyID: true, KeyID: 3, HasKeyVersion: true, KeyVersion: 0x31}, iso7816.OK)
		},
		"other, not served": nil,
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{Channels: 3})
			first := keySet(0x31, 0x40)
			putKeys(t, open(t, card, gp.AID{}, channelOf{}), keys.AES, 0, first, iso7816.OK)
			old := inside(t, card, gp.AIDIssuerSecurityDomain, channelOf{version: 0x31, keys: first})
			status := func() error {
				_, err := gp.Exchange(ctx, old, gp.GetStatus{Subset: gp.SubsetIssuerSecurityDomain}, nil)
				return err
			}
			if err := status(); err != nil {
				t.Fatal(err)
			}
			host := open(t, card, gp.AID{}, channelOf{version: 0x30})
			if change == nil {
				putKeys(t, host, keys.AES, 0x30, keySet(0x30, 0x77), iso7816.OK)
				if err := status(); err != nil {
					t.Errorf("keys of another version were replaced: %v", err)
				}
				return
			}
			change(t, host)
			if err := status(); err != iso7816.SecurityStatusNotSatisfied {
				t.Errorf("the old channel: %v", err)
			}
			do(t, host, gp.GetStatus{Subset: gp.SubsetIssuerSecurityDomain}, iso7816.OK)
		})
	}
}

// inside selects a domain on channel 1 and opens a secure channel there.
func inside(t testing.TB, card *Card, aid gp.AID, o channelOf) apdu.Card {
	t.Helper()
	say(t, card, "0070000100", iso7816.OK)
	do(t, &gp.OnChannel{Card: card, Channel: 1}, gp.Select{Name: aid.Append(nil)}, iso7816.OK)
	o.channel = 1
	s, err := tryOpen(card, o)
	if err != nil {
		t.Fatal(err)
	}
	return &gp.OnChannel{Card: s, Channel: 1}
}

// TestParentsChannels: the carrier's channel with a domain that had no keys ends when
// the domain gets its own.
func TestParentsChannels(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-116")
	card := newCard(t, Config{Channels: 3})
	carrier := open(t, card, gp.AID{}, channelOf{level: 0x33})
	do(t, carrier, ssd(ssdAID, 0), iso7816.OK)
	within := inside(t, card, ssdAID, channelOf{})
	template := confidential.Control(0x31, 16, true)
	control, err := template.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := (&gp.EphemeralPublicKey{Point: provider(t).PublicKey().Bytes(), Parameters: []byte{0}}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	storeAgreement(t, carrier, control, public, iso7816.OK)
	if _, err := gp.Exchange(ctx, within, gp.GetStatus{Subset: gp.SubsetApplications}, nil); err != iso7816.SecurityStatusNotSatisfied {
		t.Errorf("the carrier is still in the domain: %v", err)
	}
}

// TestLastKeys: nothing that is done to keys leaves a card that nobody can manage.
func TestLastKeys(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-120")
	test := testKeySet()
	test.Version = 0x30
	card := newCard(t, Config{Issuer: Issuer{Keys: KeySet(keys.AES, test)}})
	host := open(t, card, gp.AID{}, channelOf{})
	for id := byte(1); id <= 3; id++ {
		do(t, host, gp.Delete{HasKeyID: true, KeyID: id}, iso7816.ConditionsNotSatisfied)
		do(t, host, gp.Delete{HasKeyID: true, KeyID: id, HasKeyVersion: true, KeyVersion: 0x30}, iso7816.ConditionsNotSatisfied)
	}
	putKeys(t, host, keys.AES, 0x30, keySet(0x75, 0x21), iso7816.ConditionsNotSatisfied) // ciphered load files
	putOne(t, host, 0x30, 0x40, 2, keySet(0, 0x21).Enc, iso7816.ConditionsNotSatisfied)
	psk := gp.Key{Components: []gp.KeyValue{{Type: keys.PSKTLS, Value: keySet(0, 0x21).Enc}}}
	f, err := psk.Seal(host.Host.EncryptSensitive, gp.DEKBlockAES, true)
	if err != nil {
		t.Fatal(err)
	}
	do(t, host, gp.PutKey{KeyVersion: 0x30, KeyID: 1, NewKeyVersion: 0x30, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}, iso7816.ConditionsNotSatisfied)
	open(t, card, gp.AID{}, channelOf{version: 0x30})
}

// TestPlainSessions: level 00 manages the card where the policy says so.
func TestPlainSessions(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-128", "SPEC-UICC-OS-129")
	for _, plain := range []bool{false, true} {
		for _, protocol := range []byte{gp.SCP02, gp.SCP03} {
			card := newCard(t, Config{Policy: Policy{PlainSessions: plain}})
			do(t, card, gp.Select{}, iso7816.OK)
			if got := failed(t, card, ssd(ssdAID, 0)); got != iso7816.SecurityStatusNotSatisfied {
				t.Errorf("without a session: %v", got)
			}
			host := openPlain(t, card, protocol)
			want := iso7816.SecurityStatusNotSatisfied
			if plain {
				want = iso7816.OK
			}
			do(t, host, ssd(ssdAID, 0), want)
			if _, there := card.entry(ssdAID); there != plain {
				t.Errorf("installed is %v", there)
			}
			if !plain {
				continue
			}
			own, kind := keySet(0x31, 0x21), keys.AES
			if protocol == gp.SCP02 {
				own, kind = keySet(0x21, 0x21), keys.DES
			}
			putKeys(t, host, kind, 0, own, iso7816.OK)
			loadPIN(t, host)
			installPIN(t, host, pinModule)
			do(t, host, gp.Delete{AID: pinPackage, Related: true}, iso7816.OK)
			if _, err := tryOpen(card, channelOf{protocol: protocol, version: own.Version, keys: own}); err != nil {
				t.Errorf("keys by a plain session: %v", err)
			}
			if got := failed(t, card, ssd(gp.MustAID("A0000001515350AA02"), 0)); got != iso7816.SecurityStatusNotSatisfied {
				t.Errorf("without C-MAC in a session that has it: %v", got)
			}
		}
	}
}

// openPlain opens a session of level 00 with the issuer's domain.
func openPlain(t testing.TB, card *Card, protocol byte) *scp.Secured {
	t.Helper()
	seed := entropy.Seeded(1, "host")
	var host scp.Host
	var err error
	if protocol == gp.SCP02 {
		host, err = scp02.Open(ctx, card, scp02.HostConfig{Options: 0x55, KeyVersion: 0x20, Entropy: seed, Keys: scp02.FixedKeys(testKeySet())})
	} else {
		host, err = scp03.Open(ctx, card, scp03.HostConfig{KeyVersion: 0x30, Entropy: seed, Keys: scp03.FixedKeys(testKeySet())})
	}
	if err != nil {
		t.Fatal(err)
	}
	return &scp.Secured{Host: host, Card: card}
}

// TestBlockedByStrangers: whoever blocks the issuer's channel by wrong cryptograms
// does not end the card, which gets new keys over the air.
func TestBlockedByStrangers(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-026", "SPEC-UICC-OS-127")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{Policy: Policy{FailureLimit: 4}})
	do(t, card, gp.Select{}, iso7816.OK)
	for range 4 {
		say(t, card, "8050300008000000000000000000", iso7816.OK)
		say(t, card, "848201001000000000000000000000000000000000", scp.ErrAuthentication)
	}
	say(t, card, "8050300008000000000000000000", iso7816.AuthenticationBlocked)
	next := keySet(0x30, 0x61)
	var fields []gp.KeyField
	for _, value := range [][]byte{next.Enc, next.MAC, next.DEK} {
		k := gp.Key{Components: []gp.KeyValue{{Type: keys.AES, Value: value}}}
		f, err := k.Seal(func(dst, src []byte) ([]byte, error) {
			return append(dst, encryptCBC(t, set.DEK, make([]byte, 16), src)...), nil
		}, gp.DEKBlockAES, true)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, f)
	}
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	got := results(t, run(t, card, h, scp80.TARIssuerSD, expanded(t, gp.PutKey{KeyVersion: 0x30, KeyID: 1, Multiple: true, NewKeyVersion: 0x30,
		Blocks: gp.AppendKeyFields(nil, fields)})))
	if len(got) != 1 || got[0][len(got[0])-4:] != "9000" {
		t.Fatalf("%q", got)
	}
	open(t, card, gp.AID{}, channelOf{version: 0x30, keys: next})
}

// TestDomainStaysDeletable: a domain's owner puts keys until the card takes no more; its
// issuer deletes it all the same.
func TestDomainStaysDeletable(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-145", "SPEC-UICC-OS-048")
	for name, next := range map[string]func(n byte) (version, id byte){
		"identifiers": func(n byte) (byte, byte) { return 0x31, n },
		"versions":    func(n byte) (byte, byte) { return n, 2 },
		"sets":        func(n byte) (byte, byte) { return 0x20 + (n-1)/3, 1 + (n-1)%3 },
	} {
		card := newCard(t, Config{})
		do(t, open(t, card, gp.AID{}, channelOf{}), ssd(ssdAID, 0), iso7816.OK)
		mine := open(t, card, ssdAID, channelOf{})
		put := byte(0)
		for sw := iso7816.OK; sw == iso7816.OK; put++ {
			version, id := next(put + 1)
			k := gp.Key{Components: []gp.KeyValue{{Type: keys.AES, Value: keySet(version, id).Enc}}}
			f, err := k.Seal(mine.Host.EncryptSensitive, gp.DEKBlockAES, true)
			if err != nil {
				t.Fatal(err)
			}
			if sw = failed(t, mine, gp.PutKey{KeyID: id, NewKeyVersion: version, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}); sw != iso7816.OK && sw != iso7816.NotEnoughMemory {
				t.Fatalf("%s: key %d is answered %v", name, put, sw)
			}
		}
		if n := len(card.keyList(card.mustDomain(t, ssdAID))); n != int(put)-1 || n < 30 {
			t.Errorf("%s: %d keys of %d", name, n, put-1)
		}
		if sw := failed(t, open(t, card, gp.AID{}, channelOf{}), gp.Delete{AID: ssdAID}); sw != iso7816.OK {
			t.Errorf("%s: DELETE is answered %v", name, sw)
		}
		if _, ok := card.entry(ssdAID); ok {
			t.Errorf("%s: the domain is there", name)
		}
	}
}
