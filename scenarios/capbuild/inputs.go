package capbuild

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"inkan/core/capc/project"
)

// classFile is a class file and where it comes from.
type classFile struct {
	name string // for messages
	data []byte
}

// inputs are what the given paths have.
type inputs struct {
	sources   []string // .java
	classes   []classFile
	exports   []string // .exp
	project   string   // the project file; empty: none
	sourceTop []string // folders that were given
}

// classBytes bounds one class file: a method has 64 KiB of code at most.
// archiveBytes bounds those of an archive together: a package has 64 KiB.
const (
	classBytes   = 1 << 24
	archiveBytes = 1 << 26
)

// collect looks through files and folders.
//
// Spec: SPEC-BUILD-CAP-004.
func collect(paths []string) (*inputs, error) {
	in := &inputs{}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if err := in.add(path, true); err != nil {
				return nil, err
			}
			continue
		}
		err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return in.add(name, false)
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(in.sources)
	sort.Slice(in.classes, func(i, j int) bool { return in.classes[i].name < in.classes[j].name })
	switch {
	case len(in.sources) == 0 && len(in.classes) == 0:
		return nil, fmt.Errorf("%s: no .java or .class file there", strings.Join(paths, ", "))
	case len(in.sources) > 0 && len(in.classes) > 0:
		return nil, fmt.Errorf("both %s and %s: give either sources or class files", in.sources[0], in.classes[0].name)
	}
	return in, nil
}

// add takes a file by its name. One that was named itself has to be of use; in
// a folder, archives are somebody else's.
func (in *inputs) add(name string, named bool) error {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case filepath.Base(name) == project.FileName, named && ext == ".json":
		if in.project != "" {
			return fmt.Errorf("two project files: %s and %s", in.project, name)
		}
		in.project = name
	case ext == ".java":
		if base := filepath.Base(name); base != "package-info.java" && base != "module-info.java" {
			in.sources = append(in.sources, name)
		}
	case ext == ".class":
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		in.classes = append(in.classes, classFile{name, data})
	case ext == ".jar" && named:
		return in.jar(name)
	case named:
		return fmt.Errorf("%s: want a folder, a .java, .class or .jar file, or %s", name, project.FileName)
	}
	return nil
}

// jar takes the class files of an archive.
func (in *inputs) jar(name string) error {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer archive.Close()
	left := archiveBytes
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, ".class") || strings.HasPrefix(f.Name, "META-INF/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, f.Name, err)
		}
		data, err := io.ReadAll(io.LimitReader(r, classBytes+1))
		r.Close()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, f.Name, err)
		}
		if len(data) > classBytes {
			return fmt.Errorf("%s: %s: more than %d bytes", name, f.Name, classBytes)
		}
		if left -= len(data); left < 0 {
			return fmt.Errorf("%s: class files of more than %d bytes", name, archiveBytes)
		}
		in.classes = append(in.classes, classFile{name + "!" + f.Name, data})
	}
	return nil
}

// readClasses reads the class files below a folder, which is left out of their
// names.
func readClasses(dir string) ([]classFile, error) {
	in := &inputs{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return in.add(name, false)
	})
	for i := range in.classes {
		in.classes[i].name = strings.TrimPrefix(in.classes[i].name, dir+string(filepath.Separator))
	}
	return in.classes, err
}
