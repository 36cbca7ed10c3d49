package remote

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

func seed(f *testing.F, kinds ...string) {
	for _, v := range vectors.Load[remoteVector](f, "scp80_remote.json") {
		for _, k := range kinds {
			if v.Kind == k {
				f.Add([]byte(v.Bytes))
			}
		}
	}
}

func isDecodeError(err error) bool {
	var de *wire.DecodeError
	return errors.As(err, &de)
}

func FuzzCompact(f *testing.F) {
	seed(f, "compact")
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewCompactReader(b, ManagementCommands)
		total := 0
		for r.Next() {
			total += len(r.Command())
		}
		if err := r.Err(); err != nil && !isDecodeError(err) {
			t.Fatal(err)
		}
		if total > len(b) || r.Count() > MaxCommands || r.Err() == nil && r.Count() == 0 {
			t.Fatalf("%d commands of %d bytes", r.Count(), total)
		}
		if c, err := DecodeCompactResponse(b); err == nil && !bytes.Equal(c.Append(nil), b) {
			t.Fatal("compact response")
		}
	})
}

func FuzzScript(f *testing.F) {
	seed(f, "script")
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewScriptReader(b)
		for r.Next() {
		}
		if err := r.Err(); err != nil && !isDecodeError(err) {
			t.Fatal(err)
		}
		x := Executor{Card: &echo{}, MaxResponse: 300}
		out, err := x.Expanded(context.Background(), nil, b)
		if err != nil || len(out) > x.MaxResponse {
			t.Fatalf("%d bytes, %v", len(out), err)
		}
		resp, err := DecodeExpandedResponse(out)
		if err != nil {
			t.Fatalf("own response %X: %v", out, err)
		}
		if (r.Err() == nil) != (resp.BadFormat == 0) && resp.Immediate == 0 && resp.Chaining == 0 {
			if last, ok := resp.Last(); !ok || Continues(last.SW) {
				t.Fatalf("fault %v, response %+v", r.Err(), resp)
			}
		}
	})
}

func FuzzExpandedResponse(f *testing.F) {
	seed(f, "response")
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeExpandedResponse(b)
		if err != nil {
			if !isDecodeError(err) {
				t.Fatal(err)
			}
			return
		}
		n := 0
		for r := range e.Responses() {
			n++
			_ = r.SW
		}
		if n != e.Count() {
			t.Fatalf("%d R-APDUs, counted %d", n, e.Count())
		}
	})
}
