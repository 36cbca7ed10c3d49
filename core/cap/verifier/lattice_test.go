package verifier

import "testing"

// Each of 100 interfaces extends the two before it: there are more ways up than
// can be gone one by one.
func TestInterfaceLattice(t *testing.T) {
	var list []*class
	for i := range 100 {
		k := &class{isInterface: true}
		k.interfaces = append(k.interfaces, list[max(0, i-2):]...)
		list = append(list, k)
	}
	last := &class{interfaces: list[98:]}
	if !last.implements(list[0]) || last.implements(&class{isInterface: true}) {
		t.Error("wrong")
	}
}
