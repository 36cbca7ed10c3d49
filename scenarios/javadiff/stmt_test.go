package javadiff

import (
	"fmt"
	"slices"
)

// block writes statements; its variables end with it.
func (g *gen) block(d int) {
	scope := g.scope
	for n := 1 + g.n(3); n > 0; n-- {
		g.statement(d)
	}
	g.scope = scope[:len(scope):len(scope)]
}

// braced writes a block after a head like "if (…)".
func (g *gen) braced(d int, form string, args ...any) {
	g.open(form, args...)
	g.block(d)
	g.close()
}

func (g *gen) statement(d int) {
	if d <= 0 {
		g.simple()
		return
	}
	switch g.n(12) {
	case 0, 1, 2, 3:
		g.simple()
	case 4, 5:
		g.conditional(d)
	case 6, 7:
		g.loop(d)
	case 8:
		g.choice(d)
	case 9, 10:
		g.attempt(d)
	case 11:
		g.leave(d)
	}
}

// simple writes a statement without blocks.
func (g *gen) simple() {
	switch g.n(9) {
	case 0, 1:
		g.line("App.out(%s);", g.arg(kShort, 3))
	case 2, 3:
		g.declare()
	case 4, 5:
		k := g.scalar()
		if v, ok := g.pick(k, true); ok {
			switch {
			case !g.chance(2):
				g.line("%s = %s;", v.name, g.expr(k, 3))
			case k == kBool:
				g.line("%s %s= %s;", v.name, []string{"&", "|", "^"}[g.n(3)], g.bool(3))
			default:
				g.line("%s %s= %s;", v.name, g.binary(), g.amount(k, 3))
			}
			return
		}
		g.declare()
	case 6, 7:
		g.store()
	case 8:
		g.line("App.objects[%s] = %s;", g.index(1), g.object(2))
	}
}

// store writes into an array element, plainly or in a compound way.
func (g *gen) store() {
	k := g.array()
	target := g.elementOf(k, 2)
	if k != kBools {
		switch g.n(3) {
		case 1:
			g.line("%s %s= %s;", target, g.binary(), g.amount(k.element(), 2))
			return
		case 2:
			g.line("%s%s;", target, []string{"++", "--"}[g.n(2)])
			return
		}
	}
	g.line("%s = %s;", target, g.expr(k.element(), 3))
}

func (g *gen) declare() {
	k := g.scalar()
	switch g.n(5) {
	case 3:
		k = g.array()
	case 4:
		k = kObject
	}
	name, value := g.name("v"), ""
	if k >= kShorts && k <= kInts {
		value = fmt.Sprintf("new %s[%s]", k.element(), g.length(2))
		if g.chance(3) {
			value = g.arrayExpr(k, 1)
		}
		if k == kBytes && g.chance(4) {
			value = "JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_RESET)"
		}
	} else {
		value = g.expr(k, 3)
	}
	g.line("%s %s = %s;", k, name, value)
	g.scope = append(g.scope, variable{name, k, false})
}

func (g *gen) conditional(d int) {
	g.braced(d-1, "if (%s)", g.bool(3))
	if g.chance(2) {
		g.braced(d-1, "else")
	}
}

// loop writes a loop with a bounded number of rounds.
func (g *gen) loop(d int) {
	label, i := g.name("L"), g.name("i")
	scope, limit := g.scope, 1+g.n(5)
	g.loops = append(g.loops, label)
	k := []kind{kShort, kByte}[g.n(2)]
	if g.ints && g.chance(3) {
		k = kInt
	}
	switch g.n(3) {
	case 0:
		g.open("%s: for (%s %s = 0; %s < %d && !App.tick(); %s++)", label, k, i, i, limit, i)
		g.scope = append(g.scope, variable{i, k, true})
	case 1:
		g.line("%s %s = %d;", k, i, limit)
		g.scope = append(g.scope, variable{i, k, true})
		g.open("%s: while (%s-- > 0 && !App.tick())", label, i)
	case 2:
		g.line("%s %s = 0;", k, i)
		g.scope = append(g.scope, variable{i, k, true})
		g.open("%s: do", label)
	}
	do := g.out.String()[g.out.Len()-5:] == "do {\n"
	g.block(d - 1)
	g.indent--
	if do {
		g.line("} while (++%s < %d && !App.tick());", i, limit)
	} else {
		g.line("}")
	}
	g.loops = g.loops[:len(g.loops)-1]
	g.scope = scope[:len(scope):len(scope)]
}

