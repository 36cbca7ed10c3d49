package vm

import (
	"testing"

	"inkan/core/cap"
	"inkan/core/jcvm"
	"inkan/core/observe"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type instructionVector struct {
	vectors.Header
	Code     vectors.Hex   `json:"code"`
	Stack    byte          `json:"stack"`
	Locals   byte          `json:"locals"`
	Handlers []vectors.Hex `json:"handlers"`
	Result   *int32        `json:"result"`
}

func (v *instructionVector) program() program {
	p := program{code: v.Code, stack: v.Stack, locals: v.Locals}
	for _, h := range v.Handlers {
		u2 := func(i int) uint16 { return uint16(h[i])<<8 | uint16(h[i+1]) }
		p.handlers = append(p.handlers, cap.Handler{Start: u2(0), Length: u2(2), Handler: u2(4), Catch: u2(6)})
	}
	return p
}

type opcodesSeen struct {
	observe.Nop
	seen [256]int
}

func (o *opcodesSeen) Bytecode(s *observe.Step) { o.seen[s.Opcode]++ }

// Each vector is a program; all together execute each of the 185 opcodes.
func TestInstructions(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-001", "SPEC-JCVM-002", "SPEC-JCVM-003", "SPEC-JCVM-063", "SPEC-JCVM-070")
	var seen opcodesSeen
	for _, v := range vectors.Load[instructionVector](t, "jcvm-instructions.json") {
		t.Run(v.Name, func(t *testing.T) {
			c := newTestCardOn(t, testGeometry, &seen)
			p := loadProgram(t, c, v.program())
			got, e := c.InvokeStatic(p.Context(), mainOf(p))
			c.checkLedger(t)
			switch {
			case v.Fail == "trap":
				if e == nil || e.Trap == "" {
					t.Errorf("%d, %v; want a trap", got, e)
				}
			case v.Fail != "":
				if e == nil || e.Trap != "" || e.Class.Name() != v.Fail {
					t.Errorf("%d, %v; want %s", got, e, v.Fail)
				}
			case e != nil || got != *v.Result:
				t.Errorf("%d, %v; want %d", got, e, *v.Result)
			}
			if c.depth != -1 || c.top != 0 || c.used != 0 || c.native != 0 || c.nesting != 0 {
				t.Errorf("depth %d, top %d, used %d, native %d, nesting %d afterwards", c.depth, c.top, c.used, c.native, c.nesting)
			}
		})
	}
	for op := range jcvm.Opcode(jcvm.OpcodeCount) {
		if seen.seen[op] == 0 {
			t.Errorf("no vector executes %s", op)
		}
	}
}
