package binding

import "inkan/sim/vm"

// classes are the identities of all API classes by full name. It grows only
// while packages initialise their variables; Table.Packages fills the classes
// in.
var classes = map[string]*vm.APIClass{}

// Class is the API class with a name ("javacard/framework/ISOException"), the
// same one for every caller. It is for package-level variables; what it is made
// of is not there before the packages are.
func Class(name string) *vm.APIClass {
	c := classes[name]
	if c == nil {
		c = &vm.APIClass{Name: name}
		classes[name] = c
	}
	return c
}
