package scp02

import (
	"crypto/cipher"
	"crypto/des"
	"testing"

	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/spec/req"
)

// counting is an engine that counts block operations.
type counting struct{ n DESCount }

type countedBlock struct {
	cipher.Block
	n     *int
	wiped *bool
}

func (b countedBlock) Encrypt(dst, src []byte) { *b.n++; b.Block.Encrypt(dst, src) }
func (b countedBlock) Decrypt(dst, src []byte) { *b.n++; b.Block.Decrypt(dst, src) }
func (b countedBlock) Wipe()                   { *b.wiped = true }

func (e *counting) DES(key []byte) (cipher.Block, error) {
	b, err := des.NewCipher(key)
	return countedBlock{b, &e.n.Single, new(bool)}, err
}

func (e *counting) TDES(key []byte) (cipher.Block, error) {
	b, err := mac.NewTDES(key)
	return countedBlock{b, &e.n.Triple, new(bool)}, err
}

func (e *counting) take() DESCount { n := e.n; e.n = DESCount{}; return n }

// TestCosts counts every block operation of every option, level and length and
// compares with the formulas of the spec.
func TestCosts(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-100", "SPEC-SCP02-101", "SPEC-SCP02-102")
	ks := &scp.KeySet{Version: 0x20, Enc: make([]byte, 16)}
	for i := range Options(0x80) {
		if i.Check() != nil {
			continue
		}
		if ks.MAC, ks.DEK = nil, nil; i&ThreeKeys != 0 {
			ks.MAC, ks.DEK = make([]byte, 16), make([]byte, 16)
		}
		for _, level := range []scp.Level{0x00, 0x01, 0x03, 0x10, 0x11, 0x13} {
			if i.Allows(level) {
				costs(t, i, level, ks)
			}
		}
	}
}

func costs(t *testing.T, i Options, level scp.Level, ks *scp.KeySet) {
	t.Helper()
	var hostOps, cardOps counting
	aid := make([]byte, 8)
	card, err := NewCard(CardConfig{Options: i, AID: aid, Entropy: fixed{1}, Engine: &cardOps, Keys: oneSet(ks, &memory{})})
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHandshake(HostConfig{Options: i, Level: level, Entropy: fixed{1}, Engine: &hostOps, Keys: FixedKeys(ks)})
	if err != nil {
		t.Fatal(err)
	}
	host, err := openPair(h, card)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cardOps.take(), OpeningCost(i, len(aid)); got != want {
		t.Fatalf("i=%02X: opening %+v, want %+v", byte(i), got, want)
	}
	hostOps.take()
	for _, n := range []int{0, 1, 3, 7, 8, 19, 231, 239} {
		plain := []byte{0x80, 0xE2, 0, 0}
		if n > 0 {
			plain = append(append(plain, byte(n)), make([]byte, n)...)
		}
		sent, err := host.Wrap(nil, plain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := card.Unwrap(nil, sent); err != nil {
			t.Fatal(err)
		}
		resp, err := card.Wrap(nil, make([]byte, n+2))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := host.Unwrap(nil, resp); err != nil {
			t.Fatal(err)
		}
		want := CommandCost(i, level, n).Plus(ResponseCost(level, n, n))
		if h, c := hostOps.take(), cardOps.take(); h != want || c != want {
			t.Fatalf("i=%02X level %02X, %d bytes: host %+v, card %+v, want %+v", byte(i), byte(level), n, h, c, want)
		}
	}
}

// An engine's blocks are wiped with the session.
func TestEngineBlocksAreWiped(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-092")
	_, card, _ := opened(t, fullSession)
	var wiped [3]bool
	block := func(i int) cipher.Block {
		b, err := mac.NewTDES(make([]byte, 16))
		if err != nil {
			t.Fatal(err)
		}
		return countedBlock{b, new(int), &wiped[i]}
	}
	var err error
	if card.session.enc, err = mac.NewCBCFrom(block(0)); err != nil {
		t.Fatal(err)
	}
	if card.session.cmac, err = mac.NewRetailFrom(block(1), block(1)); err != nil {
		t.Fatal(err)
	}
	card.session.dek = block(2)
	card.Close()
	if wiped != [3]bool{true, true, true} {
		t.Errorf("wiped: %v", wiped)
	}
}
