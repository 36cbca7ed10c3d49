package verifier

import (
	"fmt"

	"inkan/core/jcvm"
)

// jump applies a branch. Spec: SPEC-VERIFIER-032.
func (f *flow) jump(in *jcvm.Instruction) bool {
	target := f.d.Target()
	switch op := f.d.Op; {
	case op == jcvm.OpJsr:
		f.callSubroutine(target)
		return false
	case op == jcvm.OpGoto || op == jcvm.OpGotoW:
		f.targets = append(f.targets, target)
		return false
	default:
		f.popLetters(in.Pop)
	}
	f.targets = append(f.targets, target)
	return !f.bad
}

// switches applies a switch: its values rise. Spec: SPEC-VERIFIER-032.
func (f *flow) switches(in *jcvm.Instruction) {
	f.popLetters(in.Pop)
	for i := 1; i < len(f.d.Cases); i++ {
		if f.d.Cases[i].Match <= f.d.Cases[i-1].Match {
			f.fail("rising values", fmt.Sprintf("%d behind %d", f.d.Cases[i].Match, f.d.Cases[i-1].Match))
			return
		}
	}
	f.targets = append(f.targets, f.d.Default)
	for _, c := range f.d.Cases {
		f.targets = append(f.targets, c.Target)
	}
}

// callSubroutine applies jsr: the subroutine is analysed for this call alone.
// Spec: SPEC-VERIFIER-039.
func (f *flow) callSubroutine(target int) {
	entry, ok := f.position(target)
	if !ok {
		f.fail("a target that is an instruction of the method", fmt.Sprintf("%04X", target))
		return
	}
	back, ok := f.position(f.d.Next())
	if !ok {
		f.fail("an instruction to return to", "the end of the method")
		return
	}
	for c := f.now.context; c > 0; c = f.contexts[c].parent {
		if f.contexts[c].entry == entry {
			f.fail("a subroutine that does not call itself", fmt.Sprintf("%04X", target))
			return
		}
	}
	inner := f.subroutine(context{f.now.context, entry, back})
	if inner < 0 {
		return
	}
	f.push(returnTo | value(inner))
	if !f.bad {
		f.join(inner, entry)
	}
}

// subroutine finds or adds a context; -1 when there are too many.
func (f *flow) subroutine(c context) int {
	for i, known := range f.contexts {
		if known == c {
			return i
		}
	}
	if len(f.contexts) == MaxContexts {
		f.fail(fmt.Sprintf("at most %d ways to be in a subroutine", MaxContexts), "more")
		return -1
	}
	f.contexts = append(f.contexts, c)
	return len(f.contexts) - 1
}

// returnFromSubroutine applies ret. Spec: SPEC-VERIFIER-039.
func (f *flow) returnFromSubroutine(i int) {
	x := f.local(i)
	if f.bad {
		return
	}
	if x.kind() != returnTo {
		f.fail("a return address in local "+fmt.Sprint(i), f.v.world.name(x))
		return
	}
	for c := f.now.context; c > 0; c = f.contexts[c].parent {
		if c == x.rest() {
			f.join(f.contexts[c].parent, f.contexts[c].back)
			return
		}
	}
	f.fail("the return address of a subroutine that has not returned", "another")
}
