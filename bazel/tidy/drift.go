package tidy

import (
	"fmt"
	"go/build/constraint"
	"path"
	"slices"
	"strings"
)

// remedy is what brings BUILD files into step.
const remedy = " (run bazel/gazelle)"

// testRule is where BUILD files get go_test from: it gives every test a size.
const testRule = "//bazel:go_test.bzl"

// gazelleTags are the build tags that root BUILD.bazel names to Gazelle: files
// with and without them are sources, and the build chooses.
var gazelleTags = []string{"inkan_invariants"}

// Drift reports BUILD files that do not say what the Go sources say.
func Drift(t *Tree) []Problem {
	packages := t.packages()
	folders := map[string]bool{}
	for folder := range packages {
		folders[folder] = true
	}
	for name := range t.Texts {
		if path.Base(name) == "BUILD.bazel" {
			folders[path.Dir(name)] = true
		}
	}
	var problems []Problem
	for _, folder := range sortedKeys(folders) {
		d := &drift{tree: t, folder: folder, name: path.Join(folder, "BUILD.bazel")}
		d.check(packages[folder])
		problems = append(problems, d.problems...)
	}
	return problems
}

// drift compares one folder's BUILD file with its Go files.
type drift struct {
	tree         *Tree
	folder, name string
	rules        []*Rule
	problems     []Problem
}

func (d *drift) report(line int, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.name, line, fmt.Sprintf(format, args...)})
}

func (d *drift) check(files []*File) {
	text, ok := d.tree.Texts[d.name]
	if !ok {
		d.report(1, "is missing"+remedy)
		return
	}
	var err error
	if d.rules, err = ReadBuild(text); err != nil {
		d.report(1, "%v", err)
		return
	}
	var library, tests []*File
	for _, file := range files {
		switch {
		case !built(file):
		case file.Test:
			tests = append(tests, file)
		default:
			library = append(library, file)
		}
	}
	d.sources("go_library", library)
	d.sources("go_test", tests)
	d.library(library)
	d.tests(tests)
	d.reads(tests)
}

// sources compares names of files, embedded files and dependencies.
func (d *drift) sources(kind string, files []*File) {
	var srcs, embeds, deps []string
	for _, file := range files {
		srcs = append(srcs, path.Base(file.Path))
		embeds = append(embeds, d.embedded(file)...)
		for _, imported := range file.Imports() {
			if label := d.tree.label(imported); label != "" && label != d.label() {
				deps = append(deps, label)
			}
		}
	}
	d.same(kind, "srcs", srcs)
	d.same(kind, "embedsrcs", embeds)
	d.same(kind, "deps", deps)
}

// same compares an attribute, over all rules of a kind, with what it must hold.
func (d *drift) same(kind, attr string, want []string) {
	line := 1
	var got []string
	for _, rule := range d.rulesOf(kind) {
		line = rule.Line
		values := rule.strings(attr)
		if rule.Attrs[attr] != nil {
			for _, glob := range rule.Attrs[attr].Globs {
				values = append(values, d.tree.matches(d.folder, glob)...)
			}
		}
		for _, text := range values {
			if attr == "deps" {
				text = d.absolute(text)
			}
			if attr != "deps" || text != d.label() {
				got = append(got, text)
			}
		}
	}
	for _, text := range missing(want, got) {
		d.report(line, "%s: %s lacks %s%s", kind, attr, text, remedy)
	}
	for _, text := range missing(got, want) {
		d.report(line, "%s: %s has %s, the Go files don't%s", kind, attr, text, remedy)
	}
}

// library checks what only a go_library says.
func (d *drift) library(files []*File) {
	if len(files) == 0 {
		return
	}
	importPath := path.Join(d.tree.Module, d.folder)
	support := testSupport(d.tree)[d.folder]
	for _, rule := range d.rulesOf("go_library") {
		if got := strings.Join(rule.strings("importpath"), ""); got != importPath {
			d.report(rule.Line, "importpath is %q, want %q%s", got, importPath, remedy)
		}
		if testOnly := rule.Attrs["testonly"] != nil; support && !testOnly {
			d.report(rule.Line, `imports "testing", so needs testonly = True`)
		}
	}
	if files[0].Syntax.Name.Name == "main" && len(d.rulesOf("go_binary")) == 0 {
		d.report(1, "package main without go_binary%s", remedy)
	}
}

