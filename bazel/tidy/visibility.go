package tidy

import (
	"path"
	"slices"
	"strings"
)

// directive is the line with which a room's BUILD file tells Gazelle who may see
// the packages in it.
const directive = "# gazelle:default_visibility "

// Visibility returns the labels that may see a room's packages: what Rooms says,
// in Bazel's words, which Bazel enforces for every dependency.
func (r *Room) Visibility() []string {
	if r.TestSupport {
		return []string{"//:__subpackages__"}
	}
	if slices.Contains(r.Users, "*") {
		return []string{"//visibility:public"}
	}
	labels := []string{"//" + r.Name + ":__subpackages__"}
	for _, user := range r.Users {
		labels = append(labels, "//"+user+":__subpackages__")
	}
	if r.Name == "scenarios" {
		labels = append(labels, "//:__pkg__") // the alias //:inkan
	}
	slices.Sort(labels)
	return labels
}

// BuildVisibility reports rooms whose BUILD files let in others than Rooms does.
func BuildVisibility(t *Tree) []Problem {
	var problems []Problem
	for i := range Rooms {
		room := &Rooms[i]
		exists := false
		for _, file := range t.Files {
			exists = exists || inside(file.Path, room.Name)
		}
		want := directive + strings.Join(room.Visibility(), ",")
		name := room.Name + "/BUILD.bazel"
		if exists && !slices.Contains(strings.Split(t.Texts[name], "\n"), want) {
			problems = append(problems, Problem{name, 1, "needs the line: " + want})
		}
	}
	for _, name := range sortedKeys(t.Texts) {
		if room := roomOf(name); room != nil && path.Base(name) == "BUILD.bazel" {
			problems = append(problems, roomVisibility(t, room, name)...)
		}
	}
	return problems
}

// roomVisibility checks the BUILD file of one package in a room.
func roomVisibility(t *Tree, room *Room, name string) []Problem {
	rules, err := ReadBuild(t.Texts[name])
	if err != nil {
		return nil // Drift reports it
	}
	var problems []Problem
	byDefault := false
	check := func(line int, labels []string) {
		for _, label := range labels {
			if !room.mayShow(label) {
				problems = append(problems, Problem{name, line, "visible to " + label + ", against the import rule"})
			}
		}
	}
	for _, rule := range rules {
		if rule.Kind == "package" {
			byDefault = true
			check(rule.Line, rule.strings("default_visibility"))
		}
		check(rule.Line, rule.strings("visibility"))
		if rule.Kind == "go_library" && !byDefault && rule.Attrs["visibility"] == nil {
			problems = append(problems, Problem{name, rule.Line, rule.Name() + " has no visibility" + remedy})
		}
	}
	return problems
}

// mayShow tells whether a room may be visible to a label.
func (r *Room) mayShow(label string) bool {
	allowed := r.Visibility()
	folder, _, _ := strings.Cut(strings.TrimPrefix(label, "//"), ":")
	return label == "//visibility:private" || slices.Contains(allowed, label) ||
		slices.Contains(allowed, "//visibility:public") || inside(folder, r.Name)
}
