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
		for _, c := range p.Classes {
			if strings.Contains(c.Name, "$") {
				continue // stands inside its outer class
			}
			sources = append(sources, Source{c.FullName() + ".java", file(c)})
		}
	}
	sort.Slice(sources, func(i, j int) bool { return sources[i].Path < sources[j].Path })
	return sources
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

// lookup finds a class by its full name in the newest version of its package.
func lookup(name string) *jcapi.Class {
	slash := strings.LastIndexByte(name, '/')
	if slash < 0 {
		return nil
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

// derives tells whether a class is another or extends it.
func derives(c *jcapi.Class, ancestor string) bool {
	for ; c != nil; c = lookup(c.Super) {
		if c.FullName() == ancestor {
			return true
		}
	}
	return false
}
