package capbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"inkan/core/capc/project"
	"inkan/core/jcapi/stubs"
)

// errNoJavac is what a machine without a JDK answers.
var errNoJavac = errors.New(`no javac found: sources need a JDK, version 11 or later
  on Debian:  apt-get install default-jdk-headless
  elsewhere:  set JAVA_HOME to the JDK's folder, or put its bin folder into PATH
or compile them elsewhere and give the .class files (or a .jar) instead`)

// javac finds the compiler: that of JAVA_HOME, else the first in PATH.
func javac() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		if path, err := exec.LookPath(filepath.Join(home, "bin", "javac")); err == nil {
			return path, nil
		}
	}
	if path, err := exec.LookPath("javac"); err == nil {
		return path, nil
	}
	return "", errNoJavac
}

// compile runs javac over the sources against the API's declarations, those of
// the libraries and the class path, and returns the class files.
//
// Spec: SPEC-BUILD-CAP-010, SPEC-BUILD-CAP-011.
func compile(ctx context.Context, sources, classPath []string, libraries []stubs.Source) ([]classFile, error) {
	program, err := javac()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "inkan-cap-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	api, classes := filepath.Join(dir, "api"), filepath.Join(dir, "classes")
	if err := writeSources(api, append(stubs.Sources(), libraries...)); err != nil {
		return nil, err
	}
	if err := os.Mkdir(classes, 0o755); err != nil {
		return nil, err
	}
	args := stubs.Arguments(api, strings.Join(classPath, string(filepath.ListSeparator)), classes)
	for _, name := range sources {
		args = append(args, operand(name))
	}
	if output, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
			return nil, fmt.Errorf("%s: %w", program, err)
		}
		return nil, fmt.Errorf("%s refuses the sources:\n%s%s", program, bytes.TrimRight(output, "\n"), hint(output))
	}
	return readClasses(classes)
}

// operand is a file name that javac does not take for an option or a file of
// options: sources may come from anybody, and -J has it load code.
func operand(name string) string {
	if strings.HasPrefix(name, "-") || strings.HasPrefix(name, "@") {
		return "." + string(filepath.Separator) + name
	}
	return name
}

// hint explains javac's messages that come from its age.
func hint(output []byte) string {
	switch {
	case bytes.Contains(output, []byte("invalid flag: --release")):
		return "\nThis JDK is older than 11: install a newer one."
	case bytes.Contains(output, []byte("release version 8 not supported")):
		return "\nThis JDK no longer compiles for Java 8: install one from 11 to 25."
	case missing.Match(output):
		return fmt.Sprintf("\nIf %s is a library of yours, give its export file or folder with --import, or \"imports\" in %s.",
			missing.FindSubmatch(output)[1], project.FileName)
	}
	return ""
}

// missing is javac's message for an import that it can't find.
var missing = regexp.MustCompile(`error: package (\S+) does not exist`)

func writeSources(dir string, sources []stubs.Source) error {
	for _, s := range sources {
		name := filepath.Join(dir, filepath.FromSlash(s.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(s.Text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
