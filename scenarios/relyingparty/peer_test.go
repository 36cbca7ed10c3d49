package relyingparty_test

import (
	"context"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/scenarios/relyingparty"
	"inkan/spec/peer"
)

// configuration is openssl's: an authority that issues certificates of the
// profile's purpose, with places of its own.
const configuration = `
[ca]
default_ca = authority
[authority]
database = DIR/index.txt
serial = DIR/serial
crlnumber = DIR/crlnumber
new_certs_dir = DIR
certificate = DIR/ca.pem
private_key = DIR/ca.key
default_md = sha256
default_days = 30
default_crl_days = 1
policy = any
unique_subject = no
crl_extensions = list
[any]
countryName = optional
commonName = optional
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[holder]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
certificatePolicies = critical,2.999.392.1.8.5.1.3.40
crlDistributionPoints = URI:http://lists.example/1.crl
authorityInfoAccess = OCSP;URI:http://ocsp.example
authorityKeyIdentifier = keyid,issuer
subjectKeyIdentifier = hash
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
[list]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@place
[place]
fullname = URI:http://lists.example/1.crl
`

// openSSL is an authority that openssl runs in a folder.
type openSSL struct {
	t      *testing.T
	folder string
}

func (o *openSSL) path(name string) string { return filepath.Join(o.folder, name) }

func (o *openSSL) run(args ...string) { peer.Run(o.t, nil, "openssl", args...) }

func (o *openSSL) write(name, text string) {
	if err := os.WriteFile(o.path(name), []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *openSSL) read(name string) []byte {
	text, err := os.ReadFile(o.path(name))
	if err != nil {
		o.t.Fatal(err)
	}
	if block, _ := pem.Decode(text); block != nil {
		return block.Bytes
	}
	return text
}

// issue makes a key and a certificate.
func (o *openSSL) issue(name, extensions string) {
	o.run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", o.path(name+".key"), "-out", o.path(name+".req"), "-subj", "/C=JP/CN="+name)
	o.run("ca", "-batch", "-notext", "-config", o.path("conf"), "-extensions", extensions, "-in", o.path(name+".req"), "-out", o.path(name+".pem"))
}

func newOpenSSL(t *testing.T) *openSSL {
	o := &openSSL{t, t.TempDir()}
	o.write("conf", strings.ReplaceAll(configuration, "DIR", o.folder))
	o.write("index.txt", "")
	o.write("serial", "1000\n")
	o.write("crlnumber", "01\n")
	o.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "60", "-keyout", o.path("ca.key"), "-out", o.path("ca.pem"),
		"-subj", "/C=JP/CN=openssl", "-config", o.path("conf"), "-extensions", "root")
	o.issue("holder", "holder")
	o.issue("responder", "responder")
	return o
}

// Fetch implements relyingparty.Fetcher: openssl answers.
func (o *openSSL) Fetch(_ context.Context, url, _ string, body []byte, _ int64) ([]byte, error) {
	switch url {
	case "http://lists.example/1.crl":
		o.run("ca", "-config", o.path("conf"), "-gencrl", "-out", o.path("list.pem"))
		return o.read("list.pem"), nil
	case "http://ocsp.example":
		o.write("request", string(body))
		o.run("ocsp", "-index", o.path("index.txt"), "-CA", o.path("ca.pem"), "-rsigner", o.path("responder.pem"), "-rkey", o.path("responder.key"),
			"-reqin", o.path("request"), "-respout", o.path("response"), "-ndays", "1")
		return o.read("response"), nil
	}
	return nil, errors.New("nothing there")
}

// TestOpenSSLAsAuthority verifies what openssl issues, lists and answers.
func TestOpenSSLAsAuthority(t *testing.T) {
	peer.Need(t, "openssl")
	o := newOpenSSL(t)
	anchors, err := relyingparty.NewAnchors(o.read("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	verify := func(method relyingparty.Method) error {
		p, err := relyingparty.New(relyingparty.Config{
			Origin: "https://bank.example", Anchors: anchors, Kinds: []certificate.Kind{certificate.PhoneAuthentication}, Fetch: o,
			Policy: relyingparty.Policy{Methods: []relyingparty.Method{method}}, Statements: relyingparty.NewMemory(1, time.Now), Now: time.Now,
			Entropy: entropy.System(), Life: time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Verify(t.Context(), o.read("holder.pem"))
		return err
	}
	for _, step := range []struct {
		reason string
		code   relyingparty.Code
	}{{"", ""}, {"certificateHold", relyingparty.CertificateSuspended}, {"superseded", relyingparty.CertificateRevoked}} {
		if step.reason != "" {
			o.unrevoke()
			o.run("ca", "-config", o.path("conf"), "-revoke", o.path("holder.pem"), "-crl_reason", step.reason)
		}
		for _, method := range []relyingparty.Method{relyingparty.OCSP, relyingparty.CRL} {
			err := verify(method)
			if step.code == "" && err != nil || step.code != "" && !errors.Is(err, &relyingparty.Error{Code: step.code}) {
				t.Errorf("%s %s: %v, want %q", step.reason, method, err, step.code)
			}
		}
	}
}

// unrevoke makes the holder's certificate good again, as openssl has no command
// for it: the first line of the database.
func (o *openSSL) unrevoke() {
	lines := strings.Split(string(o.read("index.txt")), "\n")
	fields := strings.Split(lines[0], "\t")
	fields[0], fields[2] = "V", ""
	lines[0] = strings.Join(fields, "\t")
	o.write("index.txt", strings.Join(lines, "\n"))
}
