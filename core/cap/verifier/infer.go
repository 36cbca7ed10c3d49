package verifier

import (
	"slices"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// signature is what is known, in mode Kinds, of methods that stand in for each
// other: an overridden method and those in its place have one signature.
type signature struct {
	params      []value // words; top: unknown so far
	result      []value
	resultKnown bool
	bodies      bool // one of the methods has bytecode
}

// signatures is the inference's knowledge.
type signatures struct {
	parent map[*method]*method // to another method of the group
	of     map[*method]*signature
}

func newSignatures() signatures {
	return signatures{map[*method]*method{}, map[*method]*signature{}}
}

func (s *signatures) root(m *method) *method {
	for s.parent[m] != nil {
		m = s.parent[m]
	}
	return m
}

// get is the signature of a method's group.
func (s *signatures) get(m *method) *signature {
	r := s.root(m)
	g := s.of[r]
	if g == nil {
		g = newSignature(r)
		s.of[r] = g
	}
	return g
}

func newSignature(m *method) *signature {
	words := m.args
	if !m.isStatic {
		words--
	}
	g := &signature{params: make([]value, max(words, 0))}
	if m.known {
		for i, p := range m.params {
			if i < len(g.params) {
				g.params[i] = erase(p)
			}
		}
		for _, r := range m.result {
			g.result = append(g.result, erase(r))
		}
		g.resultKnown = true
	}
	return g
}

// erase is the kind of a value: references lose their type.
func erase(x value) value {
	switch {
	case x.isPointer():
		return reference
	case x == unused:
		return top
	}
	return x
}

// join makes one group of two; false when their kinds differ.
func (s *signatures) join(a, b *method) bool {
	ra, rb := s.root(a), s.root(b)
	if ra == rb {
		return true
	}
	ga, gb := s.get(ra), s.get(rb)
	if len(ga.params) != len(gb.params) || ga.resultKnown && gb.resultKnown && !slices.Equal(ga.result, gb.result) {
		return false
	}
	for i, p := range gb.params {
		switch {
		case ga.params[i] == top:
			ga.params[i] = p
		case p != top && p != ga.params[i]:
			return false
		}
	}
	if !ga.resultKnown {
		ga.result, ga.resultKnown = gb.result, gb.resultKnown
	}
	ga.bodies = ga.bodies || gb.bodies
	s.parent[rb] = ra
	delete(s.of, rb)
	return true
}

// copy is the knowledge so far, to come back to. Groups do not change any more.
func (s *signatures) copy() map[*method]*signature {
	c := make(map[*method]*signature, len(s.of))
	for m, g := range s.of {
		d := *g
		d.params = slices.Clone(g.params)
		c[m] = &d
	}
	return c
}

// group joins two methods that one call may reach. Spec: SPEC-VERIFIER-051.
func (v *verifier) group(a, b *method) {
	if !v.sigs.join(a, b) {
		v.structure(cap.TagClass, 0, "signature", "the kinds of "+a.name, "others, of "+b.name)
	}
}

// infer gives a library without Descriptor its signatures.
func (v *verifier) infer() {
	flows := v.flows()
	if len(v.result.Findings) == 0 {
		v.inferFrom(flows)
	}
}

// inferFrom finds the kinds of parameters and results from the bytecode: a
// result from the return instructions, a parameter from its first use.
// Spec: SPEC-VERIFIER-051, SPEC-VERIFIER-052, SPEC-VERIFIER-053.
func (v *verifier) inferFrom(flows []*flow) {
	v.groupOverrides()
	for _, f := range flows {
		v.inferResult(f)
	}
	for _, f := range flows {
		g := v.sigs.get(f.m)
		f.m.result = g.result
		f.m.ends = f.m.ends && !v.self.isVirtual(f.m)
		if f.m.ends && !g.resultKnown {
			g.resultKnown = true
		}
	}
	for _, f := range flows {
		v.solve(f, 0)
	}
	for _, f := range flows {
		v.settle(f.m)
	}
	for _, m := range v.self.methods {
		v.settle(m)
	}
	for _, c := range v.self.classes {
		if c.isInterface {
			for _, m := range c.public {
				v.settle(m)
			}
		}
	}
}

func (v *verifier) groupOverrides() {
	for i := range v.file.Class.Classes {
		c := v.self.classes[v.file.Class.Classes[i].Offset]
		for token := range 256 {
			m, super := c.table(byte(token)), c.super.virtual(byte(token))
			if m != nil && super != nil && m != super && (token < 0x80 || c.super.pkg == c.pkg) {
				v.group(super, m)
			}
		}
	}
}

// inferResult takes a method's result from its return instructions.
func (v *verifier) inferResult(f *flow) {
	g := v.sigs.get(f.m)
	g.bodies = true
	f.m.ends = true
	for i := range f.list {
		op := f.list[i].Op
		result, is := map[jcvm.Opcode][]value{
			jcvm.OpReturn: {}, jcvm.OpSreturn: {short}, jcvm.OpAreturn: {reference}, jcvm.OpIreturn: {intHigh, intLow},
		}[op]
		if !is {
			continue
		}
		f.m.ends = false
		switch {
		case !g.resultKnown:
			g.result, g.resultKnown = result, true
		case !slices.Equal(g.result, result):
			f.static(f.list[i].PC, op.String(), "a return of "+resultName(g.result), "one of "+resultName(result))
			return
		}
	}
}

// hypotheses are what an unknown result may be.
var hypotheses = [][]value{{}, {short}, {reference}, {intHigh, intLow}}

// solve analyses a method quietly, to learn how it uses its parameters. Where
// it calls a method whose result nothing tells, the first result is taken with
// which the caller is right. Spec: SPEC-VERIFIER-054.
func (v *verifier) solve(f *flow, depth int) bool {
	before := v.sigs.copy()
	v.quiet, v.failed = true, false
	f.missing = nil
	f.run()
	unknown := f.missing
	v.quiet, f.missing = false, nil
	if unknown == nil {
		return !v.failed
	}
	if depth < 4 {
		for _, h := range hypotheses {
			v.sigs.of = before
			before = v.sigs.copy()
			g := v.sigs.get(unknown)
			g.result, g.resultKnown = h, true
			if v.solve(f, depth+1) {
				return true
			}
		}
	}
	v.sigs.of = before
	return false
}

// settle makes what was inferred the method's signature.
func (v *verifier) settle(m *method) {
	if m.known {
		return
	}
	g := v.sigs.get(m)
	m.params, m.result, m.known = slices.Clone(g.params), g.result, g.resultKnown
	for i, p := range m.params {
		if p == top {
			m.params[i] = unused
		}
	}
}

// parameters are the words that a method begins with.
func (v *verifier) parameters(m *method) []value {
	params := slices.Clone(v.sigs.get(m).params)
	first := 0
	if !m.isStatic {
		first = 1
	}
	for i, p := range params {
		if p == top {
			params[i] = parameter | value(first+i)
		}
	}
	return params
}

// bind decides the kind of a parameter, given as a local variable; false when
// it is another already.
func (v *verifier) bind(m *method, local int, kind value) bool {
	g := v.sigs.get(m)
	if !m.isStatic {
		local--
	}
	if local < 0 || local >= len(g.params) || g.params[local] != top && g.params[local] != kind {
		return false
	}
	g.params[local] = kind
	return true
}

// parametersAt are the words that a call passes. Those of a method that has no
// body anywhere take their kinds from the call.
func (v *verifier) parametersAt(f *flow, m *method) []value {
	g := v.sigs.get(m)
	params := slices.Clone(g.params)
	for i, p := range params {
		if p != top {
			continue
		}
		params[i] = unused
		if at := len(f.stack) - len(params) + i; !g.bodies && at >= 0 {
			g.params[i] = erase(f.stack[at])
			params[i] = g.params[i]
		}
	}
	return params
}

// resultOf is a method's result as far as it is known.
func (v *verifier) resultOf(m *method) ([]value, bool) {
	g := v.sigs.get(m)
	return g.result, g.resultKnown
}

// takesReference tells whether a method of unknown type may have an object as
// its first argument, and makes it so when nothing is known.
func (v *verifier) takesReference(m *method) bool {
	if m.known {
		return len(m.params) > 0 && (m.params[0] == reference || m.params[0] == unused)
	}
	return v.bind(m, 0, reference)
}
