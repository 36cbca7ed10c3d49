package javadiff

import (
	"encoding/binary"
	"fmt"

	"pgregory.net/rapid"
)

// programs draws programs: with int or without, with all casts or not.
func programs(ints, edge bool) *rapid.Generator[*program] {
	return rapid.Custom(func(t *rapid.T) *program {
		g := &gen{t: t, ints: ints}
		if edge {
			g.edges = 1 + g.n(4)
		}
		p := &program{ints: ints, edge: edge}
		p.sources = append(g.exceptions(), g.hierarchy()...)
		count := 1 + g.n(4)
		p.sources = append(p.sources, g.app(count))
		for i := range count {
			for range 1 + g.n(2) {
				p.commands = append(p.commands, command(byte(i), g.operand(), g.operand()))
			}
		}
		return p
	})
}

// operand draws a parameter of a command.
func (g *gen) operand() int16 {
	if g.chance(2) {
		return rapid.Int16().Draw(g.t, "operand")
	}
	return []int16{0, 1, -1, 2, 127, -128, 32767, -32768}[g.n(8)]
}

func command(p1 byte, a, b int16) []byte {
	c := []byte{0x80, 0x00, p1, 0x00, 4}
	c = binary.BigEndian.AppendUint16(c, uint16(a))
	return append(binary.BigEndian.AppendUint16(c, uint16(b)), 0x00)
}

// take is what has been written since the last call.
func (g *gen) take(name string) source {
	s := source{"diff/" + name + ".java", "package diff;\n\nimport javacard.framework.*;\n\n" + g.out.String()}
	g.out.Reset()
	return s
}

// exceptions are the program's own exception classes.
func (g *gen) exceptions() (sources []source) {
	for _, c := range [][3]string{{"Fault", "Exception", ""}, {"Boom", "RuntimeException", ""}, {"Loud", "Boom", "super(code);"}} {
		g.open("class %s extends %s", c[0], c[1])
		if c[2] == "" {
			g.line("short code;")
			g.line("%s(short code) { this.code = code; }", c[0])
		} else {
			g.line("%s(short code) { %s }", c[0], c[2])
		}
		g.close()
		sources = append(sources, g.take(c[0]))
	}
	return sources
}

// hierarchy is an interface and four classes: Left and Right extend Base, Leaf
// extends Left. They have virtual methods a, b, c of which each calls earlier
// ones at most, and Left and Right have the interface's i.
func (g *gen) hierarchy() (sources []source) {
	g.line("interface Face { short i0(short p); }")
	sources = append(sources, g.take("Face"))
	statics := []variable{{"App.s0", kShort, false}, {"App.b0", kByte, false}, {"App.z0", kBool, false}, {"App.ts", kShorts, true}}
	for _, c := range [][2]string{{"Base", ""}, {"Left", " extends Base implements Face"}, {"Right", " extends Base implements Face"}, {"Leaf", " extends Left"}} {
		g.scope = append([]variable{{"x", kShort, false}, {"y", kByte, false}, {"z", kBool, false}}, statics...)
		g.open("class %s%s", c[0], c[1])
		if c[0] == "Base" {
			g.line("short x;")
			g.line("byte y = 3;")
			g.line("protected boolean z;")
			if g.ints {
				g.line("int w = -70000;")
			}
			g.line("Base(short p) { x = p; }")
		} else {
			field := "own" + c[0]
			g.line("private short %s = %s;", field, g.literal(kShort))
			g.scope = append(g.scope, variable{field, kShort, false})
			g.line("%s(short p) { super((short) (p + %d)); z = %s; }", c[0], g.n(100), g.literal(kBool))
		}
		if g.ints {
			g.scope = append(g.scope, variable{"w", kInt, false})
		}
		g.this = true
		g.methods(c[0])
		g.this = false
		g.close()
		sources = append(sources, g.take(c[0]))
	}
	return sources
}

// methods writes virtual methods of a class.
func (g *gen) methods(class string) {
	g.virtuals = nil
	list := []function{{".va", kShort, []kind{kShort, kByte}}, {".vb", kByte, []kind{kShort}}, {".vc", kBool, []kind{kObject, kShort}}}
	for _, f := range list {
		if class == "Base" || g.chance(2) {
			g.method("", f, class != "Base")
		}
		g.virtuals = append(g.virtuals, f)
	}
	face := function{".i0", kShort, []kind{kShort}}
	if class == "Left" || class == "Right" {
		g.method("public ", face, false)
	}
	g.virtuals = append(g.virtuals, face)
}

// method writes a method, whose override may call what it overrides.
func (g *gen) method(modifiers string, f function, override bool) {
	scope, name := g.scope, f.name
	if name[0] == '.' {
		name = name[1:]
	} else {
		name = name[len("App."):]
	}
	params, super := "", ""
	for i, k := range f.params {
		if i > 0 {
			params, super = params+", ", super+", "
		}
		params, super = params+fmt.Sprintf("%s p%d", k, i), super+fmt.Sprintf("p%d", i)
		g.scope = append(g.scope, variable{fmt.Sprintf("p%d", i), k, false})
	}
	g.open("%s%s %s(%s)", modifiers, f.result, name, params)
	g.result = f.result
	g.line("if (App.tick()) return %s;", g.zero(f.result))
	if override && g.chance(2) {
		v := g.name("v")
		g.line("%s %s = super.%s(%s);", f.result, v, name, super)
		g.scope = append(g.scope, variable{v, f.result, false})
	}
	for n := 1 + g.n(4); n > 0; n-- {
		g.statement(3)
	}
	g.line("return %s;", g.expr(f.result, 3))
	g.close()
	g.scope = scope[:len(scope):len(scope)]
}

func (g *gen) zero(k kind) string {
	switch k {
	case kBool:
		return "false"
	case kInt:
		return "0"
	}
	return fmt.Sprintf("(%s) 0", k)
}
