// Package cap reads and writes Java Card CAP files: the container, the
// components, and their load order.
//
// It must not judge what the components mean together (that is the verifier's)
// nor run anything. It implements the Java Card Virtual Machine
// Specification 3.0.5 Classic, chapter 6.
package cap

import "fmt"

// Tag is a component's tag.
type Tag byte

// Component tags (JCVM 3.0.5 §6.2).
const (
	TagHeader Tag = iota + 1
	TagDirectory
	TagApplet
	TagImport
	TagConstantPool
	TagClass
	TagMethod
	TagStaticField
	TagRefLocation
	TagExport
	TagDescriptor
	TagDebug
	TagStaticResources
)

// firstCustom is the first tag of components that the format does not define.
const firstCustom Tag = 128

var tagNames = [...]string{
	TagHeader: "Header", TagDirectory: "Directory", TagApplet: "Applet", TagImport: "Import",
	TagConstantPool: "ConstantPool", TagClass: "Class", TagMethod: "Method", TagStaticField: "StaticField",
	TagRefLocation: "RefLocation", TagExport: "Export", TagDescriptor: "Descriptor", TagDebug: "Debug",
	TagStaticResources: "StaticResources",
}

// String is the component's name, which is also its file's name in a CAP file.
func (t Tag) String() string {
	if t >= TagHeader && int(t) < len(tagNames) {
		return tagNames[t]
	}
	if t >= firstCustom {
		return fmt.Sprintf("Custom%d", byte(t))
	}
	return fmt.Sprintf("Component%d", byte(t))
}

// LoadOrder is the order in which components are transferred to a card: the
// recommended one of JCVM 3.0.5 §6.2, which existing loading tools use.
// Spec: SPEC-CAP-009.
var LoadOrder = []Tag{
	TagHeader, TagDirectory, TagImport, TagApplet, TagClass, TagMethod,
	TagStaticField, TagExport, TagConstantPool, TagRefLocation, TagDescriptor,
}

// Component is one component as it stands in a file: tag and info bytes.
type Component struct {
	Tag  Tag
	Info []byte // without the three bytes of tag and size
}

// Append appends tag, size and info.
func (c Component) Append(dst []byte) []byte {
	dst = append(dst, byte(c.Tag), byte(len(c.Info)>>8), byte(len(c.Info)))
	return append(dst, c.Info...)
}

// Version is a version number, of a package or of the CAP format.
type Version struct{ Major, Minor byte }

// String has the form "1.6".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// PackageInfo names a package.
type PackageInfo struct {
	Version Version
	AID     []byte // 5 to 16 bytes
}

// String has the form "A0000000620101 1.6".
func (p PackageInfo) String() string { return fmt.Sprintf("%X %s", p.AID, p.Version) }
