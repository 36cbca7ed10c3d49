package instance

import (
	"errors"
	"fmt"

	"inkan/core/iso7816"
)

// What is wrong with a card, or with what was told about it.
var (
	// ErrOccupied: the application has another issue, which has to be erased first.
	ErrOccupied = errors.New("instance: the application has another issue")
	// ErrSuperseded: the card has taken an order with a higher counter.
	ErrSuperseded = errors.New("instance: the card has taken a later order")
	// ErrOrderGone: what the order had made on the card is not there any more.
	ErrOrderGone = errors.New("instance: the card has the order no more")
	// ErrStatement: a statement of the card is about another order.
	ErrStatement = errors.New("instance: the card's statement is of another order")
	// ErrForeignKeys: the domain has keys besides the provider's.
	ErrForeignKeys = errors.New("instance: the domain keeps keys that are not the provider's")
	// ErrCertificate: the controlling authority's certificate is not to be believed.
	ErrCertificate = errors.New("instance: certificate of the controlling authority")
	// ErrHash: the load file is not the one that was ordered.
	ErrHash = errors.New("instance: the load file has another hash")
	// ErrNotNeeded: Take or Answer at a time at which the program needs something else.
	ErrNotNeeded = errors.New("instance: the program does not need this now")
)

// RefusedError is a command or data group that the card refused, and goes on refusing
// where that is worth asking.
type RefusedError struct {
	Group string // "INSTALL [for personalization]", "ORDER"
	SW    iso7816.SW
}

// Error is "instance: ORDER: SW 6985 (…)".
func (e *RefusedError) Error() string { return fmt.Sprintf("instance: %s: %v", e.Group, e.SW) }

// Unwrap is the status word.
func (e *RefusedError) Unwrap() error { return e.SW }
