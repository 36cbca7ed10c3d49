package world

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"io"
	"math/big"
	"path"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/personalise"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
)

// heard is all that a carrier's service manager is told, sends and stores.
type heard struct{ all bytes.Buffer }

// files adds what is on a disk.
func (h *heard) files(t *testing.T, disk vfs.FS, folder string) {
	t.Helper()
	names, err := disk.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		name = path.Join(folder, name)
		if info, err := disk.Stat(name); err != nil {
			t.Fatal(err)
		} else if info.IsDir() {
			h.files(t, disk, name)
			continue
		}
		f, err := disk.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&h.all, f); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// has reports whether a secret was heard, in any of the ways in which it may be
// written.
func (h *heard) has(secret []byte) bool {
	all := h.all.Bytes()
	for _, form := range []string{string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret))} {
		if bytes.Contains(all, []byte(form)) {
			return true
		}
	}
	for skip := range 3 { // base64 in any alignment
		text := base64.RawStdEncoding.EncodeToString(secret[skip:])
		text = text[:len(text)-len(text)%4]
		if bytes.Contains(all, []byte(text)) || bytes.Contains(all, []byte(strings.NewReplacer("+", "-", "/", "_").Replace(text))) {
			return true
		}
	}
	return false
}

// Nothing of what a carrier's manager hears, sends or stores has the delivered key,
// the holder's name, or the code for the PIN. The same search finds what it is known
// to have.
func TestCarrierLearnsNothing(t *testing.T) {
	req.Covers(t, "SPEC-OPERATIONS-003")
	for _, bearers := range [][]tsmp.Bearer{{tsmp.BearerRelay}, {tsmp.BearerSMS}} {
		h := new(heard)
		manager := ManagerOf("minato")
		plan := Plan{
			Message: func(m *Message) Fault {
				if m.To == manager || m.From == manager {
					// The payload of a signed message is base64: what it says is looked at, too.
					for _, part := range bytes.Split(m.Request, []byte(".")) {
						if plain, err := base64.RawURLEncoding.DecodeString(string(part)); err == nil {
							h.all.Write(plain)
						}
					}
				}
				return None
			},
			SMS: func(s *SMS) Fault { h.all.Write(s.TPDU); return None },
		}
		var made []*rsa.PrivateKey
		keys := func(label string) (*rsa.PrivateKey, error) {
			key, err := personalise.SeededKey(1, label)
			if err == nil && strings.Contains(label, "/delivered ") { // a copy: the authority wipes its own
				made = append(made, &rsa.PrivateKey{PublicKey: key.PublicKey, D: new(big.Int).Set(key.D), Primes: []*big.Int{new(big.Int).Set(key.Primes[0]), new(big.Int).Set(key.Primes[1])}})
			}
			return key, err
		}
		w, err := New(t.Context(), Config{Seed: 1, Carriers: []string{"minato"}, Origin: jpki.OriginDelivered, Bearers: bearers, Plan: plan, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		p := newcomer(t, w, 1)
		if err := p.ChangePIN(t.Context(), PIN, "8642"); err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(t.Context(), uiapp.ResetPIN, tsmp.UsageHolder); err != nil {
			t.Fatal(err)
		}
		if err := p.Finish(t.Context(), "9753"); err != nil {
			t.Fatal(err)
		}
		process := w.processes[manager]
		h.files(t, process.disk, "")
		key := made[0]
		if !bytes.Equal(modulusOf(t, p), key.N.Bytes()) {
			t.Fatal("the key in the SIM is not the one that is looked for")
		}
		for name, secret := range map[string][]byte{
			"first prime": key.Primes[0].Bytes()[:32], "second prime": key.Primes[1].Bytes()[:32], "private exponent": key.D.Bytes()[:32],
			"name": []byte(p.Owner.Attributes.Name), "address": []byte(p.Owner.Attributes.Address),
		} {
			if len(secret) < 6 {
				t.Fatalf("%s: nothing to look for", name)
			}
			if h.has(secret) {
				t.Errorf("bearers %v: the carrier's manager has the %s", bearers, name)
			}
		}
		se := p.SIM.SE()
		for name, known := range map[string][]byte{"SIM's identifier": se[:], "telephone number": []byte(p.SIM.Number)} {
			if !h.has(known) {
				t.Errorf("the search does not even find the %s", name)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// modulusOf is the modulus of the certificate on the phone's SIM.
func modulusOf(t *testing.T, p *Phone) []byte {
	t.Helper()
	traces, err := p.SIM.Traces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return publicKeyOf(t, traces.Certificate).N.Bytes()
}

func publicKeyOf(t *testing.T, der []byte) *rsa.PublicKey {
	t.Helper()
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.PublicKey.(*rsa.PublicKey)
}
