package jpki_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"testing"

	vocabulary "inkan/core/jpki"
	"inkan/spec/req"
)

// verifySignature checks a signature with the Go standard library.
func verifySignature(key *rsa.PublicKey, mode byte, data, signature []byte) error {
	if len(signature) != 256 {
		return fmt.Errorf("%d bytes", len(signature))
	}
	hash := sha256.Sum256(data)
	digest := hash[:]
	if mode == 0x00 || mode == 0x02 || mode == 0x04 {
		digest = data
	}
	switch mode {
	case 0x00, 0x01:
		return rsa.VerifyPKCS1v15(key, 0, digest, signature)
	case 0x02, 0x03:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature)
	}
	return rsa.VerifyPSS(key, crypto.SHA256, digest, signature, &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256})
}

// TestSignatures goes through all modes, keys and lengths.
func TestSignatures(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-070", "SPEC-JPKI-AP-074")
	a := issued(t, options{parameters: cardForm})
	long := bytes.Repeat([]byte{0xA5, 0x5A, 0x01}, 85)
	for _, role := range roleList {
		a.want(verify(role, pins[role]), "9000")
		for mode := byte(0); mode <= 5; mode++ {
			lengths := []int{1, 2, 32, 51, 55, 56, 64, 128, 244, 245, 255}
			if mode == 2 || mode == 4 {
				lengths = []int{32}
			}
			for _, n := range lengths {
				if mode == 0 && n > 245 {
					continue
				}
				data := long[:n]
				if err := verifySignature(a.public[role], mode, data, a.get(sign(mode, role, data))); err != nil {
					t.Errorf("%v, mode %02X, %d bytes: %v", role, mode, n, err)
				}
			}
		}
	}
	// Le does not matter, nor that there is none.
	whole := a.get(sign(0x03, 1, long))
	cmd := sign(0x03, 1, long)
	for _, le := range []string{"", "01", "FF", "00"} {
		if got := a.get(cmd[:len(cmd)-2] + le); !bytes.Equal(got, whole) {
			t.Errorf("Le %s: %d bytes", le, len(got))
		}
	}
	// The current EF names the key as well.
	a.want("00A4020C020017", "9000")
	a.want("802A038003616263", fmtHex(a.get("802A039703616263"))+"9000")
	one, two := a.get(sign(0x05, 1, long)), a.get(sign(0x05, 1, long))
	if bytes.Equal(one, two) {
		t.Error("two PSS signatures have one salt")
	}
}

// TestSignatureRefused is the order of refusals.
func TestSignatureRefused(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-071", "SPEC-JPKI-AP-072")
	r := newRig(t, options{})
	r.exchanges(`
802A0697012200 -> 6A86
802AFF97012200 -> 6A86
802A0017012200 -> 6A86
802A009F012200 -> 6A86
802A0080012200 -> 6986
802A009A012200 -> 6A82
802A0098012200 -> 6981
802A009B012200 -> 6981
802A0086012200 -> 6981
802A0097012200 -> 6985
802A02970122   -> 6985
`)
	a := issued(t, options{parameters: cardForm})
	a.want(sign(0, 1, []byte{1}), "6982")
	a.want("802A0080012200", "6986")
	a.want("802A0097", "6982")
	a.want(verify(1, pins[1]), "9000")
	a.want(sign(0, 2, []byte{1}), "6982")
	a.want("802A0097", "6700")
	a.want("802A009700", "6700")
	a.want(sign(0, 1, make([]byte, 246)), "6700")
	for _, n := range []int{1, 31, 33, 255} {
		a.want(sign(2, 1, make([]byte, n)), "6700")
		a.want(sign(4, 1, make([]byte, n)), "6700")
	}
	for _, mode := range []string{"01", "03", "05"} {
		a.want("802A"+mode+"97", "6700")
	}
	b := issued(t, options{parameters: cardForm})
	b.want(verify(2, pins[2]), "9000")
	b.want(sign(0, 1, []byte{1}), "6982")
	b.get(sign(0, 2, []byte{1}))
	b.want("00B08A0001", "30 9000")
}

