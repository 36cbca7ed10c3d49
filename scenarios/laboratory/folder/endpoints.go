package folder

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"

	"inkan/core/tsmp"
	"inkan/server/binding"
)

// Ports of names: where parties, and where apps and browsers ask.
const (
	PartiesPort = "8443"
	AppsPort    = "443"
)

// URL is where a name is asked at a port.
func URL(name, port string) string { return "https://" + net.JoinHostPort(name, port) }

// Served is serve.json. Spec: SPEC-SERVE-003.
type Served struct {
	Note string `json:"note"`
	// Endpoints are the addresses of names: "sp-tsm.inkan.example:443" is
	// "127.0.0.1:40123".
	Endpoints map[string]string `json:"endpoints"`
	Parties   []PublicKey       `json:"parties"`
}

// PublicKey is a party's key of messages.
type PublicKey struct {
	Party tsmp.PartyID `json:"party"`
	Role  tsmp.Role    `json:"role"`
	KeyID string       `json:"keyId"`
	Key   string       `json:"publicKey"` // SubjectPublicKeyInfo in PEM
}

// note is what a reader of the file should know.
const note = "TEST ONLY: the keys of this laboratory lie beside this file, and whoever reads them can speak for every party"

// NewServed makes what is served of endpoints and keys.
func NewServed(endpoints map[string]string, keys tsmp.Keys) (*Served, error) {
	s := &Served{Note: note, Endpoints: endpoints}
	for _, k := range keys {
		spki, err := x509.MarshalPKIXPublicKey(k.Public)
		if err != nil {
			return nil, err
		}
		s.Parties = append(s.Parties, PublicKey{k.Party, k.Role, k.ID, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}))})
	}
	return s, nil
}

// Keys are the parties' keys.
func (s *Served) Keys() (tsmp.Keys, error) {
	all := tsmp.Keys{}
	for _, p := range s.Parties {
		block, _ := pem.Decode([]byte(p.Key))
		if block == nil {
			return nil, fmt.Errorf("folder: the key of %s is no PEM", p.Party)
		}
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("folder: the key of %s: %w", p.Party, err)
		}
		all[p.KeyID] = tsmp.Key{ID: p.KeyID, Party: p.Party, Role: p.Role, Public: public}
	}
	return all, nil
}

// Write writes serve.json, which is then the old one or the new one whatever happens.
func (f Folder) Write(s *Served) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(string(f), ".serve-")
	if err != nil {
		return err
	}
	_, err = next.Write(append(text, '\n'))
	if err = errors.Join(err, next.Close()); err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return os.Rename(next.Name(), f.path("serve.json"))
}

// Remove removes serve.json: nobody serves any more.
func (f Folder) Remove() error {
	err := os.Remove(f.path("serve.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ErrNotServed: nobody serves the laboratory now.
var ErrNotServed = errors.New("nobody serves this laboratory: start inkan serve with the same --dir")

// Read reads serve.json. Errors are ErrNotServed, and those of a file that is none.
func (f Folder) Read() (*Served, error) {
	text, err := os.ReadFile(f.path("serve.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", f, ErrNotServed)
	}
	if err != nil {
		return nil, err
	}
	s := new(Served)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path("serve.json"), err)
	}
	return s, nil
}

// Lookup finds the address of a name and port at the moment.
type Lookup func(name string) (address string, err error)

// Lookup reads serve.json each time: a laboratory that is started again listens
// somewhere else.
func (f Folder) Lookup(name string) (string, error) {
	s, err := f.Read()
	if err != nil {
		return "", err
	}
	if address, ok := s.Endpoints[name]; ok {
		return address, nil
	}
	return "", fmt.Errorf("folder: nobody listens as %s", name)
}

// Client is a client of TLS for names of the laboratory: of a party, which shows its
// certificate, or without a name of an app, which has none.
func (f Folder) Client(name tsmp.PartyID, find Lookup) (*http.Client, error) {
	pool, err := f.Pool()
	if err != nil {
		return nil, err
	}
	config := binding.AppTLS(pool)
	if name != "" {
		own, err := f.TLS(name)
		if err != nil {
			return nil, err
		}
		config = binding.ClientTLS(own, pool)
	}
	client := binding.NewClient(config)
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, name string) (net.Conn, error) {
		address, err := find(name)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return client, nil
}
