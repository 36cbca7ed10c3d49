package vm

import (
	"encoding/binary"
	"fmt"
	"testing"

	"inkan/core/jcvm"
	"inkan/sim/clock"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// reference is a plain interpreter of one method: one instruction at a time, by
// mnemonic, on Go values. It knows the instructions that the generator below
// uses, and nothing of heaps, frames, cycles or contexts.
type reference struct {
	code    []byte
	pc      int
	stack   []value
	locals  []value
	steps   int
	created int
	static  [4]int32 // by constant: short, byte, int
}

// value is a word, the halves of an int being two of them, or an array.
type value struct {
	n     int32
	array *refArray
}

type refArray struct {
	kind  byte
	items []int32
}

func (r *reference) push(n int32) { r.stack = append(r.stack, value{n: int32(int16(n))}) }
func (r *reference) pushInt(n int32) {
	r.push(n >> 16)
	r.push(n)
}
func (r *reference) pop() value {
	v := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	return v
}
func (r *reference) popShort() int32 { return r.pop().n }
func (r *reference) popInt() int32 {
	low, high := r.pop().n, r.pop().n
	return high<<16 | low&0xFFFF
}
func (r *reference) s1(at int) int32 { return int32(int8(r.code[r.pc+at])) }
func (r *reference) s2(at int) int32 { return int32(int16(binary.BigEndian.Uint16(r.code[r.pc+at:]))) }

// run gives the result, or the name of the exception.
func (r *reference) run() (int32, string) {
	for {
		op := jcvm.Opcode(r.code[r.pc])
		length, _ := jcvm.Length(r.code, r.pc)
		next := r.pc + length
		r.steps++
		name := op.String()
		switch name {
		case "sreturn":
			return r.popShort(), ""
		case "goto":
			next = r.pc + int(r.s1(1))
		case "ifeq", "ifne", "iflt", "ifge", "ifgt", "ifle":
			if holds(name[2:], r.popShort(), 0) {
				next = r.pc + int(r.s1(1))
			}
		case "if_scmpeq", "if_scmpne", "if_scmplt", "if_scmpge", "if_scmpgt", "if_scmple":
			b, a := r.popShort(), r.popShort()
			if holds(name[7:], a, b) {
				next = r.pc + int(r.s1(1))
			}
		default:
			if thrown := r.plain(name); thrown != "" {
				return 0, thrown
			}
		}
		r.pc = next
	}
}

func holds(relation string, a, b int32) bool {
	return map[string]bool{"eq": a == b, "ne": a != b, "lt": a < b, "ge": a >= b, "gt": a > b, "le": a <= b}[relation]
}

// plain executes what goes on behind itself.
func (r *reference) plain(name string) (thrown string) {
	switch name {
	case "sspush":
		r.push(r.s2(1))
	case "bspush":
		r.push(r.s1(1))
	case "iipush":
		r.pushInt(int32(binary.BigEndian.Uint32(r.code[r.pc+1:])))
	case "sload":
		r.push(r.locals[r.code[r.pc+1]].n)
	case "aload":
		r.stack = append(r.stack, r.locals[r.code[r.pc+1]])
	case "sstore", "astore":
		r.locals[r.code[r.pc+1]] = r.pop()
	case "iload":
		r.push(r.locals[r.code[r.pc+1]].n)
		r.push(r.locals[r.code[r.pc+1]+1].n)
	case "istore":
		r.locals[r.code[r.pc+1]+1] = r.pop()
		r.locals[r.code[r.pc+1]] = r.pop()
	case "sinc":
		l := &r.locals[r.code[r.pc+1]]
		l.n = int32(int16(l.n + r.s1(2)))
	case "s2b":
		r.push(int32(int8(r.popShort())))
	case "s2i":
		r.pushInt(r.popShort())
	case "i2b":
		r.push(int32(int8(r.popInt())))
	case "i2s":
		r.push(r.popInt())
	case "sneg":
		r.push(-r.popShort())
	case "ineg":
		r.pushInt(-r.popInt())
	case "icmp":
		b, a := r.popInt(), r.popInt()
		r.push(map[bool]int32{true: 1}[a > b] - map[bool]int32{true: 1}[a < b])
	case "dup":
		v := r.pop()
		r.stack = append(r.stack, v, v)
	case "pop":
		r.pop()
	case "sadd", "ssub", "smul", "sdiv", "srem", "sand", "sor", "sxor", "sshl", "sshr", "sushr":
		b, a := r.popShort(), r.popShort()
		v, thrown := calculate(name[1:], a, b)
		r.push(v)
		return thrown
	case "iadd", "isub", "imul", "idiv", "irem", "iand", "ior", "ixor", "ishl", "ishr", "iushr":
		b, a := r.popInt(), r.popInt()
		v, thrown := calculate(name[1:], a, b)
		r.pushInt(v)
		return thrown
	case "invokestatic": // constAdd
		b, a := r.popShort(), r.popShort()
		r.push(a + b)
	default:
		return r.staticField(name)
	}
	return ""
}

// staticField executes what has to do with static fields.
func (r *reference) staticField(name string) (thrown string) {
	switch name {
	case "getstatic_s", "getstatic_b":
		r.push(r.static[r.s2(1)-constStaticShort])
	case "putstatic_s":
		r.static[0] = r.popShort()
	case "putstatic_b":
		r.static[1] = int32(int8(r.popShort()))
	case "getstatic_i":
		r.pushInt(r.static[2])
	case "putstatic_i":
		r.static[2] = r.popInt()
	default:
		return r.array(name)
	}
	return ""
}

func calculate(op string, a, b int32) (int32, string) {
	switch op {
	case "add":
		return a + b, ""
	case "sub":
		return a - b, ""
	case "mul":
		return a * b, ""
	case "div", "rem":
		if b == 0 {
			return 0, "java/lang/ArithmeticException"
		}
		q := int64(a) / int64(b)
		if op == "div" {
			return int32(q), ""
		}
		return int32(int64(a) - q*int64(b)), ""
	case "and":
		return a & b, ""
	case "or":
		return a | b, ""
	case "xor":
		return a ^ b, ""
	}
	shift := uint(b) & 31
	switch op {
	case "shl":
		return a << shift, ""
	case "shr":
		return a >> shift, ""
	}
	return int32(uint32(a) >> shift), ""
}

// array executes what has to do with arrays.
func (r *reference) array(name string) string {
	const bounds, null = "java/lang/ArrayIndexOutOfBoundsException", "java/lang/NullPointerException"
	var v int32
	switch name {
	case "aconst_null":
		r.stack = append(r.stack, value{})
		return ""
	case "newarray":
		n := r.popShort()
		if n < 0 {
			return "java/lang/NegativeArraySizeException"
		}
		r.created++
		r.stack = append(r.stack, value{array: &refArray{r.code[r.pc+1], make([]int32, n)}})
		return ""
	case "arraylength":
		a := r.pop().array
		if a == nil {
			return null
		}
		r.push(int32(len(a.items)))
		return ""
	case "bastore", "sastore":
		v = r.popShort()
	case "iastore":
		v = r.popInt()
	case "baload", "saload", "iaload":
	default:
		panic("the reference does not know " + name)
	}
	i, a := r.popShort(), r.pop().array
	if a == nil {
		return null
	}
	if i < 0 || int(i) >= len(a.items) {
		return bounds
	}
	switch name {
	case "bastore":
		a.items[i] = int32(int8(v))
	case "sastore":
		a.items[i] = int32(int16(v))
	case "iastore":
		a.items[i] = v
	case "iaload":
		r.pushInt(a.items[i])
	default:
		r.push(a.items[i])
	}
	return ""
}

// Locals of generated programs: 0 to 2 shorts, 3 and 5 ints, 7 byte[], 8
// short[], 9 int[], 10 the counter of loops.
type generator struct {
	t    *rapid.T
	code []byte
}

func (g *generator) n(low, high int) int { return rapid.IntRange(low, high).Draw(g.t, "n") }

func (g *generator) emit(name string, operands ...byte) {
	op, ok := jcvm.ByMnemonic(name)
	if !ok {
		panic(name)
	}
	g.code = append(append(g.code, byte(op)), operands...)
}

func (g *generator) one(names ...string) string { return names[g.n(0, len(names)-1)] }

// short emits an expression that leaves a short.
func (g *generator) short(depth int) {
	k := g.n(0, 11)
	if depth == 0 {
		k %= 4
	}
	switch k {
	case 0:
		v := rapid.SampledFrom([]int{0, 1, -1, 2, 31, 127, -128, 255, 32767, -32768, 12345}).Draw(g.t, "constant")
		g.emit("sspush", byte(v>>8), byte(v))
	case 1:
		g.emit("sload", byte(g.n(0, 2)))
	case 2:
		g.emit(g.one("getstatic_s"), 0, constStaticShort)
	case 3:
		g.emit("getstatic_b", 0, constStaticByte)
	case 4, 5, 6:
		g.short(depth - 1)
		g.short(depth - 1)
		g.emit(g.one("sadd", "ssub", "smul", "sdiv", "srem", "sand", "sor", "sxor", "sshl", "sshr", "sushr"))
	case 7:
		g.short(depth - 1)
		g.emit(g.one("sneg", "s2b"))
	case 8:
		g.integer(depth - 1)
		g.emit(g.one("i2s", "i2b"))
	case 9:
		g.integer(depth - 1)
		g.integer(depth - 1)
		g.emit("icmp")
	case 10:
		kind := g.n(0, 1)
		g.emit("aload", byte(7+kind))
		g.short(depth - 1)
		g.emit([]string{"baload", "saload"}[kind])
	case 11:
		g.short(depth - 1)
		g.short(depth - 1)
		g.emit("invokestatic", 0, constAdd)
	}
}

// integer emits an expression that leaves an int.
func (g *generator) integer(depth int) {
	k := g.n(0, 7)
	if depth <= 0 {
		k %= 3
	}
	switch k {
	case 0:
		v := uint32(rapid.SampledFrom([]int{0, 1, -1, 2, 31, 65535, 65536, 1<<31 - 1, -1 << 31, 123456789}).Draw(g.t, "constant"))
		g.emit("iipush", byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	case 1:
		g.emit("iload", byte(3+2*g.n(0, 1)))
	case 2:
		g.emit("getstatic_i", 0, constStaticInt)
	case 3, 4:
		g.integer(depth - 1)
		g.integer(depth - 1)
		g.emit(g.one("iadd", "isub", "imul", "idiv", "irem", "iand", "ior", "ixor", "ishl", "ishr", "iushr"))
	case 5:
		g.short(depth - 1)
		g.emit("s2i")
	case 6:
		g.integer(depth - 1)
		g.emit("ineg")
	case 7:
		g.emit("aload", 9)
		g.short(depth - 1)
		g.emit("iaload")
	}
}

// statement emits something that leaves the stack as it was.
func (g *generator) statement(depth int) {
	switch k := g.n(0, 9); {
	case k == 0:
		g.short(2)
		g.emit("sstore", byte(g.n(0, 2)))
	case k == 1:
		g.integer(2)
		g.emit("istore", byte(3+2*g.n(0, 1)))
	case k == 2:
		kind := g.n(0, 2)
		g.emit("bspush", byte(g.n(0, 9)-1))
		g.emit("newarray", byte(11+kind))
		g.emit("astore", byte(7+kind))
	case k == 3:
		kind := g.n(0, 2)
		g.emit("aload", byte(7+kind))
		g.short(1)
		if kind == 2 {
			g.integer(1)
		} else {
			g.short(1)
		}
		g.emit([]string{"bastore", "sastore", "iastore"}[kind])
	case k == 4:
		g.short(2)
		g.emit("putstatic_s", 0, constStaticShort)
	case k == 5:
		g.integer(2)
		g.emit("putstatic_i", 0, constStaticInt)
	case k == 6:
		g.short(1)
		g.emit("putstatic_b", 0, constStaticByte)
	case k == 7:
		g.emit("sinc", byte(g.n(0, 2)), byte(g.n(0, 255)))
	case k == 8 && depth > 0: // if
		g.short(1)
		g.short(1)
		g.emit(g.one("if_scmpeq", "if_scmpne", "if_scmplt", "if_scmpge", "if_scmpgt", "if_scmple"), 0)
		g.skip(func() { g.statement(depth - 1) })
	default: // if against zero
		g.short(1)
		g.emit(g.one("ifeq", "ifne", "iflt", "ifge", "ifgt", "ifle"), 0)
		g.skip(func() { g.emit("sinc", 0, 7) })
	}
}

// skip sets the offset of the branch just emitted to behind what body emits; a
// body that is too far is left out.
func (g *generator) skip(body func()) {
	at := len(g.code)
	body()
	if len(g.code)-at+2 > 127 {
		g.code = g.code[:at]
	}
	g.code[at-1] = byte(len(g.code) - at + 2)
}

func (g *generator) program() []byte {
	for i := range 3 {
		g.emit("bspush", byte(g.n(0, 6)))
		g.emit("newarray", byte(11+i))
		g.emit("astore", byte(7+i))
	}
	g.emit("bspush", byte(g.n(1, 3)))
	g.emit("sstore", 10)
	top := len(g.code)
	for range g.n(1, 6) {
		g.statement(2)
	}
	if back := top - len(g.code) - 5; back >= -128 {
		g.emit("sinc", 10, 0xFF)
		g.emit("sload", 10)
		g.emit("ifgt", byte(back))
	}
	g.short(2)
	g.emit("sreturn")
	return g.code
}

// The machine and the plain interpreter agree on result, exception, static
// fields and number of instructions of any program.
func TestAgreesWithReference(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-001", "SPEC-JCVM-002", "SPEC-JCVM-003", "SPEC-JCVM-071")
	var steps stepRecorder
	exceptions := 0
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t}
		code := g.program()
		if len(code) > 3000 {
			t.Skip()
		}
		r := &reference{code: code, locals: make([]value, 12)}
		want, thrown := r.run()
		steps.contexts = steps.contexts[:0]
		c := newTestCardOn(t, testGeometry, &steps)
		p := loadProgram(t, c, program{code: code, stack: 40, locals: 12})
		ledger := c.clk.Ledger()
		got, e := c.InvokeStatic(p.Context(), mainOf(p))
		if thrown != "" {
			exceptions++
			if e == nil || e.Error() != thrown {
				t.Fatalf("%d, %v; want %s\n%X", got, e, thrown, code)
			}
		} else if e != nil || got != want {
			t.Fatalf("%d, %v; want %d\n%X", got, e, want, code)
		}
		statics := fmt.Sprintf("%04X%02X%08X", uint16(r.static[0]), byte(r.static[1]), uint32(r.static[2]))
		var image [7]byte
		c.flash.Read(p.statics+2, image[:])
		if fmt.Sprintf("%X", image) != statics {
			t.Fatalf("static fields %X, want %s\n%X", image, statics, code)
		}
		if calls := (len(steps.contexts) - r.steps) / 4; len(steps.contexts)-4*calls != r.steps {
			t.Fatalf("%d instructions, the reference %d beside calls", len(steps.contexts), r.steps)
		}
		if cycles := c.clk.Ledger().Since(ledger)[clock.Bytecode]; cycles != uint64(10*len(steps.contexts)+50*r.created) {
			t.Fatalf("%d instructions and %d arrays cost %d cycles", len(steps.contexts), r.created, cycles)
		}
		c.checkLedger(t)
	})
	if exceptions == 0 {
		t.Error("no program threw")
	}
}
