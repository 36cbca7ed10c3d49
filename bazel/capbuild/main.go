// Command capbuild is the tool of the rule cap_file in bazel/cap.bzl: Java
// sources and a project file in, CAP and export files out.
//
// It must not know more of the machine than the javac it is given. It implements
// spec/BUILD-CAP.md §In Bazel.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"inkan/bazel/capbuild/javac"
	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/capc/project"
	"inkan/core/jcapi/stubs"
)

// list is a flag that may be repeated.
type list []string

// String joins the values.
func (l *list) String() string { return strings.Join(*l, ",") }

// Set adds a value.
func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "capbuild: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("capbuild", flag.ContinueOnError)
	compiler := flags.String("javac", "/usr/bin/javac", "the compiler")
	projectFile := flags.String("project", "", "project file")
	library := flags.Bool("library", false, "no class is an applet to install")
	out := flags.String("out", "", "CAP file to write")
	exportOut := flags.String("exp", "", "export file to write; an empty one if the package exports nothing")
	var imports list
	flags.Var(&imports, "import", "export and CAP file of a library, with a comma between")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*projectFile)
	if err != nil {
		return err
	}
	p, err := project.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", *projectFile, err)
	}
	if len(p.Imports) > 0 {
		return fmt.Errorf("%s: imports are attributes of the rule: remove %q", *projectFile, "imports")
	}
	libraries, declarations, err := read(imports)
	if err != nil {
		return err
	}
	classes, err := javac.Compile(context.Background(), *compiler, flags.Args(), declarations)
	if err != nil {
		return err
	}
	if err := p.Complete(classes, *library); err != nil {
		return err
	}
	r, _, err := p.Convert(classes, libraries)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, r.CAP, 0o644); err != nil {
		return err
	}
	return os.WriteFile(*exportOut, r.Export, 0o644)
}

// read reads the libraries.
func read(imports []string) (libraries []project.Library, declarations []stubs.Source, err error) {
	for _, pair := range imports {
		name, capName, _ := strings.Cut(pair, ",")
		l := project.Library{}
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		if l.Export, err = exp.Parse(raw); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		if raw, err = os.ReadFile(capName); err != nil {
			return nil, nil, err
		}
		if l.CAP, err = cap.Open(raw); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", capName, err)
		}
		sources, err := stubs.Library(l.Export)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		libraries, declarations = append(libraries, l), append(declarations, sources...)
	}
	return libraries, declarations, nil
}
