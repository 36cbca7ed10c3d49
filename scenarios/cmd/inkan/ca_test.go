package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inkan/bazel/tree"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/core/uicc"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
	"inkan/server/binding"
)

func TestCAUsage(t *testing.T) {
	empty := t.TempDir()
	for line, want := range map[string]int{
		"ca": 0, "ca --help": 0, "ca mint": 2, "ca demo alice": 2, "ca demo --seed x": 2, "ca demo --first-sim nobody": 2, "ca demo --second-sim nobody": 2,
		"ca ceremony": 2, "ca ceremony --dir D": 2, "ca ceremony --dir D --place X --person Y": 2, "ca ceremony --dir D --place X --person Y:operator": 2,
		"ca ceremony --dir D --place X --person Y:operator --shares 3/2 --shares-dir D/s": 2, "ca ceremony --dir D --place X --person Y:operator --shares 2/3": 2,
		"ca ceremony --dir D --place X --person Y:operator --keys request-1": 2, "ca ceremony --dir D --place X --person Y:operator --passphrase-file none": 1,
		"ca serve": 2, "ca serve --dir D": 1, "ca serve --dir D --listen x": 2, "ca serve --dir D --test-keys --tls-cert x": 2,
		"ca serve --dir D --test-keys --notify x": 2, "ca serve --dir D --test-keys --notify sp-tsm.inkan.example=http://x": 2, "ca serve --dir D --test-keys --load-file 00": 2,
		"ca serve --dir D --test-keys --notify sp-2.inkan.example=https://x": 1,
		"ca check": 2, "ca check --dir D": 1, "ca check --dir nowhere": 1, "ca check --dir D --anchor x": 2, "ca status --dir D": 1,
	} {
		if got := run(strings.Fields(strings.ReplaceAll(line, "D", empty))); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}

func TestCADemo(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "out")
	text, err := output(t, "ca", "demo", "--out", folder, "--seed", "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"I apply for an electronic certificate in this SIM card.", "lets the holder in", "RP-301", "RP-302", "card is lost", "openssl cms -verify", "openssl ocsp", "-crl_check_all"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, name := range []string{"ca/auth-01.pem", "first/1-auth.ocsp", "applications/1-issue.p7m", "phones/3-auth.pem", "messages/07-Activate.request"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	again, err := output(t, "ca", "demo", "--out", folder, "--seed", "1")
	if err != nil || again != text {
		t.Errorf("%v; the same seed tells another story", err)
	}
	if _, err := output(t, "ca", "demo", "--out", filepath.Dir(folder)); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a folder with something else in it: %v", err)
	}
}

func TestCADemoJSON(t *testing.T) {
	text, err := output(t, "ca", "demo", "--json", "--first-sim", "minato", "--second-sim", "akebono")
	if err != nil {
		t.Fatal(err)
	}
	var story struct {
		Steps    []struct{ Who, What string }
		Commands []struct{ Line, Says string }
	}
	if err := json.Unmarshal([]byte(text), &story); err != nil {
		t.Fatal(err)
	}
	if len(story.Steps) < 30 || len(story.Commands) < 20 || story.Steps[0].Who != "authority" {
		t.Errorf("%d steps, %d commands", len(story.Steps), len(story.Commands))
	}
}

// lines is what a running command prints.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(b)
}

// find waits for a match, and gives its first group.
func (l *lines) find(t *testing.T, pattern string) string {
	t.Helper()
	for range 1200 {
		l.mutex.Lock()
		m := regexp.MustCompile(pattern).FindStringSubmatch(l.text.String())
		l.mutex.Unlock()
		if m != nil {
			return m[1]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no %q in\n%s", pattern, l.text.String())
	return ""
}

// started runs a command until stop.
func started(t *testing.T, args ...string) (out *lines, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	out = new(lines)
	cmd := newRoot()
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(io.Discard)
	done := make(chan error, 1)
	go func() { done <- cmd.ExecuteContext(ctx) }()
	return out, func() {
		t.Helper()
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%q: %v", args, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%q does not end", args)
		}
	}
}

