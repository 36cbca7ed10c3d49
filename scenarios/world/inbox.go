package world

import "inkan/scenarios/laboratory"

// textOf is the text of a short message, codeIn the one-time code in one.
var textOf, codeIn = laboratory.TextOf, laboratory.CodeIn

// newCode is the code in a message that came since the last one; ok is false when none
// did.
func (p *Phone) newCode() (code string, ok bool, err error) {
	for ; p.read < len(p.Inbox); p.read++ {
		text, err := textOf(p.Inbox[p.read])
		if err != nil {
			return "", false, err
		}
		if found, is := codeIn(text); is {
			code, ok = found, true
		}
	}
	return code, ok, nil
}
