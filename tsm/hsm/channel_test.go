package hsm

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/core/scp/confidential"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

// end is a card's end of both protocols.
type end interface {
	Handshake(dst, cmd []byte) []byte
	scp.Card
}

// card makes the card's end of a channel with the keys of a reference.
func card(t *testing.T, m *Software, k KeyRef) end {
	t.Helper()
	c, err := m.open(&k, kdd)
	if err != nil {
		t.Fatal(err)
	}
	found := func(version byte) *scp.KeySet {
		if version == k.Version {
			return &c.keys
		}
		return nil
	}
	var made end
	if k.Use == UseSCP02 {
		made, err = scp02.NewCard(scp02.CardConfig{Options: 0x55, KDD: [10]byte(kdd), Entropy: entropy.Seeded(3, "card"), AID: []byte{1, 2, 3, 4, 5},
			Keys: func(v byte) (*scp.KeySet, scp.Counter) { return found(v), new(count) }})
	} else {
		made, err = scp03.NewCard(scp03.CardConfig{Options: 0x60, KDD: [10]byte(kdd), Entropy: entropy.Seeded(3, "card"),
			Keys: func(v byte) (*scp.KeySet, scp.Counter) { return found(v), new(count) }})
	}
	if err != nil {
		t.Fatal(err)
	}
	return made
}

type count uint32

func (c *count) Load() uint32 { return uint32(*c) }
func (c *count) Store(v uint32) error {
	*c = count(v)
	return nil
}