// tests checks what only a go_test says.
func (d *drift) tests(files []*File) {
	wholeTree, data := false, false
	for _, file := range files {
		wholeTree = wholeTree || slices.Contains(file.Imports(), d.tree.Module+"/bazel/tree")
	}
	for folder := range d.tree.Folders {
		data = data || inside(folder, path.Join(d.folder, "testdata"))
	}
	for _, rule := range d.rulesOf("go_test") {
		if !d.loads("go_test", testRule) {
			d.report(rule.Line, "go_test must be loaded from %s%s", testRule, remedy)
		}
		if wholeTree && !slices.Contains(rule.strings("tags"), "external") {
			d.report(rule.Line, `reads the whole tree, so needs tags = ["external"] to run every time`)
		}
		if attr := rule.Attrs["data"]; data && (attr == nil || len(attr.Globs) == 0) {
			d.report(rule.Line, `needs data = glob(["testdata/**"])%s`, remedy)
		}
	}
}

func (d *drift) rulesOf(kind string) []*Rule {
	var rules []*Rule
	for _, rule := range d.rules {
		if rule.Kind == kind {
			rules = append(rules, rule)
		}
	}
	return rules
}

func (d *drift) loads(symbol, from string) bool {
	for _, rule := range d.rulesOf("load") {
		if args := rule.Args.Strings; len(args) > 1 && args[0] == from && slices.Contains(args[1:], symbol) {
			return true
		}
	}
	return false
}

// label is the folder's own library.
func (d *drift) label() string { return d.tree.label(path.Join(d.tree.Module, d.folder)) }

// absolute writes a label of this BUILD file in full: //folder:name.
func (d *drift) absolute(label string) string {
	if !strings.HasPrefix(label, "//") && !strings.HasPrefix(label, "@") {
		return "//" + strings.TrimPrefix(d.folder, ".") + ":" + strings.TrimPrefix(label, ":")
	}
	if !strings.Contains(label, ":") {
		return label + ":" + path.Base(label)
	}
	return label
}

// embedded returns the files that //go:embed lines take in.
func (d *drift) embedded(file *File) []string {
	var found []string
	for _, group := range file.Syntax.Comments {
		for _, comment := range group.List {
			patterns, ok := strings.CutPrefix(comment.Text, "//go:embed ")
			if !ok {
				continue
			}
			for _, pattern := range strings.Fields(patterns) {
				found = append(found, d.tree.matches(d.folder, strings.TrimPrefix(pattern, "all:"))...)
			}
		}
	}
	return found
}

// matches returns the files of a folder that a pattern takes in, of
// //go:embed or of glob (as far as the two mean the same).
func (t *Tree) matches(folder, pattern string) []string {
	var found []string
	for name := range t.Paths {
		relative, ok := strings.CutPrefix(name, folder+"/")
		if !ok {
			continue
		}
		for part := relative; part != "."; part = path.Dir(part) {
			if matched, err := path.Match(pattern, part); matched && err == nil {
				found = append(found, relative)
				break
			}
		}
	}
	return found
}

// label returns the label of an imported package in full, "" for the standard
// library's. Names are Gazelle's.
func (t *Tree) label(importPath string) string {
	if folder, ok := strings.CutPrefix(importPath, t.Module+"/"); ok {
		return "//" + folder + ":" + path.Base(folder)
	}
	module := ""
	for required := range t.Requires {
		if inside(importPath, required) && len(required) > len(module) {
			module = required
		}
	}
	if module == "" {
		return ""
	}
	host, rest, _ := strings.Cut(strings.ToLower(module), "/")
	parts := strings.Split(host, ".")
	slices.Reverse(parts)
	repository := strings.NewReplacer("/", "_", "-", "_", ".", "_").Replace(strings.Join(parts, "_") + "_" + rest)
	folder := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
	name := path.Base(importPath)
	if name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(importPath))
	}
	return "@" + repository + "//" + folder + ":" + name
}

// built tells whether some configuration compiles the file.
func built(file *File) bool {
	for _, line := range strings.Split(file.Text, "\n") {
		if strings.HasPrefix(line, "package ") {
			break
		}
		if expr, err := constraint.Parse(line); err == nil {
			with := expr.Eval(func(tag string) bool { return tag != "ignore" })
			without := expr.Eval(func(tag string) bool { return tag != "ignore" && !slices.Contains(gazelleTags, tag) })
			elsewhere := expr.Eval(func(tag string) bool { return tag != "ignore" && tag != "linux" })
			return with || without || elsewhere
		}
	}
	return true
}

// missing returns, each once and in order, what is in all but not in some.
func missing(all, some []string) []string {
	var rest []string
	for _, text := range all {
		if !slices.Contains(some, text) {
			rest = append(rest, text)
		}
	}
	slices.Sort(rest)
	return slices.Compact(rest)
}
