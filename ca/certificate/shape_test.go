package certificate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"encoding/asn1"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

// shapeVector is the structure of a published certificate: a line for each
// element, indented by depth, with its tag, and the value of object identifiers,
// booleans and short bit strings.
type shapeVector struct {
	vectors.Header
	Certificate string   `json:"certificate"` // ours that has to have it
	Shape       []string `json:"shape"`
}

// replaced are object identifiers that differ on purpose: the policies.
var replaced = strings.NewReplacer("1.2.392.200149.8.5.1.", "2.999.392.1.8.5.1.")

// TestShape compares the structure of our certificates with that of the
// published ones.
func TestShape(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-001", "SPEC-CERT-PROFILE-003", "SPEC-CERT-PROFILE-004", "SPEC-CERT-PROFILE-008",
		"SPEC-CERT-PROFILE-015", "SPEC-CERT-PROFILE-019", "SPEC-CERT-PROFILE-024", "SPEC-CERT-PROFILE-025")
	_, all := fixture(t)
	for _, v := range vectors.Load[shapeVector](t, "cert-profile-shape.json") {
		ours := all[v.Certificate]
		if ours == nil {
			t.Errorf("%s: no certificate %q", v.Name, v.Certificate)
			continue
		}
		var want []string
		for _, line := range v.Shape {
			want = append(want, replaced.Replace(line))
		}
		if diff := cmp.Diff(want, shape(ours.DER)); diff != "" {
			t.Errorf("%s against %s (-published +ours):\n%s", v.Name, v.Certificate, diff)
		}
	}
}

// TestShapeOfPhone: but for the policy it is the card's.
func TestShapeOfPhone(t *testing.T) {
	_, all := fixture(t)
	card := strings.Join(shape(all["card authentication"].DER), "\n")
	phone := strings.Join(shape(all["phone authentication"].DER), "\n")
	if want := strings.Replace(card, "2.999.392.1.8.5.1.3.30", "2.999.392.1.8.5.1.3.40", 1); phone != want || phone == card {
		t.Error(cmp.Diff(want, phone))
	}
}

// shape lists the structure of a certificate.
func shape(der []byte) []string {
	var lines []string
	walkShape(der, 0, &lines)
	return lines
}

// extensionDepth is where the OCTET STRINGs are whose content is DER.
const extensionDepth = 5

func walkShape(der []byte, depth int, lines *[]string) {
	s := cryptobyte.String(der)
	for !s.Empty() {
		var whole, value cryptobyte.String
		var t tag.Tag
		if !s.ReadAnyASN1Element(&whole, &t) {
			*lines = append(*lines, "not DER")
			return
		}
		raw := whole
		raw.ReadAnyASN1(&value, &t)
		line := fmt.Sprintf("%s%02X", strings.Repeat(" ", depth), byte(t))
		switch t {
		case tag.OBJECT_IDENTIFIER:
			var oid asn1.ObjectIdentifier
			whole.ReadASN1ObjectIdentifier(&oid)
			line += " " + oid.String()
		case tag.BOOLEAN:
			line += fmt.Sprintf(" %X", []byte(value))
		case tag.BIT_STRING:
			if len(value) == 2 {
				line += fmt.Sprintf(" %X", []byte(value))
			}
		}
		*lines = append(*lines, line)
		if byte(t)&0x20 != 0 || t == tag.OCTET_STRING && depth == extensionDepth {
			walkShape(value, depth+1, lines)
		}
	}
}
