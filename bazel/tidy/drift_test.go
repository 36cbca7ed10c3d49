package tidy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inStep is a tree whose BUILD files are as Gazelle writes them.
var inStep = made{
	"spec/req/req.go": "package req\n\nimport _ \"testing\"\n",
	"spec/req/BUILD.bazel": `load("@io_bazel_rules_go//go:def.bzl", "go_library")

package(default_visibility = ["//:__subpackages__"])

go_library(
    name = "req",
    testonly = True,
    srcs = ["req.go"],
    importpath = "inkan/spec/req",
)
`,
	"core/a/a.go":        "package a\n\nimport (\n\t_ \"fmt\"\n\t_ \"inkan/core/b\"\n\t_ \"github.com/cockroachdb/pebble/v2\"\n)\n\n//go:embed text/*.txt all:more\nvar x string\n",
	"core/a/on.go":       "//go:build inkan_invariants\n\npackage a\n",
	"core/a/off.go":      "//go:build !inkan_invariants\n\npackage a\n",
	"core/a/mac.go":      "//go:build !linux\n\npackage a\n",
	"core/a/table.go":    "//go:build ignore\n\npackage main\n",
	"core/a/text/1.txt":  "\x00",
	"core/a/more/x/2":    "2",
	"core/a/testdata/v":  "v",
	"core/a/a_test.go":   "package a\n\nimport _ \"inkan/spec/req\"\n",
	"core/a/out_test.go": "package a_test\n\nimport (\n\t_ \"inkan/core/a\"\n\t_ \"pgregory.net/rapid\"\n)\n",
	"core/a/BUILD.bazel": `load("@io_bazel_rules_go//go:def.bzl", "go_library")
load("//bazel:go_test.bzl", "go_test")

go_library(
    name = "a",
    srcs = [
        "a.go",
        "mac.go",
        "off.go",
        "on.go",
    ],
    embedsrcs = [
        "more/x/2",
        "text/1.txt",
    ],
    importpath = "inkan/core/a",
    visibility = ["//visibility:public"],
    deps = select({
        "@io_bazel_rules_go//go/platform:linux": ["//core/b"],
        "//conditions:default": [],
    }) + ["@com_github_cockroachdb_pebble_v2//:pebble"],
)

go_test(
    name = "a_test",
    srcs = [
        "a_test.go",
        "out_test.go",
    ],
    data = glob(["testdata/**"]),
    embed = [":a"],
    deps = [
        "//spec/req",
        "@net_pgregory_rapid//:rapid",
    ],
)
`,
}

func TestDriftIsQuietInStep(t *testing.T) { inStep.reports(t, Drift) }

// A test may name a file that it embeds: no data is needed for it.
func TestDriftKnowsEmbeddedFiles(t *testing.T) {
	const source = "package a\n\nimport _ \"inkan/spec/req\"\n\n"
	build := strings.Replace(inStep["core/a/BUILD.bazel"], `    embed = [":a"],`, "    embed = [\":a\"],\n    embedsrcs = [\"more/x/2\"],", 1)
	named := inStep.with(made{"core/a/a_test.go": source + "//go:embed more\nvar y = \"more/x/2\"\n", "core/a/BUILD.bazel": build})
	named.reports(t, Drift)
	named.with(made{"core/a/a_test.go": source + "//go:embed more\nvar y = \"BUILD.bazel\"\n"}).reports(t, Drift,
		`core/a/BUILD.bazel:1: a_test.go reads BUILD.bazel, so needs data = ["//core/a:BUILD.bazel"]`)
}

// edited returns inStep with one replacement in a file, which must change it.
func edited(t *testing.T, name, old, new string) made {
	t.Helper()
	text := strings.Replace(inStep[name], old, new, 1)
	if text == inStep[name] {
		t.Fatalf("%s does not hold %q", name, old)
	}
	return inStep.with(made{name: text})
}

