package os

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/spec/req"
)

func encryptCBC(t testing.TB, key, icv, plain []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, icv).CryptBlocks(out, plain)
	return out
}

// image is the bytes of the card's memory.
func image(card *Card) []byte {
	f := card.Machine().Flash()
	b := make([]byte, f.Size())
	f.Read(0, b)
	return b
}

// TestPutKey puts keys and uses them; what is replaced or deleted is overwritten.
func TestPutKey(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-045", "SPEC-UICC-OS-049", "SPEC-UICC-OS-060")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	first := keySet(0x32, 0x90)
	putKeys(t, host, keys.AES, 0x30, first, iso7816.OK)
	if !bytes.Contains(image(card), first.Enc) {
		t.Fatal("keys are not where this test looks")
	}
	next := keySet(0x32, 0x11)
	host = open(t, card, gp.AID{}, channelOf{keys: first, level: 0x33})
	putKeys(t, host, keys.AES, 0x32, next, iso7816.OK)
	for _, key := range [][]byte{first.Enc, first.MAC, first.DEK} {
		if bytes.Contains(image(card), key) {
			t.Error("a replaced key is in the memory")
		}
	}
	host = open(t, card, gp.AID{}, channelOf{keys: next, level: 0x33})
	des := keySet(0x21, 0x70)
	putKeys(t, host, keys.DES, 0, des, iso7816.OK)
	putKeys(t, host, keys.DES, 0, des, iso7816.WrongData)
	putKeys(t, host, keys.DES, 0x2F, des, iso7816.ReferencedDataNotFound)
	host = open(t, card, gp.AID{}, channelOf{protocol: gp.SCP02, keys: des, version: 0x21, level: scp.CMAC})
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x20}, iso7816.OK)
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x20}, iso7816.ReferencedDataNotFound)
	list, err := gp.DecodeKeyInformation(do(t, host, gp.GetData{Tag: gp.TagKeyInformation}, iso7816.OK))
	if err != nil || len(list) != 6 {
		t.Errorf("%+v, %v", list, err)
	}
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x21, HasKeyID: true, KeyID: 3}, iso7816.OK)
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x21}, iso7816.OK)
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x32}, iso7816.ConditionsNotSatisfied)
	if bytes.Contains(image(card), des.Enc) {
		t.Error("a deleted key is in the memory")
	}
	open(t, card, gp.AID{}, channelOf{keys: next})
}

// TestPutKeyForms sends the encodings that hosts send, in hex.
func TestPutKeyForms(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-060")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	dek := keys.TestKey()
	key := keySet(0, 0x42).Enc
	sealed := encryptCBC(t, dek, make([]byte, 16), key)
	kcv, err := keys.CheckValue(keys.AES, key)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		form []byte
		want iso7816.SW
	}{
		{append(append([]byte{0x88, 0x11, 0x10}, sealed...), 3, kcv[0], kcv[1], kcv[2]), iso7816.OK},
		{append(append([]byte{0x88, 0x10}, sealed...), 3, kcv[0], kcv[1], kcv[2]), iso7816.OK},
		{append(append([]byte{0x88, 0x10}, sealed...), 0), iso7816.OK},
		{append(append([]byte{0x88, 0x10}, sealed...), 3, kcv[0], kcv[1], kcv[2]^1), iso7816.WrongData},
		{append(append([]byte{0x88, 0x0F}, sealed[:15]...), 0), iso7816.WrongData},
		{append(append([]byte{0x88, 0x11, 0x0F}, sealed...), 0), iso7816.WrongData},
		{append(append([]byte{0xB0, 0x41, 0x04}, make([]byte, 64)...), 0xF0, 1, 0, 0), iso7816.WrongData}, // not on the curve
	} {
		before := len(card.keyList(issuerID))
		out := do(t, host, gp.PutKey{KeyID: 1, NewKeyVersion: 0x50 + byte(i), Blocks: c.form}, c.want)
		if c.want == iso7816.OK && !bytes.Equal(out, append([]byte{0x50 + byte(i)}, kcv[:]...)) {
			t.Errorf("form %d: %X", i, out)
		}
		if c.want != iso7816.OK && len(card.keyList(issuerID)) != before {
			t.Errorf("form %d: a refused key is there", i)
		}
	}
}

// TestFactoryKeys: the first key set takes the initial one away.
func TestFactoryKeys(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-061")
	factory := testKeySet()
	factory.Version = 0xFF
	card := newCard(t, Config{Issuer: Issuer{Keys: KeySet(keys.AES, factory)}})
	host := open(t, card, gp.AID{}, channelOf{})
	own := keySet(0x30, 0x21)
	putKeys(t, host, keys.AES, 0, own, iso7816.OK)
	open(t, card, gp.AID{}, channelOf{keys: own})
	say(t, card, "8050FF0008000000000000000000", iso7816.ReferencedDataNotFound)
}

