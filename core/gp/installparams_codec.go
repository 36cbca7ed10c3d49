package gp

import (
	"fmt"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Object is a data object that a decoder does not know; it is kept and encoded
// again as it was.
type Object struct {
	Tag   tlv.Tag
	Value []byte
}

// Others is what a parameter structure has beside its typed fields: unknown
// objects, and the order in which everything stood, so that encoding what was
// decoded gives the same objects in the same order.
type Others struct {
	Unknown []Object
	layout  []int // field index; ^index for Unknown
}

// paramField is one typed object of a parameter structure T.
type paramField[T any] struct {
	tag tlv.Tag
	// get is the object's value, nil when it is absent.
	get func(*T) ([]byte, error)
	// set takes a value that begins at offset of the whole input. The error is
	// a *wire.DecodeError.
	set func(t *T, value []byte, offset int) error
}

// decodeParams reads BER-TLV objects into t. A typed object must not be
// repeated. Spec: SPEC-GP-CONTENT-080, SPEC-GP-CONTENT-081.
func decodeParams[T any](t *T, others *Others, fields []paramField[T], b []byte, base int, path string) error {
	r := tlv.NewReaderAt(b, base, 0)
	var seen uint64
next:
	for r.Next() {
		for i := range fields {
			if fields[i].tag != r.Tag() {
				continue
			}
			if seen&(1<<i) != 0 {
				return r.Fault("one object "+r.Tag().String(), "a second one").Within(0, path)
			}
			seen |= 1 << i
			if err := fields[i].set(t, r.Value(), r.ValueOffset()); err != nil {
				if fault, ok := err.(*wire.DecodeError); ok {
					return fault.Within(0, path)
				}
				return err
			}
			others.layout = append(others.layout, i)
			continue next
		}
		others.layout = append(others.layout, ^len(others.Unknown))
		others.Unknown = append(others.Unknown, Object{Tag: r.Tag(), Value: r.Value()})
	}
	if fault, ok := r.Err().(*wire.DecodeError); ok {
		return fault.Within(0, path)
	}
	return nil
}

// appendParams writes the objects in the order in which they were read; what
// was added since comes after, typed fields first. Spec: SPEC-GP-CONTENT-081.
func appendParams[T any](dst []byte, t *T, others *Others, fields []paramField[T]) ([]byte, error) {
	from := len(dst)
	var done uint64
	unknown := 0
	appendField := func(i int) error {
		done |= 1 << i
		value, err := fields[i].get(t)
		if err == nil && value != nil {
			dst = tlv.Append(dst, fields[i].tag, value)
		}
		return err
	}
	for _, slot := range others.layout {
		if slot < 0 {
			if i := ^slot; i < len(others.Unknown) {
				dst = tlv.Append(dst, others.Unknown[i].Tag, others.Unknown[i].Value)
				unknown = i + 1
			}
			continue
		}
		if err := appendField(slot); err != nil {
			return dst[:from], err
		}
	}
	for i := range fields {
		if done&(1<<i) == 0 {
			if err := appendField(i); err != nil {
				return dst[:from], err
			}
		}
	}
	for _, o := range others.Unknown[unknown:] {
		if !o.Tag.Valid() {
			return dst[:from], fmt.Errorf("gp: %v is no tag", o.Tag)
		}
		dst = tlv.Append(dst, o.Tag, o.Value)
	}
	return dst, nil
}

// bytesField is a typed object that is just bytes.
func bytesField[T any](tag tlv.Tag, at func(*T) *[]byte) paramField[T] {
	return paramField[T]{tag,
		func(t *T) ([]byte, error) { return *at(t), nil },
		func(t *T, value []byte, _ int) error { *at(t) = value; return nil },
	}
}

// paramFault is a fault within the object with this tag.
func paramFault(tag tlv.Tag, offset int, want, got string) error {
	return &wire.DecodeError{Format: formatParameters, Path: tag.String(), Offset: offset, Want: want, Got: got}
}

const formatParameters = "parameters"
