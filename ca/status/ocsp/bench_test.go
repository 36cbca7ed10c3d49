package ocsp_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"testing"

	"inkan/ca/status"
	"inkan/ca/status/ocsp"
	"inkan/spec/req"
)

// TestCachedAllocations: an answer from the cache into a large enough buffer costs
// no memory.
func TestCachedAllocations(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-041")
	d := newDesk(t)
	request := question(t, auth1, crypto.SHA1, nil, active)
	dst, _ := d.responder.Respond(t.Context(), nil, request)
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		var info ocsp.Info
		if dst, info = d.responder.Respond(ctx, dst[:0], request); !info.Cached {
			t.Fatal("not from the cache")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkRespond: answers from the cache and live, and the bare signature that
// they are compared with.
func BenchmarkRespond(b *testing.B) {
	d := newDesk(b)
	ctx := context.Background()
	run := func(name string, nonce []byte) {
		b.Run(name, func(b *testing.B) {
			request := question(b, auth1, crypto.SHA1, nonce, active)
			dst, _ := d.responder.Respond(ctx, nil, request)
			b.ReportAllocs()
			for b.Loop() {
				var info ocsp.Info
				if dst, info = d.responder.Respond(ctx, dst[:0], request); info.Err != nil {
					b.Fatal(info.Err)
				}
			}
		})
	}
	run("cached", nil)
	run("live", []byte{1, 2, 3, 4, 5, 6, 7, 8})
	b.Run("signature", func(b *testing.B) {
		digest := sha256.Sum256(nil)
		for b.Loop() {
			if _, err := status.Sign(auth1.Responder.Signer, &digest); err != nil {
				b.Fatal(err)
			}
		}
	})
}
