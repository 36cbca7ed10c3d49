package gp

import (
	"errors"

	"inkan/core/iso7816"
	"inkan/core/wire"
)

// StatusOf is the status word with which a card answers an error of this
// package's decoders. A status word within err is itself; a *wire.DecodeError
// goes by the field it names: CLA 6E00, INS 6D00, P1 and P2 6A86, Lc 6700, any
// other 6A80. nil is 9000, any other error 6F00.
// Spec: SPEC-GP-002, SPEC-GP-003, SPEC-GP-004, SPEC-GP-005, SPEC-GP-006.
func StatusOf(err error) iso7816.SW {
	if err == nil {
		return iso7816.OK
	}
	if sw, ok := errors.AsType[iso7816.SW](err); ok {
		return sw
	}
	fault, ok := errors.AsType[*wire.DecodeError](err)
	if !ok {
		return iso7816.NoPreciseDiagnosis
	}
	switch fault.Path {
	case "CLA":
		return iso7816.CLANotSupported
	case "INS":
		return iso7816.INSNotSupported
	case "P1", "P2":
		return iso7816.IncorrectP1P2
	case "Lc":
		return iso7816.WrongLength
	}
	return iso7816.WrongData
}
