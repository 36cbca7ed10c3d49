package tlv

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"inkan/spec/vectors"
)

func addSeeds(f *testing.F, format string) {
	for _, v := range vectors.Load[vector](f, "tlv.json") {
		if v.Format == format {
			f.Add([]byte(v.Raw), byte(modeOf(v.Mode)))
		}
	}
}

// fuzzFormat: whatever decodes also encodes, to something that is no longer,
// and that decodes to the same objects and encodes to itself.
func fuzzFormat(t *testing.T, format string, raw []byte, m Mode) {
	got, err := flatten(format, m, raw)
	if err != nil {
		return
	}
	enc := rebuild(format, got)
	if len(enc) > len(raw) {
		t.Fatalf("encoding is longer: % X", enc)
	}
	// Padding changes what a leading FF means, so it is off the second time
	// unless it was on the first time.
	again, err := flatten(format, m&^SkipZero, enc)
	if err != nil {
		t.Fatalf("own encoding % X: %v", enc, err)
	}
	if d := cmp.Diff(got, again, cmpopts.EquateEmpty()); d != "" {
		t.Fatal(d)
	}
	if twice := rebuild(format, again); !bytes.Equal(enc, twice) {
		t.Fatalf("encodes to % X, then to % X", enc, twice)
	}
	if m == Strict && !bytes.Equal(enc, raw) {
		t.Fatalf("strict input % X encodes to % X", raw, enc)
	}
}

func FuzzReader(f *testing.F) {
	addSeeds(f, "ber")
	f.Fuzz(func(t *testing.T, raw []byte, m byte) { fuzzFormat(t, "ber", raw, Mode(m)&7) })
}

func FuzzComprehensionReader(f *testing.F) {
	addSeeds(f, "comprehension")
	f.Fuzz(func(t *testing.T, raw []byte, m byte) { fuzzFormat(t, "comprehension", raw, Mode(m)&7) })
}

func FuzzSimpleReader(f *testing.F) {
	addSeeds(f, "simple")
	f.Fuzz(func(t *testing.T, raw []byte, m byte) { fuzzFormat(t, "simple", raw, Mode(m)&7) })
}

func FuzzLVReader(f *testing.F) {
	addSeeds(f, "lv")
	f.Fuzz(func(t *testing.T, raw []byte, _ byte) { fuzzFormat(t, "lv", raw, Strict) })
}

// FuzzDGI: the reader as above, and the stream in arbitrary chunks agrees with
// the reader: same groupings, and an error for the same inputs.
func FuzzDGI(f *testing.F) {
	for _, v := range vectors.Load[vector](f, "tlv.json") {
		if v.Format == "dgi" {
			f.Add([]byte(v.Raw), byte(modeOf(v.Mode)), []byte{1, 2, 0, 3})
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, m byte, cuts []byte) {
		mode := Mode(m) & Strict
		fuzzFormat(t, "dgi", raw, mode)
		want, wantErr := readDGIs(raw, mode)
		got, gotErr := streamDGIs(raw, mode, MaxDGIData, cuts)
		if (wantErr == nil) != (gotErr == nil) || !sameGroupings(want, got) {
			t.Fatalf("reader %v %v, stream %v %v", want, wantErr, got, gotErr)
		}
	})
}

// FuzzFind: Find agrees with a search through Walk's list.
func FuzzFind(f *testing.F) {
	f.Add(sample, uint32(0x6F), uint32(0xA5))
	f.Add([]byte{0xEF, 2, 0xC7, 0, 0xEF, 3, 0xC6, 1, 1}, uint32(0xEF), uint32(0xC6))
	f.Fuzz(func(t *testing.T, raw []byte, a, b uint32) {
		v, ok, err := Find(raw, Tag(a), Tag(b))
		if ok && err != nil || !ok && v != nil {
			t.Fatalf("% X %t %v", v, ok, err)
		}
		if Validate(raw, 0, MaxDepth) != nil || !Tag(a).Constructed() {
			return
		}
		var want []byte
		found, inA := false, false
		Walk(raw, 0, MaxDepth, func(o Object) error {
			if o.Depth == 0 {
				inA = o.Tag == Tag(a)
			}
			if o.Depth == 1 && inA && o.Tag == Tag(b) && !found {
				want, found = o.Value, true
			}
			return nil
		})
		if found != ok || !bytes.Equal(want, v) {
			t.Fatalf("Find % X %t %v, Walk % X %t", v, ok, err, want, found)
		}
	})
}
