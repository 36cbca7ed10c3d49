package vm

import (
	"testing"

	"inkan/core/cap"
	"inkan/core/jcvm"
	"inkan/spec/req"
)

// sumProgram adds i*3 ^ i for i from n down: locals 0 n, 1 sum.
// 0: sload_0 ifeq(+17) 3: sload_1 sload_0 sconst_3 smul sload_0 sxor sadd sstore_1 11: sinc 0 -1 14: goto -14 16: nop…
var sumCode = []byte{
	0x1C, 0x60, 15,
	0x1D, 0x1C, 0x06, 0x45, 0x1C, 0x57, 0x41, 0x30,
	0x59, 0, 0xFF,
	0x70, 0xF2,
	0x1D, 0x78,
}

// bare is the loop that the machine is measured against: one switch over the
// program's opcodes, a typed stack, cycles counted, nothing checked or charged.
func bare(code []byte, costs *[256]uint64, loc, ops []int16) (int16, uint64) {
	pc, sp, cycles := 0, 0, uint64(0)
	for {
		op := jcvm.Opcode(code[pc])
		cycles += costs[op]
		switch op {
		case jcvm.OpSload0:
			ops[sp] = loc[0]
			sp++
			pc++
		case jcvm.OpSload1:
			ops[sp] = loc[1]
			sp++
			pc++
		case jcvm.OpSconst3:
			ops[sp] = 3
			sp++
			pc++
		case jcvm.OpSmul:
			sp--
			ops[sp-1] *= ops[sp]
			pc++
		case jcvm.OpSxor:
			sp--
			ops[sp-1] ^= ops[sp]
			pc++
		case jcvm.OpSadd:
			sp--
			ops[sp-1] += ops[sp]
			pc++
		case jcvm.OpSstore1:
			sp--
			loc[1] = ops[sp]
			pc++
		case jcvm.OpSinc:
			loc[code[pc+1]] += int16(int8(code[pc+2]))
			pc += 3
		case jcvm.OpGoto:
			pc += int(int8(code[pc+1]))
		case jcvm.OpIfeq:
			sp--
			if ops[sp] == 0 {
				pc += int(int8(code[pc+1]))
			} else {
				pc += 2
			}
		case jcvm.OpSreturn:
			return ops[sp-1], cycles
		case jcvm.OpBaload:
			sp--
			ops[sp-1] = ops[sp]
			pc++
		case jcvm.OpBastore, jcvm.OpNop, jcvm.OpDup, jcvm.OpPop, jcvm.OpSsub, jcvm.OpSdiv:
			pc++
		default:
			return 0, 0
		}
	}
}

const sumRounds = 10000

func BenchmarkMachine(b *testing.B) {
	c := newTestCard(b)
	p := loadProgram(b, c, program{code: sumCode, stack: 4, locals: 2, args: 1})
	method := mainOf(p)
	b.ReportAllocs()
	for b.Loop() {
		if _, e := c.InvokeStatic(p.Context(), method, ShortWord(sumRounds)); e != nil {
			b.Fatal(e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(sumRounds*11), "ns/bytecode")
}

func BenchmarkBare(b *testing.B) {
	var costs [256]uint64
	for i := range costs {
		costs[i] = 10
	}
	ops := make([]int16, 8)
	for b.Loop() {
		bare(sumCode, &costs, []int16{sumRounds, 0}, ops)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(sumRounds*11), "ns/bytecode")
}

// The machine and the bare loop agree, and bytecodes allocate nothing.
func TestNoAllocationPerBytecode(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-072")
	c := newTestCard(t)
	p := loadProgram(t, c, program{code: sumCode, stack: 4, locals: 2, args: 1})
	method := mainOf(p)
	var costs [256]uint64
	want, _ := bare(sumCode, &costs, []int16{sumRounds, 0}, make([]int16, 8))
	got, e := c.InvokeStatic(p.Context(), method, ShortWord(sumRounds))
	if e != nil || got != int32(want) {
		t.Fatalf("%d, %v; want %d", got, e, want)
	}
	if n := testing.AllocsPerRun(10, func() { c.InvokeStatic(p.Context(), method, ShortWord(sumRounds)) }); n > 1 {
		t.Errorf("%v allocations in %d bytecodes", n, sumRounds*11)
	}
}

// BenchmarkTransientArray is a copy loop over a RAM array: 14 bytecodes a round,
// of which two access the array.
func BenchmarkTransientArray(b *testing.B) {
	c := newTestCard(b)
	code := []byte{ // locals: 0 array, 1 n
		0x1D, 0x60, 20,
		0x18, 0x1D, 0x10, 7, 0x53, // a, n & 7
		0x18, 0x1D, 0x10, 3, 0x53, 0x25, // a[n & 3]
		0x38,
		0x59, 1, 0xFF,
		0xA8, 0xFF, 0xEE,
		0x03, 0x78,
	}
	p := loadProgram(b, c, program{code: code, stack: 6, locals: 0, args: 2})
	array := c.NewTransientArray(p.Context(), ByteArray, 8, ClearOnReset)
	method := mainOf(p)
	b.ReportAllocs()
	for b.Loop() {
		if _, e := c.InvokeStatic(p.Context(), method, RefWord(array), ShortWord(sumRounds)); e != nil {
			b.Fatal(e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(sumRounds*14), "ns/bytecode")
}

// BenchmarkFieldsAndCalls is a loop that reads a field and calls a method with it:
// 14 bytecodes a round, of which one reads the field, one calls and one returns.
func BenchmarkFieldsAndCalls(b *testing.B) {
	c := newTestCard(b)
	code := []byte{ // locals: 0 object, 1 n, 2 sum
		0x1D, 0x60, 16,
		0x18, 0xAF, constShort, 0x8B, 0, constIncrement,
		0x1E, 0x41, 0x31,
		0x59, 1, 0xFF,
		0x70, 0xF1,
		0x1E, 0x78,
	}
	p := loadProgram(b, c, program{code: code, stack: 4, locals: 1, args: 2})
	object, method := c.make(p, p), mainOf(p)
	b.ReportAllocs()
	for b.Loop() {
		if got, e := c.InvokeStatic(p.Context(), method, RefWord(object), ShortWord(sumRounds)); e != nil || got != sumRounds {
			b.Fatal(got, e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(sumRounds*14), "ns/bytecode")
}

// Natives and exceptions allocate nothing per call either.
func TestNoAllocationPerCall(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-072")
	c := newTestCard(t)
	code := []byte{ // locals: 0 object, 1 n: calls a native and catches an exception n times
		0x1D, 0x60, 18,
		0x18, 0x8C, 0, constInit,
		0x8D, 0, constThrower, 0x3B, 0x70, 3,
		0x3B, // handler: pop the exception
		0x59, 1, 0xFF, 0x70, 0xEF,
		0x03, 0x78,
	}
	p := loadProgram(t, c, program{code: code, stack: 6, args: 2, handlers: []cap.Handler{{Start: 7, Length: 3, Handler: 13}}})
	object, method := c.make(p, p), mainOf(p)
	run := func(n int16) float64 {
		return testing.AllocsPerRun(5, func() {
			if _, e := c.InvokeStatic(p.Context(), method, RefWord(object), ShortWord(n)); e != nil {
				t.Fatal(e)
			}
		})
	}
	if a, b := run(1), run(500); b > a {
		t.Errorf("%v allocations for 500 rounds, %v for one", b, a)
	}
}