// A ceremony with shares, the service with two of them, a look at the registry, and
// a second ceremony.
func TestCACeremonyAndServe(t *testing.T) {
	dir, shares := filepath.Join(t.TempDir(), "ca"), filepath.Join(t.TempDir(), "shares")
	text, err := output(t, "ca", "ceremony", "--dir", dir, "--shares", "2/3", "--shares-dir", shares, "--place", "Tokyo", "--person", "A. Sato:operator",
		"--keys", "signature-ca-01,authentication-ca-01,signature-ocsp-01,authentication-ocsp-01,content-01,request-01")
	if err != nil || !strings.Contains(text, "operator: A. Sato") || !strings.Contains(text, "auth generation 1, serial 0x1000000") {
		t.Fatalf("%v\n%s", err, text)
	}
	share := func(n string) []string { return []string{"--share", filepath.Join(shares, "share-"+n+".txt")} }
	serve := append(append([]string{"ca", "serve", "--dir", dir, "--listen", "127.0.0.1:0"}, share("1")...), share("3")...)
	out, stop := started(t, serve...)
	address := out.find(t, `http://([0-9.:]+)/crl`)
	out.find(t, `(not served)`)
	response, err := http.Get("http://" + address + "/ca/authca01.cer")
	if err != nil {
		t.Fatal(err)
	}
	der, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := x509.ParseCertificate(der); err != nil || !strings.Contains(c.Subject.String(), profile.TestOrganization) {
		t.Errorf("%v, %v", c, err)
	}
	if _, err := output(t, "ca", "check", "--dir", dir); err == nil || !strings.Contains(err.Error(), "is the authority running?") {
		t.Errorf("a check beside the service: %v", err)
	}
	stop()
	checked(t, dir)
	if _, err := output(t, "ca", "serve", "--dir", dir, "--test-keys"); err == nil || !strings.Contains(err.Error(), "ceremony") {
		t.Errorf("test keys where there are real ones: %v", err)
	}
	if _, err := output(t, append([]string{"ca", "serve", "--dir", dir}, share("1")...)...); err == nil {
		t.Error("served with one share of two")
	}
	guarded(t, serve)
	text, err = output(t, append(append([]string{"ca", "ceremony", "--dir", dir, "--place", "Osaka", "--person", "B. Ito:operator", "--keys", "authentication-ocsp-02"}, share("2")...), share("3")...)...)
	if err != nil || !strings.Contains(text, "Key ceremony 2 in Osaka") {
		t.Errorf("%v\n%s", err, text)
	}
}

