package classfile

import (
	"fmt"

	"inkan/core/wire"
)

// entry is a constant as it stands in the file.
type entry struct {
	tag    Tag
	at     int // offset in the file
	a, b   uint16
	value  int32
	text   string
	second bool // the unusable second index of a Long or Double
}

// pool is a constant pool; index 0 is not used.
type pool struct {
	r       *wire.Reader
	entries []entry
}

// poolSizes are the bytes behind the tag, of constants of fixed length.
var poolSizes = map[Tag]int{
	Integer: 4, Float: 4, Long: 8, Double: 8, ClassRef: 2, String: 2, FieldRef: 4, MethodRef: 4, InterfaceMethodRef: 4,
	NameAndType: 4, MethodHandle: 3, MethodType: 2, Dynamic: 4, InvokeDynamic: 4, Module: 2, Package: 2,
}

// readPool reads the constant pool and checks what its entries refer to.
func readPool(r *wire.Reader) *pool {
	p := &pool{r: r}
	count := int(r.Uint16("constant_pool_count"))
	if r.Err() == nil && count == 0 {
		r.Fail("constant_pool_count", "at least 1", "0")
	}
	p.entries = make([]entry, 1, min(count, r.Len()+1)+1)
	for len(p.entries) < count && r.Err() == nil {
		e := readEntry(r)
		p.entries = append(p.entries, e)
		if e.tag == Long || e.tag == Double {
			p.entries = append(p.entries, entry{at: e.at, second: true})
		}
	}
	for i := range p.entries {
		p.check(i)
	}
	return p
}

func readEntry(r *wire.Reader) entry {
	e := entry{at: r.Offset(), tag: Tag(r.Byte("constant_pool/tag"))}
	if e.tag == Utf8 {
		e.text = string(r.Bytes(int(r.Uint16("constant_pool/Utf8/length")), "constant_pool/Utf8/bytes"))
		return e
	}
	n, ok := poolSizes[e.tag]
	if !ok {
		r.FailAt(e.at, "constant_pool/tag", "a tag of JVMS table 4.4-A", fmt.Sprint(byte(e.tag)))
		return e
	}
	b := r.Bytes(n, "constant_pool/info")
	if b == nil {
		return e
	}
	if e.tag == MethodHandle {
		return e
	}
	e.a = uint16(b[0])<<8 | uint16(b[1])
	if n >= 4 {
		e.b = uint16(b[2])<<8 | uint16(b[3])
		e.value = int32(uint32(e.a)<<16 | uint32(e.b))
	}
	return e
}

// check refuses an entry whose references have the wrong kind.
func (p *pool) check(i int) {
	e := &p.entries[i]
	switch e.tag {
	case ClassRef, String, MethodType, Module, Package:
		p.want(e, e.a, Utf8)
	case FieldRef, MethodRef, InterfaceMethodRef:
		p.want(e, e.a, ClassRef)
		p.want(e, e.b, NameAndType)
	case NameAndType:
		p.want(e, e.a, Utf8)
		p.want(e, e.b, Utf8)
	case Dynamic, InvokeDynamic:
		p.want(e, e.b, NameAndType)
	}
}

func (p *pool) want(e *entry, index uint16, tag Tag) {
	if int(index) >= len(p.entries) || p.entries[index].tag != tag {
		p.r.FailAt(e.at, "constant_pool", fmt.Sprintf("the index of a constant with tag %d", byte(tag)), fmt.Sprint(index))
	}
}

// get is the constant of one of the kinds at an index that the file names.
func (p *pool) get(at int, path string, index uint16, tags ...Tag) *Constant {
	if p.r.Err() != nil {
		return &Constant{}
	}
	if int(index) < len(p.entries) {
		for _, t := range tags {
			if p.entries[index].tag == t {
				return p.resolve(index)
			}
		}
	}
	p.r.FailAt(at, path, fmt.Sprintf("the index of a constant with tag %v", tags), fmt.Sprint(index))
	return &Constant{}
}

func (p *pool) resolve(index uint16) *Constant {
	e := &p.entries[index]
	c := &Constant{Tag: e.tag}
	switch e.tag {
	case Utf8:
		c.Name = e.text
	case Integer:
		c.Int = e.value
	case ClassRef:
		c.Class = p.entries[e.a].text
	case String:
		c.Name = p.entries[e.a].text
	case FieldRef, MethodRef, InterfaceMethodRef:
		c.Class = p.entries[p.entries[e.a].a].text
		fallthrough
	case Dynamic, InvokeDynamic:
		nt := &p.entries[e.b]
		c.Name, c.Descriptor = p.entries[nt.a].text, p.entries[nt.b].text
	}
	return c
}

// text is the Utf8 at the next two bytes.
func (p *pool) text(path string) string {
	at := p.r.Offset()
	return p.get(at, path, p.r.Uint16(path), Utf8).Name
}

// class is the class name at the next two bytes.
func (p *pool) class(path string) string {
	at := p.r.Offset()
	return p.get(at, path, p.r.Uint16(path), ClassRef).Class
}

// optionalClass is class, or empty for index 0.
func (p *pool) optionalClass(path string) string {
	at := p.r.Offset()
	index := p.r.Uint16(path)
	if index == 0 {
		return ""
	}
	return p.get(at, path, index, ClassRef).Class
}
