// Package classfile reads Java class files: names, members and bytecode, as a
// converter to another machine needs them.
//
// It must not know Java Card, and must not judge what code means. It implements
// the Java Virtual Machine Specification, chapter 4, for class files of major
// versions 45 to 69.
package classfile

// Access flags (JVMS tables 4.1-B, 4.5-A, 4.6-A).
const (
	AccPublic       = 0x0001
	AccPrivate      = 0x0002
	AccProtected    = 0x0004
	AccStatic       = 0x0008
	AccFinal        = 0x0010
	AccSynchronized = 0x0020 // of a method
	AccNative       = 0x0100
	AccInterface    = 0x0200
	AccAbstract     = 0x0400
	AccStrict       = 0x0800
	AccSynthetic    = 0x1000
	AccAnnotation   = 0x2000
	AccEnum         = 0x4000
)

// Class is a class file.
type Class struct {
	Minor, Major uint16
	Access       uint16
	Name         string // binary name: "javacard/framework/Applet"
	Super        string // empty for java/lang/Object
	Interfaces   []string
	Fields       []Field
	Methods      []Method
	SourceFile   string // empty if not recorded
	InnerClasses []InnerClass
	Bootstraps   int // entries of BootstrapMethods
}

// Field is a field.
type Field struct {
	Access     uint16
	Name       string
	Descriptor string
	Constant   *Constant // ConstantValue, of a compile-time constant
}

// Method is a method. Code is nil for an abstract or native one.
type Method struct {
	Access     uint16
	Name       string
	Descriptor string
	Exceptions []string
	Code       *Code
}

// Code is a method's body.
type Code struct {
	MaxStack, MaxLocals uint16
	Length              int // bytes of bytecode
	Instructions        []Instruction
	Handlers            []Handler
	Lines               []Line          // by rising StartPC
	Variables           []LocalVariable // none unless compiled with -g
}

// Handler is an entry of the exception table. Offsets are those of
// instructions; End may be the code's length.
type Handler struct {
	Start, End, Handler int
	Catch               string // empty: anything
}

// Line says where the code of a source line begins.
type Line struct{ StartPC, Number int }

// LocalVariable is the scope of a local variable.
type LocalVariable struct {
	Start, End int // offsets: the scope is Start to End-1
	Name       string
	Descriptor string
	Slot       int
}

// InnerClass is an entry of InnerClasses.
type InnerClass struct {
	Name   string // binary name
	Access uint16 // as declared in the source
}

// LineAt is the source line of the instruction at pc; 0 if not recorded.
func (c *Code) LineAt(pc int) int {
	line := 0
	for _, l := range c.Lines {
		if l.StartPC > pc {
			break
		}
		line = l.Number
	}
	return line
}

// Tag is the kind of a constant.
type Tag byte

// Kinds of constants (JVMS table 4.4-A).
const (
	Utf8               Tag = 1
	Integer            Tag = 3
	Float              Tag = 4
	Long               Tag = 5
	Double             Tag = 6
	ClassRef           Tag = 7
	String             Tag = 8
	FieldRef           Tag = 9
	MethodRef          Tag = 10
	InterfaceMethodRef Tag = 11
	NameAndType        Tag = 12
	MethodHandle       Tag = 15
	MethodType         Tag = 16
	Dynamic            Tag = 17
	InvokeDynamic      Tag = 18
	Module             Tag = 19
	Package            Tag = 20
)

// Constant is a resolved constant; which fields count depends on Tag.
type Constant struct {
	Tag        Tag
	Int        int32  // Integer
	Class      string // ClassRef; class of a FieldRef, MethodRef, InterfaceMethodRef
	Name       string // member name; text of a Utf8 or String
	Descriptor string // of a member
}
