package delivery

import "inkan/tsm/store/codec"

// For tests of parsers.
var (
	Assemble = assemble
	ProofOf  = proofOf
	Fits     = fits
)

// Records are empty rows of each kind.
func Records() []codec.Row { return []codec.Row{new(queued), new(channel), new(Account), new(seen)} }

const MaxParts = maxParts
