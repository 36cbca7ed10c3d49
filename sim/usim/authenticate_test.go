package usim

import (
	"bytes"
	"crypto/aes"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/core/uicc/milenage"
	"inkan/spec/req"
)

// centre is an authentication centre.
func centre(t *testing.T) *milenage.Set {
	t.Helper()
	c, err := aes.NewCipher(testAuth.K[:])
	if err != nil {
		t.Fatal(err)
	}
	return &milenage.Set{Cipher: c, OPc: testAuth.OPc}
}

// challenge is the command AUTHENTICATE for a sequence number.
func challenge(s *milenage.Set, rand milenage.Block, sqn uint64) []byte {
	var q [6]byte
	for i := range q {
		q[i] = byte(sqn >> (40 - 8*i))
	}
	amf := [2]byte{0x80, 0}
	mac, _ := s.Codes(rand, q, amf)
	v := s.Derive(rand)
	b := append([]byte{0x00, 0x88, 0x00, 0x81, 0x22, 0x10}, rand[:]...)
	b = append(b, 0x10)
	for i := range q {
		b = append(b, q[i]^v.AK[i])
	}
	return append(append(append(b, amf[:]...), mac[:]...), 0)
}

func TestAuthenticate(t *testing.T) {
	req.Covers(t, "SPEC-USIM-181", "SPEC-USIM-182", "SPEC-USIM-183", "SPEC-USIM-184", "SPEC-USIM-185", "SPEC-USIM-186", "SPEC-USIM-115")
	c, s := newCard(t, options{}), centre(t)
	rand := milenage.Block{1, 2, 3}
	want := func(b []byte, sw iso7816.SW) []byte {
		t.Helper()
		out, got := c.raw(b)
		if got != sw {
			t.Fatalf("%04X, want %04X", uint16(got), uint16(sw))
		}
		if leaks(out) {
			t.Error("a secret in the response")
		}
		return out
	}
	want(challenge(s, rand, 33), iso7816.SecurityStatusNotSatisfied)
	c.usim()
	want(challenge(s, rand, 33), iso7816.SecurityStatusNotSatisfied)
	c.verify(uicc.PIN1, iso7816.OK)
	c.do(uicc.Select{Path: []uicc.FileID{uicc.MF}}, iso7816.OK) // the application stays active
	bad := challenge(s, rand, 33)
	bad[len(bad)-2] ^= 1
	want(bad, iso7816.WrongMAC)
	v := s.Derive(rand)
	answer := append(append(append(append(append([]byte{0xDB, 8}, v.RES[:]...), 16), v.CK[:]...), 16), v.IK[:]...)
	if got := want(challenge(s, rand, 33), iso7816.OK); !bytes.Equal(got, answer) { // the wrong MAC used nothing up
		t.Errorf("%X", got)
	}
	for _, sqn := range []uint64{33, 1, 65 - 32} {
		resync(t, s, rand, want(challenge(s, rand, sqn), iso7816.OK), 33)
	}
	want(challenge(s, rand, 34), iso7816.OK)
	want(challenge(s, rand, 65), iso7816.OK)
	c.reset()
	c.usim(uicc.PIN1)
	resync(t, s, rand, want(challenge(s, rand, 65), iso7816.OK), 65)
	if got := want(challenge(s, rand, 35), iso7816.OK); got[0] != 0xDB { // other low bits: independent
		t.Errorf("%X", got)
	}
	c.send("00880080111001020304050607080910111213141516 -> 6A81", "0088008200 -> 6A86", "00880181 -> 6A86", "0088008101 00 -> 6700")
	broken := challenge(s, rand, 100)
	broken[5] = 15
	want(broken, iso7816.WrongData)

	files, pins, err := testProfile().Build()
	if err != nil {
		t.Fatal(err)
	}
	cardOf(t, Config{Files: files, PINs: pins}, erased(t)).send("00880081 -> 6D00")
}

func resync(t *testing.T, s *milenage.Set, rand milenage.Block, got []byte, highest uint64) {
	t.Helper()
	if len(got) != 16 || got[0] != 0xDC || got[1] != 14 {
		t.Fatalf("%X, want AUTS", got)
	}
	ak := s.ResyncAK(rand)
	var q [6]byte
	for i := range q {
		q[i] = got[2+i] ^ ak[i]
	}
	_, mac := s.Codes(rand, q, [2]byte{})
	if number48(q[:]) != highest || !bytes.Equal(mac[:], got[8:]) {
		t.Errorf("AUTS of %d with MAC %X", number48(q[:]), got[8:])
	}
}
