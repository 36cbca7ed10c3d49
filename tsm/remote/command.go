package remote

import (
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/tsm/hsm"
)

// Command is one command of a run: plain, or a key set to be put.
type Command struct {
	// APDU is the plain command, on the basic channel, without secure messaging.
	APDU []byte
	// Put, in place of APDU, is PUT KEY of a whole set, whose keys the module enciphers
	// for the card when the script is made.
	Put *PutKeys
	// Accept are status words that count as success besides 9000, warnings and 61xx:
	// 6A88 of a DELETE, say.
	Accept []iso7816.SW
	// Repeat says that the command may be executed twice: it is sent again when its
	// answer is lost. STORE DATA is sent again from the block 00 on, behind the INSTALL
	// [for personalization] before it. INSTALL, LOAD, DELETE, PUT KEY and what only reads
	// do not need it.
	Repeat bool
}

// PutKeys is a key set that a domain gets.
type PutKeys struct {
	Keys     hsm.KeyRef
	Replaced byte // version that it takes the place of; 0: none
}

// Of makes the commands of typed ones.
func Of(commands ...gp.Command) ([]Command, error) {
	var list []Command
	for _, c := range commands {
		a, err := c.APDU(nil)
		if err != nil {
			return nil, err
		}
		raw, err := a.Append(nil)
		if err != nil {
			return nil, err
		}
		list = append(list, Command{APDU: raw})
	}
	return list, nil
}
