package certificate

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/spec/req"
)

// TestNameLengths: a name of values of every length about where a length field gets
// longer is what cryptobyte writes of it.
func TestNameLengths(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-004")
	for _, near := range []int{1, 100, 117, 126, 128, 240, 256, 0xFFF0, 0x10000} {
		for n := near; n < near+20; n++ {
			name := Name{{Country, "JP"}, {CommonName, strings.Repeat("x", n)}, {Locality, "印鑑"}}
			var b cryptobyte.Builder
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, a := range name {
					b.AddASN1(tag.SET, func(b *cryptobyte.Builder) {
						b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1(tag.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x55, 4, byte(a.Type)}) })
							b.AddASN1(a.Type.stringTag(), func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.Value)) })
						})
					})
				}
			})
			if got, want := name.AppendDER([]byte("before")), append([]byte("before"), b.BytesOrPanic()...); !bytes.Equal(got, want) {
				t.Fatalf("%d characters: %X, want %X", n, got, want)
			}
		}
	}
}
