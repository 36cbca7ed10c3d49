package jcapi

import "strings"

// Access is a set of access flags.
type Access uint16

// Access flags.
const (
	Public Access = 1 << iota
	Protected
	Static
	Final
	Abstract
	Interface
	Shareable
	Remote
)

const accessLetters = "PRSFAIHT"

// parseAccess reads the letters of api.txt; "-" is none.
func parseAccess(s string) (a Access, ok bool) {
	if s == "-" {
		return 0, true
	}
	for _, letter := range s {
		i := strings.IndexRune(accessLetters, letter)
		if i < 0 {
			return 0, false
		}
		a |= 1 << i
	}
	return a, true
}
