package ara_test

import (
	"fmt"

	"inkan/core/ara"
	"inkan/core/gp"
)

// A rule, as a command data object and as the STORE DATA that brings it to the
// ARA-M through a secure channel.
func Example() {
	rule := ara.Rule{
		Target: ara.Target{AIDRef: ara.NamedApplication, AID: gp.MustAID("D392F000260100000001"), AppHash: make([]byte, 20)},
		Rights: ara.Rights{APDU: ara.Always, NFC: ara.Never},
	}
	object, err := ara.Store(rule)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%X\n", object)
	blocks, err := ara.Blocks(object, 30)
	if err != nil {
		fmt.Println(err)
		return
	}
	for block := range blocks {
		fmt.Println(block)
	}
	// Output:
	// F02EE22CE1224F0AD392F000260100000001C1140000000000000000000000000000000000000000E306D00101D10100
	// STORE DATA 1000 (30 bytes)
	// STORE DATA 9001 (18 bytes)
}
