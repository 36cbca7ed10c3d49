// Package folder is the folder of a laboratory that runs: keys and TLS certificates of
// its parties, where each one keeps its store, and serve.json, which says to phones of
// other processes where everybody listens. All keys in it are TEST ONLY: whoever reads
// the folder can speak for every party.
//
// It must not know what parties do. It implements spec/SERVE.md, section "Folder".
package folder

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
	"inkan/sim/profile"
)

// Folder is a laboratory's:
//
//	serve.json   where everybody listens, and the parties' public keys
//	keys/        keys and TLS certificates of the parties, secrets of their HSMs
//	ca/          the authority: authority.Folder
//	sp-tsm/      store of the SP-TSM
//	mno-NAME/    store of the MNO-TSM of a profile
type Folder string

func (f Folder) path(name string) string { return filepath.Join(string(f), name) }

// CA is the authority's folder.
func (f Folder) CA() authority.Folder { return authority.Folder(f.path("ca")) }

// SPTSM is the SP-TSM's store.
func (f Folder) SPTSM() string { return f.path("sp-tsm") }

// MNOTSM is the store of a carrier's manager.
func (f Folder) MNOTSM(p *profile.Profile) string { return f.path("mno-" + p.Name) }

// Hosts that are no party of the messages.
const (
	Network = "network.inkan.example" // of all carriers: short messages, and the shop
	Bank    = "bank.example"
)

// Names of files of parties.
const (
	fileCA      = "ca"
	fileSP      = "sp-tsm"
	fileCity    = "municipality"
	fileDesk    = "desk"
	fileNetwork = "network"
	fileBank    = "bank"
)

// parties are all that have a key or a TLS certificate.
func parties() []authority.TestParty {
	all := []authority.TestParty{{File: fileCA, Party: laboratory.CA}, {File: fileNetwork, Party: Network}, {File: fileBank, Party: Bank},
		{File: fileSP, Party: laboratory.SPTSM, Role: tsmp.RoleSPTSM}, {File: fileCity, Party: laboratory.City, Role: tsmp.RoleMunicipality},
		{File: fileDesk, Party: laboratory.Desk, Role: tsmp.RoleHelpDesk}}
	for _, p := range profile.All() {
		all = append(all, authority.TestParty{File: fileOf(p), Party: laboratory.ManagerOf(p.Name), Role: tsmp.RoleMNOTSM})
	}
	return all
}

func fileOf(p *profile.Profile) string { return "mno-" + p.Name }

// partyNamed finds a party.
func partyNamed(name tsmp.PartyID) (authority.TestParty, error) {
	for _, p := range parties() {
		if p.Party == name {
			return p, nil
		}
	}
	return authority.TestParty{}, fmt.Errorf("folder: nobody is called %s", name)
}

// Make makes the keys where there are none. What a process that was ended in the
// middle has left is made anew: nobody has used it. Spec: SPEC-SERVE-002.
func (f Folder) Make(now time.Time) error {
	if _, err := os.Stat(f.path("keys")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	left, err := filepath.Glob(f.path(".keys-*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	next, err := os.MkdirTemp(string(f), ".keys-")
	if err != nil {
		return err
	}
	if _, err := authority.MakeTestParties(next, now, parties()); err != nil {
		return err
	}
	for _, p := range parties() {
		var secret [32]byte
		rand.Read(secret[:])
		if err := os.WriteFile(filepath.Join(next, p.File+".secret"), []byte(hex.EncodeToString(secret[:])+"\n"), 0o600); err != nil {
			return err
		}
	}
	return os.Rename(next, f.path("keys"))
}

// Identity is what a party signs its messages with.
func (f Folder) Identity(name tsmp.PartyID) (id tsmp.Identity, err error) {
	p, err := partyNamed(name)
	if err != nil {
		return id, err
	}
	return authority.ReadIdentity(f.path("keys"), p)
}

// Keys are the public keys of all parties but the authority.
func (f Folder) Keys() (tsmp.Keys, error) {
	all := tsmp.Keys{}
	for _, p := range parties() {
		if p.Role == 0 {
			continue
		}
		id, err := authority.ReadIdentity(f.path("keys"), p)
		if err != nil {
			return nil, err
		}
		all[id.KeyID] = tsmp.Key{ID: id.KeyID, Party: p.Party, Role: p.Role, Public: id.Signer.Public()}
	}
	return all, nil
}

// Secret is 32 bytes that a party has for itself: the key-encryption key of its HSM,
// or what its codes follow from.
func (f Folder) Secret(name tsmp.PartyID) ([]byte, error) {
	p, err := partyNamed(name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(f.path("keys"), p.File+".secret")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	if n, err := hex.Decode(secret, text[:min(len(text), 2*len(secret))]); err != nil || n != len(secret) {
		return nil, fmt.Errorf("%s: want 64 hexadecimal digits", path)
	}
	return secret, nil
}

// TLS is a party's certificate and key.
func (f Folder) TLS(name tsmp.PartyID) (c tls.Certificate, err error) {
	p, err := partyNamed(name)
	if err != nil {
		return c, err
	}
	path := filepath.Join(f.path("keys"), p.File+".tls.pem")
	return authority.ReadTLS(path, path)
}

// Pool is who has issued the parties' TLS certificates.
func (f Folder) Pool() (*x509.CertPool, error) {
	return authority.ReadPool(filepath.Join(f.path("keys"), "tls-ca.pem"))
}
