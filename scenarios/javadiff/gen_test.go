package javadiff

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// program is an applet and what is sent to it.
type program struct {
	ints     bool // uses int: converted with the int option
	edge     bool // leaves casts out: the converter may refuse it
	unnamed  bool // converted without the names and types of local variables
	sources  []source
	commands [][]byte
}

type source struct{ path, text string }

// GoString is what rapid prints of a program that fails.
func (p *program) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ints %v, edge %v, unnamed %v\n", p.ints, p.edge, p.unnamed)
	for _, s := range p.sources {
		fmt.Fprintf(&b, "// %s\n%s\n", s.path, s.text)
	}
	for _, c := range p.commands {
		fmt.Fprintf(&b, "> %X\n", c)
	}
	return b.String()
}

// kind is a Java type that programs use.
type kind int

const (
	kShort kind = iota
	kByte
	kBool
	kInt
	kShorts
	kBytes
	kBools
	kInts
	kObject
)

var kindNames = [...]string{"short", "byte", "boolean", "int", "short[]", "byte[]", "boolean[]", "int[]", "Base"}

func (k kind) String() string { return kindNames[k] }

// element is the kind of an array's elements.
func (k kind) element() kind { return k - kShorts + kShort }

// variable is something that an expression can read, and assign unless fixed.
type variable struct {
	name  string
	kind  kind
	fixed bool
}

// function is a method that an expression can call.
type function struct {
	name   string // with what stands before it: "App.f0"
	result kind
	params []kind
}

// gen writes one program.
type gen struct {
	t      *rapid.T
	ints   bool
	edges  int // how many more casts may be left out
	out    strings.Builder
	indent int
	serial int

	scope     []variable
	functions []function // callable here
	virtuals  []function // callable on any object of Base
	this      bool       // in an instance method of Base's classes
	result    kind       // of the method being written
	loops     []string   // labels of the loops around
	inFinally bool
}

// n draws a number below limit; 0 is the simplest choice.
func (g *gen) n(limit int) int { return rapid.IntRange(0, limit-1).Draw(g.t, "n") }

// chance is true about once in n times.
func (g *gen) chance(n int) bool { return g.n(n) == n-1 }

// bare tells whether to leave a cast out, about once in n times as long as the
// program has few of them.
func (g *gen) bare(n int) bool {
	if g.edges == 0 || !g.chance(n) {
		return false
	}
	g.edges--
	return true
}

func (g *gen) line(form string, args ...any) {
	g.out.WriteString(strings.Repeat("    ", g.indent))
	fmt.Fprintf(&g.out, form, args...)
	g.out.WriteByte('\n')
}

// open writes a line that begins a block.
func (g *gen) open(form string, args ...any) {
	g.line(form+" {", args...)
	g.indent++
}

func (g *gen) close() {
	g.indent--
	g.line("}")
}

func (g *gen) name(prefix string) string {
	g.serial++
	return fmt.Sprintf("%s%d", prefix, g.serial)
}

// scalar draws the kind of a local variable, parameter or result.
func (g *gen) scalar() kind {
	kinds := []kind{kShort, kByte, kBool}
	if g.ints {
		kinds = []kind{kShort, kInt, kByte, kBool}
	}
	return kinds[g.n(len(kinds))]
}

func (g *gen) array() kind {
	if g.ints && g.chance(3) {
		return kInts
	}
	return []kind{kBytes, kShorts, kBools}[g.n(3)]
}

// variables are those of a kind in scope; to assign to if settable.
func (g *gen) variables(k kind, settable bool) (list []variable) {
	for _, v := range g.scope {
		if v.kind == k && !(settable && v.fixed) {
			list = append(list, v)
		}
	}
	return list
}

// pick draws a variable; ok is false when there is none.
func (g *gen) pick(k kind, settable bool) (v variable, ok bool) {
	list := g.variables(k, settable)
	if len(list) == 0 {
		return v, false
	}
	return list[len(list)-1-g.n(len(list))], true
}
