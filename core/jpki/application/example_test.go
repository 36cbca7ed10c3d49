package application_test

import (
	"fmt"
	"time"

	"inkan/core/jpki/application"
)

// What the applicant sees follows from what is signed.
func ExampleApplication_Text() {
	a := application.Application{Purpose: application.Revocation, Nonce: [16]byte{1, 2, 3, 4, 5, 6}, Instance: [16]byte{0xA, 0xB, 0xC, 0xD, 0xE, 0xF},
		Time: time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC), Language: application.English}
	fmt.Println(a.Text(a.Language))
	a.Purpose = application.PINReset
	fmt.Println(a.Check())
	// Output:
	// Public personal authentication service (INKAN-TEST)
	// I apply for revoking the electronic certificate in my phone. A revoked certificate cannot be restored.
	// Concerns: 0A0B-0C0D-0E0F
	// Time: 2026-11-28 12:00:00 (Japan)
	// Number: 0102-0304-0506
	// application: inconsistent: sim: want it with the purpose pin-reset
}
