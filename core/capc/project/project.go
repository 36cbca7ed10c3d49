// Package project says what a converter is to build: AID and version of a
// package, its applets, the libraries it imports. It is written in a small JSON
// file beside the sources, in a program's options, or both.
//
// It must not know files or javac. It implements spec/BUILD-CAP.md.
package project

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcapi"
)

// FileName is the project file's name in a folder of sources.
const FileName = "cap.json"

// Project is what to build. Fields that are not set have their zero value.
type Project struct {
	Package string      // name with dots; empty: that of the classes
	AID     []byte      // of the package, 5 to 16 bytes
	Version cap.Version // of the package; zero: not given
	Applets []Applet    // in the order of the Applet component
	Int     bool        // the card has the int instructions
	Imports []string    // export files of libraries, relative to the project file
	// API are minor versions to import of API packages, by name with slashes:
	// those of the oldest card that is to take the package.
	API map[string]byte
}

// Applet is a class that can be installed.
type Applet struct {
	AID   []byte // 5 to 16 bytes
	Class string // name, with its package or without
}

// Over returns the project with what another one sets in its place. Imports are
// those of both.
func (p Project) Over(base Project) Project {
	if p.Package == "" {
		p.Package = base.Package
	}
	if p.AID == nil {
		p.AID = base.AID
	}
	if p.Version == (cap.Version{}) {
		p.Version = base.Version
	}
	if p.Applets == nil {
		p.Applets = base.Applets
	}
	p.Int = p.Int || base.Int
	if p.API == nil {
		p.API = base.API
	}
	p.Imports = append(base.Imports[:len(base.Imports):len(base.Imports)], p.Imports...)
	return p
}

// ParseAID reads an AID in hex, with blanks, colons and 0x between its bytes or
// without: "F0696E6B61", "F0 69 6E 6B 61", "0xF0:0x69:0x6E:0x6B:0x61".
//
// Spec: SPEC-BUILD-CAP-002.
func ParseAID(s string) ([]byte, error) {
	digits := strings.NewReplacer(" ", "", ":", "", "0x", "", "0X", "").Replace(s)
	aid, err := hex.DecodeString(digits)
	if err != nil || len(aid) < 5 || len(aid) > 16 {
		return nil, fmt.Errorf("%q is no AID: want 5 to 16 bytes in hex", s)
	}
	return aid, nil
}

// ParseVersion reads a package version: "1.0". 0.0 is none.
//
// Spec: SPEC-BUILD-CAP-002.
func ParseVersion(s string) (cap.Version, error) {
	major, minor, ok := strings.Cut(s, ".")
	a, errA := strconv.ParseUint(major, 10, 8)
	b, errB := strconv.ParseUint(minor, 10, 8)
	v := cap.Version{Major: byte(a), Minor: byte(b)}
	if !ok || errA != nil || errB != nil || v == (cap.Version{}) {
		return cap.Version{}, fmt.Errorf("%q is no version: want two numbers up to 255, as in 1.0", s)
	}
	return v, nil
}

// ParseAPI reads an API package's name and minor version that is to be
// imported: "javacard.framework=1.5".
//
// Spec: SPEC-BUILD-CAP-002, SPEC-BUILD-CAP-013.
func ParseAPI(s string) (name string, minor byte, err error) {
	name, version, ok := strings.Cut(s, "=")
	name = strings.ReplaceAll(name, ".", "/")
	p := jcapi.ByName(name)
	if !ok || p == nil {
		return "", 0, fmt.Errorf("%q is no API version: want PACKAGE=VERSION, as in javacard.framework=1.5", s)
	}
	v, err := ParseVersion(version)
	if err == nil && (v.Major != p.Major || v.Minor > p.Minor) {
		err = fmt.Errorf("%s has version %d.%d at most, not %s", strings.ReplaceAll(name, "/", "."), p.Major, p.Minor, version)
	}
	return name, v.Minor, err
}

// ParseApplet reads an applet's AID and class: "F0696E6B6101=PurseApplet".
//
// Spec: SPEC-BUILD-CAP-002.
func ParseApplet(s string) (Applet, error) {
	aid, class, ok := strings.Cut(s, "=")
	if !ok || class == "" {
		return Applet{}, fmt.Errorf("%q is no applet: want AID=CLASS, as in F0696E6B6101=PurseApplet", s)
	}
	b, err := ParseAID(aid)
	return Applet{b, class}, err
}
