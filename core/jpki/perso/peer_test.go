package perso

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/req"
)

// TestOpenSSLEnvelopes recomputes every envelope of the vectors with OpenSSL:
// key agreement, key derivation, IV, ciphertext and MAC.
func TestOpenSSLEnvelopes(t *testing.T) {
	for _, v := range load(t, "envelope") {
		if v.Fail != "" {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			run := func(stdin []byte, args ...string) string {
				t.Helper()
				return hex.EncodeToString(peer.Run(t, stdin, "openssl", args...))
			}
			check := func(what, got string, want []byte) {
				t.Helper()
				if got != hex.EncodeToString(want) {
					t.Errorf("%s: OpenSSL says %s, the vector %x", what, got, want)
				}
			}
			private, public := keyFiles(t, v.EphemeralScalar, v.contentKey(t).key.PublicKey())
			check("Z", run(nil, "pkeyutl", "-derive", "-inkey", private, "-peerkey", public), v.Z)
			check("keys", run(nil, "kdf", "-binary", "-keylen", "64", "-kdfopt", "digest:SHA256", "-kdfopt", "hexsecret:"+hex.EncodeToString(v.Z),
				"-kdfopt", "hexinfo:"+hex.EncodeToString(v.Info), "X963KDF"), append(append([]byte{}, v.KEnc...), v.KMAC...))
			enc := hex.EncodeToString(v.KEnc)
			check("IV", run(append([]byte{v.Bytes[0], v.Bytes[1]}, make([]byte, 14)...), "enc", "-aes-256-ecb", "-nopad", "-K", enc), v.IV)
			padded := append(append([]byte{}, v.Plain...), 0x80)
			for len(padded)%16 != 0 {
				padded = append(padded, 0)
			}
			check("ciphertext", run(padded, "enc", "-aes-256-cbc", "-nopad", "-K", enc, "-iv", hex.EncodeToString(v.IV)), v.Ciphertext)
			n := len(v.Ciphertext)
			message := append([]byte(label), v.Bytes[0], v.Bytes[1], byte(n>>8), byte(n))
			out := peer.Run(t, append(message, v.Ciphertext...), "openssl", "mac", "-cipher", "AES-256-CBC",
				"-macopt", "hexkey:"+hex.EncodeToString(v.KMAC), "CMAC")
			check("MAC", strings.ToLower(strings.TrimSpace(string(out))), v.MAC)
		})
	}
}

// TestOpenSSLAttestations puts together what the card's authority signs, from the
// vectors' order and statement, and has OpenSSL verify the attestations over it.
func TestOpenSSLAttestations(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-083")
	verified := 0
	for _, v := range load(t, "statement") {
		if v.Fail != "" {
			continue
		}
		verified++
		at := len(v.Bytes) - 64 // of the signature
		body := v.Bytes[:at-1]
		if StatementType(v.Bytes[0]) == StatementKey {
			body = body[:len(body)-ModulusLen]
		}
		message := append([]byte{byte(len(v.AID))}, v.AID...)
		message = append(append(append(message, v.Order[36:68]...), label...), body...)
		if !bytes.Equal(message, v.Signed) {
			t.Errorf("%s: %X is signed, want %X", v.Name, v.Signed, message)
		}
		signature, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(v.Bytes[at : at+32]), new(big.Int).SetBytes(v.Bytes[at+32:])})
		if err != nil {
			t.Fatal(err)
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), v.Authority)
		if err != nil {
			t.Fatal(err)
		}
		spki, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		public, der := filepath.Join(folder, "public.pem"), filepath.Join(folder, "signature")
		for name, content := range map[string][]byte{public: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), der: signature} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out := peer.Run(t, message, "openssl", "dgst", "-sha256", "-verify", public, "-signature", der); !bytes.Contains(out, []byte("Verified OK")) {
			t.Errorf("%s: OpenSSL says %s", v.Name, out)
		}
	}
	if verified < 5 {
		t.Errorf("%d attestations", verified)
	}
}

// keyFiles writes a private and a public key of P-256 as PEM.
func keyFiles(t *testing.T, scalar []byte, public *ecdh.PublicKey) (privateFile, publicFile string) {
	t.Helper()
	private, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	privateFile, publicFile = filepath.Join(folder, "private.pem"), filepath.Join(folder, "public.pem")
	for name, block := range map[string]*pem.Block{privateFile: {Type: "PRIVATE KEY", Bytes: der}, publicFile: {Type: "PUBLIC KEY", Bytes: spki}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return privateFile, publicFile
}
