package pcsc_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/scenarios/enrolment"
	"inkan/scenarios/pcsc"
	"inkan/sim/idcard"
	"inkan/spec/peer"
)

// A person signs the application with the My Number Card in a reader, by OpenSC, and
// gets a certificate into the SIM; openssl confirms everything that was issued.
func TestEnrolmentByOpenSC(t *testing.T) {
	for _, program := range []string{"pcscd", "vpcd-config", "opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl"} {
		peer.Need(t, program)
	}
	if !pcsc.Alone(t) {
		return
	}
	pcsc.DaemonUp(t)
	signatures := 0
	w, err := enrolment.New(t.Context(), enrolment.Config{Seed: 3, Sign: func(_ context.Context, card *idcard.Card, pin string) (enrolment.Key, func(), error) {
		signatures++
		return openSC(t, card, pin)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, part := range []func(context.Context) error{w.Enrol, w.Suspension} {
		if err := part(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if signatures != 2 {
		t.Errorf("OpenSC made %d signatures, want that of the application and that of the suspension's lift", signatures)
	}
	folder := t.TempDir()
	if err := w.Report().Save(folder); err != nil {
		t.Fatal(err)
	}
	for _, c := range w.Report().Commands {
		line := strings.Fields(c.Line)
		for i, word := range line {
			if strings.Contains(word, "/") {
				line[i] = filepath.Join(folder, word)
			}
		}
		stdout, stderr, status := peer.Try(t, nil, line[0], line[1:]...)
		if out := string(stdout) + string(stderr); (status == 0) != c.OK || !strings.Contains(out, c.Says) {
			t.Errorf("%s\nended with %d, want %q:\n%s", c.Line, status, c.Says, out)
		}
	}
	t.Logf("%d commands of openssl", len(w.Report().Commands))
}

// openSCKey is the signature key of a card in the reader, used by pkcs11-tool.
type openSCKey struct {
	t           *testing.T
	pin         string
	certificate *x509.Certificate
}

// openSC puts a card into the reader; release takes it out.
func openSC(t *testing.T, card *idcard.Card, pin string) (enrolment.Key, func(), error) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- pcsc.Run(ctx, pcsc.Config{Card: card, Address: pcsc.FirstSlot, Wait: true}) }()
	release := func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the card does not come out of the reader")
		}
		pcsc.Present(t, pcsc.FirstSlot, "No")
	}
	pcsc.Present(t, pcsc.FirstSlot, "Yes")
	path := filepath.Join(t.TempDir(), "certificate.pem")
	pcsc.Says(t, nil, "pkcs15-tool", "--read-certificate", "2", "-o", path, "--auth-id", "2", "--verify-pin", "--pin", pin)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, release, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, release, fmt.Errorf("pkcs15-tool wrote %q", text)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return &openSCKey{t, pin, certificate}, release, err
}

// Certificate implements enrolment.Key.
func (k *openSCKey) Certificate() *x509.Certificate { return k.certificate }

// Public implements crypto.Signer.
func (k *openSCKey) Public() crypto.PublicKey { return k.certificate.PublicKey.(*rsa.PublicKey) }

// Sign implements crypto.Signer: the card is given a DigestInfo.
func (k *openSCKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	info, err := jpki.AppendDigestInfo(nil, opts.HashFunc(), digest)
	if err != nil {
		return nil, err
	}
	folder := k.t.TempDir()
	in, out := filepath.Join(folder, "info"), filepath.Join(folder, "signature")
	if err := os.WriteFile(in, info, 0o600); err != nil {
		return nil, err
	}
	pcsc.Says(k.t, nil, "pkcs11-tool", "--slot", "1", "--login", "--pin", k.pin, "--sign", "--id", "02", "-m", "RSA-PKCS", "-i", in, "-o", out)
	return os.ReadFile(out)
}
