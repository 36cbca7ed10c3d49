package capc

import "inkan/core/classfile"

// slots is a set of Java's local variables. Those beyond it count as members: a
// method that has so many is refused.
type slots [4]uint64

func (s *slots) has(n int) bool { return n >= 256 || s[n/64]>>(n%64)&1 != 0 }

func (s *slots) join(other *slots) {
	for i := range s {
		s[i] |= other[i]
	}
}

// findLive finds, for each instruction, the local variables that may be read
// before they are stored again. javac gives variables of different types the
// same slot in different blocks, and where their ways meet the slot has only
// what is left of them: that must not make one variable of two.
// Spec: SPEC-CAPC-018.
func (f *flow) findLive() {
	f.live = make([]slots, len(f.list))
	for changed := true; changed; {
		changed = false
		for i := len(f.list) - 1; i >= 0; i-- {
			if l := f.liveAt(i); l != f.live[i] {
				f.live[i], changed = l, true
			}
		}
	}
}

// liveAt applies an instruction to what is live behind it.
func (f *flow) liveAt(i int) (l slots) {
	in := &f.list[i]
	if !ends(in.Op) && i+1 < len(f.list) {
		l.join(&f.live[i+1])
	}
	if in.IsBranch() {
		l.join(&f.live[f.index[in.Target]])
		for _, x := range in.Cases {
			l.join(&f.live[f.index[x.Target]])
		}
	}
	if n := in.Local; n < 256 {
		switch op := in.Op; {
		case op == classfile.OpIload || op == classfile.OpAload || op == classfile.OpIinc || op >= classfile.OpIload0 && op <= classfile.OpIload0+3 || op >= classfile.OpAload0 && op <= classfile.OpAload0+3:
			l[n/64] |= 1 << (n % 64)
		case op == classfile.OpIstore || op == classfile.OpAstore || op >= classfile.OpIstore0 && op <= classfile.OpIstore0+3 || op >= classfile.OpAstore0 && op <= classfile.OpAstore0+3:
			l[n/64] &^= 1 << (n % 64)
		}
	}
	for _, h := range f.covers[i] {
		l.join(&f.live[f.index[f.code.Handlers[h].Handler]])
	}
	return l
}
