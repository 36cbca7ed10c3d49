package jpki_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"testing"

	"inkan/core/apdu"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/mac"
	"inkan/spec/req"
)

// keysOf are the wrap keys of the open order.
func (a *authority) keysOf(card apdu.Card) perso.Keys {
	a.Helper()
	answer := a.do(card, groups().Order(&a.order)) // again: the same answer
	s, err := perso.DecodeOrderStatement(answer)
	if err != nil {
		a.Fatal(err)
	}
	z, err := a.key.ECDH(s.Point[:])
	if err != nil {
		a.Fatal(err)
	}
	return perso.DeriveKeys(z, vocabulary.AIDInstance, a.order.Hash(), &s.Point)
}

// sealRaw seals whole blocks, whatever they hold.
func sealRaw(t testing.TB, k *perso.Keys, sequence, kind byte, blocks []byte) []byte {
	t.Helper()
	b, err := aes.NewCipher(k.Enc[:])
	if err != nil {
		t.Fatal(err)
	}
	iv := make([]byte, 16)
	iv[0], iv[1] = sequence, kind
	b.Encrypt(iv, iv)
	value := append([]byte{sequence, kind}, blocks...)
	cipher.NewCBCEncrypter(b, iv).CryptBlocks(value[2:], blocks)
	c, err := mac.NewCMAC(k.MAC[:])
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("INKAN-PERSO-1"))
	c.Write([]byte{sequence, kind, byte(len(blocks) >> 8), byte(len(blocks))})
	c.Write(value[2:])
	return c.Append(value)
}

func padItems(items ...[]byte) []byte { return mac.AppendPad80(bytes.Join(items, nil), 0, 16) }

func item(tag byte, value []byte) []byte {
	return append([]byte{tag, byte(len(value) >> 8), byte(len(value))}, value...)
}

// TestEnvelopeOrder is which envelopes are taken: order, type, sequence, MAC.
func TestEnvelopeOrder(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-040", "SPEC-PERSO-041", "SPEC-PERSO-042", "SPEC-PERSO-043", "SPEC-PERSO-044", "SPEC-PERSO-046")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	wantRaw(t, card, 0xB003, make([]byte, 34), 0x6985)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
	k := a.keysOf(card)
	one := sealRaw(t, &k, 1, 1, padItems(item(3, []byte(codes[1]))))
	wantRaw(t, card, 0xB003, sealRaw(t, &k, 1, 2, padItems(item(3, []byte(codes[1])))), 0x6985)
	for _, sequence := range []byte{0, 2, 0xFF} {
		wantRaw(t, card, 0xB003, sealRaw(t, &k, sequence, 1, padItems(item(3, []byte(codes[1])))), 0x6985)
	}
	for i := range one {
		bad := changed(one, i, one[i]^0x10)
		if i < 2 {
			wantRaw(t, card, 0xB003, bad, 0x6985)
		} else {
			wantRaw(t, card, 0xB003, bad, 0x6988)
		}
	}
	if got := a.phaseOf(card)[:8]; got != "01010000" {
		t.Errorf("state %s", got)
	}
	wantRaw(t, card, 0xB003, one, 0x9000)
	wantRaw(t, card, 0xB003, one, 0x9000) // again
	wantRaw(t, card, 0xB003, changed(one, len(one)-1, one[len(one)-1]^1), 0x6985)
	if got := a.phaseOf(card)[:8]; got != "01010108" {
		t.Errorf("state %s", got)
	}
	two := sealRaw(t, &k, 2, 1, padItems()) // no item is a sequence of items too
	wantRaw(t, card, 0xB003, two, 0x9000)
	wantRaw(t, card, 0xB003, one, 0x6985)
	a.next = 3
	last := a.seal(a.items(1)...)
	wantRaw(t, card, 0xB003, last, 0x9000)
	a.activate(card)
	wantRaw(t, card, 0xB003, last, 0x9000) // again, after the order has ended
	wantRaw(t, card, 0xB003, sealRaw(t, &k, 4, 1, padItems()), 0x6985)
	a.setPINs()
	card = a.own(0x33)
	a.do(card, groups().Erase(a.order.ID))
	wantRaw(t, card, 0xB003, last, 0x6985)
}

// TestSequenceEnds counts to the last sequence.
func TestSequenceEnds(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-041", "SPEC-PERSO-043")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
	k := a.keysOf(card)
	for sequence := 1; sequence < 0x100; sequence++ {
		wantRaw(t, card, 0xB003, sealRaw(t, &k, byte(sequence), 1, padItems()), 0x9000)
	}
	wantRaw(t, card, 0xB003, sealRaw(t, &k, 0, 1, padItems()), 0x6985)
	wantRaw(t, card, 0xB003, sealRaw(t, &k, 1, 1, padItems()), 0x6985)
}