// TestOddKeys delivers keys that are no keys: a signature is refused, and the
// card answers on.
func TestOddKeys(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-071", "SPEC-JPKI-AP-090")
	for _, part := range []byte{0x00, 0xFF, 0x02} {
		a := newRig(t, options{}).authority()
		card := a.own(0x33)
		a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Auth, 1))
		items := a.items(vocabulary.Auth)
		for i := 3; i < len(items); i++ {
			items[i].Value = bytes.Repeat([]byte{part}, 128)
		}
		a.do(card, groups().Envelope(a.seal(items...)))
		a.activate(card)
		a.setPINs()
		a.want(verify(1, pins[1]), "9000")
		_, sw := a.send(unhex(t, sign(0, 1, []byte("x"))))
		if sw != 0x6985 && sw != 0x9000 {
			t.Errorf("parts of %02X: %v", part, sw)
		}
		a.get("80CADF3000")
	}
}

// TestOpenSC is the sequence of commands that OpenSC sends for a token's
// binding, its certificates and a signature.
func TestOpenSC(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-001", "SPEC-JPKI-AP-030", "SPEC-JPKI-AP-031", "SPEC-JPKI-AP-051", "SPEC-JPKI-AP-055", "SPEC-JPKI-AP-070",
		"SPEC-JPKI-AP-080")
	a := issued(t, options{})
	a.get(selectDomain)
	for _, aid := range []string{"627601FF000000", "A00000000101", "E82B0601040181C31F0201", "A00000030800001000", "D27600012401"} {
		a.want("00A4040C"+fmt.Sprintf("%02X", len(aid)/2)+aid, "6A82") // its drivers for other cards
	}
	a.exchanges(`
` + selectName + ` -> 9000
00A4020C020018 -> 9000
00200080       -> 63C3
00A4020C02001B -> 9000
00200080       -> 63C0
00A4020C02000A -> 9000
`)
	header := a.get("00B0000004")
	size := 4 + int(header[2])<<8 + int(header[3])
	var der []byte
	for len(der) < size {
		n := min(256, size-len(der))
		der = append(der, a.get(fmt.Sprintf("00B0%04X%02X", len(der), byte(n)))...)
	}
	if !bytes.Equal(der, certificate(1, false, a.size)) {
		t.Error("the certificate differs")
	}
	a.exchanges(`
00A4020C020001 -> 6A82
00A4020C02000B -> 9000
00A4020C020002 -> 6A82
00A4020C020018 -> 9000
002000800439393939 -> 63C2
0020008004` + fmtHex([]byte(pins[1])) + ` -> 9000
00200080       -> 63C3
00A4020C020017 -> 9000
`)
	digest := sha256.Sum256([]byte("data"))
	info := append(unhex(t, "3031300D060960864801650304020105000420"), digest[:]...)
	signature := a.get("802A0080" + fmt.Sprintf("%02X", len(info)) + fmtHex(info) + "00")
	if err := rsa.VerifyPKCS1v15(a.public[1], crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
	if len(a.get("0084000040")) != 64 {
		t.Error("GET CHALLENGE")
	}
	a.selectApplication() // logout
	a.want("802A009701AA00", "6982")
}

// TestOnCardKey makes a key, asks for it again, and uses it.
func TestOnCardKey(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-030", "SPEC-PERSO-031", "SPEC-JPKI-AP-070")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, vocabulary.Auth, 1))
	a.generate(card, 1)
	first := a.public[1]
	a.generate(card, 1)
	if first.N.Cmp(a.public[1].N) != 0 {
		t.Error("a second GENERATE made another key")
	}
	a.fill(card)
	a.activate(card)
	a.setPINs()
	a.working()
}
