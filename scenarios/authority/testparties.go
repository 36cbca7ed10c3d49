package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/core/tsmp"
)

// TestParty is a party of a laboratory, by the name of its files.
type TestParty struct {
	File  string
	Party tsmp.PartyID
	Role  tsmp.Role
}

// TestParties are those for which a folder with test keys has keys and TLS.
func TestParties() []TestParty {
	return []TestParty{{"sp-tsm", "sp-tsm.inkan.example", tsmp.RoleSPTSM}, {"desk", "desk.inkan.example", tsmp.RoleHelpDesk},
		{"municipality", "municipality.inkan.example", tsmp.RoleMunicipality}}
}

// Laboratory is what an authority with test keys has for its parties: NAME.key.pem
// signs a party's messages, NAME.tls.pem is its certificate and key for TLS,
// server.tls.pem the authority's, tls-ca.pem who has issued them, and parties.json
// the public keys. It is made where there is none: whoever reads the folder can
// speak for every party.
func (f Folder) Laboratory(now time.Time) (string, error) {
	folder := f.path("tsm")
	if _, err := os.Stat(filepath.Join(folder, "parties.json")); !errors.Is(err, fs.ErrNotExist) {
		return folder, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return folder, err
	}
	all, err := MakeTestParties(folder, now, append([]TestParty{{File: "server", Party: Party}}, TestParties()...))
	if err != nil {
		return folder, err
	}
	return folder, writeParties(filepath.Join(folder, "parties.json"), all)
}

// MakeTestParties makes in a folder what Laboratory has: tls-ca.pem, and for each
// party NAME.tls.pem and, unless it has no role, NAME.key.pem. It gives the public
// keys: TEST ONLY.
func MakeTestParties(folder string, now time.Time, parties []TestParty) (all []tsmp.Key, err error) {
	lab := &laboratory{folder: folder, now: now}
	if err := lab.found(); err != nil {
		return nil, err
	}
	for _, p := range parties {
		if err := lab.certify(p.File, string(p.Party)); err != nil {
			return nil, err
		}
		if p.Role == 0 {
			continue
		}
		key, err := lab.sign(p)
		if err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	return all, nil
}

// laboratory makes a folder's keys.
type laboratory struct {
	folder string
	now    time.Time
	own    *x509.Certificate
	key    *ecdsa.PrivateKey
	serial int64
}

// found makes the issuer of TLS certificates.
func (l *laboratory) found() (err error) {
	if l.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	l.own = l.template("INKAN TEST ONLY TLS")
	l.own.IsCA, l.own.BasicConstraintsValid, l.own.KeyUsage = true, true, x509.KeyUsageCertSign
	l.own.ExtKeyUsage = nil
	der, err := x509.CreateCertificate(nil, l.own, l.own, &l.key.PublicKey, l.key)
	if err != nil {
		return err
	}
	if l.own, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	return l.write("tls-ca.pem", pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (l *laboratory) template(name string) *x509.Certificate {
	l.serial++
	return &x509.Certificate{SerialNumber: big.NewInt(l.serial), Subject: pkix.Name{CommonName: name, Organization: []string{"INKAN TEST ONLY"}},
		NotBefore: l.now.Add(-time.Hour), NotAfter: l.now.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
}

// certify makes a key and certificate for TLS, for a name and the loopback.
func (l *laboratory) certify(file, name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c := l.template(name)
	c.DNSNames, c.IPAddresses = []string{name, "localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	der, err := x509.CreateCertificate(nil, c, l.own, &key.PublicKey, l.key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return l.write(file+".tls.pem", pem.Block{Type: "CERTIFICATE", Bytes: der}, pem.Block{Type: privateBlock, Bytes: private})
}

const privateBlock = "PRIVATE " + "KEY"

// sign makes a party's key for messages.
func (l *laboratory) sign(p TestParty) (k tsmp.Key, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return k, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return k, err
	}
	k = tsmp.Key{ID: string(p.Party) + "#1", Party: p.Party, Role: p.Role, Public: &key.PublicKey}
	return k, l.write(p.File+".key.pem", pem.Block{Type: privateBlock, Bytes: private})
}

func (l *laboratory) write(name string, blocks ...pem.Block) error {
	var text []byte
	for _, b := range blocks {
		text = append(text, pem.EncodeToMemory(&b)...)
	}
	return os.WriteFile(filepath.Join(l.folder, name), text, 0o600)
}

// ReadIdentity reads what a party of a laboratory signs with.
func ReadIdentity(folder string, p TestParty) (id tsmp.Identity, err error) {
	text, err := os.ReadFile(filepath.Join(folder, p.File+".key.pem"))
	if err != nil {
		return id, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return id, errors.New("authority: " + p.File + ".key.pem is no PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return id, err
	}
	key, ok := private.(*ecdsa.PrivateKey)
	if !ok {
		return id, errors.New("authority: " + p.File + ".key.pem is no key of P-256")
	}
	return tsmp.Identity{Party: p.Party, KeyID: string(p.Party) + "#1", Signer: key}, nil
}

// ReadTLS reads certificate and key from one file, or from two.
func ReadTLS(certificate, key string) (tls.Certificate, error) {
	return tls.LoadX509KeyPair(certificate, key)
}

// ReadPool reads certificates in PEM that are trusted.
func ReadPool(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("authority: no certificate in PEM in " + path)
	}
	return pool, nil
}

// TestKeys are the keys of messages by which an authority with test keys answers.
func TestKeys() tsmp.Keys {
	all := tsmp.Keys{}
	for _, n := range testkeys.Store().Names() {
		if n.Role == keys.Request {
			k := requestKey(n, testkeys.Signer(n.Role, n.Generation).Public())
			all[k.ID] = k
		}
	}
	return all
}

// requestKey is a key of the authority's messages.
func requestKey(name keys.Name, public crypto.PublicKey) tsmp.Key {
	return tsmp.Key{ID: string(Party) + "#" + name.String(), Party: Party, Role: tsmp.RoleCA, Public: public}
}
