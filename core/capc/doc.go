// Package capc converts Java class files to Java Card packages: a CAP file and
// an export file. It takes what javac of any JDK from 11 on writes with
// --release 8, and depends on nothing but what the class files mean.
//
// It must not know Java source text, nor run anything. It implements
// spec/CAPC.md, after the Java Card Virtual Machine Specification 3.0.5 Classic.
package capc

import (
	"inkan/core/cap"
	"inkan/core/cap/exp"
)

// Options say what the class files cannot.
type Options struct {
	Package string      // name, with dots or slashes
	AID     []byte      // of the package, 5 to 16 bytes
	Version cap.Version // of the package
	Applets []Applet    // none: a library package
	Int     bool        // the card has int: use it where short is not enough
	Imports []*exp.File // export files of packages that are not in jcapi
	// API are the minor versions to import of API packages, by name with
	// slashes. A package that is not listed gets the one of DefaultMinor.
	API map[string]byte
}

// Applet is an applet class of the package.
type Applet struct {
	AID   []byte
	Class string // name, with or without the package
}

// Result is a converted package.
type Result struct {
	File       *cap.File
	Components []cap.Component // in the order of their tags
	CAP        []byte          // the CAP file: a ZIP file that depends on nothing but the components
	Export     []byte          // the export file; empty if the package exports nothing
	Statistics Statistics
}

// Statistics are counts of a converted package.
type Statistics struct {
	Classes, Methods  int // interfaces count as classes; abstract methods as methods
	BytecodeBytes     int
	Constants         int
	LoadBytes         int // of all components but the Descriptor
	IntegerOperations int // instructions of type int
}

// minors305 are the minor versions of Java Card 3.0.5, where newer ones exist,
// and of GlobalPlatform Card Specification 2.3.
var minors305 = map[string]byte{
	"javacard/framework": 6, "javacard/security": 6, "javacardx/crypto": 6, "javacardx/biometry": 3,
	"javacardx/biometry1toN": 0, "javacardx/framework/util/intx": 0, "org/globalplatform": 6,
}