// badContents is content that breaks the table, for an order of the role auth.
func (a *authority) badContents(delivered bool) map[string][]byte {
	code, end := item(3, []byte(codes[1])), item(2, []byte(limits[1]))
	part := bytes.Repeat([]byte{0xA5}, 128)
	var parts []byte
	for tag := byte(4); tag < 8; tag++ {
		parts = append(parts, item(tag, part)...)
	}
	bad := map[string][]byte{
		"no padding": bytes.Repeat([]byte{0}, 32), "padding 81": append(make([]byte, 15), 0x81),
		"padding of 17": append(append(bytes.Clone(code), 0x80), make([]byte, 16)...),
		"padding of 32": append([]byte{0x80}, make([]byte, 31)...),
		"tag 00":        padItems(item(0, []byte(codes[1]))), "tag 09": padItems(item(9, part)), "tag 0B": padItems(item(0x0B, part)),
		"tag 0F": padItems(item(0x0F, part)), "tag 23": padItems(item(0x23, []byte(codes[1]))), "tag 83": padItems(item(0x83, []byte(codes[1]))),
		"tag F3": padItems(item(0xF3, []byte(codes[1]))), "another role": padItems(item(0x13, []byte(codes[1]))),
		"challenge in type 01": padItems(item(0x0A, make([]byte, 16)), code), "code of 11": padItems(item(3, make([]byte, 11))),
		"code of 13": padItems(item(3, make([]byte, 13))), "end of 14": padItems(item(2, make([]byte, 14))), "empty certificate": padItems(item(1, nil)),
		"long certificate": padItems(item(1, make([]byte, 2049))), "repeated": padItems(code, end, code), "truncated": padItems(code, end[:17]),
		"header only": padItems(code, []byte{2, 0}), "one byte": padItems([]byte{3}), "length FFFF": padItems([]byte{3, 0xFF, 0xFF}),
		"length 8000": padItems(code, []byte{1, 0x80, 0}), "four parts": padItems(parts), "one part": padItems(code, item(8, part)),
		"part of 127": padItems(parts, item(8, part[1:])), "part of 129": padItems(parts, item(8, append(part, 0))),
	}
	if !delivered {
		bad = map[string][]byte{"parts of an on-card order": padItems(parts, item(8, part))}
	}
	return bad
}

// TestEnvelopeContent refuses content that breaks the table, with nothing
// changed.
func TestEnvelopeContent(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-045", "SPEC-PERSO-032", "SPEC-PERSO-061")
	for _, origin := range []vocabulary.Origin{vocabulary.OriginDelivered, vocabulary.OriginOnCard} {
		a := newRig(t, options{parameters: cardForm}).authority()
		card := a.own(0x33)
		a.place(card, a.newOrder(vocabulary.PurposeIssue, origin, vocabulary.Auth, 1))
		k := a.keysOf(card)
		before := a.phaseOf(card)
		good := item(2, []byte(limits[1]))
		for name, content := range a.badContents(origin == vocabulary.OriginDelivered) {
			if _, sw := raw(t, card, 0xB003, sealRaw(t, &k, 1, 1, content)); sw != 0x6A80 {
				t.Errorf("%s: %v", name, sw)
			}
			if after := a.phaseOf(card); after != before {
				t.Fatalf("%s: %s became %s", name, before, after)
			}
		}
		wantRaw(t, card, 0xB003, sealRaw(t, &k, 1, 1, padItems(good)), 0x9000)
		if got := a.phaseOf(card)[:8]; got != "01010104" {
			t.Errorf("state %s", got)
		}
		// Refused content leaves an item that came before as it was.
		wantRaw(t, card, 0xB003, sealRaw(t, &k, 2, 1, padItems(item(2, make([]byte, 15)), item(9, nil))), 0x6A80)
		if got := a.phaseOf(card)[:8]; got != "01010104" {
			t.Errorf("state %s", got)
		}
	}
}

