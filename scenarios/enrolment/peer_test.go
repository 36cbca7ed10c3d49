package enrolment

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/ca/status/publication"
	"inkan/core/jpki/certificate"
	"inkan/spec/peer"
)

// played is a story that was played up to its end, and its files in a folder.
func played(t *testing.T, c Config) (*World, string) {
	t.Helper()
	w, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if err := w.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := w.Report().Save(folder); err != nil {
		t.Fatal(err)
	}
	return w, folder
}

// Openssl confirms everything that was issued, by the commands that the report
// prints, and finds what was revoked.
func TestOpensslConfirms(t *testing.T) {
	peer.Need(t, "openssl")
	w, folder := played(t, Config{Seed: 1})
	confirmed(t, w.Report(), folder)
}

// confirmed runs the commands of a report.
func confirmed(t *testing.T, r *Report, folder string) {
	t.Helper()
	kinds := map[string]int{}
	for _, c := range r.Commands {
		words := in(folder, strings.Fields(c.Line))
		stdout, stderr, status := peer.Try(t, nil, words[0], words[1:]...)
		if out := string(stdout) + string(stderr); (status == 0) != c.OK || !strings.Contains(out, c.Says) {
			t.Errorf("%s\nended with %d, want %q:\n%s", c.Line, status, c.Says, out)
		}
		kinds[words[1]+fmt.Sprint(c.OK)]++
	}
	for kind, least := range map[string]int{"verifytrue": 3, "verifyfalse": 3, "ocsptrue": 4, "cmstrue": 2, "dgsttrue": 1} {
		if kinds[kind] < least {
			t.Errorf("%d commands of kind %s, want %d", kinds[kind], kind, least)
		}
	}
}

// in puts the names of files below a folder: a peer runs somewhere else.
func in(folder string, words []string) (out []string) {
	for _, w := range words {
		if strings.Contains(w, "/") && !strings.Contains(w, "://") {
			w = filepath.Join(folder, w)
		}
		out = append(out, w)
	}
	return out
}

// Openssl asks the authority itself, over the loopback and in the present, about
// every certificate that was issued: with nonce and without, it says what the
// registry says. The lists are fetched from where the authority serves them.
func TestOpensslAsksTheAuthority(t *testing.T) {
	peer.Need(t, "openssl")
	w, folder := played(t, Config{Seed: 2, Start: time.Now().Add(-20 * time.Minute)})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := publication.NewServer(w.CA.Publication)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	view, err := w.CA.Registry().View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	asked := 0
	for name := range w.Report().Files {
		if !strings.HasSuffix(name, "-auth.pem") && !strings.HasSuffix(name, "-sign.pem") {
			continue
		}
		c, err := w.Report().certificate(name)
		if err != nil {
			t.Fatal(err)
		}
		state, _, err := view.Status(c.Authority, c.Serial)
		if err != nil {
			t.Fatal(err)
		}
		want := name + ": revoked"
		if state.State == certificate.Active {
			want = name + ": good"
		}
		issuer := fmt.Sprintf("ca/%s-01.pem", c.Authority)
		for _, extra := range [][]string{nil, {"-no_nonce"}} {
			args := append([]string{"ocsp", "-url", fmt.Sprintf("http://%s/%s", listener.Addr(), c.Authority), "-issuer", issuer, "-CAfile", issuer, "-cert", name}, extra...)
			stdout, stderr, status := peer.Try(t, nil, "openssl", in(folder, args)...)
			if out := string(stdout) + string(stderr); status != 0 || !strings.Contains(out, want) || !strings.Contains(out, "Response verify OK") {
				t.Errorf("openssl %q: %d, want %q:\n%s", args, status, want, out)
			}
			asked++
		}
	}
	if asked != 2*(2*2+3) {
		t.Errorf("%d questions, want those about two cards and three issues into phones", asked)
	}
}

// Two stories of one seed are the same, to the byte.
func TestSameSeedSameStory(t *testing.T) {
	one, _ := played(t, Config{Seed: 7})
	two, _ := played(t, Config{Seed: 7})
	a, b := one.Report(), two.Report()
	if len(a.Files) != len(b.Files) || fmt.Sprint(a.Steps) != fmt.Sprint(b.Steps) || fmt.Sprint(a.Commands) != fmt.Sprint(b.Commands) {
		t.Error("other files, steps or commands")
	}
	for name, content := range a.Files {
		if string(b.Files[name]) != string(content) {
			t.Errorf("%s differs", name)
		}
	}
}
