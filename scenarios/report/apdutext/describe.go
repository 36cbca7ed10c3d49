package apdutext

import (
	"strings"

	"inkan/core/apdu"
)

// Description is a command and its response in words.
type Description struct {
	Name     string   // of the instruction: "INSTALL [for load]"
	Says     []string // what is asked for and answered, a line each
	Command  string   // hex with its lengths, as apdu.AppendCommandTrace has it
	Response string   // hex of the data, or how many bytes there are
	SW       string   // four digits of hex; empty: there was no response
	Meaning  string   // of SW
}

// Describe describes a command and its response; an empty response is none.
// Spec: SPEC-REPORT-009.
func Describe(command, response []byte) Description {
	c, err := apdu.DecodeCommand(command)
	if err != nil {
		d := Description{Name: "malformed command", Says: []string{err.Error()}, Command: string(apdu.AppendCommandTrace(nil, command, apdu.HideData))}
		d.respond(response, false)
		return d
	}
	in, known := find(&c)
	if !known {
		in = instruction{name: "unknown instruction " + hex([]byte{c.CLA, c.INS})}
	}
	d := Description{Name: in.name}
	secured := apdu.Class(c.CLA).SecureMessaging() != apdu.NoSecureMessaging && !in.opens
	if secured {
		d.Says = append(d.Says, "in secure messaging: "+count(len(c.Data), "byte")+" of data and MAC")
	}
	show := apdu.HideData
	if in.command && !secured {
		show = apdu.RevealData
	}
	d.Command = string(apdu.AppendCommandTrace(nil, command, show))
	data := d.respond(response, in.response && !secured)
	if in.says != nil && !secured {
		in.says(&d, &c, data)
	}
	if apdu.Class(c.CLA).Chained() {
		d.say("more of the same command follows")
	}
	return d
}

// respond describes the response, and returns its data, nil where it is hidden.
func (d *Description) respond(response []byte, reveal bool) []byte {
	if len(response) == 0 {
		d.Meaning = "no response: power failed, or the transport"
		return nil
	}
	r, err := apdu.DecodeResponse(response)
	if err != nil {
		d.Meaning = "malformed response: " + err.Error()
		return nil
	}
	d.SW, d.Meaning = hex(response[len(r.Data):]), r.SW.Meaning()
	if !reveal {
		if len(r.Data) > 0 {
			d.Response = "[" + count(len(r.Data), "byte") + "]"
		}
		return nil
	}
	d.Response = hex(r.Data)
	return r.Data
}

func (d *Description) say(parts ...string) { d.Says = append(d.Says, strings.Join(parts, "")) }

// detail appends to the name what a parameter says of it.
func (d *Description) detail(s string) { d.Name += " [" + s + "]" }
