package pkcs11_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"inkan/ca/keys"
	"inkan/ca/keys/pkcs11"
	"inkan/ca/keys/testkeys"
	"inkan/core/jpki/perso"
	"inkan/spec/peer"
)

const (
	library = "/usr/lib/softhsm/libsofthsm2.so"
	pin     = "735491"
)

// imported are the test keys that are put into the token.
var imported = []keys.Name{{Role: keys.AuthenticationCA, Generation: 1}, {Role: keys.Content, Generation: 1}, {Role: keys.Request, Generation: 2}}

// softHSM loads SoftHSM with a token that holds test keys.
func softHSM(t *testing.T) *pkcs11.Module {
	peer.Need(t, "softhsm2-util")
	peer.Need(t, "pkcs11-tool")
	folder := t.TempDir()
	config := filepath.Join(folder, "softhsm2.conf")
	if err := os.WriteFile(config, []byte("directories.tokendir = "+folder+"\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", config)
	run := func(program string, args ...string) {
		peer.Run(t, nil, "env", append([]string{"SOFTHSM2_CONF=" + config, program}, args...)...)
	}
	run("softhsm2-util", "--init-token", "--free", "--label", "inkan", "--so-pin", "98765432", "--pin", pin)
	for i, name := range append(slices.Clone(imported), keys.Name{}) {
		label, file := name.String(), name.String()
		if name == (keys.Name{}) {
			label, file = "somebody else's", "holder-01"
		}
		for _, kind := range []string{"privkey", "pubkey"} {
			run("pkcs11-tool", "--module", library, "--login", "--pin", pin, "--token-label", "inkan", "--id", fmt.Sprintf("%02x", i+1),
				"--write-object", derFile(t, file, kind), "--type", kind, "--label", label, "--usage-"+map[bool]string{true: "derive", false: "sign"}[name.Role == keys.Content])
		}
	}
	module, err := pkcs11.Load(library)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := module.Close(); err != nil {
			t.Error(err)
		}
	})
	return module
}

// derFile writes a test key as pkcs11-tool reads it.
func derFile(t *testing.T, name, kind string) string {
	text, err := os.ReadFile(filepath.Join("..", "testkeys", "pem", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"pkey", "-outform", "DER"}
	if kind == "pubkey" {
		args = append(args, "-pubout")
	}
	path := filepath.Join(t.TempDir(), kind)
	if err := os.WriteFile(path, peer.Run(t, text, "openssl", args...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, module *pkcs11.Module) *pkcs11.Token {
	token, err := module.OpenToken("inkan", []byte(pin))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := token.Close(); err != nil {
			t.Error(err)
		}
	})
	return token
}

func TestSoftHSM(t *testing.T) {
	token := open(t, softHSM(t))
	if !slices.Equal(token.Names(), []keys.Name{imported[0], imported[1], imported[2]}) {
		t.Fatalf("the token has %v", token.Names())
	}
	t.Run("sign", func(t *testing.T) { signs(t, token) })
	t.Run("agree", func(t *testing.T) { agrees(t, token) })
	t.Run("concurrent", func(t *testing.T) { concurrent(t, token) })
	t.Run("refused as real", func(t *testing.T) {
		if err := keys.RequireReal(token); err == nil || !strings.Contains(err.Error(), "published test key") {
			t.Error(err)
		}
	})
}

// signs compares with the same key in memory: PKCS #1 v1.5 is deterministic, and
// the module draws randomness of its own for ECDSA.
func signs(t *testing.T, token *pkcs11.Token) {
	for _, name := range []keys.Name{imported[0], imported[2]} {
		deterministic := name.Role != keys.Request
		inside, err := token.Signer(name)
		if err != nil {
			t.Fatal(err)
		}
		outside := testkeys.Signer(name.Role, name.Generation)
		for i := range 20 {
			digest := sha256.Sum256([]byte{byte(i)})
			got, err := inside.Sign(nil, digest[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := outside.Sign(nil, digest[:], crypto.SHA256)
			if deterministic && !bytes.Equal(got, want) || keys.VerifySignature(outside.Public(), digest[:], got) != nil {
				t.Fatalf("%s: the token's signature differs", name)
			}
		}
		if _, err := inside.Sign(nil, make([]byte, 20), crypto.SHA1); !errors.Is(err, keys.ErrAlgorithm) {
			t.Error(err)
		}
		if text := fmt.Sprintf("%v %+v %#v", inside, inside, inside); strings.Contains(text, "0x") {
			t.Error(text)
		}
	}
	if _, err := token.Signer(imported[1]); !errors.Is(err, keys.ErrNoKey) {
		t.Error(err)
	}
}

// agrees compares with the same key in memory, often enough for secrets that
// begin with a zero byte.
func agrees(t *testing.T, token *pkcs11.Token) {
	inside, err := token.ContentKey(1)
	if err != nil {
		t.Fatal(err)
	}
	outside, err := testkeys.Store().ContentKey(1)
	if err != nil {
		t.Fatal(err)
	}
	if inside.Version() != 1 || inside.Point() != outside.Point() {
		t.Fatal("another key")
	}
	zeros := 0
	for range 2000 {
		other, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		point := other.PublicKey().Bytes()
		want, err := outside.ECDH(point)
		if err != nil {
			t.Fatal(err)
		}
		got, err := inside.ECDH(point)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v: a secret that begins with %02X differs", err, want[0])
		}
		if want[0] == 0 {
			zeros++
		}
	}
	if zeros == 0 { // once in 2,500 runs
		t.Log("no secret began with a zero byte")
	}
	bad := make([]byte, 65)
	bad[0] = 4
	if _, err := inside.ECDH(bad); !errors.Is(err, perso.ErrPoint) {
		t.Error(err)
	}
	if _, err := token.ContentKey(2); !errors.Is(err, keys.ErrNoKey) {
		t.Error(err)
	}
}

func concurrent(t *testing.T, token *pkcs11.Token) {
	signer, err := token.Signer(imported[0])
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			digest := sha256.Sum256([]byte{byte(i)})
			for range 10 {
				if _, err := signer.Sign(nil, digest[:], crypto.SHA256); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestSoftHSMRefusals(t *testing.T) {
	module := softHSM(t)
	var failed *pkcs11.Error
	if _, err := module.OpenToken("inkan", []byte("000000")); !errors.As(err, &failed) || failed.Code != pkcs11.PINIncorrect || failed.Error() != "pkcs11: C_Login: CKR_PIN_INCORRECT" {
		t.Error(err)
	}
	if _, err := module.OpenToken("other", []byte(pin)); err == nil || !strings.Contains(err.Error(), `0 tokens have the label "other"`) {
		t.Error(err)
	}
	if _, err := module.OpenToken("inkan", nil); err == nil {
		t.Error("an empty PIN")
	}
	open(t, module)
}
