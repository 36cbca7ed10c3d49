package project

import (
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/classfile"
	"inkan/spec/req"
)

func class(access uint16, name, super string) *classfile.Class {
	return &classfile.Class{Access: access, Name: name, Super: super}
}

var aid = []byte{0xF0, 0x69, 0x6E, 0x6B, 0x61}

func purse() []*classfile.Class {
	return []*classfile.Class{
		class(classfile.AccPublic|classfile.AccAbstract, "a/b/Frame", "javacard/framework/Applet"),
		class(classfile.AccPublic, "a/b/Purse", "a/b/Frame"), class(classfile.AccPublic, "a/b/Coin", "java/lang/Object"),
	}
}

func TestComplete(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-005", "SPEC-BUILD-CAP-006", "SPEC-BUILD-CAP-008")
	for _, name := range []string{"Purse", "a.b.Purse"} {
		p := Project{AID: aid, Applets: []Applet{{append(aid, 1), name}}}
		if err := p.Complete(purse(), false); err != nil {
			t.Fatal(err)
		}
		if p.Package != "a.b" || p.Version != (cap.Version{Major: 1}) || p.Applets[0].Class != "a.b.Purse" {
			t.Errorf("%+v", p)
		}
	}
	p := Project{AID: aid}
	if err := p.Complete(purse(), true); err != nil || p.Applets != nil {
		t.Error(err, p)
	}
}

func TestCompleteRefuses(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-005", "SPEC-BUILD-CAP-006", "SPEC-BUILD-CAP-007", "SPEC-BUILD-CAP-008")
	for _, c := range []struct {
		p       Project
		classes []*classfile.Class
		want    string
	}{
		{Project{AID: aid}, nil, "no classes"},
		{Project{AID: aid}, []*classfile.Class{class(0, "X", "")}, "class X is in no package"},
		{Project{AID: aid}, []*classfile.Class{class(0, "a/X", ""), class(0, "b/c/X", "")}, "classes of 2 packages: a, b.c;"},
		{Project{AID: aid, Package: "a.c"}, purse(), "the classes are of package a.b, not a.c"},
		{Project{}, purse(), `package a.b has no AID: give --aid HEX, or "aid" in cap.json`},
		{Project{AID: aid}, purse(), "no applet is named, but Purse extends Applet: give --applet AID=Purse"},
		{Project{AID: aid, Applets: []Applet{{aid, "Pouch"}}}, purse(), "applet F0696E6B61: package a.b has no class Pouch; classes that extend Applet: Purse"},
	} {
		if err := c.p.Complete(c.classes, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	loop := []*classfile.Class{class(0, "a/X", "a/Y"), class(0, "a/Y", "a/X")}
	if err := (&Project{AID: aid}).Complete(loop, false); err != nil {
		t.Error(err)
	}
}
