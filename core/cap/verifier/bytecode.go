package verifier

import (
	"fmt"
	"sort"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// checkBytecode looks at every method that has code.
func (v *verifier) checkBytecode() {
	flows := v.flows()
	if len(v.result.Findings) > 0 {
		return
	}
	v.checkRefLocation(flows)
	if !v.self.typed {
		v.inferFrom(flows)
	}
	for _, f := range flows {
		if v.work < 0 || v.result.Truncated {
			return
		}
		v.result.Methods++
		f.run()
		if f.missing != nil {
			f.bad = false
			f.fail("a call whose result is known; a Descriptor would tell", f.missing.name)
		}
	}
}

// flows takes the bytecode of all methods apart.
func (v *verifier) flows() []*flow {
	flows := make([]*flow, 0, len(v.self.spans))
	if v.self.typed {
		v.room.code = make([]jcvm.Decoded, 0, 2*len(v.file.Method.Info)/3) // an instruction has nearly two bytes
	}
	for _, s := range v.self.spans {
		m := v.self.methods[uint16(s.Offset)]
		if m == nil || m.isAbstract {
			continue
		}
		f := &flow{v: v, m: m}
		if v.self.typed {
			f.decodeAll(s)
		} else {
			f.decodeReachable(s)
		}
		if len(f.list) > 0 {
			flows = append(flows, f)
		}
	}
	v.checkHandlers(flows)
	return flows
}

// static reports a finding about bytecode that was not analysed yet.
func (f *flow) static(pc int, op, want, got string) {
	f.v.report(Error{Component: cap.TagMethod, Offset: pc, Method: f.m.name, Opcode: op, Want: want, Got: got})
}

// decodeAll takes a method apart from its first byte to its last.
// Spec: SPEC-VERIFIER-030.
func (f *flow) decodeAll(s cap.MethodSpan) {
	if f.m.header.Code == s.End {
		f.static(s.End, "", "bytecode", "none")
		return
	}
	first := len(f.v.room.code)
	for pc := f.m.header.Code; pc < s.End; {
		d, err := jcvm.Decode(f.v.file.Method.Info[:s.End], pc)
		if err != nil {
			f.static(pc, "", "a complete instruction", err.Error())
			return
		}
		f.v.room.code = append(f.v.room.code, d)
		pc = d.Next()
	}
	f.list = f.v.room.code[first:len(f.v.room.code):len(f.v.room.code)]
	f.prepare(s)
}

// decodeReachable takes apart what control can reach. Spec: SPEC-VERIFIER-052.
func (f *flow) decodeReachable(s cap.MethodSpan) {
	found := map[int]jcvm.Decoded{}
	pending := []int{f.m.header.Code}
	for handlers := f.v.handlersFrom(s); len(pending) > 0; {
		pc := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if _, known := found[pc]; known {
			continue
		}
		if pc < f.m.header.Code || pc >= s.End {
			f.static(pc, "", fmt.Sprintf("control within %04X to %04X", f.m.header.Code, s.End-1), fmt.Sprintf("%04X", pc))
			return
		}
		d, err := jcvm.Decode(f.v.file.Method.Info[:s.End], pc)
		if err != nil {
			f.static(pc, "", "a complete instruction", err.Error())
			return
		}
		found[pc] = d
		pending = appendSuccessors(pending, &d)
		for _, h := range handlers {
			if pc >= int(h.Start) && pc < int(h.Start)+int(h.Length) {
				pending = append(pending, int(h.Handler))
			}
		}
	}
	for _, d := range found {
		f.list = append(f.list, d)
	}
	sort.Slice(f.list, func(i, j int) bool { return f.list[i].PC < f.list[j].PC })
	for i := 1; i < len(f.list); i++ {
		if f.list[i].PC < f.list[i-1].Next() {
			f.static(f.list[i].PC, "", "an instruction behind the one before", "one within it")
			f.list = nil
			return
		}
	}
	f.prepare(s)
}

// appendSuccessors appends the offsets where control may go from an instruction.
func appendSuccessors(dst []int, d *jcvm.Decoded) []int {
	in, _ := jcvm.Lookup(d.Op)
	switch {
	case d.Op == jcvm.OpGoto || d.Op == jcvm.OpGotoW:
		return append(dst, d.Target())
	case in.Role == jcvm.Branch:
		return append(dst, d.Next(), d.Target())
	case in.Role == jcvm.Switch:
		dst = append(dst, d.Default)
		for _, c := range d.Cases {
			dst = append(dst, c.Target)
		}
		return dst
	case d.Op == jcvm.OpAthrow || d.Op == jcvm.OpRet || d.Op >= jcvm.OpAreturn && d.Op <= jcvm.OpReturn:
		return dst
	}
	return append(dst, d.Next())
}

// handlersFrom are the handlers whose ranges begin in a span.
func (v *verifier) handlersFrom(s cap.MethodSpan) []cap.Handler {
	var handlers []cap.Handler
	for _, h := range v.file.Method.Handlers {
		if int(h.Start) >= s.Offset && int(h.Start) < s.End {
			handlers = append(handlers, h)
		}
	}
	return handlers
}

// prepare indexes the instructions and finds where branches lead.
func (f *flow) prepare(s cap.MethodSpan) {
	f.index = make([]int32, s.End-f.m.header.Code)
	for i := range f.list {
		f.index[f.list[i].PC-f.m.header.Code] = int32(i) + 1
	}
	f.leader = make([]bool, len(f.list))
	f.leader[0] = true
	for i := range f.list {
		d := &f.list[i]
		in, _ := jcvm.Lookup(d.Op)
		if in.Role != jcvm.Branch && in.Role != jcvm.Switch {
			continue
		}
		f.targets = appendSuccessors(f.targets[:0], d)
		for _, t := range f.targets {
			at, ok := f.position(t)
			if ok {
				f.leader[at] = true
			} else if t != d.Next() {
				f.static(d.PC, d.Op.String(), "a target that is an instruction of the method", fmt.Sprintf("%04X", t))
			}
		}
	}
}
