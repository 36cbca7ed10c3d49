package delivery_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"inkan/core/scp/scp80"
	"inkan/core/sms"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store/codec"
)

// FuzzDeliver brings bytes to an engine whose packet is on its way: whatever they are,
// nothing but the genuine proof ends it.
func FuzzDeliver(f *testing.F) {
	req.Covers(f, "SPEC-DELIVERY-022", "SPEC-DELIVERY-025")
	fresh := func(t fataler) (*world, *sim) {
		w := newWorld(t)
		s := w.addSIM(1)
		w.air.silent = 100
		w.start(first, s.job(200, "a"))
		w.work()
		return w, s
	}
	w, s := fresh(f)
	report, _ := s.receive(w.air.sent[0])
	f.Add(uint64(1), report, false)
	_, submits := s.receive(w.air.sent[1])
	for _, m := range submits {
		f.Add(uint64(0), m, false)
	}
	f.Add(uint64(2), []byte{0, 0xD5, 0}, true)
	f.Add(uint64(77), []byte{0, 4, 2, 0x71, 0}, false)
	w, s = fresh(f)
	f.Fuzz(func(t *testing.T, message uint64, tpdu []byte, rpError bool) {
		in := delivery.Inbound{From: s.iccid, Message: message % 4, TPDU: tpdu, Error: rpError}
		if err := w.engine.Deliver(ctx, in); err != nil {
			t.Fatal(err)
		}
		if w.owner.told > 0 && len(w.owner.last[first].Proofs) == 1 {
			return // the seed is the genuine proof; nothing is on its way any more
		}
	})
}

// FuzzAssemble gives parts of a proof in some order, some twice, among bytes that are
// none: the proof comes out whole, or not at all.
func FuzzAssemble(f *testing.F) {
	req.Covers(f, "SPEC-DELIVERY-021")
	f.Add(bytes.Repeat([]byte("proof"), 80), []byte{0, 1, 2, 3}, []byte{5, 0, 3, 9, 2, 1, 7})
	f.Add(bytes.Repeat([]byte("proof"), 80), []byte{3, 2, 2, 1, 0}, []byte{5, 0, 3, 1, 4, 2, 7})
	f.Add([]byte("short"), []byte{0}, []byte{})
	f.Fuzz(func(t *testing.T, proof, order, noise []byte) {
		if len(proof) > 1000 {
			return
		}
		s, err := sms.NewSplitter(proof, sms.IEIResponsePacket, 1, false, sms.MaxUserData)
		if err != nil {
			return
		}
		var parts [][]byte
		seen := map[int]bool{}
		for _, o := range order {
			if o&0x80 != 0 {
				_, left, _, err := delivery.Assemble(parts, noise)
				var malformed *wire.DecodeError
				if err != nil && !errors.As(err, &malformed) {
					t.Fatalf("not a DecodeError: %v", err)
				}
				if err == nil && !clashes(noise) {
					parts = left
				}
				continue
			}
			i := int(o) % s.Parts()
			whole, left, _, err := delivery.Assemble(parts, s.Append(nil, i))
			if err != nil {
				t.Fatal(err)
			}
			if len(left) > delivery.MaxParts {
				t.Fatalf("%d parts kept", len(left))
			}
			if seen[i] = true; whole == nil {
				parts = left
				continue
			}
			if _, body, err := sms.DecodeUserData(whole); err != nil || !bytes.Equal(body, proof) || len(seen) < s.Parts() {
				t.Fatalf("%X after %d of %d parts, %v", whole, len(seen), s.Parts(), err)
			}
			return
		}
	})
}

// clashes reports whether user data claims to be a part under the reference in use.
func clashes(ud []byte) bool {
	h, _, err := sms.DecodeUserData(ud)
	if err != nil {
		return false
	}
	c, ok := h.Concat()
	return ok && c.Reference == 1 && !c.Wide
}

// FuzzProof reads user data of a message from a card: a proof that fits a packet has
// its TAR, and lengths that are right.
func FuzzProof(f *testing.F) {
	req.Covers(f, "SPEC-DELIVERY-022")
	packet := []byte{0, 0x20, 0x15, 0x06, 0x19, 0x35, 0x35, 0xB0, 0, 0x11}
	packet = append(packet, make([]byte, 24)...)
	proof := append([]byte{0, 0x1C, 0x12, 0xB0, 0, 0x11}, make([]byte, 24)...)
	f.Add(packet, append([]byte{2, 0x71, 0}, proof...))
	f.Add(packet, []byte{2, 0x71, 0, 0, 10, 10, 0xB0, 0, 0x11})
	f.Add([]byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, packet, ud []byte) {
		proof, ok := delivery.ProofOf(ud)
		if !ok || !delivery.Fits(packet, proof) {
			return
		}
		c, err := scp80.DecodeCommandHeader(packet)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := scp80.DecodeResponseTAR(proof); err != nil || got != c.TAR || !bytes.HasSuffix(ud, proof) {
			t.Fatalf("TAR %v, want %v; %v", got, c.TAR, err)
		}
	})
}

// FuzzRows decodes rows: what decodes encodes to the same bytes.
func FuzzRows(f *testing.F) {
	for i, r := range delivery.Records() {
		b, err := codec.Append(nil, r)
		must(f, err)
		f.Add(byte(i), b)
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		list := delivery.Records()
		r := list[int(which)%len(list)]
		if err := codec.Decode(b, r); err != nil {
			var malformed *wire.DecodeError
			if !errors.As(err, &malformed) {
				t.Fatalf("not a DecodeError: %v", err)
			}
			return
		}
		again, err := codec.Append(nil, r)
		if err != nil || !slices.Equal(again, b) {
			t.Fatalf("%X encodes to %X, %v", b, again, err)
		}
	})
}
