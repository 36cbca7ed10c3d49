package cap

import (
	"fmt"

	"inkan/core/wire"
)

// Magic opens every Header component.
const Magic = 0xDECAFFED

// Header flags (JCVM 3.0.5 §6.4).
const (
	FlagInt      = 0x01 // the package uses int
	FlagExport   = 0x02 // there is an Export component
	FlagApplet   = 0x04 // there is an Applet component
	FlagExtended = 0x08 // extended format, since 2.3
)

// Header is the Header component.
type Header struct {
	Format  Version // of the CAP file: 2.1 or 2.2
	Flags   byte
	Package PackageInfo
	Name    []byte // fully qualified with slashes, since 2.2; may be empty
}

// decodeHeader refuses formats other than 2.1 and 2.2: what 2.3 adds (extended
// components, static resources, token mapping) this implementation has not.
// Spec: SPEC-CAP-003, SPEC-CAP-010.
func decodeHeader(b []byte) (Header, error) {
	r := reader(TagHeader, b)
	if m := uint32(r.Uint16("magic"))<<16 | uint32(r.Uint16("magic")); r.Err() == nil && m != Magic {
		r.FailAt(0, "Header/magic", "DECAFFED", fmt.Sprintf("%08X", m))
	}
	h := Header{Format: decodeVersion(&r, "Header/format")}
	if f := h.Format; r.Err() == nil && (f.Major != 2 || f.Minor < 1 || f.Minor > 2) {
		r.FailAt(4, "Header/format", "CAP format 2.1 or 2.2; later ones, of Java Card 3.1 on, have components that are not supported", f.String())
	}
	h.Flags = r.Byte("Header/flags")
	if r.Err() == nil && h.Flags&^(FlagInt|FlagExport|FlagApplet) != 0 {
		r.FailAt(6, "Header/flags", "flags 01, 02 and 04", fmt.Sprintf("%02X", h.Flags))
	}
	h.Package = decodePackage(&r, "Header/package")
	if h.Format.Minor >= 2 {
		h.Name = r.LV("Header/name")
	}
	return h, r.End()
}

func (h *Header) appendInfo(dst []byte) []byte {
	dst = append(dst, 0xDE, 0xCA, 0xFF, 0xED, h.Format.Minor, h.Format.Major, h.Flags)
	dst = h.Package.append(dst)
	if h.Format.Minor >= 2 {
		dst = append(append(dst, byte(len(h.Name))), h.Name...)
	}
	return dst
}

func decodeVersion(r *wire.Reader, path string) Version {
	minor := r.Byte(path)
	return Version{Minor: minor, Major: r.Byte(path)}
}

func decodePackage(r *wire.Reader, path string) PackageInfo {
	return PackageInfo{Version: decodeVersion(r, path), AID: decodeAID(r, path)}
}

func (p PackageInfo) append(dst []byte) []byte {
	dst = append(dst, p.Version.Minor, p.Version.Major, byte(len(p.AID)))
	return append(dst, p.AID...)
}

// decodeAID reads an LV that must have the length of an AID.
func decodeAID(r *wire.Reader, path string) []byte {
	at := r.Offset()
	aid := r.LV(path + "/AID")
	if n := len(aid); r.Err() == nil && (n < 5 || n > 16) {
		r.FailAt(at, path+"/AID", "a length of 5 to 16", fmt.Sprint(n))
	}
	return aid
}

// reader reads a component's info; offsets in its errors count from there.
func reader(t Tag, b []byte) wire.Reader { return wire.NewReader("CAP "+t.String(), b) }

func fault(t Tag, offset int, path, want, got string) error {
	return &wire.DecodeError{Format: "CAP " + t.String(), Path: path, Offset: offset, Want: want, Got: got}
}
