package crl_test

import (
	"bytes"
	"errors"
	"testing"

	"inkan/ca/status/crl"
	"inkan/core/jpki/certificate"
	"inkan/core/wire"
	"inkan/spec/req"
)

func readInfo(der []byte) (crl.Info, error) {
	return crl.ReadInfo(bytes.NewReader(der), int64(len(der)))
}

// TestInfo: what a list says of itself is what it was made with, whatever its
// length.
func TestInfo(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-025")
	for _, n := range []int{0, 1, 3, 6, 7, 8, 150, 5000} {
		for _, partition := range []string{kiyose, certificate.CAList} {
			l := list(partition)
			l.Number = uint64(n)<<50 + 1
			got, err := readInfo(write(t, 0, l, many(n)))
			if err != nil {
				t.Fatal(err)
			}
			want := crl.Info{Authority: certificate.AuthenticationAuthority, Partition: partition, KeyID: [20]byte(issuer.KeyID()), Number: l.Number, ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate}
			if got != want {
				t.Errorf("%d entries: %+v, want %+v", n, got, want)
			}
		}
	}
}

// TestInfoCut: a list that lacks bytes anywhere, or has one more, is malformed.
func TestInfoCut(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-025")
	der := write(t, 0, list(kiyose), many(2))
	for n := range len(der) + 2 {
		if n == len(der) {
			continue
		}
		got, err := readInfo(append(bytes.Clone(der), 0)[:n])
		if malformed := (*wire.DecodeError)(nil); !errors.As(err, &malformed) || malformed.Format != "CRL" || got != (crl.Info{}) {
			t.Fatalf("%d of %d bytes: %+v, %v", n, len(der), got, err)
		}
	}
}

func FuzzReadInfo(f *testing.F) {
	for _, n := range []int{0, 1, 200} {
		f.Add(write(f, 0, list(kiyose), many(n)))
	}
	f.Add(write(f, 0, list(certificate.CAList), many(1)))
	f.Fuzz(func(t *testing.T, der []byte) {
		got, err := readInfo(der)
		if malformed := (*wire.DecodeError)(nil); err != nil && (!errors.As(err, &malformed) || malformed.Offset < 0) {
			t.Fatalf("error %v", err)
		}
		if err == nil && (got.Number == 0 || got.Authority == 0) {
			t.Fatalf("read %+v", got)
		}
	})
}
