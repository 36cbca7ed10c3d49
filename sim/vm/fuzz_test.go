package vm

import (
	"testing"

	"inkan/core/jcvm"
	"inkan/sim/clock"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// fuzzCycles is when the power of a card that runs garbage is cut.
const fuzzCycles = 2_000_000

// runGarbage loads a program that nobody verified, with an object of its own
// and one of another context as arguments, and asserts what may never happen:
// a Go panic, a change of the other context's object, a broken heap.
func runGarbage(t *testing.T, code []byte) {
	c := newTestCard(t, func(k *Config) { k.StackWords = 256 })
	if len(code) > 4000 {
		code = code[:4000]
	}
	p := loadProgram(t, c, program{code: code, stack: 12, locals: 6, args: 3})
	q := loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
	foreign := c.make(p, q)
	secret := c.NewArray(q.Context(), ByteArray, 8)
	c.WriteBytes(secret, 0, []byte("evidence"))
	c.WriteBytes(c.NewArray(p.Context(), ByteArray, 4), 0, []byte{1, 2, 3, 4})
	c.clk.CutAt(c.clk.Now() + fuzzCycles)
	before := string(c.content(foreign)) + string(c.content(secret))
	cut := clock.Guard(func() {
		c.InvokeStatic(p.Context(), mainOf(p), RefWord(c.make(p, p)), RefWord(foreign), RefWord(secret))
	})
	if cut == nil {
		c.clk.CutAt(0)
	}
	c.checkLedger(t)
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	if string(c.content(foreign))+string(c.content(secret)) != before {
		t.Fatalf("another context's object was changed by % X", code)
	}
	c.checkHeap(t)
}

func FuzzUnverifiedCode(f *testing.F) {
	req.Covers(f, "SPEC-JCVM-063")
	seen := map[byte]bool{}
	for _, v := range vectors.Load[instructionVector](f, "jcvm-instructions.json") {
		for _, b := range v.Code { // one program for each byte value that occurs
			if !seen[b] {
				seen[b] = true
				f.Add([]byte(v.Code))
				break
			}
		}
	}
	for name := range firewallPrograms {
		f.Add(firewallPrograms[name])
	}
	f.Fuzz(runGarbage)
}

// Random instructions whose operands are biased to what exists.
func TestRandomCodeStaysOnTheCard(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-063", "SPEC-JCVM-070")
	seed := uint64(1)
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	for range 3000 {
		var code []byte
		for len(code) < 60 {
			op := jcvm.Opcode(next(jcvm.OpcodeCount))
			in, _ := jcvm.Lookup(op)
			code = append(code, byte(op))
			switch in.Layout {
			case jcvm.LayoutNone:
			case jcvm.LayoutU2:
				code = append(code, 0, byte(next(constShareable+2)))
			case jcvm.LayoutU1, jcvm.LayoutS1:
				code = append(code, byte(next(16)))
			case jcvm.LayoutU1U2:
				code = append(code, []byte{0, 10, 11, 12, 13, 14}[next(6)], 0, byte(next(constShareable+2)))
			default:
				for range 2 + next(3) {
					code = append(code, byte(next(8)))
				}
			}
		}
		runGarbage(t, code)
	}
}
