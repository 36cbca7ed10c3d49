package tidy

import "testing"

func TestPackageCommentsReports(t *testing.T) {
	made{
		"core/a/a.go":      "package a\n",
		"core/b/b.go":      "// Package b is.\npackage b\n",
		"core/b/c.go":      "package b\n",
		"core/c/c_test.go": "package c\n",
	}.reports(t, PackageComments,
		"core/a/a.go:1: package a has no package comment: what it is for, what it must not know, which spec")
}

func TestDocCommentsReports(t *testing.T) {
	made{"core/a.go": `package core

type T struct{ Field int }

func F() {}

func (*T) M() {}

const C, d = 1, 2

var (
	V int
	W int // W is.
)

// The group is.
const (
	G = 1
	H = 2
)

// Good is.
func Good() {}

type hidden struct{}

func (hidden) M() {}

func (*T) String() string { return "" }
`, "core/a_test.go": "package core\n\nfunc X() {}\n", "scenarios/cmd/x/main.go": "package main\n\nfunc Y() {}\n"}.reports(t, DocComments,
		"core/a.go:3: T has no doc comment",
		"core/a.go:5: F has no doc comment",
		"core/a.go:7: M has no doc comment",
		"core/a.go:9: C has no doc comment",
		"core/a.go:12: V has no doc comment")
}
