package tidy

import (
	"strings"
	"testing"
)

func TestFormatReports(t *testing.T) {
	made{"core/a.go": "package core\nvar  x int\n", "core/b.go": "package core\n\nvar y int\n"}.reports(t, Format,
		"core/a.go:1: not formatted: run gofmt -w core/a.go")
}

func TestLengthReports(t *testing.T) {
	body := strings.Repeat("\t_ = 0\n", MaxFunctionLines-1)
	long := made{
		"core/a.go":          "package core\n\ntype T[P any] struct{}\n\nfunc (t *T[P]) M() {\n" + body + "}\n\nfunc f() {\n" + body + "}\n",
		"core/b.go":          "package core\n" + strings.Repeat("\n", MaxFileLines),
		"core/c.go":          "package core\n" + strings.Repeat("\n", MaxFileLines-1),
		"sim/applets/A.java": strings.Repeat("\n", MaxFileLines+1),
		"core/d.go":          "package core\n\nfunc g() {\n" + strings.TrimPrefix(body, "\t_ = 0\n") + "}\n",
	}
	long.reports(t, func(t *Tree) []Problem { return Length(t, nil) },
		"core/b.go:1: file has 601 lines, over 600",
		"sim/applets/A.java:1: file has 601 lines, over 600",
		"core/a.go:5: function T.M has 71 lines, over 70",
		"core/a.go:77: function f has 71 lines, over 70")

	exceptions := map[string]string{"core/a.go:T.M": "x", "core/a.go:f": "x", "core/b.go": "x", "sim/applets/A.java": "x", "core/gone.go": "x"}
	long.reports(t, func(t *Tree) []Problem { return Length(t, exceptions) },
		"core/gone.go:1: is an exception that nothing needs any more")
}

func TestPackageNamesReports(t *testing.T) {
	made{"core/utils/a.go": "package utils\n", "core/tlv/a.go": "package tlv\n"}.reports(t, PackageNames,
		"core/utils/a.go:1: package utils: the name says nothing")
	made{"core/x/a.go": "package helper\n"}.reports(t, PackageNames,
		"core/x/a.go:1: package helper: the name says nothing")
}
