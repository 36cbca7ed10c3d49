package bare

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/spec/req"
)

const corpus = "../../../spec/corpus"

// differences are answers that are not CREF's, by package and command, with the
// answer of ours and the reason.
var differences = map[string]struct{ want, why string }{
	"trans 801E000002": {"00029000", "CREF stops for good when an aborted transaction created an object; here the object is gone and the field has its old reference"},
}

// script is one vectors.txt: what is loaded and done, line by line.
type script struct {
	t       *testing.T
	theme   string
	version string
	card    *Card
}

// themes are the packages that have vectors.
func themes(t testing.TB) []string {
	files, err := filepath.Glob(filepath.Join(corpus, "*", "vectors.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for i, f := range files {
		files[i] = filepath.Base(filepath.Dir(f))
	}
	return files
}

func capFile(t testing.TB, name, version string) []byte {
	b, err := os.ReadFile(filepath.Join(corpus, name, name+"-"+version+".cap"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lines(t testing.TB, theme string) []string {
	b, err := os.ReadFile(filepath.Join(corpus, theme, "vectors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		all = append(all, s.Text())
	}
	return all
}

// TestCorpus runs every package of the corpus in both converter versions and
// compares every answer with CREF's.
func TestCorpus(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-110", "SPEC-RUNTIME-111", "SPEC-RUNTIME-021", "SPEC-RUNTIME-022", "SPEC-RUNTIME-023",
		"SPEC-RUNTIME-024", "SPEC-RUNTIME-028", "SPEC-RUNTIME-030")
	for _, theme := range themes(t) {
		for _, version := range []string{"222", "305"} {
			t.Run(theme+"-"+version, func(t *testing.T) {
				card, err := New(CREF())
				if err != nil {
					t.Fatal(err)
				}
				s := &script{t, theme, version, card}
				for i, line := range lines(t, theme) {
					if err := s.run(line); err != nil {
						t.Fatalf("line %d: %s: %v", i+1, line, err)
					}
				}
			})
		}
	}
}

// run does one line.
func (s *script) run(line string) error {
	if strings.HasPrefix(line, "# ") {
		return s.directive(strings.Fields(line)[1:])
	}
	command, want, ok := strings.Cut(line, " -> ")
	if !ok {
		return fmt.Errorf("no exchange")
	}
	want = strings.ReplaceAll(want, " ", "")
	if d, ok := differences[s.theme+" "+command]; ok {
		want = d.want
	}
	got, err := s.card.Transmit(context.Background(), unhex(s.t, command), nil)
	if err != nil {
		return err
	}
	if k := s.card.Clock(); k.Ledger().Sum() != k.Now() {
		return fmt.Errorf("ledger %d, clock %d", k.Ledger().Sum(), k.Now())
	}
	if g := strings.ToUpper(hex.EncodeToString(got)); g != want {
		return fmt.Errorf("answer %s", g)
	}
	return nil
}

func (s *script) directive(words []string) error {
	switch words[0] {
	case "load":
		_, err := s.card.Load(capFile(s.t, words[1], s.version))
		return err
	case "create":
		aid := unhex(s.t, words[1])
		var parameters []byte
		if words[2] != "->" {
			parameters = unhex(s.t, words[2])
		}
		_, err := s.card.Install(aid[:8], aid, aid, parameters)
		return err
	case "reset":
		_, err := s.card.Reset(context.Background(), true)
		return err
	case "select":
		return nil
	}
	return fmt.Errorf("unknown directive")
}
