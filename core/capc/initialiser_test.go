package capc

import (
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/classfile"
	"inkan/spec/req"
)

// initialised is a class with the static byte arrays p and q and code that
// initialises it.
func initialised(list ...classfile.Instruction) *classfile.Class {
	k := built("p/C", made("<clinit>", "()V", classfile.AccStatic, 4, 0, list...))
	for _, name := range []string{"p", "q"} {
		k.Fields = append(k.Fields, classfile.Field{Access: classfile.AccStatic, Name: name, Descriptor: "[B"})
	}
	k.Super = "javacard/framework/Applet"
	k.Methods[0].Code.Instructions[1].Constant.Class = k.Super
	k.Methods = append(k.Methods, made("install", "([BSB)V", classfile.AccStatic|classfile.AccPublic, 0, 3, ret()),
		made("process", "(Ljavacard/framework/APDU;)V", classfile.AccPublic, 0, 2, ret()))
	return k
}

func put(name string) classfile.Instruction {
	return classfile.Instruction{Op: classfile.OpPutstatic, Constant: &classfile.Constant{Tag: classfile.FieldRef, Class: "p/C", Name: name, Descriptor: "[B"}}
}

// p = q = new byte[…] makes one array in Java. An image would make two.
func TestArrayInTwoFields(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-021")
	opt := Options{Package: "p", AID: []byte("inkan"), Version: cap.Version{Major: 1}, Applets: []Applet{{[]byte("inkan1"), "C"}}}
	array := []classfile.Instruction{{Op: classfile.OpIconst0}, {Op: classfile.OpNewarray, Value: 8}}
	list := append(array[:2:2], classfile.Instruction{Op: classfile.OpDup}, put("q"), put("p"), ret())
	if _, err := Convert([]*classfile.Class{initialised(list...)}, opt); err == nil || !strings.Contains(err.Error(), "array in a second static field") {
		t.Error(err)
	}
	list = append(append(array[:2:2], put("q")), append(array[:2:2], put("p"), ret())...)
	if _, err := Convert([]*classfile.Class{initialised(list...)}, opt); err != nil {
		t.Error(err)
	}
}

// What stands behind the end of an initialiser does nothing.
func TestInitialiserEnds(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-020")
	opt := Options{Package: "p", AID: []byte("inkan"), Version: cap.Version{Major: 1}, Applets: []Applet{{[]byte("inkan1"), "C"}}}
	list := []classfile.Instruction{ret(), {Op: classfile.OpIconst0}, {Op: classfile.OpNewarray, Value: 8}, put("p"), ret()}
	r, err := Convert([]*classfile.Class{initialised(list...)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.File.StaticField.Arrays); n != 0 {
		t.Errorf("%d arrays", n)
	}
}
