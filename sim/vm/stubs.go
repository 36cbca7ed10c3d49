package vm

import (
	"inkan/core/cap"
	"inkan/sim/clock"
	"inkan/sim/nvm"
)

type cell uint32

type nativeMethod struct {
	params []int
}

func (c *Call) refAt(i int) Ref { return Ref(c.cells[i]) }

// Machine is the virtual machine of one card. Not for concurrent use.
type Machine struct{}

// New makes the machine of a card: it formats an erased memory, or boots from
// what is there, which undoes an interrupted transaction.
func New(cfg Config) (*Machine, error) { panic("vm: not yet") }

// Reset boots again after a reset or a power cut: everything in RAM is lost,
// also entry points, global arrays, roots and host values.
func (m *Machine) Reset() error { panic("vm: not yet") }

// Clock is the card's clock. Natives charge their work to it.
func (m *Machine) Clock() *clock.Clock { panic("vm: not yet") }

// Flash is the card's memory.
func (m *Machine) Flash() *nvm.Flash { panic("vm: not yet") }

// ---- packages

// Class is a class, interface on the card, of ROM or of a loaded package.
type Class struct{}

// Name is the name of an API class, else package AID and class offset.
func (c *Class) Name() string { panic("vm: not yet") }

// API is the class in ROM, or nil of a loaded one.
func (c *Class) API() *APIClass { panic("vm: not yet") }

// Super is the superclass, or nil.
func (c *Class) Super() *Class { panic("vm: not yet") }

// Is tells whether a value of class c can be assigned to class or interface d.
func (c *Class) Is(d *Class) bool { panic("vm: not yet") }

func (c *Class) reasonCell() int { panic("vm: not yet") }

// Package is a package on the card: loaded (not one in ROM).
type Package struct{}

// Info is the package's AID and version.
func (p *Package) Info() cap.PackageInfo { panic("vm: not yet") }

// Context is the package's firewall context.
func (p *Package) Context() Context { panic("vm: not yet") }

// Applets are the entries of the Applet component.
func (p *Package) Applets() []cap.Applet { panic("vm: not yet") }

// Install is the install method of the applet with an AID, or nil.
func (p *Package) Install(appletAID []byte) *Method { panic("vm: not yet") }

// Imports are the loaded packages that p needs directly.
func (p *Package) Imports() []*Package { panic("vm: not yet") }

// SizeBytes is the NVM that the package takes, its static fields included.
func (p *Package) SizeBytes() int { panic("vm: not yet") }

// Method is a method that can be called.
type Method struct{}

// Load stores and links a package. It is there completely or, after a power
// cut or an error, not at all. Errors: *wire.DecodeError, *LinkError, and
// ErrNoMemory, ErrLoaded.
func (m *Machine) Load(components []cap.Component) (*Package, error) { panic("vm: not yet") }

// Unload removes a package with its static fields. It fails with *InUseError
// while a package imports it or an object of its classes or of its context
// remains (collect first).
func (m *Machine) Unload(p *Package) error { panic("vm: not yet") }

// Packages are the loaded packages, in the order of their indices.
func (m *Machine) Packages() []*Package { panic("vm: not yet") }

// PackageByAID finds a loaded package, or nil.
func (m *Machine) PackageByAID(aid []byte) *Package { panic("vm: not yet") }

// PackageOf is the loaded package with a context, or nil.
func (m *Machine) PackageOf(ctx Context) *Package { panic("vm: not yet") }

// Class is the machine's class of an API class.
func (m *Machine) Class(api *APIClass) *Class { panic("vm: not yet") }

// ---- calls

// Invoke calls a virtual method of an object by the token that it has in a
// class, in the context of the object's owner, and returns its result (a
// short is sign-extended) or what the method did not catch. args are words;
// the object is not among them; references are passed as Word(ref).
func (m *Machine) Invoke(ctx Context, ref Ref, class *APIClass, token byte, args ...Word) (int32, *Exception) {
	panic("vm: not yet")
}

// InvokeInterface calls an interface method by its token in the interface.
func (m *Machine) InvokeInterface(ctx Context, ref Ref, class *APIClass, token byte, args ...Word) (int32, *Exception) {
	panic("vm: not yet")
}

// InvokeStatic calls a static method (install) in a context.
func (m *Machine) InvokeStatic(ctx Context, method *Method, args ...Word) (int32, *Exception) {
	panic("vm: not yet")
}

// Word is an argument of Invoke: WordOf a short, byte or boolean, RefWord of a
// reference. An int takes two words.
type Word uint32

// ShortWord makes an argument of a short.
func ShortWord(v int16) Word { panic("vm: not yet") }

// RefWord makes an argument of a reference.
func RefWord(v Ref) Word { panic("vm: not yet") }

// Try runs platform code that may throw, outside any native, and returns what
// it threw.
func (m *Machine) Try(fn func()) *Exception { panic("vm: not yet") }

// Throw throws the card's own instance of an exception class, with a reason
// where the class has one. It does not return.
func (m *Machine) Throw(class *APIClass, reason int16) { panic("vm: not yet") }

