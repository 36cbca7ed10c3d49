package gp

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"inkan/core/apdu"
	"inkan/core/wire"
	"inkan/spec/vectors"
)

func checkFault(t *testing.T, err error) {
	t.Helper()
	var fault *wire.DecodeError
	if !errors.As(err, &fault) {
		t.Fatalf("not a DecodeError: %v", err)
	}
}

// FuzzCommand feeds any command APDU to the decoder of its instruction:
// decoded, encoded and decoded again it is the same.
func FuzzCommand(f *testing.F) {
	for _, v := range vectors.Load[commandVector](f, "gp-commands.json") {
		f.Add([]byte(v.APDU))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := apdu.DecodeCommand(raw)
		if err != nil {
			return
		}
		cmd, err := decodeCommand(&c)
		if err != nil {
			checkFault(t, err)
			StatusOf(err)
			return
		}
		again, err := cmd.APDU(nil)
		if err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
		second, err := decodeCommand(&again)
		if d := cmp.Diff(cmd, second, cmp.AllowUnexported(AID{}), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Fatal(err, d)
		}
	})
}

// FuzzResponse feeds any bytes to a decoder of response data.
func FuzzResponse(f *testing.F) {
	kinds := make([]string, 0, len(responseCodecs))
	for k := range responseCodecs {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, v := range vectors.Load[responseVector](f, "gp-commands-responses.json") {
		f.Add(byte(slices.Index(kinds, v.Kind)), []byte(v.Data))
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		codec := responseCodecs[kinds[int(kind)%len(kinds)]]
		v, err := codec.decode(data)
		if err != nil {
			checkFault(t, err)
			return
		}
		b, err := codec.encode(v)
		if err != nil {
			t.Fatalf("%+v: %v", v, err)
		}
		second, err := codec.decode(b)
		if d := cmp.Diff(v, second, cmp.AllowUnexported(AID{}), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Fatal(err, d)
		}
	})
}

// FuzzStatus feeds any bytes to the reader of GET STATUS responses.
func FuzzStatus(f *testing.F) {
	for _, v := range vectors.Load[statusVector](f, "gp-registry.json") {
		f.Add(v.Subset[0], v.Legacy, v.data())
	}
	f.Fuzz(func(t *testing.T, subset byte, legacy bool, data []byte) {
		g := GetStatus{Subset: Subset(subset), Legacy: legacy}
		entries, err := readStatus(&g, data)
		if err != nil {
			checkFault(t, err)
		}
		for i := range entries {
			if g.Subset != SubsetLoadFilesAndModules {
				entries[i].Modules = nil // not asked for, not encoded
			}
		}
		second, err := readStatus(&g, encodeStatus(t, &g, entries))
		if d := cmp.Diff(entries, second, cmp.AllowUnexported(AID{}), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Fatal(err, d)
		}
	})
}

// FuzzSequence feeds any sequence of commands, each P1, P2 and a length byte
// before its data, to the card's joiners: what comes out is what went in.
func FuzzSequence(f *testing.F) {
	f.Add(byte(InsStoreData), []byte("\x08\x00\x03\x01\x01\x02\x88\x01\x02\xAA\xBB"))
	f.Add(byte(InsInstall), []byte("\x82\x00\x03\x01\x01\x02\x02\x00\x02\xAA\xBB"))
	const limit = 600
	f.Fuzz(func(t *testing.T, ins byte, script []byte) {
		s, j := NewStoreDataSequence(limit), NewJoiner(limit)
		for r := wire.NewReader("script", script); r.More(); {
			c := apdu.Command{CLA: 0x80, INS: ins, P1: r.Byte(""), P2: r.Byte(""), Data: r.LV("")}
			if r.Err() != nil {
				return
			}
			if joined, whole, err := j.Add(&c); err == nil && whole && !bytes.HasSuffix(joined.Data, c.Data) || len(j.data) > limit {
				t.Fatalf("joined %X", joined.Data)
			}
			if block, err := DecodeStoreData(&c); err == nil {
				active := s.Active()
				done, err := s.Add(&block)
				if err != nil && (s.Active() || len(s.Data()) != 0) || err == nil && !bytes.HasSuffix(s.Data(), c.Data) || len(s.Data()) > limit {
					t.Fatalf("%v after %v: %X", err, active, s.Data())
				}
				if done && s.Active() {
					t.Fatal("done and active")
				}
			}
		}
	})
}
