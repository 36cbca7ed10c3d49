package authority

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"

	"inkan/core/tsmp"
)

// partyFile is a key of a party in a file of parties.
type partyFile struct {
	Party     string `json:"party"`
	Role      string `json:"role"`
	KeyID     string `json:"keyId"`
	PublicKey string `json:"publicKey"` // SubjectPublicKeyInfo in PEM
	// Municipality is the code of the one that the party acts for, of six digits.
	Municipality string `json:"municipality,omitempty"`
}

// roleNames are the roles that ask the authority, by their names in files.
var roleNames = map[string]tsmp.Role{"SP-TSM": tsmp.RoleSPTSM, "help-desk": tsmp.RoleHelpDesk, "municipality": tsmp.RoleMunicipality}

// ReadParties reads the keys of parties from a file in JSON: a list of objects with
// party, role (SP-TSM, help-desk or municipality), keyId, publicKey in PEM, and for a
// municipality its code; offices are those that have one.
func ReadParties(path string) (all tsmp.Keys, offices map[tsmp.PartyID]string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var list []partyFile
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	all = tsmp.Keys{}
	for i, p := range list {
		key, err := p.key()
		if err != nil {
			return nil, nil, fmt.Errorf("%s: party %d: %w", path, i+1, err)
		}
		if _, twice := all[key.ID]; twice {
			return nil, nil, fmt.Errorf("%s: party %d: the key %s is there twice", path, i+1, key.ID)
		}
		if all[key.ID] = key; p.Municipality == "" {
			continue
		}
		if before, twice := offices[key.Party]; twice && before != p.Municipality {
			return nil, nil, fmt.Errorf("%s: party %d: %s acts for municipality %s, and for %s", path, i+1, key.Party, before, p.Municipality)
		}
		if offices == nil {
			offices = map[tsmp.PartyID]string{}
		}
		offices[key.Party] = p.Municipality
	}
	return all, offices, nil
}

func (p *partyFile) key() (k tsmp.Key, err error) {
	k = tsmp.Key{ID: p.KeyID, Party: tsmp.PartyID(p.Party), Role: roleNames[p.Role]}
	block, _ := pem.Decode([]byte(p.PublicKey))
	switch {
	case !k.Party.Valid():
		return k, fmt.Errorf("%q is no name of a party", p.Party)
	case k.Role == 0:
		return k, fmt.Errorf("role %q: want SP-TSM, help-desk or municipality", p.Role)
	case p.Municipality != "" && k.Role != tsmp.RoleMunicipality:
		return k, fmt.Errorf("%s has a municipality, and role %s", p.Party, p.Role)
	case k.ID == "":
		return k, fmt.Errorf("%s has no keyId", p.Party)
	case block == nil:
		return k, fmt.Errorf("the publicKey of %s is no PEM", p.Party)
	}
	k.Public, err = x509.ParsePKIXPublicKey(block.Bytes)
	return k, err
}

// writeParties writes what ReadParties reads.
func writeParties(path string, all []tsmp.Key) error {
	var list []partyFile
	for _, k := range all {
		spki, err := x509.MarshalPKIXPublicKey(k.Public)
		if err != nil {
			return err
		}
		p := partyFile{Party: string(k.Party), KeyID: k.ID, PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}))}
		for name, role := range roleNames {
			if role == k.Role {
				p.Role = name
			}
		}
		list = append(list, p)
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}
