// Package invariant states what must hold inside the model if it has no bug.
// The statements are checked in builds with the tag inkan_invariants
// (`./bazelw test --config=invariants //...`) and cost nothing in others.
//
// It must not be used for what outside bytes can cause: bad input is an error,
// never a broken invariant. It implements decision 10
// (spec/decisions/0010-invariants.md).
package invariant

// Check panics with what is wrong unless ok holds. Guard statements that cost
// something to evaluate with `if invariant.Enabled`.
func Check(ok bool, what string) {
	if Enabled && !ok {
		panic("invariant broken: " + what)
	}
}
