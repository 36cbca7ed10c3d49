package trace

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Citation is one place that claims to verify a requirement.
type Citation struct {
	ID   string
	File string
	Line int
	By   string // "core/scp/scp03.TestWrap", "scp03.json", "scenarios/testdata/login.txt"
	Sure bool   // the plain test run executes it
}

// mention is an ID in a comment or in a document's prose. It proves nothing but
// must not lead nowhere.
type mention struct {
	id    string
	file  string
	line  int
	prose bool // in a document, which may speak of withdrawn requirements
}

// Tree is everything about requirements that a source tree contains.
type Tree struct {
	Requirements []Requirement // in the documents' order
	Citations    []Citation

	mentions []mention
	named    []mention       // documents that Go comments name
	docs     map[string]bool // documents that are there
	loaded   map[string]bool // vector file → loaded by a test that counts
	vectors  []string        // vector files
	problems []Problem
}

// Read reads the tree whose root is fsys. Rules that are broken are not an
// error; Check tells them.
func Read(fsys fs.FS) (*Tree, error) {
	t := &Tree{docs: map[string]bool{}, loaded: map[string]bool{}}
	if err := t.readDocuments(fsys); err != nil {
		return nil, err
	}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."), strings.HasPrefix(d.Name(), "_"):
			return fs.SkipDir
		case d.Name() == "testdata":
			return t.readScripts(fsys, name)
		}
		return t.readPackage(fsys, name)
	})
	if err != nil {
		return nil, err
	}
	return t, t.readVectors(fsys)
}

// readDocuments reads spec/*.md and, for mentions only, spec/decisions/*.md.
func (t *Tree) readDocuments(fsys fs.FS) error {
	readme, err := fs.ReadFile(fsys, "spec/README.md")
	if err != nil {
		return err
	}
	parties := Parties(string(readme))
	if len(parties) == 0 {
		t.problem("spec/README.md", 0, "no table of parties")
	}
	for _, pattern := range []string{"spec/*.md", "spec/decisions/*.md"} {
		files, err := fs.Glob(fsys, pattern)
		if err != nil {
			return err
		}
		for _, file := range files {
			text, err := fs.ReadFile(fsys, file)
			if err != nil {
				return err
			}
			if path.Dir(file) == "spec" {
				t.docs[file] = true
				reqs, problems := ParseDocument(file, string(text), parties)
				t.Requirements = append(t.Requirements, reqs...)
				t.problems = append(t.problems, problems...)
			}
			for _, p := range paragraphs(string(text)) {
				t.mention(file, p.line, withoutCode(strings.Join(p.lines, "\n")), true)
			}
		}
	}
	return nil
}

var (
	mentionForm = regexp.MustCompile(`\bSPEC-[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*`)
	wholeID     = regexp.MustCompile(`^` + idPattern + `$`)
	docForm     = regexp.MustCompile(`\bspec/[A-Z][A-Z0-9-]*\.md\b`)
	digitsLast  = regexp.MustCompile(`-[0-9]+$`)
)

// mention records the IDs and the names of documents in a text that begins at a line of a file. A bare
// document ("SPEC-APDU") is no ID; a wrong number of digits is a problem.
func (t *Tree) mention(file string, line int, text string, prose bool) {
	for i, s := range strings.Split(text, "\n") {
		for _, doc := range docForm.FindAllString(s, -1) {
			if !prose {
				t.named = append(t.named, mention{doc, file, line + i, false})
			}
		}
		for _, id := range mentionForm.FindAllString(s, -1) {
			switch {
			case wholeID.MatchString(id):
				t.mentions = append(t.mentions, mention{id, file, line + i, prose})
			case digitsLast.MatchString(id):
				t.problem(file, line+i, id+": an ID has three digits")
			}
		}
	}
}

func (t *Tree) problem(file string, line int, text string) {
	t.problems = append(t.problems, Problem{File: file, Line: line, Text: text})
}
