package cap

import "fmt"

// StaticField is the StaticField component: the initial image of the static
// fields. The image is: references to initialised arrays, other references,
// primitives that begin as zero, primitives that do not.
type StaticField struct {
	ImageSize      uint16 // bytes
	ReferenceCount uint16 // references, two bytes each, initialised arrays first
	Arrays         []ArrayInit
	DefaultCount   uint16 // bytes of primitives that begin as zero
	NonDefault     []byte // the others' initial values
}

// ArrayInit is a primitive array with initial values.
type ArrayInit struct {
	Type   byte // 2 boolean, 3 byte, 4 short, 5 int
	Values []byte
}

// Element types of ArrayInit.
const (
	InitBoolean = 2
	InitByte    = 3
	InitShort   = 4
	InitInt     = 5
)

// decodeStaticField reads a StaticField component. Spec: SPEC-CAP-017.
func decodeStaticField(b []byte) (StaticField, error) {
	r := reader(TagStaticField, b)
	s := StaticField{ImageSize: r.Uint16("image_size"), ReferenceCount: r.Uint16("reference_count")}
	n := r.Uint16("array_init_count")
	if r.Err() == nil && n > s.ReferenceCount {
		r.FailAt(4, "array_init_count", fmt.Sprintf("at most the reference count, %d", s.ReferenceCount), fmt.Sprint(n))
	}
	for ; n > 0 && r.Err() == nil; n-- {
		at := r.Offset()
		a := ArrayInit{Type: r.Byte("array_init/type")}
		if r.Err() == nil && (a.Type < InitBoolean || a.Type > InitInt) {
			r.FailAt(at, "array_init/type", "2 to 5", fmt.Sprint(a.Type))
		}
		a.Values = r.Bytes(int(r.Uint16("array_init/count")), "array_init/values")
		s.Arrays = append(s.Arrays, a)
	}
	s.DefaultCount = r.Uint16("default_value_count")
	s.NonDefault = r.Bytes(int(r.Uint16("non_default_value_count")), "non_default_values")
	if sum := 2*int(s.ReferenceCount) + int(s.DefaultCount) + len(s.NonDefault); r.Err() == nil && sum != int(s.ImageSize) {
		r.FailAt(0, "image_size", fmt.Sprintf("%d, the sum of its parts", sum), fmt.Sprint(s.ImageSize))
	}
	return s, r.End()
}

func (s *StaticField) appendInfo(dst []byte) []byte {
	dst = append16(append16(append16(dst, s.ImageSize), s.ReferenceCount), uint16(len(s.Arrays)))
	for _, a := range s.Arrays {
		dst = append(append16(append(dst, a.Type), uint16(len(a.Values))), a.Values...)
	}
	dst = append16(append16(dst, s.DefaultCount), uint16(len(s.NonDefault)))
	return append(dst, s.NonDefault...)
}

func (s *StaticField) arrayBytes() int {
	n := 0
	for _, a := range s.Arrays {
		n += len(a.Values)
	}
	return n
}
