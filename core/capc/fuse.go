package capc

import (
	"inkan/core/classfile"
	"inkan/core/jcvm"
)

// fuse replaces sequences by the instructions that the card has for them:
// access to fields of this, and addition to a short variable. A branch may lead
// to the first instruction of a sequence only. Spec: SPEC-CAPC-052, SPEC-CAPC-053.
func (t *translation) fuse() {
	targets := make([]bool, len(t.ops)+1)
	for i, leader := range t.flow.leader {
		if leader {
			targets[t.first[i]] = true
		}
	}
	free := func(from, n int) bool { // no branch leads behind the first of n
		if from+n > len(t.ops) {
			return false
		}
		for j := from + 1; j < from+n; j++ {
			if targets[j] {
				return false
			}
		}
		return true
	}
	this := t.hasThis()
	moved := make([]int, len(t.ops)+1)
	out := make([]op, 0, len(t.ops))
	for p := 0; p < len(t.ops); {
		var repl []op
		n := 1
		switch {
		case this && free(p, 2) && t.getThis(p) != nil:
			repl, n = t.getThis(p), 2
		case this && free(p, 3) && t.putThis(p) != nil:
			repl, n = t.putThis(p), 3
		case free(p, 4) && t.increment(p) != nil:
			repl, n = t.increment(p), 4
		default:
			repl = t.ops[p : p+1]
		}
		for j := p; j < p+n; j++ {
			moved[j] = len(out)
		}
		out = append(out, repl...)
		p += n
	}
	moved[len(t.ops)] = len(out)
	t.ops = out
	for i := range t.first {
		t.first[i] = moved[t.first[i]]
	}
}

// hasThis tells whether local variable 0 is this in all of the method.
func (t *translation) hasThis() bool {
	if t.flow.m.has(classfile.AccStatic) {
		return false
	}
	for _, o := range t.ops {
		if o.code == jcvm.OpAstore0 {
			return false
		}
	}
	return true
}

// shortIndex tells whether an instruction names a constant by one byte.
func (o *op) shortIndex() bool { return o.constant != nil && o.constant.index <= 0xFF }

// getThis: aload_0, getfield.
func (t *translation) getThis(p int) []op {
	o := t.ops[p+1]
	if t.ops[p].code != jcvm.OpAload0 || o.code < jcvm.OpGetfieldA || o.code > jcvm.OpGetfieldI || !o.shortIndex() {
		return nil
	}
	o.code += jcvm.OpGetfieldAThis - jcvm.OpGetfieldA
	return []op{o}
}

// putThis: aload_0, one instruction that pushes a value, putfield.
func (t *translation) putThis(p int) []op {
	value, o := t.ops[p+1], t.ops[p+2]
	if t.ops[p].code != jcvm.OpAload0 || o.code < jcvm.OpPutfieldA || o.code > jcvm.OpPutfieldI || !o.shortIndex() || !isPush(value.code) {
		return nil
	}
	o.code += jcvm.OpPutfieldAThis - jcvm.OpPutfieldA
	return []op{value, o}
}

// isPush tells whether an instruction only pushes a constant or local variable.
func isPush(code jcvm.Opcode) bool {
	return code >= jcvm.OpAconstNull && code <= jcvm.OpIload3
}

// pushed is the number of one byte that an instruction pushes as a short.
func pushed(o *op) (int32, bool) {
	switch {
	case o.code >= jcvm.OpSconstM1 && o.code <= jcvm.OpSconst5:
		return int32(o.code) - int32(jcvm.OpSconst0), true
	case o.code == jcvm.OpBspush && o.a > -128: // what sinc can add and subtract
		return o.a, true
	}
	return 0, false
}

// shortVariable is the local variable of a load or store.
func shortVariable(o *op, first, long jcvm.Opcode) (int32, bool) {
	if o.code == long {
		return o.a, true
	}
	return int32(o.code) - int32(first), o.code >= first && o.code <= first+3
}

// increment: sload, constant, sadd or ssub, sstore of the same variable.
func (t *translation) increment(p int) []op {
	v, ok := shortVariable(&t.ops[p], jcvm.OpSload0, jcvm.OpSload)
	n, number := pushed(&t.ops[p+1])
	w, stores := shortVariable(&t.ops[p+3], jcvm.OpSstore0, jcvm.OpSstore)
	if !ok || !number || !stores || v != w {
		return nil
	}
	switch t.ops[p+2].code {
	case jcvm.OpSsub:
		n = -n
	case jcvm.OpSadd:
	default:
		return nil
	}
	o := op{code: jcvm.OpSinc, a: v, b: n, from: t.ops[p].from}
	return []op{o}
}
