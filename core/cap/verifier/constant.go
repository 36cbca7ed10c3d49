package verifier

import (
	"fmt"

	"inkan/core/cap"
)

// constant is a resolved constant-pool entry.
type constant struct {
	kind   cap.Kind
	class  *class
	method *method
	field  field // letter 0: a primitive of unknown size (mode Kinds)
	zone   zone
}

// checkConstants resolves all constants. Spec: SPEC-VERIFIER-011,
// SPEC-VERIFIER-012.
func (v *verifier) checkConstants() {
	d := v.file.Descriptor
	for i, c := range v.file.Constants {
		r, want := v.resolve(c)
		if want != "" {
			v.structure(cap.TagConstantPool, 2+4*i, fmt.Sprintf("entry %d %s", i, c.Kind), want, constantName(c))
		} else if d != nil {
			v.checkConstantType(i, r, d.ConstantTypes[i])
		}
		v.self.pool = append(v.self.pool, r)
	}
}

func constantName(c cap.Constant) string {
	return fmt.Sprintf("%02X %02X %02X", c.Info[0], c.Info[1], c.Info[2])
}

// resolve finds what a constant names; want says what it should have named.
func (v *verifier) resolve(c cap.Constant) (r constant, want string) {
	r.kind = c.Kind
	switch c.Kind {
	case cap.StaticFieldref:
		return v.resolveStaticField(r, c.Static())
	case cap.StaticMethodref:
		if r.method = v.staticMethod(c.Static()); r.method == nil {
			return r, "a static method, constructor or private method"
		}
		return r, ""
	}
	if r.class = v.world.classRef(v.self, c.Class()); r.class == nil {
		return r, "a class"
	}
	if c.Kind != cap.Classref && r.class.isInterface {
		return r, "a class, no interface"
	}
	switch c.Kind {
	case cap.Classref:
		if c.Token() != 0 {
			return r, "a class and a zero byte"
		}
	case cap.InstanceFieldref:
		return v.resolveField(r, c.Token())
	case cap.VirtualMethodref, cap.SuperMethodref:
		from := r.class
		if c.Kind == cap.SuperMethodref {
			if from.pkg != v.self {
				return r, "a class of this package"
			}
			from = from.super
		}
		if c.Token()&0x80 != 0 && from.pkg != v.self {
			return r, "no package-visible method of another package"
		}
		if r.method = from.virtual(c.Token()); r.method == nil {
			return r, "a virtual method of " + from.name
		}
		if c.Kind == cap.SuperMethodref && r.method.isAbstract {
			return r, "a method that is not abstract"
		}
	}
	return r, ""
}

func (v *verifier) resolveField(r constant, token byte) (constant, string) {
	if r.class.info == nil {
		return r, "an instance field; " + r.class.name + " has none that is public"
	}
	r.zone = r.class.zone(token)
	f, known := r.class.fields[token]
	switch {
	case known:
		r.field = f
	case r.class.pkg.typed || r.zone.room <= 0:
		return r, "an instance field of " + r.class.name
	case r.zone.reference:
		r.field = field{reference, 'a'}
	}
	return r, ""
}

func (v *verifier) resolveStaticField(r constant, s cap.StaticRef) (constant, string) {
	p, offset := v.self, int(s.Offset)
	if s.External {
		if int(s.Package) >= len(v.self.imports) || v.self.imports[s.Package] == nil {
			return r, "an imported package"
		}
		if p = v.self.imports[s.Package]; p.api != nil {
			return v.apiField(r, p, s)
		}
		e := p.file.Export
		if e == nil || int(s.Class) >= len(e.Classes) || int(s.Token) >= len(e.Classes[s.Class].StaticFields) {
			return r, "an exported static field"
		}
		offset = int(e.Classes[s.Class].StaticFields[s.Token])
	}
	r.zone = p.staticZone(offset)
	f, known := p.fields[uint16(offset)]
	switch {
	case known:
		r.field = f
	case p.typed || r.zone.room <= 0:
		return r, "a static field"
	case r.zone.reference:
		r.field = field{reference, 'a'}
	}
	return r, ""
}

// apiField is a static field of the platform that is no compile-time constant.
func (v *verifier) apiField(r constant, p *pkg, s cap.StaticRef) (constant, string) {
	if c := p.api.Class(s.Class); c != nil {
		for _, f := range c.StaticFields {
			if f.Token != s.Token {
				continue
			}
			words, _ := v.world.typeOf(f.Descriptor)
			letter, ok := map[string]byte{"Z": 'b', "B": 'b', "S": 's', "I": 'i'}[f.Descriptor]
			if !ok {
				letter = 'a'
			}
			r.field, r.zone = field{words[0], letter}, zone{letter == 'a', 4, 1}
			return r, ""
		}
	}
	return r, "a static field of " + p.name
}

// staticMethod finds the method of a StaticMethodref.
func (v *verifier) staticMethod(s cap.StaticRef) *method {
	if !s.External {
		if m := v.self.methods[s.Offset]; m != nil && !v.self.isVirtual(m) {
			return m
		}
		return nil
	}
	if int(s.Package) >= len(v.self.imports) || v.self.imports[s.Package] == nil {
		return nil
	}
	p := v.self.imports[s.Package]
	if p.api != nil {
		if c := p.api.Class(s.Class); c != nil {
			return v.world.apiClass(c).statics[s.Token]
		}
		return nil
	}
	e := p.file.Export
	if e == nil || int(s.Class) >= len(e.Classes) || int(s.Token) >= len(e.Classes[s.Class].StaticMethods) {
		return nil
	}
	return p.methods[e.Classes[s.Class].StaticMethods[s.Token]]
}

// checkConstantType compares the type that the Descriptor gives a constant with
// the type of what it names. Spec: SPEC-VERIFIER-023.
func (v *verifier) checkConstantType(i int, r constant, t uint16) {
	ok := true
	switch {
	case r.kind == cap.Classref:
		ok = t == 0xFFFF
	case r.method != nil:
		params, result, read := v.methodType(t)
		ok = read && (!r.method.typed() || sameTypes(r.method, &method{params: params, result: result}))
	default:
		f, read := v.constantFieldType(t)
		ok = read && (r.field.letter == 0 || r.field.value == reference || f == r.field)
	}
	if !ok {
		v.descriptor(fmt.Sprintf("types/constant_pool_types/%d", i), "the type of what the constant names", fmt.Sprintf("%04X", t))
	}
}

// constantFieldType reads a field's type, which for a constant is always a type
// descriptor.
func (v *verifier) constantFieldType(t uint16) (field, bool) {
	nibbles, err := v.file.Descriptor.TypeAt(t)
	if err != nil {
		return field{}, false
	}
	if len(nibbles) == 1 && nibbles[0] >= 2 && nibbles[0] <= 5 {
		return v.fieldType(0x8000 | uint16(nibbles[0]))
	}
	return v.fieldType(t)
}
