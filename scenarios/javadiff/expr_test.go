package javadiff

import (
	"fmt"
	"strings"
)

// expr writes an expression of a kind, at most d levels deep. One of kShort may
// be a byte, which Java widens.
func (g *gen) expr(k kind, d int) string {
	switch k {
	case kShort:
		return g.short(d)
	case kByte:
		return g.byte(d)
	case kBool:
		return g.bool(d)
	case kInt:
		return g.int(d)
	case kObject:
		return g.object(d)
	}
	return g.arrayExpr(k, d)
}

var shorts = []string{"0", "1", "2", "3", "-1", "7", "15", "16", "31", "127", "128", "255", "256", "1000", "-128", "-129", "32767", "-32768", "-32767", "13", "100"}

func (g *gen) literal(k kind) string {
	switch k {
	case kByte:
		return "(byte) " + shorts[g.n(10)]
	case kBool:
		return []string{"false", "true"}[g.n(2)]
	case kInt:
		return []string{"0", "1", "2", "-1", "10", "31", "32767", "32768", "-32769", "65535", "65536", "1000000", "2147483647", "-2147483648", "0x12345678"}[g.n(15)]
	}
	return "(short) " + shorts[g.n(len(shorts))]
}

// leaf is a variable of the kind or a literal.
func (g *gen) leaf(k kind) string {
	if v, ok := g.pick(k, false); ok && !g.chance(3) {
		return v.name
	}
	return g.literal(k)
}

// binary draws an operator of two numbers.
func (g *gen) binary() string {
	return []string{"+", "-", "*", "&", "|", "^", "/", "%", "<<", ">>", ">>>"}[g.n(11)]
}

func (g *gen) short(d int) string {
	if d <= 0 {
		if g.chance(4) {
			return g.leaf(kByte)
		}
		return g.leaf(kShort)
	}
	switch g.n(14) {
	case 0:
		return g.short(0)
	case 1, 2, 3:
		return fmt.Sprintf("(short) (%s %s %s)", g.short(d-1), g.binary(), g.short(d-1))
	case 4:
		return fmt.Sprintf("(short) (%s %s)", []string{"-", "~", "+"}[g.n(3)], g.short(d-1))
	case 5:
		return fmt.Sprintf("(%s ? %s : %s)", g.bool(d-1), g.short(d-1), g.short(d-1))
	case 6:
		return g.elementOf(kShorts, d)
	case 7:
		return g.byte(d - 1)
	case 8:
		return g.assignment(kShort, d)
	case 9, 10:
		return g.call(kShort, d)
	case 11:
		return fmt.Sprintf("(short) %s.length", g.arrayExpr(g.array(), d-1))
	case 12:
		return g.library(d)
	}
	switch {
	case g.ints:
		return fmt.Sprintf("(short) (%s)", g.int(d-1))
	case g.bare(1):
		return fmt.Sprintf("(short) (%s)", g.raw(d))
	}
	return g.leaf(kShort)
}

// raw is an int that shorts promote to, without casts in between.
func (g *gen) raw(d int) string {
	switch {
	case d <= 0 || g.chance(4):
		return g.short(d - 1)
	case g.chance(8):
		return fmt.Sprintf("(%s ? %s : %s)", g.bool(d-1), g.raw(d-1), g.raw(d-1))
	case g.chance(8):
		return fmt.Sprintf("(%s %s)", []string{"-", "~"}[g.n(2)], g.raw(d-1))
	}
	return fmt.Sprintf("(%s %s %s)", g.raw(d-1), g.binary(), g.raw(d-1))
}

// library calls a method of the API.
func (g *gen) library(d int) string {
	if g.chance(2) {
		return fmt.Sprintf("Util.getShort(%s, (short) (%s))", g.arrayExpr(kBytes, d-1), g.index(d-1))
	}
	return fmt.Sprintf("Util.makeShort(%s, %s)", g.byte(d-1), g.byte(d-1))
}

func (g *gen) byte(d int) string {
	if d <= 0 {
		return g.leaf(kByte)
	}
	switch g.n(8) {
	case 0:
		return g.leaf(kByte)
	case 1, 2:
		return fmt.Sprintf("(byte) (%s %s %s)", g.short(d-1), g.binary(), g.short(d-1))
	case 3:
		return fmt.Sprintf("(byte) (%s)", g.short(d-1))
	case 4:
		return g.elementOf(kBytes, d)
	case 5:
		return g.assignment(kByte, d)
	case 6:
		return g.call(kByte, d)
	}
	if g.bare(1) {
		return fmt.Sprintf("(byte) (%s)", g.raw(d))
	}
	return fmt.Sprintf("(%s ? %s : %s)", g.bool(d-1), g.byte(d-1), g.byte(d-1))
}

func (g *gen) bool(d int) string {
	if d <= 0 {
		return g.leaf(kBool)
	}
	comparison := []string{"<", "==", ">", "<=", ">=", "!="}
	switch g.n(11) {
	case 0:
		return g.leaf(kBool)
	case 1, 2, 3:
		k := kShort
		if g.ints && g.chance(2) {
			k = kInt
		}
		if g.bare(2) {
			return fmt.Sprintf("(%s %s %s)", g.raw(d-1), comparison[g.n(6)], g.raw(d-1))
		}
		return fmt.Sprintf("(%s %s %s)", g.expr(k, d-1), comparison[g.n(6)], g.expr(k, d-1))
	case 4, 5:
		return fmt.Sprintf("(%s %s %s)", g.bool(d-1), []string{"&&", "||", "&", "|", "^", "==", "!="}[g.n(7)], g.bool(d-1))
	case 6:
		return "!" + g.bool(d-1)
	case 7:
		return fmt.Sprintf("(%s instanceof %s)", g.object(d-1), classNames[g.n(len(classNames))])
	case 8:
		return fmt.Sprintf("(%s %s %s)", g.object(d-1), []string{"==", "!="}[g.n(2)], []string{"null", g.object(d - 1)}[g.n(2)])
	case 9:
		return g.elementOf(kBools, d)
	}
	return g.call(kBool, d)
}

