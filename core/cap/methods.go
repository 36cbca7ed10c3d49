package cap

import "sort"

// MethodSpan is where a method stands in the Method component's info.
type MethodSpan struct {
	Offset int // of its header
	End    int // behind its last byte
}

// MethodSpans finds the methods of the package, by rising offset. With a
// Descriptor they are those that it describes. Without one they are those that
// something refers to: class tables, applets, exports, constants and handlers;
// each then ends where the next begins, so that a method which nothing refers
// to counts to the one before. Offsets are not checked.
// Spec: SPEC-CAP-030, SPEC-CAP-031.
func (f *File) MethodSpans() []MethodSpan {
	if f.Descriptor != nil {
		return f.describedSpans()
	}
	offsets := map[int]bool{}
	for _, c := range f.Class.Classes {
		for _, table := range [][]uint16{c.Public, c.PackageVisible} {
			for _, o := range table {
				if o != 0xFFFF {
					offsets[int(o)] = true
				}
			}
		}
	}
	for _, a := range f.Applets {
		offsets[int(a.InstallMethod)] = true
	}
	if f.Export != nil {
		for _, c := range f.Export.Classes {
			for _, o := range c.StaticMethods {
				offsets[int(o)] = true
			}
		}
	}
	for _, c := range f.Constants {
		if s := c.Static(); c.Kind == StaticMethodref && !s.External {
			offsets[int(s.Offset)] = true
		}
	}
	sorted := make([]int, 0, len(offsets))
	for o := range offsets {
		sorted = append(sorted, o)
	}
	sort.Ints(sorted)
	spans := make([]MethodSpan, len(sorted))
	for i, o := range sorted {
		spans[i] = MethodSpan{o, len(f.Method.Info)}
		if i > 0 {
			spans[i-1].End = o
		}
	}
	return spans
}

func (f *File) describedSpans() []MethodSpan {
	var spans []MethodSpan
	for _, c := range f.Descriptor.Classes {
		for _, m := range c.Methods {
			if c.AccessFlags&AccDescInterface != 0 {
				continue // methods of interfaces have no place in the Method component
			}
			s := MethodSpan{Offset: int(m.Offset), End: int(m.Offset)}
			if h, err := f.Method.HeaderAt(s.Offset); err == nil {
				s.End = h.Code + int(m.BytecodeCount)
			}
			spans = append(spans, s)
		}
	}
	sort.SliceStable(spans, func(i, j int) bool { return spans[i].Offset < spans[j].Offset })
	return spans
}
