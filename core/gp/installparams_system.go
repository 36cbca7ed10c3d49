package gp

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"inkan/core/tlv"
)

// MemorySize is an amount of memory in a parameters field: two or four bytes.
// The zero value is absent.
type MemorySize struct {
	Bytes uint32
	width byte // 0 absent, 2 or 4
}

// NewMemorySize is sizeBytes in the width that GlobalPlatform asks for: two
// bytes up to 32767, else four.
func NewMemorySize(sizeBytes uint32) MemorySize {
	if sizeBytes <= 0x7FFF {
		return MemorySize{sizeBytes, 2}
	}
	return MemorySize{sizeBytes, 4}
}

// Present reports whether the size is there at all; it may be 0.
func (m MemorySize) Present() bool { return m.width != 0 }

func (m MemorySize) value() ([]byte, error) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], m.Bytes)
	switch {
	case m.width == 0 && m.Bytes == 0:
		return nil, nil
	case m.width == 2 && m.Bytes <= 0xFFFF:
		return b[2:], nil
	case m.width == 2 || m.width == 4 || m.width == 0:
		return b[:], nil
	}
	return nil, fmt.Errorf("gp: memory size in %d bytes", m.width)
}

// sizeField is a typed object of two or four bytes. Spec: SPEC-GP-CONTENT-083.
func sizeField[T any](tag tlv.Tag, at func(*T) *MemorySize) paramField[T] {
	return paramField[T]{tag,
		func(t *T) ([]byte, error) { return at(t).value() },
		func(t *T, value []byte, offset int) error {
			switch len(value) {
			case 2:
				*at(t) = MemorySize{uint32(binary.BigEndian.Uint16(value)), 2}
			case 4:
				*at(t) = MemorySize{binary.BigEndian.Uint32(value), 4}
			default:
				return paramFault(tag, offset, "2 or 4 bytes", strconv.Itoa(len(value)))
			}
			return nil
		},
	}
}

// SystemParameters is the value of EF, in INSTALL [for load] (C6 C7 C8 CD DD)
// and [for install] (C7 C8 CA CB CF D7 D8).
type SystemParameters struct {
	NonVolatileCode     MemorySize // C6: minimum for the code of a load file
	Volatile            MemorySize // C7: minimum for data (load), quota (install)
	NonVolatile         MemorySize // C8: likewise
	SIMToolkit          []byte     // CA: ToolkitParameters with access domain (SIMParameters)
	GlobalService       []byte     // CB: two bytes for each service
	LoadFileFormat      []byte     // CD
	ImplicitSelection   []byte     // CF: one byte; bit 8 contactless, bit 7 contacts, bits 5–1 channel
	VolatileReserved    MemorySize // D7
	NonVolatileReserved MemorySize // D8
	LoadFileParameters  []byte     // DD
	Others
}

var systemTable = []paramField[SystemParameters]{
	sizeField(0xC6, func(p *SystemParameters) *MemorySize { return &p.NonVolatileCode }),
	sizeField(0xC7, func(p *SystemParameters) *MemorySize { return &p.Volatile }),
	sizeField(0xC8, func(p *SystemParameters) *MemorySize { return &p.NonVolatile }),
	bytesField(0xCA, func(p *SystemParameters) *[]byte { return &p.SIMToolkit }),
	globalServiceField(),
	bytesField(0xCD, func(p *SystemParameters) *[]byte { return &p.LoadFileFormat }),
	implicitSelectionField(),
	sizeField(0xD7, func(p *SystemParameters) *MemorySize { return &p.VolatileReserved }),
	sizeField(0xD8, func(p *SystemParameters) *MemorySize { return &p.NonVolatileReserved }),
	bytesField(0xDD, func(p *SystemParameters) *[]byte { return &p.LoadFileParameters }),
}

// globalServiceField checks that CB has whole services. Spec: SPEC-GP-CONTENT-084.
func globalServiceField() paramField[SystemParameters] {
	f := bytesField(0xCB, func(p *SystemParameters) *[]byte { return &p.GlobalService })
	set := f.set
	f.set = func(p *SystemParameters, value []byte, offset int) error {
		if len(value) == 0 || len(value)%2 != 0 {
			return paramFault(0xCB, offset, "two bytes for each service", strconv.Itoa(len(value)))
		}
		return set(p, value, offset)
	}
	return f
}

// implicitSelectionField checks CF: one byte. Spec: SPEC-GP-CONTENT-085.
func implicitSelectionField() paramField[SystemParameters] {
	f := bytesField(0xCF, func(p *SystemParameters) *[]byte { return &p.ImplicitSelection })
	set := f.set
	f.set = func(p *SystemParameters, value []byte, offset int) error {
		if len(value) != 1 {
			return paramFault(0xCF, offset, "1 byte", strconv.Itoa(len(value)))
		}
		return set(p, value, offset)
	}
	return f
}

func decodeSystemParameters(p *SystemParameters, value []byte, offset int) error {
	return decodeParams(p, &p.Others, systemTable, value, offset, "EF")
}

// Append appends the value of EF.
func (p *SystemParameters) Append(dst []byte) ([]byte, error) {
	return appendParams(dst, p, &p.Others, systemTable)
}
