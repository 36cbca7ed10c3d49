package tsmp

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/tsmp/jws"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// FuzzDecode feeds any bytes to every body, and to request and answer: what is
// accepted is written again and stays the same; what is refused is a fault within
// the input.
func FuzzDecode(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-001", "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-006")
	for _, v := range vectors.Load[vector](f, "tsm-protocol.json") {
		f.Add([]byte(v.Body + v.Payload))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		check := func(err error) bool {
			var fault *wire.DecodeError
			var refusal *Error
			if err != nil && !errors.As(err, &refusal) && (!errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b)) {
				t.Fatal(err)
			}
			return err == nil
		}
		for _, d := range definitions {
			for _, zero := range []func() Body{d.Request, d.Answer} {
				into := zero()
				if !check(DecodeBody(b, into)) {
					continue
				}
				canonical := encoded(t, into)
				again := zero()
				if err := DecodeBody(canonical, again); err != nil || !bytes.Equal(encoded(t, again), canonical) {
					t.Fatalf("%v: %s", err, canonical)
				}
			}
		}
		r, err := parseRequest(b)
		if check(err) {
			if d, ok := Lookup(r.Function); ok {
				check(r.readBody(d.Request()))
			}
		}
		a, err := parseAnswer(b)
		if check(err) && (a.Status == Success) != (a.Failure == nil) {
			t.Fatalf("%+v", a)
		}
	})
}

// FuzzHandle signs any payload as the SP-TSM, so that everything behind the
// signature sees it: the handler answers or refuses, and executes well-formed
// bodies only.
func FuzzHandle(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-022", "SPEC-TSM-PROTOCOL-033")
	for _, v := range vectors.Load[vector](f, "tsm-protocol.json") {
		f.Add([]byte(v.Payload), []byte(v.Signed))
	}
	f.Fuzz(func(t *testing.T, payload, raw []byte) {
		b := newBench()
		signed, err := jws.Sign(b.sp.Signer, "sp-1", RequestType, payload)
		if err != nil {
			return // longer than a message may be
		}
		for _, request := range [][]byte{signed, raw} {
			answer, err := b.handler.Handle(t.Context(), request)
			var refusal *Error
			if err != nil && (answer != nil || !errors.As(err, &refusal)) {
				t.Fatal(err)
			}
			if err == nil {
				if _, err := open(b.keys, AnswerType, answer); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := b.caller.Open(signed, raw); err == nil {
				t.Fatal("bytes of nobody are an answer")
			}
		}
	})
}
