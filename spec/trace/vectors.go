package trace

import (
	"encoding/json"
	"io/fs"
	"path"
)

// readVectors reads the "reqs" of spec/vectors/*.json. It runs after all
// packages were read, because a vector counts when a test loads its file.
func (t *Tree) readVectors(fsys fs.FS) error {
	files, err := fs.Glob(fsys, "spec/vectors/*.json")
	if err != nil {
		return err
	}
	for _, file := range files {
		name := path.Base(file)
		if name == "schema.json" {
			continue
		}
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		var content struct {
			Vectors []struct {
				Reqs []string `json:"reqs"`
			} `json:"vectors"`
		}
		if err := json.Unmarshal(raw, &content); err != nil {
			t.problem(file, 0, "does not parse: "+err.Error())
			continue
		}
		t.vectors = append(t.vectors, name)
		for _, v := range content.Vectors {
			for _, id := range v.Reqs {
				t.Citations = append(t.Citations, Citation{ID: id, File: file, By: name, Sure: t.loaded[name]})
			}
		}
	}
	return nil
}
