package pcsc

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/req"
)

// OpenSC's programs use a My Number Card with both keys, in both readers.
func TestIDCardClients(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-010", "SPEC-IDCARD-011", "SPEC-IDCARD-012", "SPEC-IDCARD-013")
	for _, program := range []string{"pcscd", "vpcd-config", "opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl"} {
		peer.Need(t, program)
	}
	if !alone(t) {
		return
	}
	daemonUp(t)
	for name, o := range map[string]Options{"contacts": {IDCard: "taro"}, "contactless": {IDCard: "hanako", Contactless: true}, "line": {IDCard: "taro", Line: true}} {
		t.Run(name, func(t *testing.T) {
			o.Image = filepath.Join(t.TempDir(), "card")
			_, out := inserted(t, o, firstSlot)
			atr := "3b:c5:ff:81:31:fb:45:80:73:c6:01:00:00"
			if o.Contactless {
				atr = "3b:88:80:01:00:00:41:e0:b3:81:a1:00:3b"
			}
			says(t, []string{atr}, "opensc-tool", "-a")
			says(t, []string{"jpki"}, "opensc-tool", "-n")
			idCardListed(t)
			idCardSigns(t)
			idCardLocks(t)
			out()
			_, out = inserted(t, Options{Image: o.Image, Contactless: o.Contactless, Line: o.Line}, firstSlot)
			idCardKept(t)
			out()
		})
	}
	t.Run("child", func(t *testing.T) {
		_, out := inserted(t, Options{IDCard: "kenta"}, firstSlot)
		says(t, []string{"Private RSA Key [User Authentication Key]"}, "pkcs15-tool", "-D")
		idCardSignature(t, "0", DemoPIN, "01", "1", "3")
		fails(t, "CKR_", "pkcs11-tool", "--slot", "1", "--login", "--pin", "ABC123", "--sign", "--id", "02", "-m", "SHA256-RSA-PKCS", "-i", os.DevNull)
		out()
	})
}

func idCardListed(t *testing.T) {
	t.Helper()
	says(t, []string{"PKCS#15 Card [JPKI]", "PIN [User Authentication PIN]", "PIN [Digital Signature PIN]", "Private RSA Key [User Authentication Key]",
		"Private RSA Key [Digital Signature Key]", "Tries left     : 3", "Tries left     : 5"}, "pkcs15-tool", "-D")
	says(t, []string{"User Authentication PIN", "Digital Signature PIN"}, "pkcs11-tool", "-L")
	// The signature certificate has the holder's name and address.
	path := filepath.Join(t.TempDir(), "refused.pem")
	if _, _, status := peer.Try(t, nil, "pkcs15-tool", "--read-certificate", "2", "-o", path); status == 0 {
		t.Error("the signature certificate is read without PIN")
	}
	// Basic applications: the record, and the number behind its PIN.
	says(t, []string{"SW1=0x90, SW2=0x00", "9000000000000"}, "opensc-tool", "-s", "00A4040C0AD3921000310001010100", "-s", "00B2010C00")
	says(t, []string{"SW1=0x69, SW2=0x82"}, "opensc-tool", "-s", "00A4040C0AD3921000310001010408", "-s", "00B0810000")
	says(t, []string{"FF 10 0C"}, "opensc-tool", "-s", "00A4040C0AD3921000310001010408", "-s", "002000910431323334", "-s", "00B0810000")
}

// idCardSigns signs with both keys and has OpenSSL verify.
func idCardSigns(t *testing.T) {
	t.Helper()
	idCardSignature(t, "0", DemoPIN, "01", "1", "3")
	idCardSignature(t, "1", "ABC123", "02", "2", "4", "--auth-id", "2", "--verify-pin", "--pin", "ABC123")
}

// idCardSignature signs in a PKCS #11 slot, and verifies with the certificate and
// its authority's; read is what reading the certificate needs.
func idCardSignature(t *testing.T, slot, pin, key, certificateID, authorityID string, read ...string) {
	t.Helper()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	says(t, nil, "pkcs15-tool", append([]string{"--read-certificate", certificateID, "-o", file("cert.pem")}, read...)...)
	says(t, nil, "pkcs15-tool", "--read-certificate", authorityID, "-o", file("ca.pem"))
	says(t, []string{": OK"}, "openssl", "verify", "-CAfile", file("ca.pem"), "-x509_strict", file("cert.pem"))
	says(t, nil, "openssl", "x509", "-noout", "-pubkey", "-in", file("cert.pem"), "-out", file("key.pem"))
	message := []byte("an application, to be signed by the card\n")
	digest := sha256.Sum256(message)
	info := append([]byte("\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"), digest[:]...)
	for name, content := range map[string][]byte{"message": message, "info": info} {
		if err := os.WriteFile(file(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for mechanism, input := range map[string]string{"SHA256-RSA-PKCS": "message", "RSA-PKCS": "info"} {
		says(t, nil, "pkcs11-tool", "--slot", slot, "--login", "--pin", pin, "--sign", "--id", key, "-m", mechanism, "-i", file(input), "-o", file(mechanism))
		says(t, []string{"Verified OK"}, "openssl", "dgst", "-sha256", "-verify", file("key.pem"), "-signature", file(mechanism), file("message"))
	}
}

// idCardLocks uses up tries: all of the auth PIN's, one of the signature's.
func idCardLocks(t *testing.T) {
	t.Helper()
	fails(t, "CKR_PIN_INCORRECT", "pkcs11-tool", "--slot", "1", "--login", "--pin", "XYZ789", "-O")
	for range 3 {
		fails(t, "CKR_PIN_INCORRECT", "pkcs11-tool", "--slot", "0", "--login", "--pin", "9999", "-O")
	}
	idCardKept(t)
}

// idCardKept looks at what idCardLocks left.
func idCardKept(t *testing.T) {
	t.Helper()
	says(t, []string{"Tries left     : 0", "Tries left     : 4"}, "pkcs15-tool", "-D")
	says(t, []string{"user PIN locked"}, "pkcs11-tool", "-L")
	fails(t, "CKR_GENERAL_ERROR", "pkcs11-tool", "--slot", "0", "--login", "--pin", DemoPIN, "-O")
	idCardSignature(t, "1", "ABC123", "02", "2", "4", "--auth-id", "2", "--verify-pin", "--pin", "ABC123")
	fails(t, "CKR_PIN_INCORRECT", "pkcs11-tool", "--slot", "1", "--login", "--pin", "XYZ789", "-O")
}
