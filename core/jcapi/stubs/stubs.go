// Package stubs gives the public API of Java Card, GlobalPlatform and UICC
// packages as Java source: classes with empty bodies against which javac
// compiles an applet. Every name, descriptor and constant comes from package
// jcapi's table, so what compiles here has a link token there.
//
// It must not know what a method does, nor how javac is called. It implements
// spec/STUBS.md.
package stubs

import (
	"sort"
	"strings"
	"sync"

	"inkan/core/jcapi"
)

// Source is one Java file.
type Source struct {
	Path string // with slashes: "javacard/framework/Applet.java"
	Text string
}

// Sources are the Java files of all API packages, sorted by path; the value is
// shared: read only. The classes that the JDK has itself, in java/lang, java/io
// and java/rmi, are not among them. Of a package with several major versions
// the newest stands for all.
//
// Spec: SPEC-STUBS-001, SPEC-STUBS-002.
var Sources = sync.OnceValue(generate)

func generate() []Source {
	var sources []Source
	for _, p := range newest() {
		sources = append(sources, platform.sources(p)...)
	}
	sort.Slice(sources, func(i, j int) bool { return sources[i].Path < sources[j].Path })
	return sources
}

// world is the classes that declarations can refer to: the platform's, and a
// library's.
type world struct {
	library map[string]*jcapi.Class // by full name; may be nil
}

var platform world

// sources are the files of one package.
func (w world) sources(p *jcapi.Package) (list []Source) {
	for _, c := range p.Classes {
		if !strings.Contains(c.Name, "$") { // else it stands inside its outer class
			list = append(list, Source{c.FullName() + ".java", w.file(c)})
		}
	}
	return list
}

// newest are the packages to write: for each name the highest major version.
func newest() []*jcapi.Package {
	var list []*jcapi.Package
	for _, p := range jcapi.Packages() {
		if strings.HasPrefix(p.Name, "java/") {
			continue
		}
		if last := len(list) - 1; last >= 0 && list[last].Name == p.Name {
			if p.Major > list[last].Major {
				list[last] = p
			}
			continue
		}
		list = append(list, p)
	}
	return list
}

// lookup finds a class by its full name, the platform's in the newest version
// of its package.
func (w world) lookup(name string) *jcapi.Class {
	slash := strings.LastIndexByte(name, '/')
	if slash < 0 {
		return nil
	}
	if c := w.library[name]; c != nil {
		return c
	}
	var class *jcapi.Class
	major := -1
	for _, p := range jcapi.Packages() {
		if p.Name == name[:slash] && int(p.Major) > major {
			major, class = int(p.Major), p.ClassNamed(name[slash+1:])
		}
	}
	return class
}

// depth is how many superclasses a class has.
func (w world) depth(c *jcapi.Class) (n int) {
	for ; c != nil && c.Super != ""; c = w.lookup(c.Super) {
		n++
	}
	return n
}

// derives tells whether a class is another or extends it.
func (w world) derives(c *jcapi.Class, ancestor string) bool {
	for ; c != nil; c = w.lookup(c.Super) {
		if c.FullName() == ancestor {
			return true
		}
	}
	return false
}

// Arguments are javac's options to compile applets: api is the folder with the
// Sources, classPath what else the sources need (may be empty), out the folder
// for the class files. The names of the sources come after them.
//
// Spec: SPEC-STUBS-006.
func Arguments(api, classPath, out string) []string {
	return []string{"--release", "8", "-g", "-Xlint:-options", "-encoding", "UTF-8", "-proc:none", "-implicit:none",
		"-sourcepath", api, "-classpath", classPath, "-d", out}
}
