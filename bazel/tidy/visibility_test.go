package tidy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The rule in Bazel's words, written out.
func TestRoomsInBazelsWords(t *testing.T) {
	want := map[string][]string{
		"core":      {"//visibility:public"},
		"sim":       {"//bench:__subpackages__", "//scenarios:__subpackages__", "//sim:__subpackages__"},
		"server":    {"//bench:__subpackages__", "//ca:__subpackages__", "//scenarios:__subpackages__", "//server:__subpackages__", "//tsm:__subpackages__"},
		"ca":        {"//bench:__subpackages__", "//ca:__subpackages__", "//scenarios:__subpackages__"},
		"tsm":       {"//bench:__subpackages__", "//scenarios:__subpackages__", "//tsm:__subpackages__"},
		"scenarios": {"//:__pkg__", "//bench:__subpackages__", "//scenarios:__subpackages__"},
		"bench":     {"//bench:__subpackages__"},
		"spec":      {"//:__subpackages__"},
		"bazel":     {"//:__subpackages__"},
	}
	got := map[string][]string{}
	for i := range Rooms {
		got[Rooms[i].Name] = Rooms[i].Visibility()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBuildVisibilityReports(t *testing.T) {
	const room = "# gazelle:default_visibility //bench:__subpackages__,//ca:__subpackages__,//scenarios:__subpackages__\n"
	tree := made{"ca/x/x.go": "package x\n", "ca/BUILD.bazel": room}
	visible := func(label string) made {
		return tree.with(made{"ca/x/BUILD.bazel": "go_library(\n    name = \"x\",\n    visibility = [\"" + label + "\"],\n)\n"})
	}
	for _, label := range []string{"//visibility:private", "//scenarios:__subpackages__", "//ca/x:__subpackages__", "//ca:__pkg__"} {
		visible(label).reports(t, BuildVisibility)
	}
	for _, label := range []string{"//visibility:public", "//sim:__subpackages__", "//tsm/sp:__pkg__", "//:__subpackages__", "//cards:__pkg__"} {
		visible(label).reports(t, BuildVisibility, "ca/x/BUILD.bazel:1: visible to "+label+", against the import rule")
	}
	tree.with(made{"ca/x/BUILD.bazel": "package(default_visibility = [\"//tsm:__subpackages__\"])\n\ngo_library(\n    name = \"x\",\n)\n"}).
		reports(t, BuildVisibility, "ca/x/BUILD.bazel:1: visible to //tsm:__subpackages__, against the import rule")
	tree.with(made{"ca/x/BUILD.bazel": "go_library(\n    name = \"x\",\n)\n"}).
		reports(t, BuildVisibility, "ca/x/BUILD.bazel:1: x has no visibility (run bazel/gazelle)")
	made{"ca/x/x.go": "package x\n"}.reports(t, BuildVisibility, "ca/BUILD.bazel:1: needs the line: "+room[:len(room)-1])
}
