package runtime

import (
	"errors"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/wire"
	"inkan/sim/vm"
)

// StatusOf is the status word with which a platform answers an error of loading,
// installing or deleting. A package that is malformed, refused by the verifier or
// does not link is 6A80; one in use 6985. Spec: SPEC-RUNTIME-114.
func StatusOf(err error) iso7816.SW {
	var sw iso7816.SW
	var install *InstallError
	var link *vm.LinkError
	var verify *VerifyError
	var use *vm.InUseError
	var decode *wire.DecodeError
	switch {
	case errors.As(err, &install):
		return install.Status()
	case errors.As(err, &link), errors.As(err, &verify):
		return iso7816.WrongData
	case errors.As(err, &use), errors.Is(err, vm.ErrLoaded):
		return iso7816.ConditionsNotSatisfied
	case errors.Is(err, vm.ErrNoMemory):
		return iso7816.NotEnoughMemory
	case errors.As(err, &decode):
		return gp.StatusOf(err)
	case errors.As(err, &sw):
		return sw
	}
	return iso7816.NoPreciseDiagnosis
}