// TestGetData reads what hosts read.
func TestGetData(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-062", "SPEC-UICC-OS-065")
	certificate := append([]byte{0x7F, 0x21, 0x82, 0x02, 0x00}, bytes.Repeat([]byte{0xC7}, 512)...)
	card := newCard(t, Config{Issuer: Issuer{KDD: [10]byte{1, 2, 3}, IIN: []byte{0x42}, CIN: []byte{0x45}, CPLC: gp.CPLC{ICFabricator: 0x4790}},
		Authority: &Authority{Certificate: certificate}})
	for _, tag := range []string{"0066", "0067", "9F7F", "0042", "0045", "00CF", "00C1", "00C2", "00D3", "00E0", "FF21"} {
		if b := say(t, card, "80CA"+tag+"00", iso7816.OK); len(b) < 3 {
			t.Errorf("%s: %X", tag, b)
		}
		say(t, card, "00CA"+tag+"00", iso7816.OK)
	}
	say(t, card, "80CA5F5000", iso7816.ReferencedDataNotFound)
	say(t, card, "80CA7F2100", iso7816.ReferencedDataNotFound)
	say(t, card, "80CA2F00025C0000", iso7816.SecurityStatusNotSatisfied)
	if b := say(t, card, "80CA00CF00", iso7816.OK); !bytes.Equal(b, unhex(t, "CF0A01020300000000000000")) {
		t.Errorf("CF: %X", b)
	}
	if p, err := gp.DecodeCPLC(say(t, card, "80CA9F7F00", iso7816.OK)); err != nil || p.ICFabricator != 0x4790 {
		t.Errorf("%+v, %v", p, err)
	}
	do(t, card, gp.Select{Name: gp.AIDCASD.Append(nil)}, iso7816.OK)
	got := say(t, card, "80CA7F2100", 0x6100)
	got = append(got, say(t, card, "00C0000000", 0x6105)...)
	got = append(got, say(t, card, "00C0000005", iso7816.OK)...)
	if !bytes.Equal(got, certificate) {
		t.Errorf("certificate: %X", got)
	}
	host := open(t, card, gp.AID{}, channelOf{level: 0x33})
	if aids, err := gp.DecodeApplications(do(t, host, gp.GetData{Tag: gp.TagApplications, Data: []byte{0x5C, 0}}, iso7816.OK)); err != nil || len(aids) != 1 {
		t.Errorf("%v, %v", aids, err)
	}
}

// TestStatusForms asks for the registry in both forms, and goes on after 6310.
func TestStatusForms(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-063")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{level: 0x33})
	for i := range 12 {
		do(t, host, ssd(gp.MustAID("A0000001515350AA"+"0"+string("0123456789AB"[i])), 0), iso7816.OK)
	}
	if n := len(statusOf(t, host, gp.SubsetApplications)); n != 13 {
		t.Errorf("%d applications", n)
	}
	for _, g := range []gp.GetStatus{{Legacy: true}, {Tags: gp.TagList{0x4F, 0x9F, 0x70, 0xC5, 0xCC}}} {
		n := 0
		g.Subset = gp.SubsetApplications
		if err := gp.Status(ctx, host, g, func(*gp.Entry) error { n++; return nil }); err != nil || n != 13 {
			t.Errorf("%+v: %d, %v", g, n, err)
		}
	}
	do(t, host, gp.GetStatus{Subset: gp.SubsetApplications, AID: unhex(t, "A0FF")}, iso7816.ReferencedDataNotFound)
	do(t, host, gp.GetStatus{Subset: gp.SubsetApplications, Next: true}, iso7816.ConditionsNotSatisfied)
}

// TestStoreData stores the domain's own data.
func TestStoreData(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-067", "SPEC-UICC-OS-068")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	store := func(structure gp.DataStructure, data string, want iso7816.SW) {
		t.Helper()
		do(t, host, gp.StoreData{Last: true, Structure: structure, Data: unhex(t, data)}, want)
	}
	store(gp.StructureBERTLV, "420444556677", iso7816.OK)
	store(gp.StructureNotSaid, "4502AABB", iso7816.OK)
	store(gp.StructureDGI, "0070065F5003666F6F"+"00CF0A00010203040506070809", iso7816.OK)
	store(gp.StructureNotSaid, "9F66081111111111111111", iso7816.OK)
	store(gp.StructureNotSaid, "9F67082222222222222222", iso7816.OK)
	store(gp.StructureBERTLV, "4201009F7F0100", iso7816.ReferencedDataNotFound)
	store(gp.StructureBERTLV, "CF0100", iso7816.WrongData)
	store(gp.StructureDGI, "0FFF0100", iso7816.ReferencedDataNotFound)
	for tag, want := range map[string]string{"0042": "420444556677", "0045": "4502AABB", "5F50": "5F5003666F6F", "00CF": "CF0A00010203040506070809"} {
		if b := say(t, host, "80CA"+tag+"00", iso7816.OK); !bytes.Equal(b, unhex(t, want)) {
			t.Errorf("%s: %X", tag, b)
		}
	}
	b := say(t, host, "80CA9F7F00", iso7816.OK)
	if !bytes.Contains(b, unhex(t, "22222222222222221111111111111111")) {
		t.Errorf("CPLC: %X", b)
	}
	store(gp.StructureNotSaid, "4F08A000000151AABBCC", iso7816.OK)
	open(t, card, gp.MustAID("A000000151AABBCC"), channelOf{})
	open(t, card, gp.AID{}, channelOf{})
}
