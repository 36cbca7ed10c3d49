package certificate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/spec/req"
)

func TestMunicipalities(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-015", "SPEC-CERT-PROFILE-016")
	all := Municipalities()
	if len(all) < 20 {
		t.Fatalf("%d municipalities, want at least 20", len(all))
	}
	partitions := map[string]bool{}
	for i, m := range all {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
		if i > 0 && m.Code <= all[i-1].Code {
			t.Errorf("%s after %s", m.Code, all[i-1].Code)
		}
		if partitions[m.Partition()] {
			t.Errorf("two municipalities share partition %s", m.Partition())
		}
		partitions[m.Partition()] = true
		for _, a := range Authorities() {
			name, err := PartitionName(a, m.Partition())
			if err != nil {
				t.Fatal(err)
			}
			back, partition, err := PartitionOf(name)
			if err != nil || back != a || partition != m.Partition() {
				t.Errorf("PartitionOf(%s) = %v %q %v", name, back, partition, err)
			}
			back, partition, err = ParseCRLPath(CRLPath(a, m.Partition()))
			if err != nil || back != a || partition != m.Partition() {
				t.Errorf("ParseCRLPath(%s) = %v %q %v", CRLPath(a, m.Partition()), back, partition, err)
			}
			read, err := ParseName(name.AppendDER(nil))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(name, read); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// TestMunicipalityRefused: code, check digit and names have their form. The good
// codes are published ones.
func TestMunicipalityRefused(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-038")
	for area, code := range map[string]string{"01101": "011011", "13221": "132217", "13101": "131016", "27102": "271021", "47201": "472018", "01202": "012025"} {
		m, err := NewMunicipality(area, "Tokyo-to", "Kiyose-shi")
		if err != nil || m.Code != code || m.Area() != area {
			t.Errorf("NewMunicipality(%s) = %v, %v; want code %s", area, m, err, code)
		}
	}
	for _, m := range []Municipality{
		{"13221", "Tokyo-to", "Kiyose-shi"}, {"132218", "Tokyo-to", "Kiyose-shi"}, {"13221X", "Tokyo-to", "Kiyose-shi"}, {"1322a7", "Tokyo-to", "Kiyose-shi"},
		{"132217", "", "Kiyose-shi"}, {"132217", "Tokyo-to", ""}, {"132217", "tokyo-to", "Kiyose-shi"}, {"132217", "Tokyo/to", "Kiyose-shi"},
		{"132217", "Tokyo-to", "Kiyose shi"}, {"132217", "Tokyo-to", "Kiyose-"}, {"132217", "Tokyo-to", "清瀬市"}, {"132217", "Tokyo-to", "Kiyose-shi.."},
		{"132217", "Tokyo-to", "Abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefgh-shi"},
	} {
		if err := m.Check(); err == nil {
			t.Errorf("%v is taken", m)
		}
	}
	for _, bad := range []string{"", "1322", "132217", "1322x"} {
		if m, err := NewMunicipality(bad, "Tokyo-to", "Kiyose-shi"); err == nil {
			t.Errorf("NewMunicipality(%q) = %v", bad, m)
		}
	}
	if m, ok := MunicipalityOf("132217"); !ok || m.City != "Kiyose-shi" {
		t.Error("Kiyose-shi by its six digits")
	}
	if m, ok := MunicipalityOf("132218"); ok {
		t.Errorf("132218 is %v", m)
	}
}

// TestCRLPath: the path is of the directory name, and nothing else is a path.
func TestCRLPath(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-016")
	if got := CRLPath(AuthenticationAuthority, "Tokyo-to/Kiyose-shi"); got != "/crl/auth/Tokyo-to/Kiyose-shi.crl" {
		t.Error(got)
	}
	for _, a := range Authorities() {
		if back, partition, err := ParseCRLPath(CRLPath(a, CAList)); err != nil || back != a || partition != CAList {
			t.Errorf("CA list of %s: %v %q %v", a, back, partition, err)
		}
		if back, partition, err := PartitionOf(a.Name()); err != nil || back != a || partition != CAList {
			t.Errorf("CA list of %s: %v %q %v", a, back, partition, err)
		}
	}
	for _, bad := range []string{"", "/", "/crl/", "/crl/auth", "/crl/x.crl", "/crl/auth/.crl", "/crl/auth/Tokyo-to.crl", "/crl/auth/Tokyo-to/.crl",
		"/crl/auth/Tokyo-to/../Kiyose-shi.crl", "/crl/auth/Tokyo-to/Kiyose-shi", "/crl/auth/Tokyo-to/Kiyose-shi/x.crl", "crl/auth.crl", "/crl/auth//.crl"} {
		if a, partition, err := ParseCRLPath(bad); err == nil {
			t.Errorf("ParseCRLPath(%q) = %s %q", bad, a, partition)
		}
	}
	for _, bad := range []string{"Tokyo-to", "Tokyo-to/", "/Kiyose-shi", "Tokyo-to/Kiyose-shi/x", "../x"} {
		if n, err := PartitionName(AuthenticationAuthority, bad); err == nil {
			t.Errorf("PartitionName(%q) = %s", bad, n)
		}
	}
}

// TestPartitionOf refuses names that are no distribution point here.
func TestPartitionOf(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-015")
	good, err := PartitionName(SignatureAuthority, "Tokyo-to/Kiyose-shi")
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append(Name(nil), good...)
		bad[i].Value += "x"
		if a, partition, err := PartitionOf(bad); err == nil && i != 4 {
			t.Errorf("PartitionOf(%s) = %s %q", bad, a, partition)
		}
		if a, partition, err := PartitionOf(good[:i]); err == nil {
			t.Errorf("PartitionOf(%s) = %s %q", good[:i], a, partition)
		}
	}
	if a, partition, err := PartitionOf(SignatureAuthority.ResponderName()); err == nil {
		t.Errorf("responder: %s %q", a, partition)
	}
}

// TestWords: every value has a name, and no other value has one of them.
func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for k := CardSignature; k <= OCSPResponder; k++ {
		seen[k.String()] = true
	}
	for s := Pending; s <= Revoked; s++ {
		seen[s.String()] = true
	}
	for r := Unspecified; r <= AACompromise; r++ {
		if r.Valid() != (r != 7) {
			t.Errorf("reason %d: valid is %v", r, r.Valid())
		}
		seen[r.String()] = true
	}
	if len(seen) != 7+4+11 || seen[""] {
		t.Errorf("%d words: %v", len(seen), seen)
	}
	for _, a := range Authorities() {
		if back, err := ParseAuthority(a.String()); err != nil || back != a || a.Kind().Authority() != a || !a.Kind().CA() {
			t.Errorf("%s: %v, %v", a, back, err)
		}
	}
	if a, err := ParseAuthority("AUTH"); err == nil {
		t.Error(a)
	}
}
