package sp

import (
	"errors"

	"inkan/core/tsmp"
)

// CardError is why a card's part of a workflow cannot go on, as the app is told it.
type CardError struct {
	Code tsmp.Code
	Err  error // no key or code in it
}

// Error is "sp: card: se-memory: SW 6A84".
func (e *CardError) Error() string { return "sp: card: " + string(e.Code) + ": " + e.Err.Error() }

// Unwrap is the cause.
func (e *CardError) Unwrap() error { return e.Err }

func asCardError(err error, into **CardError) bool { return errors.As(err, into) }
