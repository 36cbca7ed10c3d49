package capc

import (
	"fmt"

	"inkan/core/jcvm"
)

// wideBranch is the distance between a branch and its form with two bytes.
const wideBranch = jcvm.OpIfeqW - jcvm.OpIfeq

// lay gives all instructions their offsets. Branches begin short and become
// wide where their target is too far. For that the instructions that work on
// this count as the two that they replace: existing converters choose before
// they replace them. Spec: SPEC-CAPC-054.
func (t *translation) lay() {
	for again := true; again; {
		again = false
		t.place(1)
		for i := range t.ops {
			o := &t.ops[i]
			if o.code < jcvm.OpIfeq || o.code > jcvm.OpGoto {
				continue
			}
			if d := t.position(o.target) - o.at; d != int(int8(d)) {
				o.code += wideBranch
				again = true
			}
		}
	}
	t.place(0)
}

// place numbers the instructions; this is what one that works on this counts
// beyond its size.
func (t *translation) place(this int) {
	at := 0
	for i := range t.ops {
		o := &t.ops[i]
		o.at = at
		at += o.size()
		if o.code >= jcvm.OpGetfieldAThis && o.code <= jcvm.OpGetfieldIThis || o.code >= jcvm.OpPutfieldAThis {
			at += this
		}
	}
	t.end = at
}

// position is the offset of what a Java instruction became.
func (t *translation) position(i int) int {
	if p := t.first[i]; p < len(t.ops) {
		return t.ops[p].at
	}
	return t.end
}

func (o *op) isSwitch() bool { return o.code >= jcvm.OpStableswitch && o.code <= jcvm.OpIlookupswitch }

// size is the length of an instruction in bytes.
func (o *op) size() int {
	switch o.code {
	case jcvm.OpStableswitch:
		return 7 + 2*len(o.cases)
	case jcvm.OpItableswitch:
		return 11 + 2*len(o.cases)
	case jcvm.OpSlookupswitch:
		return 5 + 4*len(o.cases)
	case jcvm.OpIlookupswitch:
		return 5 + 6*len(o.cases)
	}
	if o.wideField() {
		return 3
	}
	in, _ := jcvm.Lookup(o.code)
	return 1 + operandBytes[in.Layout]
}

var operandBytes = map[jcvm.Layout]int{
	jcvm.LayoutS1: 1, jcvm.LayoutU1: 1, jcvm.LayoutS2: 2, jcvm.LayoutU2: 2, jcvm.LayoutS4: 4,
	jcvm.LayoutU1S1: 2, jcvm.LayoutU1S2: 3, jcvm.LayoutU1U2: 3, jcvm.LayoutU1U2U1: 4,
}

// wideField tells whether a field instruction needs the form with a two-byte
// index.
func (o *op) wideField() bool {
	return o.code >= jcvm.OpGetfieldA && o.code <= jcvm.OpPutfieldI && !o.shortIndex()
}

// encode makes the bytes. Spec: SPEC-CAPC-055.
func (t *translation) encode() {
	t.lay()
	for i := range t.ops {
		o := &t.ops[i]
		switch {
		case o.isSwitch():
			t.encodeSwitch(o)
		case o.wideField():
			code := o.code - jcvm.OpGetfieldA + jcvm.OpGetfieldAW
			if o.code >= jcvm.OpPutfieldA {
				code = o.code - jcvm.OpPutfieldA + jcvm.OpPutfieldAW
			}
			t.code = append(t.code, byte(code))
			t.word(o)
		default:
			t.code = append(t.code, byte(o.code))
			t.operands(o)
		}
	}
	if len(t.code) > 0x7FFF {
		t.flow.c.report(t.flow.at(0), fmt.Sprintf("%d bytes of code", len(t.code)), "a branch reaches 32767: split the method")
	}
}

// word appends a two-byte constant-pool index, or 0.
func (t *translation) word(o *op) {
	index := 0
	if o.constant != nil {
		index = o.constant.index
		t.wordRefs = append(t.wordRefs, len(t.code))
	}
	t.code = append(t.code, byte(index>>8), byte(index))
}

func (t *translation) operands(o *op) {
	in, _ := jcvm.Lookup(o.code)
	switch in.Layout {
	case jcvm.LayoutS1:
		v := o.a
		if in.Role == jcvm.Branch {
			v = int32(t.position(o.target) - o.at)
		}
		t.code = append(t.code, byte(v))
	case jcvm.LayoutU1:
		v := o.a
		if o.constant != nil {
			v = int32(o.constant.index)
			t.byteRefs = append(t.byteRefs, len(t.code))
		}
		t.code = append(t.code, byte(v))
	case jcvm.LayoutS2:
		v := o.a
		if in.Role == jcvm.Branch {
			v = int32(t.position(o.target) - o.at)
		}
		t.code = appendNumber(t.code, v, 2)
	case jcvm.LayoutU2:
		t.word(o)
	case jcvm.LayoutS4:
		t.code = appendNumber(t.code, o.a, 4)
	case jcvm.LayoutU1S1:
		t.code = append(t.code, byte(o.a), byte(o.b))
	case jcvm.LayoutU1S2:
		t.code = appendNumber(append(t.code, byte(o.a)), o.b, 2)
	case jcvm.LayoutU1U2:
		t.code = append(t.code, byte(o.a))
		t.word(o)
	case jcvm.LayoutU1U2U1:
		t.code = append(t.code, byte(o.a))
		t.word(o)
		t.code = append(t.code, byte(o.b))
	}
}

func (t *translation) encodeSwitch(o *op) {
	distance := func(target int) int32 { return int32(t.position(target) - o.at) }
	t.code = appendNumber(append(t.code, byte(o.code)), distance(o.target), 2)
	width := 2
	if o.code == jcvm.OpItableswitch || o.code == jcvm.OpIlookupswitch {
		width = 4
	}
	if o.code == jcvm.OpStableswitch || o.code == jcvm.OpItableswitch {
		t.code = appendNumber(t.code, o.cases[0].Match, width)
		t.code = appendNumber(t.code, o.cases[len(o.cases)-1].Match, width)
		for _, x := range o.cases {
			t.code = appendNumber(t.code, distance(x.Target), 2)
		}
		return
	}
	t.code = appendNumber(t.code, int32(len(o.cases)), 2)
	for _, x := range o.cases {
		t.code = appendNumber(appendNumber(t.code, x.Match, width), distance(x.Target), 2)
	}
}