// TestLengthsOfContent seals certificates of many lengths, which end anywhere
// in a block, and replaces them.
func TestLengthsOfContent(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-041", "SPEC-PERSO-045", "SPEC-PERSO-055")
	base := newRig(t, options{}).authority()
	card := base.own(0x33)
	base.place(card, base.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
	k := base.keysOf(card)
	key, err := perso.KeyItems(1, deliveredKeys()[1])
	if err != nil {
		t.Fatal(err)
	}
	rest := perso.AppendItems(nil, append(key, perso.Item{Tag: 2, Value: []byte(limits[1])}, perso.Item{Tag: 3, Value: []byte(codes[1])}))
	for _, size := range []int{1, 12, 13, 14, 15, 16, 60, 61, 62, 63, 64, 65, 124, 125, 126, 300, 1999, 2047, 2048} {
		a := *base
		a.rig = base.again()
		card := a.own(0x33)
		der := certificate(1, false, max(size, 4))[:size]
		wantRaw(t, card, 0xB003, sealRaw(t, &k, 1, 1, padItems(item(1, certificate(1, false, 700)))), 0x9000)
		wantRaw(t, card, 0xB003, sealRaw(t, &k, 2, 1, padItems(rest, item(1, der))), 0x9000)
		answer := a.do(card, groups().Activate(a.order.ID))
		if hash := sha256.Sum256(der); !bytes.Equal(answer[38:70], hash[:]) {
			t.Errorf("%d bytes: another hash", size)
		}
		if got, err := vocabulary.ReadFile(ctx, a.card, vocabulary.EFAuthCertificate, nil); size > 4 && (err != nil || !bytes.Equal(got, der)) {
			t.Errorf("%d bytes: read %d, %v", size, len(got), err)
		}
	}
}

// TestReset is an order for a PIN reset, and its envelope.
func TestReset(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-029", "SPEC-PERSO-040", "SPEC-PERSO-042", "SPEC-PERSO-045", "SPEC-PERSO-047", "SPEC-PERSO-052",
		"SPEC-JPKI-AP-062")
	a := issued(t, options{parameters: cardForm})
	for range 3 {
		a.send(unhex(t, verify(1, "0000")))
	}
	a.want(verify(1, pins[1]), "6984")
	card := a.own(0x33)
	issue := a.order
	a.place(card, a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Auth, 6))
	a.want("00200098", "63C0") // as it was
	k := a.keysOf(card)
	challenge := a.session.Challenge()
	c, code := item(0x0A, challenge[:]), item(3, []byte("RESETCODE001"))
	for name, content := range map[string][]byte{
		"no challenge": padItems(code), "challenge behind": padItems(code, c), "another challenge": padItems(item(0x0A, make([]byte, 16)), code),
		"challenge of 15": padItems(item(0x0A, challenge[1:]), code), "no code": padItems(c), "twice": padItems(c, c, code),
		"another role": padItems(c, item(0x13, []byte("RESETCODE001"))), "a certificate": padItems(c, code, item(1, []byte{1})),
		"an end": padItems(c, code, item(2, make([]byte, 15))), "nothing": padItems(), "challenge 1A": padItems(item(0x1A, challenge[:]), code),
		"a part": padItems(c, code, item(4, make([]byte, 128))),
	} {
		if _, sw := raw(t, card, 0xB003, sealRaw(t, &k, 1, 2, content)); sw != 0x6A80 {
			t.Errorf("%s: %v", name, sw)
		}
	}
	wantRaw(t, card, 0xB003, sealRaw(t, &k, 1, 1, padItems(code)), 0x6985)
	a.want(resetRetry(1, "RESETCODE001", "2468"), "6985")
	envelope := a.seal(perso.Item{Tag: perso.ItemChallenge, Value: challenge[:]}, perso.Item{Tag: perso.ItemCode, Value: []byte("RESETCODE001")})
	wantRaw(t, card, 0xB003, envelope, 0x9000)
	if got := a.phaseOf(card)[:8]; got != "0300017F" {
		t.Errorf("state %s", got)
	}
	wantRaw(t, card, 0xB003, sealRaw(t, &k, 2, 2, padItems(c, code)), 0x6985) // it ended the order
	a.want(resetRetry(1, "RESETCODE002", "2468"), "63C4")
	wantRaw(t, card, 0xB003, envelope, 0x9000) // again, with nothing done
	a.want(resetRetry(1, "RESETCODE003", "2468"), "63C3")
	a.want(resetRetry(1, "RESETCODE001", "2468"), "9000")
	a.want(verify(1, "2468"), "9000")
	a.want(verify(2, pins[2]), "9000")
	a.get(sign(0, 1, []byte{1}))
	// The issue's answers are still about the issue.
	answer := a.do(card, groups().Activate(issue.ID))
	if hash := issue.Hash(); !bytes.Equal(answer[1:33], hash[:]) {
		t.Error("the receipt is of another order")
	}
	wantRaw(t, card, 0xB005, a.order.ID[:], 0x6985)
	// A code that is pending is replaced, with all tries.
	for i := range 2 {
		a.place(card, a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Both, uint32(7+i)))
		challenge = a.session.Challenge()
		a.do(card, groups().Envelope(a.seal(perso.Item{Tag: perso.ItemChallenge, Value: challenge[:]},
			perso.Item{Tag: perso.ItemCode.For(2), Value: []byte("RESETCODE00" + string(rune('A'+i)))})))
		a.want(resetRetry(2, "WRONGWRONG00", "ABCDEF"), "63C4")
		a.want(verify(2, pins[2]), "9000") // PINs stay until the code is used
	}
	a.want(resetRetry(2, "RESETCODE00A", "ABCDEF"), "63C3")
	a.want(resetRetry(2, "RESETCODE00B", "ABCDEF"), "9000")
	a.want(verify(2, "ABCDEF"), "9000")
}
