package ca

import (
	"inkan/core/jpki"
	"inkan/core/jpki/application"
)

// newCode draws the code that sets a PIN.
func (a *Authority) newCode(role jpki.Role) application.HolderCode {
	a.codes.Lock()
	defer a.codes.Unlock()
	return application.HolderCode{Role: role, Code: application.NewCode(a.config.Entropy)}
}
