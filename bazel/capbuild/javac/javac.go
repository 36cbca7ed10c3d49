// Package javac calls a Java compiler with the declarations of the Java Card API
// and reads the class files that it writes.
//
// It must not know what becomes of the classes. It implements spec/BUILD-CAP.md
// §In Bazel.
package javac

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"inkan/core/classfile"
	"inkan/core/jcapi/stubs"
)

// Compile compiles sources with the program at a path. libraries are the
// declarations of libraries beside those of the API. An error has the compiler's
// messages.
func Compile(ctx context.Context, program string, sources []string, libraries []stubs.Source) ([]*classfile.Class, error) {
	dir, err := os.MkdirTemp("", "capbuild-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	api, out := filepath.Join(dir, "api"), filepath.Join(dir, "classes")
	for _, s := range append(stubs.Sources(), libraries...) {
		name := filepath.Join(api, filepath.FromSlash(s.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, []byte(s.Text), 0o644); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program, append(stubs.Arguments(api, "", out), sources...)...)
	if output, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", program, err, output)
	}
	return parse(out)
}

// parse reads the class files below a folder, sorted by name.
func parse(dir string) (classes []*classfile.Class, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		c, err := classfile.Parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		classes = append(classes, c)
		return nil
	})
	return classes, err
}
