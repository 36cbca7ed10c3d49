package jpki_test

import (
	"errors"
	"testing"
)

var errCut = errors.New("the step was cut")

// quiet is a test whose failures end the step that runs, and nothing else: the
// card lost its power within it.
type quiet struct{ testing.TB }

func (quiet) Fatalf(string, ...any) { panic(errCut) }
func (quiet) Fatal(...any)          { panic(errCut) }
func (quiet) Errorf(string, ...any) {}