func TestDriftReports(t *testing.T) {
	const build = "core/a/BUILD.bazel"
	cases := []struct{ file, old, new, want string }{
		{build, `        "on.go",` + "\n", "", build + ":4: go_library: srcs lacks on.go"},
		{build, `"on.go"`, `"on.go", "gone.go"`, build + ":4: go_library: srcs has gone.go, the Go files don't"},
		{build, `"//core/b"`, ``, build + ":4: go_library: deps lacks //core/b:b"},
		{build, `"//core/b"`, `"//core/b", "//core/c"`, build + ":4: go_library: deps has //core/c:c, the Go files don't"},
		{build, `"text/1.txt",`, ``, build + ":4: go_library: embedsrcs lacks text/1.txt"},
		{build, `"inkan/core/a"`, `"inkan/a"`, build + `:4: importpath is "inkan/a", want "inkan/core/a"`},
		{build, `"out_test.go",`, ``, build + ":24: go_test: srcs lacks out_test.go"},
		{build, `"//spec/req",`, ``, build + ":24: go_test: deps lacks //spec/req:req"},
		{build, `    data = glob(["testdata/**"]),` + "\n", ``, build + `:24: needs data = glob(["testdata/**"])`},
		{build, `//bazel:go_test.bzl`, `@io_bazel_rules_go//go:def.bzl`, build + ":24: go_test must be loaded from //bazel:go_test.bzl"},
		{build, `go_library(`, `go_library'`, build + `:1: line 4: "'" is not understood`},
		{build, `glob(`, `globe(`, build + ":1: line 30: function globe is not understood"},
		{"core/a/a_test.go", "inkan/spec/req", "inkan/bazel/tree", build + ":24: go_test: deps lacks //bazel/tree:tree\n" +
			build + ":24: go_test: deps has //spec/req:req, the Go files don't\n" +
			build + `:24: reads the whole tree, so needs tags = ["external"] to run every time`},
		{"spec/req/BUILD.bazel", "    testonly = True,\n", "", `spec/req/BUILD.bazel:5: imports "testing", so needs testonly = True`},
	}
	for _, c := range cases {
		t.Run(c.file+" "+c.old, func(t *testing.T) {
			check := func(t *Tree) []Problem {
				problems := Drift(t)
				for i := range problems {
					problems[i].Text = strings.TrimSuffix(problems[i].Text, remedy)
				}
				return problems
			}
			edited(t, c.file, c.old, c.new).reports(t, check, strings.Split(c.want, "\n")...)
		})
	}
}

func TestDriftKnowsGlobs(t *testing.T) {
	globbed := edited(t, "core/a/BUILD.bazel", "    embedsrcs = [\n        \"more/x/2\",\n        \"text/1.txt\",\n    ],\n",
		"    embedsrcs = glob([\"text/*.txt\"]) + [\"more/x/2\"],\n")
	globbed.reports(t, Drift)
	globbed.with(made{"core/a/text/2.txt": "2"}).reports(t, Drift)
}

func TestDriftReportsFolders(t *testing.T) {
	inStep.with(made{"core/c/c.go": "package c\n"}).reports(t, Drift,
		"core/c/BUILD.bazel:1: is missing (run bazel/gazelle)")
	inStep.with(made{"core/c/BUILD.bazel": "go_library(\n    name = \"c\",\n    srcs = [\"c.go\"],\n)\n"}).reports(t, Drift,
		"core/c/BUILD.bazel:1: go_library: srcs has c.go, the Go files don't (run bazel/gazelle)")
	main := made{
		"scenarios/cmd/x/main.go":     "package main\n",
		"scenarios/cmd/x/BUILD.bazel": "go_library(\n    name = \"x_lib\",\n    srcs = [\"main.go\"],\n    importpath = \"inkan/scenarios/cmd/x\",\n)\n",
	}
	main.reports(t, Drift, "scenarios/cmd/x/BUILD.bazel:1: package main without go_binary (run bazel/gazelle)")
}

func TestDriftReportsFilesReadElsewhere(t *testing.T) {
	const head = "load(\"//bazel:go_test.bzl\", \"go_test\")\n\ngo_test(\n    name = \"a_test\",\n    srcs = [\"a_test.go\"],\n"
	tree := made{
		"spec/A.md":          "A",
		"spec/BUILD.bazel":   "",
		"spec/corpus/1.cap":  "\x00",
		"core/b/BUILD.bazel": "",
		"core/a/P.md":        "P",
		"core/a/a_test.go":   "package a\n\nvar x = []string{\"../../spec/A.md\", \"../../spec/corpus\", \"../b\", \"../none\", \"./..\", \"P.md\", \"a_test.go\", \"testdata/t\"}\n",
		"core/a/BUILD.bazel": head + ")\n",
	}
	tree.reports(t, Drift,
		`core/a/BUILD.bazel:1: a_test.go reads ../../spec/A.md, so needs data = ["//spec:A.md"]`,
		`core/a/BUILD.bazel:1: a_test.go reads ../../spec/corpus, so needs data = ["//spec:corpus"]`,
		`core/a/BUILD.bazel:1: a_test.go reads ../b, so needs a target of //core/b among its data`,
		`core/a/BUILD.bazel:1: a_test.go reads P.md, so needs data = ["//core/a:P.md"]`)
	tree.with(made{"core/a/BUILD.bazel": head + "    data = [\"//spec:A.md\", \"//spec:corpus\", \"//core/b:x\", \"P.md\"],\n)\n"}).reports(t, Drift)
}

func TestReadBuildRefusesTheRest(t *testing.T) {
	for _, text := range []string{"x", "x(", "x(a", "x(a = ", "x(a = [", "x(a = {1", "x = 1", "for x in y: z()", "x(a = [1)", "x(\"\\q\")", ")", "x(a b)"} {
		if rules, err := ReadBuild(text); err == nil {
			t.Errorf("%q: %v and no error", text, rules)
		}
	}
	rules, err := ReadBuild("# comment\nx(\"#\", a = {\"k\": [\"v\"]} + [True], b = glob([\"*\"]))\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []*Rule{{Kind: "x", Line: 2, Args: &Attr{Strings: []string{"#"}}, Attrs: map[string]*Attr{
		"a": {Strings: []string{"v"}, Words: []string{"True"}}, "b": {Globs: []string{"*"}},
	}}}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
}
