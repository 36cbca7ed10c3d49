package trace

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
)

var reqsLine = regexp.MustCompile(`^\s*(?:#|//)?\s*reqs:(.*)$`)

// readScripts reads the "reqs:" lines of the .txt files below a testdata
// folder.
func (t *Tree) readScripts(fsys fs.FS, folder string) error {
	used, err := namesTestdata(fsys, path.Dir(folder))
	if err != nil {
		return err
	}
	err = fs.WalkDir(fsys, folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path.Ext(file) != ".txt" {
			return err
		}
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			t.scriptLine(file, i+1, line, used)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return fs.SkipDir
}

func (t *Tree) scriptLine(file string, number int, line string, used bool) {
	m := reqsLine.FindStringSubmatch(strings.TrimSuffix(line, "\r"))
	if m == nil {
		return
	}
	ids := strings.FieldsFunc(m[1], func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	if len(ids) == 0 {
		t.problem(file, number, "reqs: without an ID")
	}
	for _, id := range ids {
		t.Citations = append(t.Citations, Citation{ID: id, File: file, Line: number, By: file, Sure: used})
	}
}

// namesTestdata reports whether a _test.go file of the folder names testdata.
func namesTestdata(fsys fs.FS, folder string) (bool, error) {
	files, err := fs.Glob(fsys, path.Join(folder, "*_test.go"))
	if err != nil {
		return false, err
	}
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return false, err
		}
		if strings.Contains(string(text), `testdata`) {
			return true, nil
		}
	}
	return false, nil
}
