package authority

import (
	"net/http"
	"path/filepath"
	"testing"

	profile "inkan/core/jpki/certificate"
)

// A municipality's first certificate has a list soon after, and not only on the next
// day.
func TestNewPartition(t *testing.T) {
	now := start
	a := open(t, filepath.Join(t.TempDir(), "registry"), &now, nil)
	defer a.Close()
	if err := a.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	town := profile.Municipalities()[0]
	path := profile.CRLPath(profile.AuthenticationAuthority, town.Prefecture+"/"+town.City)
	if code := get(a, path).Code; code != http.StatusNotFound {
		t.Fatalf("a list that is not there yet: %d", code)
	}
	enrolled(t, a, "sp-tsm.inkan.example", 1)
	if err := a.PublishNew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code := get(a, path).Code; code != http.StatusOK {
		t.Errorf("the list of a municipality with certificates: %d", code)
	}
}
