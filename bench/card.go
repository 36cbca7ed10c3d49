package main

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/jcapi"
	"inkan/core/jcvm/asm"
	"inkan/sim/runtime"
	"inkan/sim/runtime/bare"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// card is a card of the reference chip with one package, whose methods are
// called past APDUs.
type card struct {
	*bare.Card
	pkg     *vm.Package
	methods []*vm.Method
}

// method is a static method in assembly text.
type method struct {
	args, locals, stack byte // words
	text                string
}

// newCard makes a card and loads the methods with what they import and the
// constants that they name. The package has no descriptors, so it is not
// verified.
func newCard(imports []cap.PackageInfo, constants []cap.Constant, methods ...method) (*card, error) {
	b, err := bare.New(bare.Config{Options: runtime.Options{NoVerification: true}})
	if err != nil {
		return nil, err
	}
	f := &cap.File{
		Header: cap.Header{Format: cap.Version{Major: 2, Minor: 2},
			Package: cap.PackageInfo{AID: []byte{0xF0, 'b', 'e', 'n', 'c', 'h'}, Version: cap.Version{Major: 1}}},
		Imports: imports, Constants: constants,
	}
	info := cap.AppendHandlers(nil, nil)
	var offsets []uint16
	for _, k := range methods {
		code, err := asm.Assemble(k.text)
		if err != nil {
			return nil, err
		}
		offsets = append(offsets, uint16(len(info)))
		info = append(cap.AppendHeader(info, cap.MethodHeader{MaxStack: k.stack, Args: k.args, MaxLocals: k.locals}), code...)
	}
	f.Method = cap.MethodComponent{Info: info}
	f.FillDirectory()
	c := &card{Card: b}
	if c.pkg, err = b.Card.Load(f.Components()); err != nil {
		return nil, err
	}
	for _, offset := range offsets {
		c.methods = append(c.methods, c.pkg.Method(offset))
	}
	return c, nil
}

// call runs a method of the package.
func (c *card) call(method int, args ...vm.Word) (int32, error) {
	v, e := c.Machine().InvokeStatic(c.pkg.Context(), c.methods[method], args...)
	if e != nil {
		return 0, e
	}
	return v, nil
}

// must is call as an operation that is measured.
func (c *card) must(method int, args []vm.Word) int32 {
	v, e := c.Machine().InvokeStatic(c.pkg.Context(), c.methods[method], args...)
	if e != nil {
		panic(e)
	}
	return v
}

// invoke calls a virtual method of an API object as the package would.
func (c *card) invoke(ref vm.Ref, class, name, descriptor string, args ...vm.Word) error {
	k := jcapi.ClassByName(class)
	token := k.MethodNamed(name, descriptor).Token
	call := c.Machine().Invoke
	if k.Access&jcapi.Interface != 0 {
		call = c.Machine().InvokeInterface
	}
	if _, e := call(c.pkg.Context(), ref, binding.Class(class), token, args...); e != nil {
		return fmt.Errorf("%s.%s: %w", class, name, e)
	}
	return nil
}

// array makes a byte array of the package's in RAM.
func (c *card) array(b []byte) (ref vm.Ref, err error) {
	e := c.Machine().Try(func() {
		ref = c.Machine().NewTransientArray(c.pkg.Context(), vm.ByteArray, int16(len(b)), vm.ClearOnReset)
		c.Machine().WriteBytes(ref, 0, b)
	})
	if e != nil {
		return vm.Null, e
	}
	return ref, nil
}

// reference is the constant of an API method, in the package that is imported
// at an index.
func reference(imported byte, class, name, descriptor string) cap.Constant {
	k := jcapi.ClassByName(class)
	method := k.MethodNamed(name, descriptor)
	kind := cap.Kind(cap.VirtualMethodref)
	if method.Static {
		kind = cap.StaticMethodref
	}
	return cap.Constant{Kind: kind, Info: [3]byte{0x80 | imported, k.Token, method.Token}}
}

// imports are packages of the API, as a package imports them.
func imports(names ...string) (list []cap.PackageInfo) {
	for _, name := range names {
		list = append(list, cap.PackageInfo{AID: jcapi.ByName(name).AID, Version: cap.Version{Major: 1}})
	}
	return list
}
