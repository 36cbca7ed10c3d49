package personalise

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/jpki"
	applet "inkan/sim/applets/jpki"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type edgeVector struct {
	vectors.Header
	Kind   string      `json:"kind"`
	Bytes  vectors.Hex `json:"bytes"`
	Fields string      `json:"fields"`
}

// edgeCard is a personalised card of the model at its edge.
type edgeCard struct {
	t        *testing.T
	model    *Model
	report   *Report
	commands map[string][]byte // vectors of commands by name
	used     map[string]bool
}

func newEdgeCard(t *testing.T) *edgeCard {
	t.Helper()
	f, err := cap.Open(applet.CAP)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(ModelConfig{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Seed: 1, Delivered: true, LoadFile: f.LoadFile(nil, f.Descriptor != nil)}
	m.Put(&c)
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	e := &edgeCard{t: t, model: m, report: r, commands: map[string][]byte{}, used: map[string]bool{}}
	for _, v := range vectors.Load[edgeVector](t, "jpki-ap.json") {
		if v.Kind == "command" {
			e.commands[v.Name] = v.Bytes
		}
	}
	return e
}

// send sends a command and wants a response that ends with a status word; it
// gives the data before it.
func (e *edgeCard) send(name string, command []byte, sw string) []byte {
	e.t.Helper()
	if command == nil {
		e.t.Fatalf("no vector %s", name)
	}
	response, err := e.model.Card.Transmit(e.t.Context(), command, nil)
	got := strings.ToUpper(hex.EncodeToString(response))
	if err != nil || !strings.HasSuffix(got, sw) || len(response) < 2 {
		e.t.Fatalf("%s: %s, %v, want %s", name, got, err, sw)
	}
	return response[:len(response)-2]
}

// vector sends the command of a vector.
func (e *edgeCard) vector(name, sw string) []byte {
	e.t.Helper()
	e.used[name] = true
	return e.send(name, e.commands[name], sw)
}

// choose selects a file.
func (e *edgeCard) choose(file jpki.EF) {
	e.t.Helper()
	e.send(file.String(), []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, byte(file >> 8), byte(file)}, "9000")
}

func (e *edgeCard) want(what string, got, want []byte) {
	e.t.Helper()
	if !bytes.Equal(got, want) {
		e.t.Errorf("%s: %X, want %X", what, got, want)
	}
}

// The applet answers every command of the vectors, as clients of the real card
// send them.
func TestEdgeVectors(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-001", "SPEC-JPKI-AP-002", "SPEC-JPKI-AP-030", "SPEC-JPKI-AP-034", "SPEC-JPKI-AP-051", "SPEC-JPKI-AP-055",
		"SPEC-JPKI-AP-060", "SPEC-JPKI-AP-070", "SPEC-JPKI-AP-080", "SPEC-JPKI-AP-081", "SPEC-JPKI-AP-082")
	e := newEdgeCard(t)
	aid := jpki.AIDInstance.Append(nil)
	e.want("without FCI", e.vector("opensc/select", "9000"), nil)
	e.want("FCI", e.vector("inkan/select-fci", "9000"), append([]byte{0x6F, 0x0C, 0x84, 0x0A}, aid...))
	e.want("EF 0018", e.vector("opensc/select-auth-pin", "9000"), nil)
	e.vector("opensc/retry-query", "63C3")
	e.vector("myna-card/retry-query-sfi", "63C3")
	e.vector("opensc/verify-1234", "9000")
	e.readings()
	e.signatures()
	e.want("contactless", e.vector("inkan/contactless-one", "9000"), nil)
	e.objects()
	e.choose(jpki.EFAuthPIN)
	e.vector("myna-card/change-pin-5678", "9000")
	e.vector("inkan/reset-with-code", "6985") // no code is pending
	for name := range e.commands {
		if !e.used[name] {
			t.Errorf("%s was not sent", name)
		}
	}
}

func (e *edgeCard) readings() {
	e.t.Helper()
	certificate := e.report.Issued[0].Certificate
	e.choose(jpki.EFAuthCertificate)
	e.want("header", e.vector("opensc/read-header", "9000"), certificate[:4])
	e.want("from 256", e.vector("opensc/read-256-at-256", "9000"), certificate[256:512])
	e.want("by SFI", e.vector("myna-card/read-sfi", "9000"), certificate[:256])
}

func (e *edgeCard) signatures() {
	e.t.Helper()
	c, err := x509.ParseCertificate(e.report.Issued[0].Certificate)
	if err != nil {
		e.t.Fatal(err)
	}
	key := c.PublicKey.(*rsa.PublicKey)
	e.choose(jpki.EFAuthKey)
	abc := sha256.Sum256([]byte("abc"))
	for name, digest := range map[string][32]byte{"opensc/sign-digestinfo": {}, "myna-card/sign-message-sfi": abc} {
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], e.vector(name, "9000")); err != nil {
			e.t.Errorf("%s: %v", name, err)
		}
	}
}

func (e *edgeCard) objects() {
	e.t.Helper()
	one, two := e.vector("opensc/get-challenge-32", "9000"), e.vector("opensc/get-challenge-32", "9000")
	if len(one) != 32 || bytes.Equal(one, two) {
		e.t.Errorf("challenges %X %X", one, two)
	}
	s, err := jpki.DecodeStatus(e.vector("inkan/get-status", "9000"))
	want := jpki.Status{Phase: jpki.Active, Form: jpki.FormSIM, Counter: 1, Contactless: jpki.ContactlessOne, Flags: jpki.AuthPINSet}
	if err != nil || s != want {
		e.t.Errorf("%+v, %v, want %+v", s, err, want)
	}
	end, err := jpki.DecodeValidity(e.vector("inkan/get-auth-validity", "9000"), jpki.TagAuthValidity)
	if err != nil || string(end[:]) != "20310401145959Z" {
		e.t.Errorf("%s, %v", end, err)
	}
}

// The files that anybody may read are as the vocabulary has them.
func TestEdgeFiles(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-040", "SPEC-JPKI-AP-041")
	e := newEdgeCard(t)
	e.vector("opensc/select", "9000")
	e.choose(jpki.EFTokenInformation)
	p := jpki.Defaults(jpki.FormSIM)
	token := jpki.TokenInformationOf(&p)
	e.want("token information", e.send("READ", []byte{0, 0xB0, 0, 0, 0}, "9000"), token.Append(nil))
	e.choose(jpki.EFAvailability)
	a, err := jpki.DecodeAvailability(e.send("READ", []byte{0, 0xB0, 0, 0, 0}, "9000"))
	if err != nil || !a.Auth || a.Sign {
		t.Errorf("%+v %v", a, err)
	}
}
