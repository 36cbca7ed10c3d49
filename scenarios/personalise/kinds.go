package personalise

import "slices"

// Kind is a kind of causes of the clock's ledger, and what was spent on it.
type Kind struct {
	Name         string
	Milliseconds float64
}

// Kinds divides what was measured by the kinds that Legend names, in its order;
// nil when nothing was measured.
func (f *Figures) Kinds() []Kind {
	if f.Cycles == 0 {
		return nil
	}
	kinds := make([]Kind, len(shares))
	for i, s := range shares {
		kinds[i].Name = s.name
	}
	for cause, n := range f.Causes {
		for i, s := range shares {
			if slices.Contains(s.causes, cause) {
				kinds[i].Milliseconds += f.Milliseconds * float64(n) / float64(f.Cycles)
			}
		}
	}
	return kinds
}
