package oracle

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

var aid = gp.MustAID("D392F000260100000001")

// loaded is the load file on the card.
var loaded = perso.Hash{1, 2, 3}

// played is a model whose card the test plays, and the host's side of an issue.
type played struct {
	t         *testing.T
	m         *Model
	ca        *perso.SoftwareKey
	authority *ecdsa.PrivateKey
}

func play(t *testing.T, parameters ...byte) *played {
	t.Helper()
	scalar := sha256.Sum256([]byte("content"))
	ca, err := perso.NewSoftwareKey(1, scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdh.P256().NewPrivateKey(scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(parameters, Environment{AID: aid.Append(nil), LoadFile: loaded, Authority: &authority.PublicKey, CA: []*ecdh.PrivateKey{private}})
	if err != nil {
		t.Fatal(err)
	}
	return &played{t, m, ca, authority}
}

// attest signs as the card's authority does.
func (p *played) attest(statement []byte) []byte {
	h := sha256.Sum256(append(append(append(aid.AppendLV(nil), loaded[:]...), label...), statement...))
	r, s, err := ecdsa.Sign(rand.Reader, p.authority, h[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

// store gives the model data groups and the card's response to them.
func (p *played) store(groups *perso.Groups, statement []byte) {
	p.t.Helper()
	data, err := groups.Bytes()
	if err != nil {
		p.t.Fatal(err)
	}
	e := p.m.Store(0x33, 0x88, 0, data)
	var response []byte
	if statement != nil {
		response = append([]byte{byte(len(statement) >> 8), byte(len(statement))}, statement[:min(len(statement), 200)]...)
	}
	wrong := append(bytes.Clone(response), 0x90, 0x01)
	if p.m.Store(0x33, 0x88, 0, data).Match(wrong) == nil {
		p.t.Error("status word 9001 is taken")
	}
	if len(response) > 2 {
		wrong = append(bytes.Clone(response), 0x90, 0x00)
		wrong[2] ^= 1
		if p.m.Store(0x33, 0x88, 0, data).Match(wrong) == nil {
			p.t.Error("another statement is taken")
		}
	}
	if err := e.Match(append(response, 0x90, 0x00)); err != nil {
		p.t.Fatal(err)
	}
	p.m = e.Next
}

// step sends a command; the response has to be the expected one.
func (p *played) step(command, response []byte) {
	p.t.Helper()
	e := p.m.Step(command)
	if err := e.Match(response); err != nil {
		p.t.Fatalf("%X: %v", command, err)
	}
	p.m = e.Next
}

// order has the model take an order and gives the host's session.
func (p *played) order(o perso.Order) *perso.Session {
	p.t.Helper()
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	s := perso.OrderStatement{Header: perso.Header{Type: perso.StatementOrder, OrderHash: o.Hash(), Counter: o.Counter}}
	copy(s.Point[:], ephemeral.PublicKey().Bytes())
	copy(s.Challenge[:], "sixteen bytes ..")
	unsigned := s.Append(nil)
	s.Attestation = p.attest(unsigned[:len(unsigned)-1])
	p.store(new(perso.Groups).Order(&o), s.Append(nil))
	session, err := perso.Open(&o, perso.Card{AID: aid, Authority: perso.ECDSAAuthority{Key: &p.authority.PublicKey}}, &s, p.ca)
	if err != nil {
		p.t.Fatal(err)
	}
	return session
}

// TestHost lets the host of package perso issue a delivered key to the model:
// two readings of spec/PERSO.md, which meet in envelope and receipt.
func TestHost(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-074", "SPEC-PERSO-073")
	p := play(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := perso.Order{Purpose: jpki.PurposeIssue, Origin: jpki.OriginDelivered, Roles: jpki.Auth, LoadFile: loaded, ID: perso.OrderID{1}, Counter: 7,
		CAKeyVersion: 1, CAPoint: p.ca.Point()}
	session := p.order(o)
	items, err := perso.KeyItems(jpki.Auth, key)
	if err != nil {
		t.Fatal(err)
	}
	der := append([]byte{0x30, 0x82, 2, 0}, make([]byte, 512)...)
	items = append(items, perso.Item{Tag: perso.ItemCertificate, Value: der}, perso.Item{Tag: perso.ItemValidity, Value: []byte("20310228145959Z")},
		perso.Item{Tag: perso.ItemCode, Value: []byte("TWELVE-BYTES")})
	sealed, err := session.Seal(nil, 1, items)
	if err != nil {
		t.Fatal(err)
	}
	p.store(new(perso.Groups).Envelope(sealed), nil)
	e := p.m.activate(o.ID[:])
	receipt, err := perso.DecodeReceipt(e.Next.receipt.data)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.VerifyReceipt(&receipt, perso.CertificateHash(der), perso.Hash{}); err != nil {
		t.Error(err)
	}
	p.store(new(perso.Groups).Activate(o.ID), receipt.Append(nil))
	p.use(key, der)
}

// use sets a PIN and signs with an active application.
func (p *played) use(key *rsa.PrivateKey, der []byte) {
	p.t.Helper()
	sel := append([]byte{0x00, 0xA4, 0x04, 0x0C, 10}, aid.Append(nil)...)
	p.step(sel, []byte{0x90, 0})
	p.step(append([]byte{0, 0x2C, 0, 0x98, 16}, "TWELVE-BYTES1234"...), []byte{0x90, 0})
	p.step([]byte{0, 0x20, 0, 0x80}, []byte{0x63, 0xC3})
	p.step(append([]byte{0, 0x20, 0, 0x80, 4}, "4321"...), []byte{0x63, 0xC2})
	p.step(append([]byte{0, 0x20, 0, 0x80, 4}, "1234"...), []byte{0x90, 0})
	p.step([]byte{0, 0xB0, 0x8A, 4, 0}, append(bytes.Clone(der[4:260]), 0x90, 0))
	hash := sha256.Sum256([]byte("signed"))
	pss, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, hash[:], &rsa.PSSOptions{SaltLength: 32})
	if err != nil {
		p.t.Fatal(err)
	}
	plain, err := rsa.SignPKCS1v15(nil, key, 0, []byte("signed"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.step(append(append([]byte{0x80, 0x2A, 4, 0x97, 32}, hash[:]...), 0), append(pss, 0x90, 0))
	p.step(append(append([]byte{0x80, 0x2A, 0, 0x97, 6}, "signed"...), 0), append(bytes.Clone(plain), 0x90, 0))
	if p.m.Step(append(append([]byte{0x80, 0x2A, 1, 0x97, 6}, "signed"...), 0)).Match(append(plain, 0x90, 0)) == nil {
		p.t.Error("a signature of another mode is taken")
	}
}

// TestParameters reads install parameters as spec/JPKI-AP.md has them, and
// agrees with package jpki on what is malformed.
func TestParameters(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-007")
	for _, c := range []struct {
		b  string
		ok bool
	}{{"", true}, {"\x81\x01\x03", true}, {"\x81\x01\x02", false}, {"\x81\x01\x03\x81\x01\x03", false}, {"\x82\x01\x04", false}, {"\x83\x01\x02", false},
		{"\x84\x00", false}, {"\x84\x02A\x7F", false}, {"\x84\x02A ", true}, {"\x85\x01\x03", false}, {"\x86\x01\x00", false}, {"\x86\x01\x10", false},
		{"\x87\x02\x00\xFF", false}, {"\x87\x02\x10\x00", true}, {"\x87\x02\x10\x01", false}, {"\x88\x01\x00", false}, {"\x81", false}, {"\x81\x02\x01", false},
		{"\x87\x01\x10", false}, {"\x86\x01\x0F\x82\x01\x00\x81\x01\x01", true}} {
		_, err := ParseParameters([]byte(c.b))
		_, host := jpki.DecodeInstallParameters([]byte(c.b))
		if (err == nil) != c.ok || (host == nil) != c.ok {
			t.Errorf("%X: %v, and package jpki %v", c.b, err, host)
		}
	}
}

// FuzzStep: no command whatever is too much for the model.
func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 0xB0, 0x86, 0, 0}, []byte{0xB0, 9, 0}, byte(0x33))
	f.Add(append([]byte{0, 0xA4, 4, 0, 10}, aid.Append(nil)...), []byte{0xB0, 3, 0xFF, 1, 2, 0}, byte(0x11))
	m, err := New(nil, Environment{AID: aid.Append(nil)})
	if err != nil {
		f.Fatal(err)
	}
	m.selection = selectedThis
	f.Fuzz(func(t *testing.T, command, groups []byte, level byte) {
		e := m.Step(command)
		if e.Match([]byte{}) == nil && !e.free {
			t.Error("an empty response is taken")
		}
		if e := m.Store(level, 0x88, 0, groups); e.Match([]byte{0x6F, 0}) == nil {
			t.Error("6F00 is taken")
		}
	})
}
