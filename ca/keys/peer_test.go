package keys_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/core/entropy"
	"inkan/spec/peer"
)

// TestOpenSSLReadsAKey decrypts with openssl what EncryptKey wrote, and the
// other way round.
func TestOpenSSLReadsAKey(t *testing.T) {
	text, err := keys.EncryptKey(testkeys.Holder(1), passphrase, entropy.Seeded(1, "peer"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := x509.MarshalPKCS8PrivateKey(testkeys.Holder(1))
	if err != nil {
		t.Fatal(err)
	}
	der := peer.Run(t, text, "openssl", "pkcs8", "-topk8", "-nocrypt", "-passin", "pass:"+string(passphrase), "-outform", "DER")
	if !bytes.Equal(der, want) {
		t.Error("openssl decrypts another key")
	}
	written := peer.Run(t, der, "openssl", "pkcs8", "-topk8", "-inform", "DER", "-scrypt", "-scrypt_N", "32768", "-scrypt_r", "4", "-v2", "aes-256-cbc",
		"-passout", "pass:"+string(passphrase))
	key, err := keys.DecryptKey(written, passphrase)
	if err != nil || !testkeys.Holder(1).Equal(key) {
		t.Errorf("%T, %v", key, err)
	}
}

// TestOpenSSLVerifiesARecord checks a ceremony's record with openssl alone.
func TestOpenSSLVerifiesARecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if _, err := ceremony(1).Run(path, passphrase); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path, "ceremony-0001.sigs"))
	if err != nil {
		t.Fatal(err)
	}
	encoded := strings.TrimSuffix(strings.TrimPrefix(string(text), "authentication-ca-01 "), "\n")
	signature := peer.Run(t, []byte(encoded), "openssl", "base64", "-d", "-A")
	signatureFile, publicFile := filepath.Join(t.TempDir(), "sig"), filepath.Join(t.TempDir(), "pub")
	if err := os.WriteFile(signatureFile, signature, 0o600); err != nil {
		t.Fatal(err)
	}
	public := peer.Run(t, nil, "openssl", "pkey", "-in", filepath.Join(path, "authentication-ca-01.pem"), "-passin", "pass:"+string(passphrase), "-pubout")
	if err := os.WriteFile(publicFile, public, 0o600); err != nil {
		t.Fatal(err)
	}
	out := peer.Run(t, nil, "openssl", "dgst", "-sha256", "-verify", publicFile, "-signature", signatureFile, filepath.Join(path, "ceremony-0001.json"))
	if !bytes.Contains(out, []byte("Verified OK")) {
		t.Errorf("%s", out)
	}
}
