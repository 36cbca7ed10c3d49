package apdutext

import (
	"inkan/core/apdu"
)

// Description is a command and its response in words.
type Description struct {
	Name     string   // of the instruction: "INSTALL [for load]"
	Says     []string // what it asks for, a line each
	Command  string   // hex with lengths, as apdu.AppendCommandTrace has it
	Response string   // hex of the data, or how many bytes there are
	SW       string   // four digits of hex; empty: there was no response
	Meaning  string   // of SW
}

// Describe describes a command and its response; an empty response is none.
func Describe(command, response []byte) Description {
	d := Description{Name: "malformed command"}
	show := apdu.HideData
	if c, err := apdu.DecodeCommand(command); err == nil {
		d.Name = "unknown instruction"
		_ = c
	}
	d.Command = string(apdu.AppendCommandTrace(nil, command, show))
	r, err := apdu.DecodeResponse(response)
	if err != nil {
		d.Meaning = "no response"
		return d
	}
	d.SW, d.Meaning = hex(response[len(r.Data):]), r.SW.Meaning()
	return d
}

const digits = "0123456789ABCDEF"

func hex(b []byte) string {
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, digits[x>>4], digits[x&0xF])
	}
	return string(out)
}
