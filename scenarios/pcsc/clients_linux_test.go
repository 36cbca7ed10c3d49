package pcsc

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"inkan/core/uicc"
	"inkan/sim/profile"
	"inkan/spec/peer"
)

// chatter is what pcscd says at every transaction.
var chatter = regexp.MustCompile(`(?m)^.*Card not transacted.*\n`)

// daemonUp starts pcscd and waits for its socket.
func daemonUp(t *testing.T) {
	t.Helper()
	c := exec.Command(peer.Need(t, "pcscd"), "--foreground")
	log, err := os.Create(filepath.Join(t.TempDir(), "pcscd.log"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			_, _ = log.Seek(0, 0)
			text, _ := io.ReadAll(log)
			t.Logf("pcscd:\n%s", chatter.ReplaceAll(text, nil))
		}
		log.Close()
	})
	for range 500 {
		if _, err := os.Stat("/run/pcscd/pcscd.comm"); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("pcscd does not come up")
}

// inserted puts a card into a slot until the function that it returns is called.
func inserted(t *testing.T, o Options, address string) (*Served, func()) {
	t.Helper()
	s := open(t, o)
	ctx, stop := context.WithCancel(t.Context())
	done, found := make(chan error, 1), make(chan string, 10)
	go func() {
		done <- Run(ctx, Config{Card: s.Terminal(), Address: address, Wait: true, After: s.Note, Say: func(line string) { found <- line }})
	}()
	for line := ""; line != "the reader has found the card"; {
		select {
		case line = <-found:
		case <-time.After(10 * time.Second):
			t.Fatal("the reader does not find the card")
		}
	}
	present(t, address, "Yes")
	return s, func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		closed(t, s)
		present(t, address, "No")
	}
}

// present waits until pcscd says that a card is in a slot, or is not.
func present(t *testing.T, address, want string) {
	t.Helper()
	slot := map[string]string{firstSlot: "0", secondSlot: "1"}[address]
	line := regexp.MustCompile(`(?m)^` + slot + ` +` + want + ` `)
	for range 100 {
		stdout, _, _ := peer.Try(t, nil, "opensc-tool", "-l")
		if line.Match(stdout) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("slot %s: the card is not %q", slot, want)
}

// says runs a program, which has to succeed, and wants texts in its output.
func says(t *testing.T, want []string, program string, args ...string) string {
	t.Helper()
	stdout, stderr, status := peer.Try(t, nil, program, args...)
	out := string(stdout) + string(stderr)
	if status != 0 {
		t.Fatalf("%s %q ended with %d:\n%s", program, args, status, out)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("%s %q: no %q in\n%s", program, args, w, out)
		}
	}
	return out
}

// fails runs a program, which has to fail, and wants a text in its output.
func fails(t *testing.T, want, program string, args ...string) {
	t.Helper()
	stdout, stderr, status := peer.Try(t, nil, program, args...)
	if out := string(stdout) + string(stderr); status == 0 || !strings.Contains(out, want) {
		t.Errorf("%s %q ended with %d, no %q in\n%s", program, args, status, want, out)
	}
}

const (
	firstSlot, secondSlot     = "127.0.0.1:35963", "127.0.0.1:35964"
	firstReader, secondReader = "Virtual PCD 00 00", "Virtual PCD 00 01"
)

// spaced is a string of bytes as programs print it.
func spaced(b []byte) string { return fmt.Sprintf("% X", b) }

// Programs of other people use the card: OpenSC's, through pcscd and vpcd.
func TestClients(t *testing.T) {
	for _, program := range []string{"pcscd", "vpcd-config", "opensc-tool", "pkcs15-tool", "pkcs11-tool", "pcsc_scan", "openssl"} {
		peer.Need(t, program)
	}
	if !alone(t) {
		return
	}
	daemonUp(t)
	for _, t0 := range []bool{false, true} {
		t.Run(map[bool]string{false: "T=1", true: "T=0"}[t0], func(t *testing.T) {
			o := Options{Demo: true, T0: t0, Image: filepath.Join(t.TempDir(), "card")}
			_, out := inserted(t, o, firstSlot)
			t.Run("recognised", func(t *testing.T) { recognised(t, t0) })
			t.Run("listed", func(t *testing.T) { listed(t) })
			t.Run("signs", func(t *testing.T) { signs(t) })
			t.Run("commands", func(t *testing.T) { commands(t) })
			t.Run("wrong PIN", func(t *testing.T) { wrongPIN(t) })
			out()
			_, out = inserted(t, o, firstSlot)
			t.Run("kept", func(t *testing.T) { kept(t) })
			out()
		})
	}
	t.Run("line", overLine)
	t.Run("two slots", twoSlots)
	for _, p := range profile.All() {
		t.Run("profile "+p.Name, func(t *testing.T) {
			_, out := inserted(t, Options{Demo: true, Profile: p.Name}, firstSlot)
			says(t, []string{"jpki"}, "opensc-tool", "-n")
			signs(t)
			out()
		})
	}
}

// overLine has programs use a card behind a line. By T=0 OpenSC's driver for the
// application drops a signature behind 61xx, so that it is no program to sign with.
func overLine(t *testing.T) {
	for _, t0 := range []bool{false, true} {
		_, out := inserted(t, Options{Demo: true, T0: t0, Line: true}, firstSlot)
		recognised(t, t0)
		listed(t)
		commands(t)
		if !t0 {
			signs(t)
		}
		out()
	}
}