func (g *gen) int(d int) string {
	if d <= 0 {
		return g.leaf(kInt)
	}
	switch g.n(9) {
	case 0:
		return g.leaf(kInt)
	case 1, 2, 3:
		return fmt.Sprintf("(%s %s %s)", g.int(d-1), g.binary(), g.int(d-1))
	case 4:
		return fmt.Sprintf("(%s %s)", []string{"-", "~"}[g.n(2)], g.int(d-1))
	case 5:
		return fmt.Sprintf("(%s ? %s : %s)", g.bool(d-1), g.int(d-1), g.int(d-1))
	case 6:
		return g.elementOf(kInts, d)
	case 7:
		return g.assignment(kInt, d)
	}
	if g.chance(2) {
		return g.call(kInt, d)
	}
	return fmt.Sprintf("(int) %s", g.short(d-1))
}

// index is an array index, mostly a small one.
func (g *gen) index(d int) string {
	switch {
	case g.bare(4):
		return fmt.Sprintf("(%s & 3) + (%s & 1)", g.short(d-1), g.short(d-1))
	case g.chance(8):
		return g.short(d - 1)
	case g.chance(3):
		return fmt.Sprintf("(short) (%s & 3)", g.short(d-1))
	}
	return fmt.Sprint(g.n(4))
}

// length is the length of a new array: small, or rarely negative.
func (g *gen) length(d int) string {
	switch g.n(6) {
	case 4:
		return fmt.Sprintf("(short) (%s & 3)", g.short(d))
	case 5:
		return fmt.Sprintf("(short) ((short) (%s & 7) - 1)", g.short(d))
	}
	return fmt.Sprint(g.n(5))
}

func (g *gen) elementOf(k kind, d int) string {
	return fmt.Sprintf("%s[%s]", g.arrayExpr(k, 0), g.index(d-1))
}

// arrayExpr is an array that is there already, or rarely a new one or none.
func (g *gen) arrayExpr(k kind, d int) string {
	if v, ok := g.pick(k, false); ok && (d <= 0 || !g.chance(8)) {
		return v.name
	}
	if g.chance(4) {
		return fmt.Sprintf("((%s) null)", k)
	}
	return fmt.Sprintf("(new %s[%s])", k.element(), g.length(d-1))
}

var classNames = []string{"Base", "Left", "Right", "Leaf", "Face"}

func (g *gen) object(d int) string {
	if d > 0 {
		switch g.n(6) {
		case 1:
			return fmt.Sprintf("((Base) new %s(%s))", classNames[g.n(4)], g.arg(kShort, d-1))
		case 2:
			return fmt.Sprintf("((Base) (%s) %s)", classNames[g.n(4)], g.object(d-1))
		case 3:
			return fmt.Sprintf("App.objects[%s]", g.index(d-1))
		case 4:
			return fmt.Sprintf("(%s ? %s : %s)", g.bool(d-1), g.object(d-1), g.object(d-1))
		}
	}
	if v, ok := g.pick(kObject, false); ok {
		return v.name
	}
	if g.this {
		return "((Base) this)"
	}
	return fmt.Sprintf("App.objects[%d]", g.n(4))
}

// arg is an expression that a parameter of the kind takes.
func (g *gen) arg(k kind, d int) string { return g.expr(k, d) }

// assignment is an assignment as an expression.
func (g *gen) assignment(k kind, d int) string {
	v, ok := g.pick(k, true)
	if !ok {
		return g.leaf(k)
	}
	switch g.n(4) {
	case 0:
		return []string{v.name + "++", v.name + "--", "++" + v.name, "--" + v.name}[g.n(4)]
	case 1:
		return fmt.Sprintf("(%s %s= %s)", v.name, g.binary(), g.amount(k, d-1))
	}
	return fmt.Sprintf("(%s = %s)", v.name, g.expr(k, d-1))
}

// amount is what a compound assignment takes. It is not -32768 itself: javac
// adds that as a subtraction of 32768, which is no short.
func (g *gen) amount(k kind, d int) string {
	if s := g.expr(k, d); s != "(short) -32768" {
		return s
	}
	return "(short) -32767"
}

// call calls a method with the result, or is a leaf when there is none.
func (g *gen) call(k kind, d int) string {
	var list []function
	for _, f := range g.functions {
		if f.result == k {
			list = append(list, f)
		}
	}
	for _, f := range g.virtuals {
		if f.result == k {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return g.leaf(k)
	}
	f := list[g.n(len(list))]
	args := make([]string, len(f.params))
	for i, p := range f.params {
		args[i] = g.arg(p, d-1)
	}
	name := f.name
	if strings.HasPrefix(name, ".") {
		receiver := g.object(d - 1)
		if strings.HasPrefix(name, ".i") {
			receiver = fmt.Sprintf("((Face) %s)", receiver)
		}
		name = receiver + name
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))
}
