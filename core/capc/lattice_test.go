package capc

import (
	"fmt"
	"testing"

	"inkan/core/cap"
	"inkan/core/classfile"
)

// lattice is n interfaces of which each extends the two before it: there are as
// many ways up as the n-th Fibonacci number.
func lattice(n int) (classes []*classfile.Class) {
	for i := range n {
		k := &classfile.Class{Major: 52, Access: classfile.AccPublic | classfile.AccInterface | classfile.AccAbstract,
			Name: fmt.Sprintf("p/I%d", i), Super: "java/lang/Object"}
		for j := max(0, i-2); j < i; j++ {
			k.Interfaces = append(k.Interfaces, fmt.Sprintf("p/I%d", j))
		}
		classes = append(classes, k)
	}
	return classes
}

// Ways up through interfaces are not counted one by one: this ends.
func TestInterfaceLattice(t *testing.T) {
	opt := Options{Package: "p", AID: []byte{1, 2, 3, 4, 5}, Version: cap.Version{Major: 1}}
	if _, err := Convert(lattice(15), opt); err != nil {
		t.Error(err)
	}
	if _, err := Convert(lattice(100), opt); err == nil {
		t.Error("an interface with 99 superinterfaces is accepted")
	}
}
