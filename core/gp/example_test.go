package gp_test

import (
	"encoding/hex"
	"fmt"

	"inkan/core/gp"
)

// A response to GET STATUS with two entries, taken apart into the
// entries of the registry. What was asked for decides how the answer reads.
func ExampleStatusReader() {
	asked := gp.GetStatus{Subset: gp.SubsetApplications}
	response, _ := hex.DecodeString(
		"E3124F07D27600008501019F700107C503000000" + // an application
			"E3134F08A0000001510000009F70010FC50380C000") // a security domain
	r := gp.NewStatusReader(&asked, response)
	var e gp.Entry
	for r.Next(&e) {
		fmt.Printf("%v life cycle %02X privileges %v\n", e.AID, byte(e.LifeCycle), e.Privileges)
	}
	fmt.Println(r.Err())
	// Output:
	// D2760000850101 life cycle 07 privileges none
	// A000000151000000 life cycle 0F privileges SecurityDomain+TrustedPath+AuthorizedManagement
	// <nil>
}
