package crl_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
)

// country is a registry that is computed, not kept: so many municipalities with
// so many revoked certificates each.
type country struct{ municipalities, each int }

func (c country) View(context.Context) (status.View, error) { return c, nil }
func (c country) At() time.Time                             { return noon }
func (c country) Close() error                              { return nil }

func (c country) Partitions(_ certificate.Authority, each func(string) error) error {
	for i := range c.municipalities {
		if err := each(place(i)); err != nil {
			return err
		}
	}
	return nil
}

// place makes the name of a municipality of a number, all of one length.
func place(i int) string {
	return fmt.Sprintf("Tokyo-to/M%c%c%c-shi", 'a'+i/676%26, 'a'+i/26%26, 'a'+i%26)
}

func (c country) Revoked(_ certificate.Authority, partition string, each func(uint64, time.Time, certificate.Reason) error) error {
	if partition == certificate.CAList {
		return nil
	}
	return many(c.each)(each)
}

func (c country) Status(certificate.Authority, uint64) (s certificate.CertificateStatus, known bool, err error) {
	return s, false, nil
}

func (c country) Certificates(certificate.Authority, uint64, func(certificate.CertificateStatus) error) error {
	return nil
}

func (c country) PutResponse(context.Context, certificate.Authority, uint64, uint64, []byte) (bool, error) {
	return false, nil
}

func (c country) Response(_ certificate.Authority, _ uint64, dst []byte) ([]byte, bool, error) {
	return dst, false, nil
}

// nowhere is a store that keeps nothing.
type nowhere struct{ bytes atomic.Int64 }

func (n *nowhere) Replace(_ string, write func(io.Writer) error) error { return write(n) }
func (n *nowhere) Open(string) (crl.File, error)                       { return nil, os.ErrNotExist }
func (n *nowhere) Write(b []byte) (int, error) {
	n.bytes.Add(int64(len(b)))
	return len(b), nil
}

// peak is the most memory that the process has had, in MiB.
func peak(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kib float64
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}

// BenchmarkCountry makes the lists of 1,900 municipalities with a million
// entries, signatures included, into files and into nothing.
func BenchmarkCountry(b *testing.B) {
	issuer := double.Issuer(certificate.AuthenticationAuthority, 1)
	for _, where := range []string{"nowhere", "files"} {
		b.Run(where, func(b *testing.B) {
			for b.Loop() {
				var store crl.Store = new(nowhere)
				if where == "files" {
					directory, err := crl.OpenDirectory(b.TempDir())
					if err != nil {
						b.Fatal(err)
					}
					defer directory.Close()
					store = directory
				}
				p := crl.Publisher{Registry: country{1900, 527}, Issuers: []*status.Issuer{issuer}, Store: store}
				done, err := p.Publish(b.Context())
				if err != nil || done.Done != 1901 || done.Entries != 1900*527 {
					b.Fatal(done, err)
				}
			}
			b.ReportMetric(peak(b), "MiB-peak")
		})
	}
}

// BenchmarkList makes one list of 100,000 entries.
func BenchmarkList(b *testing.B) {
	w, l := crl.NewWriter(crl.DefaultBuffer), list(kiyose)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Write(io.Discard, l, many(100_000)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/entry")
	runtime.KeepAlive(w)
}
