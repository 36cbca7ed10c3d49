package tidy

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// reads checks that files which a test names, such as "../../spec/KEYS.md", are
// among the data of its target: Bazel's sandbox has no others. A test that finds
// the tree's root reads without the sandbox, and what a file embeds is declared
// as that.
func (d *drift) reads(files []*File) {
	for _, file := range files {
		if slices.Contains(file.Imports(), d.tree.Module+"/bazel/tree") {
			continue
		}
		embedded := d.embedded(file)
		ast.Inspect(file.Syntax, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || !d.mayRead(text) || slices.Contains(embedded, text) {
				return true
			}
			label := d.tree.dataLabel(path.Join(d.folder, text))
			switch pkg, ok := strings.CutSuffix(label, ":"); {
			case label == "" || d.hasData(label):
			case ok:
				d.report(1, "%s reads %s, so needs a target of %s among its data", path.Base(file.Path), text, pkg)
			default:
				d.report(1, "%s reads %s, so needs data = [%q]", path.Base(file.Path), text, label)
			}
			return true
		})
	}
}

// mayRead tells whether a string could be the path of a file that needs declaring:
// of another folder, or of this one where it is neither testdata nor Go.
func (d *drift) mayRead(text string) bool {
	if strings.HasPrefix(text, "../") {
		return true
	}
	name := path.Join(d.folder, text)
	_, isFile := d.tree.Texts[name]
	return isFile && inside(name, d.folder) && path.Ext(name) != ".go" && !strings.HasPrefix(text, "testdata/")
}

// hasData tells whether a test target has a label among its data; for a folder
// that is a package of its own, any label in it will do, and a target named like
// a folder has all that is below it.
func (d *drift) hasData(label string) bool {
	for _, rule := range d.rulesOf("go_test") {
		for _, data := range rule.strings("data") {
			data = d.absolute(data)
			if data == label || strings.HasPrefix(label, data+"/") || strings.HasSuffix(label, ":") && strings.HasPrefix(data, label) {
				return true
			}
		}
	}
	return false
}

// dataLabel returns the label of a file, or of a folder by way of a filegroup
// named like it; "" for what is not in the tree.
func (t *Tree) dataLabel(name string) string {
	isFolder := slices.ContainsFunc(sortedKeys(t.Folders), func(folder string) bool { return inside(folder, name) })
	if !t.Paths[name] && !isFolder {
		return ""
	}
	pkg := name
	for pkg != "." {
		if _, ok := t.Texts[path.Join(pkg, "BUILD.bazel")]; ok {
			break
		}
		pkg = path.Dir(pkg)
	}
	return "//" + strings.TrimPrefix(pkg, ".") + ":" + strings.TrimPrefix(strings.TrimPrefix(name, pkg), "/")
}