// ThrowRef throws an exception object. It does not return.
func (m *Machine) ThrowRef(ref Ref) { panic("vm: not yet") }

// Raise throws an exception that Invoke returned, a trap included. It does not
// return.
func (m *Machine) Raise(e *Exception) { panic("vm: not yet") }

// ActiveContext is the context that runs now; PreviousContext the one that was
// active before the last switch, as JCSystem.getPreviousContextAID means it:
// JCRE if the platform called.
func (m *Machine) ActiveContext() Context { panic("vm: not yet") }

// PreviousContext is explained at ActiveContext.
func (m *Machine) PreviousContext() Context { panic("vm: not yet") }

// ---- objects

// NewInstance creates an object owned by a context, all cells zero. Throws
// SystemException NO_RESOURCE.
func (m *Machine) NewInstance(owner Context, class *APIClass) Ref { panic("vm: not yet") }

// NewArray creates a persistent array of a primitive type. Throws
// NegativeArraySizeException, SystemException NO_RESOURCE.
func (m *Machine) NewArray(owner Context, t ArrayType, length int16) Ref { panic("vm: not yet") }

// NewReferenceArray creates an array of references to objects of a class.
func (m *Machine) NewReferenceArray(owner Context, class *APIClass, length int16, e Event) Ref {
	panic("vm: not yet")
}

// NewTransientArray creates an array of a primitive type whose elements are in
// RAM. Throws NegativeArraySizeException, SystemException NO_TRANSIENT_SPACE,
// NO_RESOURCE, ILLEGAL_VALUE (of the event), and ILLEGAL_TRANSIENT for
// CLEAR_ON_DESELECT when owner is not the selected context.
func (m *Machine) NewTransientArray(owner Context, t ArrayType, length int16, e Event) Ref {
	panic("vm: not yet")
}

// NewTemporary creates an instance that is in RAM altogether: it lasts until
// reset and is never collected. The card's entry points are such.
func (m *Machine) NewTemporary(owner Context, class *APIClass) Ref { panic("vm: not yet") }

// NewTemporaryArray creates an array that is in RAM altogether: the APDU
// buffer.
func (m *Machine) NewTemporaryArray(owner Context, t ArrayType, length int16) Ref {
	panic("vm: not yet")
}

// MarkEntryPoint makes an object a JCRE entry point: any context may call its
// methods. References to a temporary one can't be stored in fields or arrays.
// The mark lasts until reset.
func (m *Machine) MarkEntryPoint(ref Ref, temporary bool) { panic("vm: not yet") }

// MarkGlobalArray makes an array accessible to all contexts; references to it
// can't be stored. The mark lasts until reset.
func (m *Machine) MarkGlobalArray(ref Ref) { panic("vm: not yet") }

// Exists tells whether a reference names an object.
func (m *Machine) Exists(ref Ref) bool { panic("vm: not yet") }

// ClassOf is an object's class; of an array, java/lang/Object's.
func (m *Machine) ClassOf(ref Ref) *Class { panic("vm: not yet") }

// Owner is the context that owns an object.
func (m *Machine) Owner(ref Ref) Context { panic("vm: not yet") }

// ArrayTypeOf is an array's element type; 0: no array.
func (m *Machine) ArrayTypeOf(ref Ref) ArrayType { panic("vm: not yet") }

// ArrayLength is the number of an array's elements.
func (m *Machine) ArrayLength(ref Ref) int16 { panic("vm: not yet") }

// TransientEvent is what clears an object, Persistent for one in NVM.
func (m *Machine) TransientEvent(ref Ref) Event { panic("vm: not yet") }

// CheckAccess throws NullPointerException for null and SecurityException when
// the firewall keeps ctx from an object's content.
func (m *Machine) CheckAccess(ctx Context, ref Ref) { panic("vm: not yet") }

// CheckRange is Call.Range for any context.
func (m *Machine) CheckRange(ctx Context, array Ref, offset, length int16) { panic("vm: not yet") }

// The accessors below make no firewall check, and trap when the object or the
// place in it does not exist. Offsets and cells count from 0; byte offsets of
// arrays are bytes whatever the element type (big-endian).

// ReadBytes copies an array's bytes.
func (m *Machine) ReadBytes(array Ref, offset int, dst []byte) { panic("vm: not yet") }

// WriteBytes stores bytes in an array; in NVM as one transaction or as part of
// the open one. Throws TransactionException BUFFER_FULL.
func (m *Machine) WriteBytes(array Ref, offset int, src []byte) { panic("vm: not yet") }

// WriteBytesNonAtomic stores bytes outside any transaction.
func (m *Machine) WriteBytesNonAtomic(array Ref, offset int, src []byte) { panic("vm: not yet") }

// FillNonAtomic sets bytes outside any transaction.
func (m *Machine) FillNonAtomic(array Ref, offset, length int, value byte) { panic("vm: not yet") }