// Both ends of a channel agree, and the same configuration makes the same session.
func TestChannels(t *testing.T) {
	req.Covers(t, "SPEC-HSM-030", "SPEC-HSM-060")
	m := module(t, 1)
	put, err := m.Import(UseSCP80, keys.AES, set80(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []ChannelConfig{
		{Keys: KeyRef{Use: UseSCP02, Version: 0x20, Master: "legacy", Diversification: kdd}, Options: 0x55, Level: scp.CMAC | scp.CDecryption, Initiate: [8]byte{1, 2}},
		{Keys: KeyRef{Use: UseSCP03, Version: 0x30, Master: "channel"}, Level: scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption, Initiate: [8]byte{3, 4}},
	} {
		var said [2][]byte
		for i := range said {
			host, err := m.Channel(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			c := card(t, m, config.Keys)
			first, err := host.Initialize(nil)
			if err != nil {
				t.Fatal(err)
			}
			second, err := host.Authenticate(nil, c.Handshake(nil, first))
			if err != nil {
				t.Fatal(err)
			}
			if err := host.Open(c.Handshake(nil, second)); err != nil {
				t.Fatal(err)
			}
			pk, err := host.PutKey(t.Context(), put, 0)
			if err != nil {
				t.Fatal(err)
			}
			a, err := pk.APDU(nil)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := a.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			wrapped, err := host.Wrap(nil, raw)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := c.Unwrap(nil, wrapped)
			if err != nil || !bytes.Equal(plain, raw) {
				t.Fatalf("%v", err)
			}
			opened(t, &pk, c.DecryptSensitive, config.Keys.Use)
			answer, err := c.Wrap(nil, []byte{1, 0x90, 0})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := host.Unwrap(nil, answer); err != nil || !bytes.Equal(got, []byte{1, 0x90, 0}) {
				t.Fatalf("%X, %v", got, err)
			}
			said[i] = append(append(append(said[i], first...), second...), wrapped...)
			host.Close()
			if _, err := host.Wrap(nil, raw); err == nil {
				t.Error("a closed channel protects")
			}
		}
		if !bytes.Equal(said[0], said[1]) {
			t.Error("the same session says something else")
		}
	}
}

// opened deciphers what PUT KEY has.
func opened(t *testing.T, pk *gp.PutKey, decrypt gp.SensitiveCipher, use Use) {
	t.Helper()
	block := gp.DEKBlockAES
	if use == UseSCP02 {
		block = gp.DEKBlockDES
	}
	fields, err := gp.DecodeKeyFields(pk.Blocks)
	if err != nil || len(fields) != 3 || pk.KeyID != 1 || !pk.Multiple || pk.NewKeyVersion != 1 {
		t.Fatalf("%v, %v", pk, err)
	}
	want := set80(1)
	for i, value := range [][]byte{want.Enc, want.MAC, want.DEK} {
		k, err := fields[i].Open(decrypt, block)
		if err != nil || len(k.CheckValue) != 3 || !bytes.Equal(k.Components[0].Value, value) {
			t.Errorf("key %d: %v", i+1, err)
		}
	}
}

// A card with another version, or other keys, gets nothing.
func TestWrongCards(t *testing.T) {
	req.Covers(t, "SPEC-HSM-031")
	m := module(t, 1)
	right := KeyRef{Use: UseSCP03, Version: 0x30, Master: "channel", Diversification: kdd}
	for what, change := range map[string]func([]byte){
		"another version":    func(b []byte) { b[10] = 0x31 },
		"another cryptogram": func(b []byte) { b[len(b)-3] ^= 1 },
		"another challenge":  func(b []byte) { b[15] ^= 1 },
	} {
		host, err := m.Channel(t.Context(), ChannelConfig{Keys: right, Level: scp.CMAC})
		if err != nil {
			t.Fatal(err)
		}
		first, err := host.Initialize(nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := card(t, m, right).Handshake(nil, first)
		change(answer)
		if out, err := host.Authenticate(nil, answer); err == nil || len(out) > 0 {
			t.Errorf("%s: EXTERNAL AUTHENTICATE %X", what, out)
		}
	}
	for _, k := range []KeyRef{{Use: UseSCP80, Version: 1, Master: "packets", Diversification: kdd}, {Use: UseSCP03, Version: 0x30}, {}} {
		if _, err := m.Channel(t.Context(), ChannelConfig{Keys: k, Level: scp.CMAC}); err == nil {
			t.Errorf("%+v: a channel", k)
		}
	}
	host, err := m.Channel(t.Context(), ChannelConfig{Keys: right, Level: scp.CMAC})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Wrap(nil, []byte{0x80, 0xCA, 0, 0xE0, 0}); err == nil {
		t.Error("a command before the session is open")
	}
	if _, err := host.PutKey(t.Context(), right, 0); err == nil {
		t.Error("PUT KEY before the session is open")
	}
}

// sets is the card's keys of packets.
type sets struct{ set *scp80.KeySet }

func (s sets) KeySet(byte) *scp80.KeySet                   { return s.set }
func (s sets) MinimumSecurity(scp80.TAR) (scp80.SPI, bool) { return 0, true }

const full = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

// Packets open on the card, proofs here; the same counter makes the same packet.
func TestPackets(t *testing.T) {
	req.Covers(t, "SPEC-HSM-020", "SPEC-HSM-021", "SPEC-HSM-022", "SPEC-HSM-061")
	m := module(t, 1)
	put, err := m.Import(UseSCP80, keys.AES, set80(1))
	if err != nil {
		t.Fatal(err)
	}
	for label, algorithm := range map[string]scp80.Algorithm{"packets": scp80.AES, "old": scp80.TDES2} {
		ref := KeyRef{Use: UseSCP80, Version: map[string]byte{"packets": 1, "old": 2}[label], Master: label, Diversification: kdd}
		p, err := m.Packets(t.Context(), ref, full)
		if err != nil {
			t.Fatal(err)
		}
		c, err := m.open(&ref, nil)
		if err != nil {
			t.Fatal(err)
		}
		var at fixedCounter
		set, err := scp80.NewKeySet(scp80.KeySetConfig{Version: ref.Version, KIc: scp80.Key{Algorithm: algorithm, Value: c.keys.Enc}, KID: scp80.Key{Algorithm: algorithm, Value: c.keys.MAC}, Counter: &at})
		if err != nil {
			t.Fatal(err)
		}
		receiver := scp80.NewCard(scp80.CardConfig{Keys: sets{set}, Applications: sets{}})
		one, err := p.Seal(nil, scp80.TAR{1}, 7, []byte("script"))
		if err != nil {
			t.Fatal(err)
		}
		two, err := p.Seal(nil, scp80.TAR{1}, 7, []byte("script"))
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("the same counter, another packet: %v", err)
		}
		script, command, err := receiver.Open(nil, one)
		if err != nil || string(script) != "script" || command.Counter != 7 {
			t.Fatalf("%q, %+v, %v", script, command, err)
		}
		proof, due, err := receiver.Respond(nil, scp80.StatusOK, []byte("done"))
		if err != nil || !due {
			t.Fatal(err)
		}
		data, response, err := p.Open(nil, scp80.TAR{1}, 7, proof)
		if err != nil || string(data) != "done" || !response.Fresh {
			t.Errorf("%q, %+v, %v", data, response, err)
		}
		for i := range proof {
			changed := bytes.Clone(proof)
			changed[i] ^= 0x20
			if _, _, err := p.Open(nil, scp80.TAR{1}, 7, changed); err == nil {
				t.Fatalf("a proof with byte %d changed", i)
			}
		}
		if _, _, err := p.Open(nil, scp80.TAR{1}, 8, proof); !errors.Is(err, scp80.ErrProof) {
			t.Errorf("the proof of another packet: %v", err)
		}
		kik(t, p, c, put)
		for _, counter := range []uint64{0, scp80.MaxCounter + 1} {
			if _, err := p.Seal(nil, scp80.TAR{1}, counter, nil); err == nil {
				t.Errorf("counter %X", counter)
			}
		}
		p.Close()
		if _, err := p.Seal(nil, scp80.TAR{1}, 9, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	}
}

// kik deciphers PUT KEY of packets as a card does.
func kik(t *testing.T, p Packets, c *set, put KeyRef) {
	t.Helper()
	pk, err := p.PutKey(t.Context(), put, 0)
	if err != nil {
		t.Fatal(err)
	}
	use := UseSCP03
	if p.BlockBytes() == 8 {
		use = UseSCP02
	}
	opened(t, &pk, decipher(t, c), use)
	if _, err := p.PutKey(t.Context(), KeyRef{Use: UseReceipt, Version: 0x71, Master: "receipt", Diversification: kdd}, 0); !errors.Is(err, ErrUse) {
		t.Errorf("a receipt key to a card: %v", err)
	}
}

// Weak protection is refused.
func TestWeakPackets(t *testing.T) {
	req.Covers(t, "SPEC-HSM-023")
	m := module(t, 1)
	ref := KeyRef{Use: UseSCP80, Version: 1, Master: "packets", Diversification: kdd}
	for _, spi := range []scp80.SPI{full &^ scp80.CC, full &^ scp80.CounterHigher, full &^ scp80.PoR, full &^ scp80.PoRCC, full&^scp80.PoR | scp80.PoROnError} {
		if _, err := m.Packets(t.Context(), ref, spi); err == nil {
			t.Errorf("SPI %v", spi)
		}
	}
	if _, err := m.Packets(t.Context(), KeyRef{Use: UseSCP03, Version: 0x30, Master: "channel", Diversification: kdd}, full); !errors.Is(err, ErrUse) {
		t.Errorf("channel keys: %v", err)
	}
}

// Tokens verify, receipts are verified.
func TestSignatures(t *testing.T) {
	req.Covers(t, "SPEC-HSM-040", "SPEC-HSM-041")
	m := module(t, 1)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), canary(1, 32))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.AddSigner("token", key); err != nil {
		t.Fatal(err)
	}
	if err := m.AddSigner("token", key); err == nil {
		t.Error("a label twice")
	}
	signature, err := m.Sign(t.Context(), "token", []byte("install"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := m.Public(t.Context(), "token")
	if err != nil || !key.PublicKey.Equal(public) {
		t.Errorf("public half: %v", err)
	}
	verifier, err := gp.NewContentVerifier(&key.PublicKey)
	if err != nil || !verifier.Verify([]byte("install"), signature) || verifier.Verify([]byte("delete"), signature) {
		t.Errorf("%v", err)
	}
	if _, err := m.Sign(t.Context(), "other", nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("%v", err)
	}
	receipts(t, m)
}

func receipts(t *testing.T, m *Software) {
	t.Helper()
	ref := KeyRef{Use: UseReceipt, Version: 0x71, Master: "receipt", Diversification: kdd}
	c, err := m.open(&ref, nil)
	if err != nil {
		t.Fatal(err)
	}
	mac, err := gp.NewContentMAC(keys.AES, c.keys.Enc)
	if err != nil {
		t.Fatal(err)
	}
	confirmation := gp.Confirmation{Counter: []byte{0, 1}, SecurityDomainData: []byte{1, 2, 3}}
	operation := gp.DeleteReceipt(gp.AIDIssuerSecurityDomain)
	if err := confirmation.Sign(operation, mac); err != nil {
		t.Fatal(err)
	}
	check := func(what string, k KeyRef, x gp.Confirmation, o gp.ReceiptContext, want bool) {
		t.Helper()
		if ok, err := VerifyReceipt(t.Context(), m, k, &x, o); err != nil || ok != want {
			t.Errorf("%s: %v, %v", what, ok, err)
		}
	}
	check("right", ref, confirmation, operation, true)
	check("another operation", ref, confirmation, gp.LoadReceipt(gp.AIDIssuerSecurityDomain, gp.AIDIssuerSecurityDomain), false)
	later := confirmation
	later.Counter = []byte{0, 2}
	check("another counter", ref, later, operation, false)
	empty := confirmation
	empty.Receipt = nil
	check("no receipt", ref, empty, operation, false)
	long := confirmation
	long.Counter = make([]byte, 300)
	check("no confirmation that a card can give", ref, long, operation, false)
	other := ref
	other.Diversification = []byte{9, 9, 9, 9, 9, 9, 9, 9, 9, 9}
	check("another card", other, confirmation, operation, false)
	if _, err := m.VerifyMAC(t.Context(), KeyRef{Use: UseSCP03, Version: 0x30, Master: "channel", Diversification: kdd}, nil, nil); !errors.Is(err, ErrUse) {
		t.Errorf("channel keys: %v", err)
	}
}

// An agreement gives the keys that the card has, and none without its receipt.
func TestAgreement(t *testing.T) {
	req.Covers(t, "SPEC-HSM-050", "SPEC-HSM-051", "SPEC-HSM-052")
	m := module(t, 1)
	static, err := ecdh.P256().NewPrivateKey(canary(2, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range []confidential.Plan{{Version: 0x31, Type: keys.AES, SizeBytes: 32, Random: true}, {Version: 2, Type: keys.AES, SizeBytes: 16}, {Version: 0x21, Type: keys.DES, SizeBytes: 16, Random: true}} {
		point, ephemeral, err := m.BeginAgreement(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		another, _, err := m.BeginAgreement(t.Context())
		if err != nil || bytes.Equal(point, another) {
			t.Errorf("two agreements with one key: %v", err)
		}
		answer, agreed, control := cardSide(t, static, point, &plan)
		k, err := m.FinishAgreement(t.Context(), ephemeral, static.PublicKey().Bytes(), control, &answer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := m.open(&k, nil)
		if err != nil || c.typ != plan.Type || k.Version != plan.Version || !bytes.Equal(c.keys.Enc, agreed.Enc) || !bytes.Equal(c.keys.DEK, agreed.DEK) {
			t.Errorf("%+v: %v", k, err)
		}
		forged := answer
		forged.Receipt = bytes.Clone(answer.Receipt)
		forged.Receipt[0] ^= 1
		if _, err := m.FinishAgreement(t.Context(), ephemeral, static.PublicKey().Bytes(), control, &forged); !errors.Is(err, confidential.ErrReceipt) {
			t.Errorf("a forged receipt: %v", err)
		}
		if _, err := m.FinishAgreement(t.Context(), ephemeral, another, control, &answer); !errors.Is(err, confidential.ErrReceipt) {
			t.Errorf("another card: %v", err)
		}
		if _, err := m.FinishAgreement(t.Context(), ephemeral, point[:64], control, &answer); err == nil {
			t.Error("no point")
		}
		if _, err := m.FinishAgreement(t.Context(), row.Wrapped{Label: "hsm-1", Blob: make([]byte, 60)}, point, control, &answer); !errors.Is(err, ErrWrapped) {
			t.Errorf("no ephemeral key: %v", err)
		}
		if _, err := m.FinishAgreement(t.Context(), ephemeral, point, control[:3], &answer); err == nil {
			t.Error("no template")
		}
	}
}

// cardSide is what a card makes of an agreement.
func cardSide(t *testing.T, static *ecdh.PrivateKey, point []byte, plan *confidential.Plan) (gp.ConfidentialResponse, *confidential.Keys, []byte) {
	t.Helper()
	template := plan.Control()
	control, err := template.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := static.ECDH(public)
	if err != nil {
		t.Fatal(err)
	}
	read, err := confidential.PlanOf(&template)
	if err != nil {
		t.Fatal(err)
	}
	var random []byte
	if plan.Random {
		random = canary(7, confidential.RandomBytes)
	}
	agreed := read.Derive(secret, random, nil)
	return gp.ConfidentialResponse{DerivationRandom: random, Receipt: agreed.Receipt(control, random)}, agreed, control
}

// decipher is the inverse of KIK, as a card does it.
func decipher(t *testing.T, c *set) gp.SensitiveCipher {
	t.Helper()
	if c.typ == keys.AES {
		block, err := aes.NewCipher(c.keys.DEK)
		if err != nil {
			t.Fatal(err)
		}
		return func(dst, src []byte) ([]byte, error) {
			n := len(dst)
			dst = append(dst, src...)
			cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(dst[n:], dst[n:])
			return dst, nil
		}
	}
	block, err := mac.NewTDES(c.keys.DEK)
	if err != nil {
		t.Fatal(err)
	}
	return func(dst, src []byte) ([]byte, error) {
		n := len(dst)
		dst = append(dst, src...)
		for at := n; at < len(dst); at += 8 {
			block.Decrypt(dst[at:], dst[at:])
		}
		return dst, nil
	}
}
