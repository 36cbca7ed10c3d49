package store_test

import (
	"bytes"
	"testing"

	"inkan/spec/req"
	"inkan/tsm/store/codec"
)

// couple is a row of byte strings.
type couple struct{ first, second []byte }

func (*couple) Format() string { return "couple" }
func (*couple) Version() byte  { return 1 }
func (p *couple) Fields(f *codec.Fields) {
	f.Bytes("first", &p.first)
	f.Bytes("second", &p.second)
}

// A row that borrows is the one that is read, where it lies; what is appended to one of
// its byte strings does not get into the next.
func TestBorrow(t *testing.T) {
	req.Covers(t, "SPEC-STORE-001", "SPEC-STORE-002")
	b, err := codec.Append(nil, &couple{[]byte("abc"), []byte("de")})
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(b)
	var p couple
	if err := codec.Borrow(b, &p); err != nil || string(p.first) != "abc" || string(p.second) != "de" {
		t.Fatalf("%v, %q, %q", err, p.first, p.second)
	}
	if p.first = append(p.first, "xxxxxxxx"...); !bytes.Equal(b, before) {
		t.Error("written into the row that was read")
	}
	b[len(b)-1] = 'f'
	if string(p.second) != "df" {
		t.Error("copied")
	}
	if err := codec.Borrow(b[:len(b)-1], &p); err == nil {
		t.Error("a row without its end")
	}
}
