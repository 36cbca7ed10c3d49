package capc

import (
	"inkan/core/classfile"
)

// findCounters finds the indices of enhanced for loops over arrays. javac makes
// an int of them; but they begin at 0, grow by 1, and after each step are
// compared with a length, so they are shorts. Spec: SPEC-CAPC-016.
func (f *flow) findCounters() {
	other := map[*value]bool{}  // variables that hold something else than 0 and steps
	length := map[*value]bool{} // variables that hold the length of an array only
	steps := map[*value][]int{}
	for i := range f.list {
		st := &f.steps[i]
		if st.local == nil || of(st.local).ref {
			continue
		}
		v := of(st.local)
		switch {
		case f.list[i].Op == classfile.OpIinc:
			steps[v] = append(steps[v], i)
		case len(st.args) == 1 && st.out == nil: // a store
			from := of(st.args[0])
			n, constant := constantOf(&f.list[from.first])
			other[v] = other[v] || from.merged || !constant || n != 0
			_, before := length[v]
			isLength := !from.merged && f.list[from.first].Op == classfile.OpArraylength
			length[v] = isLength && (!before || length[v])
		}
	}
	for v, list := range steps {
		v.counter = !other[v] && v.declared == 0
		for _, i := range list {
			v.counter = v.counter && f.isLoopStep(i, v, length)
		}
	}
}

// isLoopStep recognises iinc i 1, goto head; head: iload i, iload length,
// if_icmpge.
func (f *flow) isLoopStep(i int, v *value, length map[*value]bool) bool {
	if f.list[i].Value != 1 || i+1 >= len(f.list) || f.list[i+1].Op != classfile.OpGoto && f.list[i+1].Op != classfile.OpGotoW {
		return false
	}
	head := f.index[f.list[i+1].Target]
	if head+2 >= len(f.list) || f.list[head+2].Op != classfile.OpIfIcmpge || f.leader[head+1] || f.leader[head+2] {
		return false
	}
	index, limit := f.steps[head], f.steps[head+1]
	if index.local == nil || index.out == nil || limit.local == nil || limit.out == nil || of(index.local) != v {
		return false
	}
	l := of(limit.local)
	return length[l] && l.declared == 0
}