func recognised(t *testing.T, t0 bool) {
	says(t, []string{"jpki"}, "opensc-tool", "-n")
	atr, err := profile.Test().ATR(t0)
	if err != nil {
		t.Fatal(err)
	}
	says(t, []string{strings.ToLower(strings.ReplaceAll(spaced(atr), " ", ":"))}, "opensc-tool", "-a")
	stdout, _, _ := peer.Try(t, nil, "pcsc_scan", "-t", "1")
	for _, want := range []string{"Virtual PCD 00 00", "Card inserted", "ATR: " + spaced(atr), "Historical bytes: " + spaced(atr[len(atr)-14:len(atr)-1])} {
		if !strings.Contains(string(stdout), want) {
			t.Errorf("pcsc_scan: no %q in\n%s", want, stdout)
		}
	}
}

func listed(t *testing.T) {
	says(t, []string{"PKCS#15 Card [JPKI]", "PIN [User Authentication PIN]", "Private RSA Key [User Authentication Key]", "Tries left     : 3"}, "pkcs15-tool", "-D")
	says(t, []string{"X.509 Certificate [User Authentication Certificate]", "X.509 Certificate [User Authentication Certificate CA]"}, "pkcs15-tool", "-c")
	says(t, []string{"User Authentication Public Key", "RSA 2048 bits", "INKAN0TEST"}, "pkcs11-tool", "-O")
}

// certificate reads a certificate through PKCS #15 to a PEM file.
func certificate(t *testing.T, id, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	says(t, nil, "pkcs15-tool", "--read-certificate", id, "-o", path)
	return path
}

// signs verifies signatures with the certificate, and it with its authority's.
func signs(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	cert, ca := certificate(t, "1", "cert.pem"), certificate(t, "3", "ca.pem")
	says(t, []string{": OK"}, "openssl", "verify", "-CAfile", ca, "-x509_strict", cert)
	says(t, []string{"TEST ONLY"}, "openssl", "x509", "-noout", "-issuer", "-in", cert)
	says(t, nil, "openssl", "x509", "-noout", "-pubkey", "-in", cert, "-out", file("key.pem"))
	message := []byte("to be signed by a card in a reader\n")
	digest := sha256.Sum256(message)
	info := append([]byte("\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"), digest[:]...)
	for name, content := range map[string][]byte{"message": message, "info": info} {
		if err := os.WriteFile(file(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for mechanism, input := range map[string]string{"SHA256-RSA-PKCS": "message", "RSA-PKCS": "info"} {
		says(t, nil, "pkcs11-tool", "--login", "--pin", DemoPIN, "--sign", "--id", "01", "-m", mechanism, "-i", file(input), "-o", file(mechanism))
		says(t, []string{"Verified OK"}, "openssl", "dgst", "-sha256", "-verify", file("key.pem"), "-signature", file(mechanism), file("message"))
	}
	says(t, []string{"No errors"}, "pkcs11-tool", "--login", "--pin", DemoPIN, "-t")
}

// commands are raw ones; a PIN that one program verified is not verified for the
// next.
func commands(t *testing.T) {
	const application, pinFile = "00A4040C0AD392F000260100000001", "00A4020C020018"
	says(t, []string{"SW1=0x6A, SW2=0x82"}, "opensc-tool", "-s", "00A4040C06F00102030405")
	says(t, []string{"SW1=0x63, SW2=0xC3"}, "opensc-tool", "-s", application, "-s", pinFile, "-s", "00200080")
	const key, sign = "00A4020C020017", "802A0080333031300D060960864801650304020105000420" +
		"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F00"
	got := says(t, nil, "opensc-tool", "-s", application, "-s", pinFile, "-s", "002000800431323334", "-s", key, "-s", sign)
	if n := strings.Count(got, "SW1=0x90, SW2=0x00"); n != 5 {
		t.Errorf("%d of 5 succeed:\n%s", n, got)
	}
	says(t, []string{"SW1=0x69, SW2=0x82"}, "opensc-tool", "-s", application, "-s", key, "-s", sign)
}

func wrongPIN(t *testing.T) {
	fails(t, "CKR_PIN_INCORRECT", "pkcs11-tool", "--login", "--pin", "9999", "--sign", "--id", "01", "-m", "RSA-PKCS", "-i", os.DevNull)
	says(t, []string{"Tries left     : 2"}, "pkcs15-tool", "-D")
}

// kept looks at the card that an image has kept, and locks its PIN.
func kept(t *testing.T) {
	says(t, []string{"Tries left     : 2"}, "pkcs15-tool", "-D")
	for range 2 {
		fails(t, "CKR_PIN_INCORRECT", "pkcs11-tool", "--login", "--pin", "9999", "-O")
	}
	says(t, []string{"Tries left     : 0"}, "pkcs15-tool", "-D")
	says(t, []string{"user PIN locked"}, "pkcs11-tool", "-L")
	// 6984 of a blocked PIN (spec/JPKI-AP.md) is no PIN error for OpenSC.
	fails(t, "CKR_GENERAL_ERROR", "pkcs11-tool", "--login", "--pin", DemoPIN, "-O")
}

// twoSlots has two cards of two carriers, each with its own identifier.
func twoSlots(t *testing.T) {
	one, first := inserted(t, Options{Demo: true}, firstSlot)
	defer first()
	two, second := inserted(t, Options{Demo: true, Profile: "akebono", Number: 5, T0: true}, secondSlot)
	defer second()
	for reader, s := range map[string]*Served{firstReader: one, secondReader: two} {
		says(t, []string{"jpki"}, "opensc-tool", "-r", reader, "-n")
		iccid, err := uicc.AppendICCID(nil, s.Card.Profile.ICCID(s.Card.Number))
		if err != nil {
			t.Fatal(err)
		}
		// SELECT the issuer's domain, GET DATA card image number.
		says(t, []string{"Received (SW1=0x90, SW2=0x00)", spaced(append([]byte{0x45, 10}, iccid...))},
			"opensc-tool", "-r", reader, "-s", "00A4040008A000000151000000", "-s", "80CA004500")
	}
}
