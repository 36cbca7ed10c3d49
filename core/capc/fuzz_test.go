package capc

import (
	"errors"
	"path"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/core/classfile"
	"inkan/spec/req"
)

// convertAny converts one class file as a package of its own, with int.
func convertAny(raw []byte) (*Result, error) {
	k, err := classfile.Parse(raw)
	if err != nil {
		return nil, nil
	}
	pkg := strings.TrimPrefix(path.Dir(k.Name), "/")
	return Convert([]*classfile.Class{k}, Options{Package: pkg, AID: []byte("inkan"), Version: cap.Version{Major: 1}, Int: true})
}

// What is converted passes the verifier; all else is refused with reasons.
func FuzzConvert(f *testing.F) {
	files := readJar(f, jar)
	for _, name := range []string{"boundary/cond_in_cond", "boundary/inner_class", "boundary/switch_mask", "boundary/compound_index", "boundary/add_div", "multi", "pin", "intops"} {
		for _, raw := range files[name] {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := convertAny(raw)
		checkOutcome(t, r, err)
	})
}

func checkOutcome(t *testing.T, r *Result, err error) {
	t.Helper()
	if err != nil {
		var list Errors
		if !errors.As(err, &list) || len(list) == 0 || list[0].Why == "" {
			t.Fatalf("%T: %v", err, err)
		}
		return
	}
	if r == nil {
		return
	}
	again, err := cap.Open(r.CAP)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(again, verifier.Standard()).Err(); err != nil {
		t.Fatal(err)
	}
}

// Class files with one byte changed are converted to something that passes the
// verifier, or refused.
func TestMutations(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-004")
	files := readJar(t, jar)
	for _, name := range []string{"boundary/inner_class", "boundary/compound_index", "boundary/switch_mask", "boundary/cond_in_cond", "boundary/static_array_nulls"} {
		for _, raw := range files[name] {
			for at := range raw {
				for _, with := range []byte{0, 1, 0xFF, raw[at] + 1, raw[at] ^ 0x20, 0xB6, 0x3A} {
					changed := append([]byte(nil), raw...)
					changed[at] = with
					r, err := convertAny(changed)
					checkOutcome(t, r, err)
				}
			}
		}
	}
}