// choice writes a switch, with or without falling through.
func (g *gen) choice(d int) {
	selector := "(short) (" + g.short(2) + ")"
	switch {
	case g.chance(3):
		selector = "(short) (" + g.short(1) + " & 7)"
	case g.bare(2):
		selector = "(" + g.raw(2) + " + 1)"
	case g.ints && g.chance(2):
		selector = g.int(2)
	}
	values := []string{"0", "1", "2", "3", "4", "5", "6", "7"}
	if g.chance(2) {
		values = []string{"-1", "0", "3", "100", "-32768", "32767", "7", "1000"}
	}
	first := g.n(4)
	values = values[first : first+1+g.n(4)]
	g.open("switch (%s)", selector)
	other := g.n(len(values) + 1)
	for i, v := range values {
		if i == other {
			g.arm(d, "default:")
		}
		g.arm(d, "case "+v+":")
	}
	if other == len(values) && g.chance(2) {
		g.arm(d, "default:")
	}
	g.close()
}

// arm writes one case of a switch in a block of its own.
func (g *gen) arm(d int, head string) {
	g.line("%s", head)
	if g.chance(4) {
		return
	}
	g.braced(d-1, "")
	if !g.chance(4) {
		g.line("break;")
	}
}

// caught are exception classes in an order in which they can be caught.
var caught = []string{"ArithmeticException", "ArrayIndexOutOfBoundsException", "NullPointerException", "NegativeArraySizeException",
	"ClassCastException", "ArrayStoreException", "Loud", "Boom", "ISOException", "IndexOutOfBoundsException", "RuntimeException", "Exception"}

// attempt writes a try statement.
func (g *gen) attempt(d int) {
	checked := g.chance(3)
	g.open("try")
	scope := g.scope
	if checked {
		g.line("App.check(%s);", g.arg(kShort, 2))
	}
	g.block(d - 1)
	g.scope = scope[:len(scope):len(scope)]
	g.indent--
	catches := 0
	if checked {
		catches++
		g.catch(d, "Fault")
	}
	for _, name := range caught {
		if g.chance(5) {
			catches++
			g.catch(d, name)
		}
	}
	if catches == 0 || g.chance(3) {
		g.line("} finally {")
		g.indent++
		before := g.inFinally
		g.inFinally = true
		g.block(d - 1)
		g.inFinally = before
		g.indent--
	}
	g.line("}")
}

func (g *gen) catch(d int, class string) {
	e := g.name("e")
	g.line("} catch (%s %s) {", class, e)
	g.indent++
	scope := g.scope
	switch class {
	case "Boom", "Loud", "Fault":
		g.line("App.out(%s.code);", e)
	case "ISOException":
		g.line("App.out(%s.getReason());", e)
	default:
		g.line("App.out((short) %d);", slices.Index(caught, class))
	}
	g.block(d - 1)
	if g.chance(6) && class != "Fault" && class != "Exception" {
		g.line("if (%s) throw %s;", g.bool(1), e)
	}
	g.scope = scope[:len(scope):len(scope)]
	g.indent--
}

// leave writes something that ends a block early, under a condition.
func (g *gen) leave(d int) {
	head := fmt.Sprintf("if (%s)", g.bool(2))
	switch g.n(6) {
	case 0, 1:
		if !g.inFinally || g.chance(3) {
			g.line("%s return %s;", head, g.expr(g.result, 2))
			return
		}
	case 2, 3:
		if n := len(g.loops); n > 0 {
			g.line("%s %s %s;", head, []string{"break", "continue"}[g.n(2)], g.loops[g.n(n)])
			return
		}
	case 4:
		g.line("%s throw new %s(%s);", head, []string{"Boom", "Loud"}[g.n(2)], g.arg(kShort, 1))
		return
	}
	g.line("%s ISOException.throwIt(%s);", head, g.arg(kShort, 1))
}
