package pkcs11

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"unsafe"
)

// attribute is a CK_ATTRIBUTE with its value in the module's encoding.
type attribute struct {
	kind  ulong
	value []byte
}

// number is an attribute of type CK_ULONG.
func number(kind, value ulong) attribute {
	return attribute{kind, binary.NativeEndian.AppendUint64(nil, value)}
}

// boolean is an attribute of type CK_BBOOL.
func boolean(kind ulong, value bool) attribute {
	if value {
		return attribute{kind, []byte{1}}
	}
	return attribute{kind, []byte{0}}
}

// template is the array of CK_ATTRIBUTE, whose memory the pinner holds in place
// while the module reads it.
func template(attributes []attribute, pinner *runtime.Pinner) []ckAttribute {
	list := make([]ckAttribute, len(attributes))
	for i, a := range attributes {
		list[i] = ckAttribute{a.kind, unsafe.Pointer(unsafe.SliceData(a.value)), ulong(len(a.value))}
		pinner.Pin(unsafe.SliceData(a.value))
	}
	return list
}

// maxObjects is how many objects of a kind a token may have.
const maxObjects = 4096

// objects finds the objects that have all attributes.
func (m *Module) objects(session ulong, attributes []attribute) ([]ulong, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	list := template(attributes, &pinner)
	if err := check("C_FindObjectsInit", m.f.findObjectsInit(session, &list[0], ulong(len(list)))); err != nil {
		return nil, err
	}
	found, count := make([]ulong, maxObjects), ulong(0)
	err := check("C_FindObjects", m.f.findObjects(session, &found[0], maxObjects, &count))
	if final := check("C_FindObjectsFinal", m.f.findObjectsFinal(session)); err == nil {
		err = final
	}
	if err != nil {
		return nil, err
	}
	if count >= maxObjects {
		return nil, fmt.Errorf("pkcs11: the token has %d objects or more", maxObjects)
	}
	return found[:count], nil
}

// maxValue is the longest attribute value that is read, in bytes.
const maxValue = 4096

// value reads one attribute.
func (m *Module) value(session, object, kind ulong) ([]byte, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	buffer := make([]byte, maxValue)
	list := template([]attribute{{kind, buffer}}, &pinner)
	if err := check("C_GetAttributeValue", m.f.getAttributeValue(session, object, &list[0], 1)); err != nil {
		return nil, err
	}
	if list[0].length > maxValue {
		return nil, fmt.Errorf("pkcs11: attribute %X has no value", kind)
	}
	return buffer[:list[0].length], nil
}

// trim takes the padding off a field of fixed length.
func trim(field []byte) string { return strings.TrimRight(string(field), " ") }
