package vm

import (
	"inkan/core/cap"
	"inkan/core/jcapi"
)

// APIPackage is a package in ROM whose methods are natives. It is shared by
// all machines and never changed.
type APIPackage struct {
	Name    string // with slashes
	AID     []byte
	Version cap.Version
	Classes []*APIClass
}

// APIClass is a class or interface of an APIPackage. Its token is also its
// identity in the heap.
type APIClass struct {
	Token      byte
	Name       string // with the package: "javacard/framework/Applet"
	Super      *APIClass
	Interfaces []*APIClass // direct ones suffice
	Access     jcapi.Access

	// RefCells and DataCells are native state in each instance, in the heap:
	// 16-bit cells, references first. A class whose instances carry a reason
	// (CardException, CardRuntimeException) keeps it in its first data cell,
	// where Throw puts it.
	RefCells, DataCells int

	// Virtual and Static are the methods by token; a virtual one that is
	// missing here is inherited. An interface needs none: its methods are
	// known by name from jcapi, or else from entries whose Func is nil.
	Virtual, Static map[byte]*Native
}

// Native is a method of the API.
type Native struct {
	Name, Descriptor string
	Cycles           uint64 // entry, exit and plain work, cause Native
	Func             func(*Call)
}

// Call is one call of a native. It is valid until the native returns.
type Call struct {
	m       *Machine
	native  *nativeMethod
	cells   []cell // arguments, this included
	context Context
	result  uint32
}

// Machine is the card's machine.
func (c *Call) Machine() *Machine { return c.m }

// Context is the caller's context: the one that access checks are made for.
func (c *Call) Context() Context { return c.context }

// This is the object of a virtual method or constructor.
func (c *Call) This() Ref { return c.refAt(0) }

// Ref is the parameter with an index, counted without this.
func (c *Call) Ref(i int) Ref { return c.refAt(c.native.params[i]) }

// Short is a short parameter.
func (c *Call) Short(i int) int16 { return int16(c.cells[c.native.params[i]]) }

// Byte is a byte parameter.
func (c *Call) Byte(i int) int8 { return int8(c.cells[c.native.params[i]]) }

// Bool is a boolean parameter.
func (c *Call) Bool(i int) bool { return int16(c.cells[c.native.params[i]]) != 0 }

// Int is an int parameter.
func (c *Call) Int(i int) int32 {
	at := c.native.params[i]
	return int32(uint32(uint16(c.cells[at]))<<16 | uint32(uint16(c.cells[at+1])))
}

// ReturnRef sets the result.
func (c *Call) ReturnRef(v Ref) { c.result = uint32(v) }

// ReturnShort sets the result.
func (c *Call) ReturnShort(v int16) { c.result = uint32(uint16(v)) }

// ReturnByte sets the result.
func (c *Call) ReturnByte(v int8) { c.result = uint32(uint16(int16(v))) }

// ReturnBool sets the result.
func (c *Call) ReturnBool(v bool) {
	c.result = 0
	if v {
		c.result = 1
	}
}

// ReturnInt sets the result.
func (c *Call) ReturnInt(v int32) { c.result = uint32(v) }

// Throw is Machine.Throw.
func (c *Call) Throw(class *APIClass, reason int16) { c.m.Throw(class, reason) }

// Range checks that the caller may access length elements of an array from
// offset, and throws NullPointerException, SecurityException or
// ArrayIndexOutOfBoundsException if not. A negative length or offset is out of
// bounds. The order of the checks is that of JCSystem and Util in practice:
// null, firewall, bounds.
func (c *Call) Range(array Ref, offset, length int16) {
	c.m.CheckRange(c.context, array, offset, length)
}