// RefCell reads a reference of the state that class declares in an instance.
func (m *Machine) RefCell(ref Ref, class *APIClass, i int) Ref { panic("vm: not yet") }

// SetRefCell writes one, as part of the open transaction.
func (m *Machine) SetRefCell(ref Ref, class *APIClass, i int, v Ref) { panic("vm: not yet") }

// DataCell reads a data cell of the state that class declares in an instance.
func (m *Machine) DataCell(ref Ref, class *APIClass, i int) uint16 { panic("vm: not yet") }

// SetDataCell writes one, as part of the open transaction.
func (m *Machine) SetDataCell(ref Ref, class *APIClass, i int, v uint16) { panic("vm: not yet") }

// SetDataCellNonAtomic writes one outside any transaction.
func (m *Machine) SetDataCellNonAtomic(ref Ref, class *APIClass, i int, v uint16) {
	panic("vm: not yet")
}

// RefElement reads an element of an array of references.
func (m *Machine) RefElement(array Ref, i int) Ref { panic("vm: not yet") }

// SetRefElement writes one, as part of the open transaction.
func (m *Machine) SetRefElement(array Ref, i int, v Ref) { panic("vm: not yet") }

// HostValue is what SetHostValue attached to an object, or nil: a cache of
// something computed from the card's content (a prepared key). It is dropped
// with the object and at reset; its owner must check that it is still true.
func (m *Machine) HostValue(ref Ref) any { panic("vm: not yet") }

// SetHostValue attaches a value to an object.
func (m *Machine) SetHostValue(ref Ref, v any) { panic("vm: not yet") }

// ---- transactions

// Begin opens a transaction. Throws TransactionException IN_PROGRESS.
func (m *Machine) Begin() { panic("vm: not yet") }

// Commit makes the open transaction permanent. Throws TransactionException
// NOT_IN_PROGRESS.
func (m *Machine) Commit() { panic("vm: not yet") }

// Abort undoes the open transaction: writes are taken back, objects created in
// it are gone and references to them null. Throws TransactionException
// NOT_IN_PROGRESS.
func (m *Machine) Abort() { panic("vm: not yet") }

// TransactionDepth is 1 while a transaction is open, else 0.
func (m *Machine) TransactionDepth() int { panic("vm: not yet") }

// MaxCommitCapacity is the number of bytes that one write in a transaction can
// change.
func (m *Machine) MaxCommitCapacity() int { panic("vm: not yet") }

// UnusedCommitCapacity is what is left of it.
func (m *Machine) UnusedCommitCapacity() int { panic("vm: not yet") }

// ---- contexts and events

// Select tells the machine which context's applet is selected: it alone may
// have CLEAR_ON_DESELECT arrays.
func (m *Machine) Select(ctx Context) { panic("vm: not yet") }

// Selected is the context of the last Select.
func (m *Machine) Selected() Context { panic("vm: not yet") }

// ClearOnDeselect clears the CLEAR_ON_DESELECT arrays that a context owns.
func (m *Machine) ClearOnDeselect(ctx Context) { panic("vm: not yet") }

// ---- memory

// RequestObjectDeletion asks for a collection when the platform next calls
// CollectIfRequested.
func (m *Machine) RequestObjectDeletion() { panic("vm: not yet") }

// CollectIfRequested collects when somebody asked; between commands.
func (m *Machine) CollectIfRequested() { panic("vm: not yet") }

// Collect deletes all objects that no root reaches, and returns how many. It
// must be called between commands: outside natives and transactions.
func (m *Machine) Collect() int { panic("vm: not yet") }

// AddRoot keeps an object and what it refers to until reset or RemoveRoot.
func (m *Machine) AddRoot(ref Ref) { panic("vm: not yet") }

// RemoveRoot takes one AddRoot back.
func (m *Machine) RemoveRoot(ref Ref) { panic("vm: not yet") }

// FreeBytes is the free NVM; LargestFreeBytes the largest object data that fits.
func (m *Machine) FreeBytes() int { panic("vm: not yet") }

// LargestFreeBytes is explained at FreeBytes.
func (m *Machine) LargestFreeBytes() int { panic("vm: not yet") }

// FreeTransientBytes is the free RAM for arrays of an event.
func (m *Machine) FreeTransientBytes(e Event) int { panic("vm: not yet") }

// ---- records

// PutRecord stores or replaces a record of the platform under a kind and an
// identifier of up to 255 bytes: at once, or with the open transaction.
// References in it are not seen by the collector. Error: ErrNoMemory.
func (m *Machine) PutRecord(kind byte, id, data []byte) error { panic("vm: not yet") }

// DeleteRecord removes a record, if it is there.
func (m *Machine) DeleteRecord(kind byte, id []byte) { panic("vm: not yet") }

// Record is a copy of a record's data.
func (m *Machine) Record(kind byte, id []byte) (data []byte, ok bool) { panic("vm: not yet") }

// EachRecord calls fn for all records of a kind, in the order of identifiers.
func (m *Machine) EachRecord(kind byte, fn func(id, data []byte)) { panic("vm: not yet") }
