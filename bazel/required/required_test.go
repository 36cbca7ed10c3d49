package required

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"pgregory.net/rapid"
)

type pair struct{ Name, Value string }

func TestCmpNamesTheDifference(t *testing.T) {
	want := []pair{{"KeyVersion", "30"}, {"KeyID", "01"}}
	got := []pair{{"KeyVersion", "30"}, {"KeyID", "02"}}
	diff := cmp.Diff(want, got)
	if !strings.Contains(diff, `"01"`) || !strings.Contains(diff, `"02"`) {
		t.Errorf("the difference does not name both values:\n%s", diff)
	}
	if diff := cmp.Diff(want, want); diff != "" {
		t.Errorf("equal values differ:\n%s", diff)
	}
}

func TestCryptobyteReadsWhatItBuilt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.Int64().Draw(t, "version")
		name := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "name")
		var b cryptobyte.Builder
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(version)
			b.AddASN1OctetString(name)
		})
		in := cryptobyte.String(b.BytesOrPanic())
		var seq, gotName cryptobyte.String
		var gotVersion int64
		if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() ||
			!seq.ReadASN1Integer(&gotVersion) || !seq.ReadASN1(&gotName, asn1.OCTET_STRING) ||
			!seq.Empty() {
			t.Fatal("does not read back")
		}
		if gotVersion != version || string(gotName) != string(name) {
			t.Fatalf("read (%d, %x), want (%d, %x)", gotVersion, gotName, version, name)
		}
	})
}
