package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/ca/status/publication"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

var start = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// open opens an authority in a folder at a time.
func open(t *testing.T, folder string, at *time.Time, parties tsmp.Keys) *CA {
	t.Helper()
	seed := uint64(1)
	a, err := Open(t.Context(), Config{Folder: folder, Now: func() time.Time { return *at }, Seed: &seed, Parties: parties,
		Fault: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(a *CA, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.Publication.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// The authority is the same one after it was closed: certificates, responders,
// and what was published before is published again.
func TestOpenAgain(t *testing.T) {
	folder, now := filepath.Join(t.TempDir(), "registry"), start
	first := open(t, folder, &now, nil)
	if err := first.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := get(first, publication.CertificatePath(profile.AuthenticationAuthority, 1)).Body.String()
	responder := first.Issuers()[1].Responder.Certificate
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	again := open(t, folder, &now, nil)
	defer again.Close()
	if got := get(again, publication.CertificatePath(profile.AuthenticationAuthority, 1)).Body.String(); got != before || got == "" {
		t.Error("another certificate of the authority")
	}
	if !again.Issuers()[1].Responder.Certificate.Equal(responder) {
		t.Error("another responder")
	}
}

// Two weeks before a responder's certificate ends, the next key takes its place, and
// when there is none any more the error says what to do.
func TestRespondersFollowEachOther(t *testing.T) {
	folder, now := filepath.Join(t.TempDir(), "registry"), start
	serial := func() string {
		a := open(t, folder, &now, nil)
		defer a.Close()
		return a.Issuers()[0].Responder.Certificate.SerialNumber.String()
	}
	first := serial()
	now = now.AddDate(0, 0, 80)
	second := serial()
	if first == second {
		t.Error("the same responder ten days before its end")
	}
	now = now.AddDate(0, 0, 85)
	if serial() != second {
		t.Error("another responder than the last one")
	}
	now = now.AddDate(0, 0, 10)
	seed := uint64(1)
	_, err := Open(t.Context(), Config{Folder: folder, Now: func() time.Time { return now }, Seed: &seed})
	if err == nil || !strings.Contains(err.Error(), "hold a ceremony") {
		t.Errorf("%v", err)
	}
}

// A party asks by message, and the answer is the authority's.
func TestMessages(t *testing.T) {
	city, key := Named("kiyose.inkan.example", tsmp.RoleMunicipality, 1)
	now := start
	a := open(t, "", &now, tsmp.Keys{key.ID: key})
	defer a.Close()
	remote := tsmp.RemoteMunicipal{Caller: a.Caller(city)}
	kiyose, _ := profile.MunicipalityOf("13221")
	answer, err := remote.RegisterPerson(t.Context(), &tsmp.Call{ID: tsmp.CallID{1}, Sent: now}, &tsmp.RegisterPersonRequest{Birth: profile.Date{Year: 1984, Month: 4, Day: 1},
		Attributes: tsmp.Attributes{Name: "印鑑　太郎", Address: "東京都清瀬市中里五丁目", Sex: profile.Male, Municipality: kiyose}, Case: "1"})
	if err != nil || answer.Person == (tsmp.PersonID{}) {
		t.Fatal(answer, err)
	}
	_, err = tsmp.RemoteCA{Caller: a.Caller(city)}.PlaceOrder(t.Context(), &tsmp.Call{ID: tsmp.CallID{2}, Sent: now}, &tsmp.PlaceOrderRequest{ApplicationID: tsmp.ApplicationID{1},
		SIM: [16]byte{1}, InstanceAID: []byte{1, 2, 3, 4, 5}, LoadFileHash: [32]byte{1}})
	if !errors.Is(err, tsmp.Refuse(tsmp.CodeNotAuthorised, "")) {
		t.Errorf("a municipality places an order: %v", err)
	}
}

func TestConfigurations(t *testing.T) {
	now := func() time.Time { return start }
	for name, c := range map[string]Config{
		"no clock":     {},
		"short secret": {Now: now, Secret: []byte("short")},
		"own key":      {Now: now, Parties: tsmp.Keys{"x": {ID: "x", Party: Party}}},
	} {
		if a, err := Open(t.Context(), c); err == nil {
			a.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

// A file says for which municipality a party acts; only a municipality acts for one.
func TestMunicipalityOfParty(t *testing.T) {
	_, key := Named("city.inkan.example", tsmp.RoleMunicipality, 1)
	path := filepath.Join(t.TempDir(), "parties.json")
	if err := writeParties(path, []tsmp.Key{key}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for role, ok := range map[string]bool{"municipality": true, "help-desk": false} {
		said := strings.Replace(string(text), `"role": "municipality"`, `"role": "`+role+`", "municipality": "132217"`, 1)
		if err := os.WriteFile(path, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		all, offices, err := ReadParties(path)
		if (err == nil) != ok || ok && (len(all) != 1 || offices[key.Party] != "132217") {
			t.Errorf("%s: %v, %v", role, offices, err)
		}
	}
}

func TestInventory(t *testing.T) {
	v := new(Inventory)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 7))
	if err != nil {
		t.Fatal(err)
	}
	sim := [16]byte{1}
	if v.AttestationKey(sim, [32]byte{}) != nil {
		t.Error("a key of an empty inventory")
	}
	id, err := v.Report(sim, &key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if v.AttestationKey(sim, id) == nil {
		t.Error("a key that was reported is not known")
	}
	if v.AttestationKey([16]byte{2}, id) != nil || v.AttestationKey(sim, [32]byte{}) != nil {
		t.Error("the key of one SIM is another's")
	}
}