// guarded has an authority with real keys serve messages, and leaves out what says
// for which residents, applet and cards.
func guarded(t *testing.T, serve []string) {
	t.Helper()
	lab, err := authority.Folder(t.TempDir()).Laboratory(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(lab, name) }
	messages := append(slices.Clone(serve), "--tls-cert", in("server.tls.pem"), "--tls-clients", in("tls-ca.pem"), "--parties", in("parties.json"))
	if _, err := output(t, messages...); err == nil || !strings.Contains(err.Error(), "Offices") {
		t.Errorf("with a municipality that is none: %v", err)
	}
	parties, err := os.ReadFile(in("parties.json"))
	if err != nil {
		t.Fatal(err)
	}
	parties = bytes.Replace(parties, []byte(`"role": "municipality"`), []byte(`"role": "municipality", "municipality": "132217"`), 1)
	if err := os.WriteFile(in("parties.json"), parties, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := output(t, messages...); err == nil || !strings.Contains(err.Error(), "LoadFiles") {
		t.Errorf("without load files: %v", err)
	}
	applet := filepath.Join(tree.Root(t), "sim/applets/jpki/jpki.cap")
	for _, loadFile := range []string{strings.Repeat("00", 32), applet} {
		if _, err := output(t, append(messages, "--load-file", loadFile)...); err == nil || !strings.Contains(err.Error(), "Inventory") {
			t.Errorf("--load-file %s, without SIMs: %v", loadFile, err)
		}
	}
}

// The load file of --load-file is that of the CAP file, which orders name, not the archive.
func TestLoadFileHash(t *testing.T) {
	applet, err := laboratory.LoadFile()
	if err != nil {
		t.Fatal(err)
	}
	root := tree.Root(t)
	got, err := loadFileHash(t.Context(), filepath.Join(root, "sim/applets/jpki/jpki.cap"))
	if want := sha256.Sum256(applet); err != nil || got != want {
		t.Errorf("%X, %v, want %X", got, err, want)
	}
	for _, wrong := range []string{"00", filepath.Join(root, "spec/corpus/pin/pin-305.cap"), filepath.Join(root, "go.mod")} {
		if _, err := loadFileHash(t.Context(), wrong); !errors.Is(err, errUsage) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// checked checks a registry, its anchor and a wrong one.
func checked(t *testing.T, dir string) {
	t.Helper()
	text, err := output(t, "ca", "check", "--dir", dir)
	if err != nil {
		t.Fatal(err)
	}
	anchor := regexp.MustCompile(`anchor (\d+:[0-9a-f]{64})`).FindStringSubmatch(text)
	if anchor == nil {
		t.Fatal(text)
	}
	if _, err := output(t, "ca", "check", "--dir", dir, "--anchor", anchor[1]); err != nil {
		t.Error(err)
	}
	wrong := anchor[1][:len(anchor[1])-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(anchor[1], "0")]
	if _, err := output(t, "ca", "check", "--dir", dir, "--anchor", wrong); err == nil {
		t.Error("a wrong anchor is all right")
	}
	text, err = output(t, "ca", "status", "--dir", dir, "--count")
	if err != nil || !regexp.MustCompile(`auth +active +2`).MatchString(text) {
		t.Errorf("%v\n%s", err, text)
	}
	if text, err = output(t, "ca", "status", "--dir", dir); err != nil || strings.Count(text, "active") != 4 {
		t.Errorf("%v\n%s", err, text)
	}
}

// With test keys a municipality speaks to the service over mutual TLS, and is
// answered the same by the service that is started again.
func TestCAServeTestKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	sims := filepath.Join(t.TempDir(), "sims.json")
	iccid, err := uicc.AppendICCID(nil, "8981000000000001019")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 7))
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal([]map[string]string{{"sim": hex.EncodeToString(iccid), "publicKey": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}))}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sims, list, 0o600); err != nil {
		t.Fatal(err)
	}
	var first *tsmp.RegisterPersonAnswer
	for range 2 {
		out, stop := started(t, "ca", "serve", "--dir", dir, "--test-keys", "--listen", "127.0.0.1:0", "--tsm-listen", "127.0.0.1:0", "--sims", sims,
			"--notify", "sp-tsm.inkan.example=https://127.0.0.1:1")
		out.find(t, `notifications of (sp-tsm.inkan.example): sent`)
		base, id := out.find(t, `https://([0-9.:]+)/tsm/v1`), out.find(t, `by the key (\S+)`)
		answer := registered(t, filepath.Join(dir, "tsm"), "https://"+base, id)
		if first != nil && *answer != *first {
			t.Errorf("%+v, then %+v", first, answer)
		}
		first = answer
		stop()
	}
}

// registered sends the same RegisterPerson each time.
func registered(t *testing.T, lab, base, id string) *tsmp.RegisterPersonAnswer {
	t.Helper()
	city := authority.TestParties()[2]
	identity, err := authority.ReadIdentity(lab, city)
	if err != nil {
		t.Fatal(err)
	}
	own, err := authority.ReadTLS(filepath.Join(lab, city.File+".tls.pem"), filepath.Join(lab, city.File+".tls.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := authority.ReadPool(filepath.Join(lab, "tls-ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	client := binding.NewClient(binding.ClientTLS(own, pool))
	caller := &tsmp.Caller{Identity: identity, Peer: authority.Party, Keys: authority.TestKeys(), Exchange: binding.Exchange(client, base)}
	if _, known := authority.TestKeys()[id]; !known {
		t.Errorf("the test keys have no %s", id)
	}
	kiyose, _ := profile.MunicipalityOf("13221")
	answer, err := tsmp.RemoteMunicipal{Caller: caller}.RegisterPerson(t.Context(), &tsmp.Call{ID: tsmp.CallID{7}, Sent: sent, Validity: tsmp.MaxValidity},
		&tsmp.RegisterPersonRequest{Birth: profile.Date{Year: 1984, Month: 4, Day: 1}, Case: "1",
			Attributes: tsmp.Attributes{Name: "印鑑　太郎", Address: "東京都清瀬市中里五丁目", Sex: profile.Male, Municipality: kiyose}})
	if err != nil {
		t.Fatal(err)
	}
	client.CloseIdleConnections()
	return answer
}

// sent is the time of the call that is sent twice.
var sent = time.Now().UTC().Truncate(time.Second)
