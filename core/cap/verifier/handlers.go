package verifier

import (
	"fmt"

	"inkan/core/cap"
)

// checkHandlers gives the methods their exception handlers.
// Spec: SPEC-VERIFIER-034.
func (v *verifier) checkHandlers(flows []*flow) {
	for i, h := range v.file.Method.Handlers {
		at, start, end := 1+8*i, int(h.Start), int(h.Start)+int(h.Length)
		var owner *flow
		for _, f := range flows {
			if f.index != nil && start >= f.m.header.Code && end <= v.self.spans[f.m.own].End {
				owner = f
			}
		}
		catch := v.catchType(int(h.Catch), at)
		switch {
		case owner == nil || h.Length == 0:
			if v.self.typed || h.Length == 0 {
				v.structure(cap.TagMethod, at, fmt.Sprintf("exception_handler %d", i), "a range within one method", fmt.Sprintf("%04X to %04X", start, end))
			}
		case catch == top:
		default:
			v.addHandler(owner, i, handler{start, end, 0, catch}, int(h.Handler))
		}
	}
	if v.file.Descriptor != nil {
		v.checkHandlerCounts(flows)
	}
}

// catchType is what a handler catches; top after a finding.
func (v *verifier) catchType(index, at int) value {
	if index == 0 {
		return object | v.world.throwable.id
	}
	if index >= len(v.self.pool) || v.self.pool[index].kind != cap.Classref || !v.self.pool[index].class.extends(v.world.throwable) {
		v.structure(cap.TagMethod, at+6, "catch_type_index", "a class that extends Throwable, or 0", fmt.Sprint(index))
		return top
	}
	return object | v.self.pool[index].class.id
}

// addHandler gives a method a handler whose range and target are instructions.
// Without a Descriptor one that covers nothing reachable is left out.
func (v *verifier) addHandler(f *flow, i int, h handler, target int) {
	covers := false
	for j := range f.list {
		d := &f.list[j]
		covers = covers || d.PC >= h.start && d.PC < h.end
		if d.PC < h.start && h.start < d.Next() || d.PC < h.end && h.end < d.Next() {
			v.structure(cap.TagMethod, 1+8*i, fmt.Sprintf("exception_handler %d", i), "a range of whole instructions", fmt.Sprintf("%04X to %04X", h.start, h.end))
			return
		}
	}
	if !covers && !v.self.typed {
		return
	}
	at, ok := f.position(target)
	if !ok {
		v.structure(cap.TagMethod, 1+8*i+4, fmt.Sprintf("exception_handler %d", i), "an instruction of the method", fmt.Sprintf("%04X", target))
		return
	}
	h.target = at
	f.leader[at] = true
	f.handlers = append(f.handlers, h)
}

// checkHandlerCounts compares the Descriptor's statement of which handlers a
// method has. Spec: SPEC-VERIFIER-024.
func (v *verifier) checkHandlerCounts(flows []*flow) {
	have := map[int]*flow{}
	for _, f := range flows {
		have[f.m.offset] = f
	}
	for _, c := range v.file.Descriptor.Classes {
		for _, d := range c.Methods {
			f := have[int(d.Offset)]
			if f == nil || c.AccessFlags&cap.AccDescInterface != 0 || f.index == nil {
				continue
			}
			count := 0
			for i := range v.file.Method.Handlers {
				h := &v.file.Method.Handlers[i]
				if int(h.Start) < f.m.header.Code || int(h.Start) >= v.self.spans[f.m.own].End {
					continue
				}
				if count++; i < int(d.HandlerIndex) || i >= int(d.HandlerIndex)+int(d.HandlerCount) {
					count = -len(v.file.Method.Handlers) - 1
				}
			}
			if count != int(d.HandlerCount) {
				v.descriptor(f.m.name+"/exception_handler_count", "the handlers of the method", fmt.Sprintf("%d from %d", d.HandlerCount, d.HandlerIndex))
			}
		}
	}
}

// checkRefLocation compares the RefLocation component with the places where
// constants are named. Without a Descriptor unreachable code may have more.
// Spec: SPEC-VERIFIER-025.
func (v *verifier) checkRefLocation(flows []*flow) {
	info := len(v.file.Method.Info)
	want, stated, covered := make([]byte, info), make([]bool, info), v.covered(flows)
	for _, f := range flows {
		for i := range f.list {
			if at, size, _ := f.list[i].IndexAt(); size > 0 {
				want[at] = byte(size)
			}
		}
	}
	for i, h := range v.file.Method.Handlers {
		if h.Catch != 0 {
			want[1+8*i+6] = 2
		}
	}
	for i, list := range [][]uint16{v.file.RefLocation.Byte, v.file.RefLocation.Word} {
		size := i + 1
		for _, o := range list {
			there := int(o) < info && want[o] != 0
			if int(o) < info {
				stated[o] = true
			}
			if there && int(want[o]) != size || !there && (v.self.typed || int(o)+size > len(covered) || covered[o] || covered[int(o)+size-1]) {
				v.structure(cap.TagRefLocation, 0, fmt.Sprintf("offset %04X", o), "a constant-pool index of that size", "another place")
			}
		}
	}
	for _, f := range flows {
		for i := range f.list {
			if at, size, _ := f.list[i].IndexAt(); size > 0 && !stated[at] {
				v.structure(cap.TagRefLocation, 0, fmt.Sprintf("offset %04X", at), "the constant-pool index there", "none")
			}
		}
	}
	for i, h := range v.file.Method.Handlers {
		if h.Catch != 0 && !stated[1+8*i+6] {
			v.structure(cap.TagRefLocation, 0, fmt.Sprintf("offset %04X", 1+8*i+6), "the catch type there", "none")
		}
	}
}

// covered marks the bytes that belong to decoded instructions or to handlers.
func (v *verifier) covered(flows []*flow) []bool {
	covered := make([]bool, len(v.file.Method.Info)+2)
	for i := range v.file.Method.CodeStart() {
		covered[i] = true
	}
	for _, f := range flows {
		for i := range f.list {
			for at := f.list[i].PC; at < f.list[i].Next(); at++ {
				covered[at] = true
			}
		}
	}
	return covered
}
