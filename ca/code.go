package ca

import (
	"inkan/core/jpki"
	"inkan/core/jpki/application"
)

// codeAlphabet is what a person can type and tell apart: 32 characters.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode draws the code that sets a PIN, each character equally likely.
func (a *Authority) newCode(role jpki.Role) application.HolderCode {
	c := application.HolderCode{Role: role}
	a.random(c.Code[:])
	for i, b := range c.Code {
		c.Code[i] = codeAlphabet[b&31]
	}
	return c
}
