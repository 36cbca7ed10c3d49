// Package channel runs the secure channels between a host and a security
// domain and records every byte with its meaning: the exchanges of the specs,
// computed, not quoted.
//
// It must not know how they are printed. It shows spec/SCP02.md, spec/SCP03.md
// and spec/SCP80.md at work, with test keys only.
package channel

import "inkan/core/apdu"

// Exchange is one channel from its opening to its end.
type Exchange struct {
	Title string `json:"title"`
	Spec  string `json:"spec"` // the document that describes it
	Steps []Step `json:"steps"`
}

// Direction is who a step's bytes go to.
type Direction string

// Directions.
const (
	ToCard   Direction = "host → card"
	FromCard Direction = "card → host"
	Derived  Direction = "both sides" // computed, not sent
	Attack   Direction = "attacker → card"
)

// Step is a message, or what both sides compute between two messages.
type Step struct {
	Direction Direction `json:"direction"`
	Name      string    `json:"name"`
	Fields    []Field   `json:"fields"`
}

// Field is a run of bytes with one meaning.
type Field struct {
	Bytes   Hex    `json:"bytes"`
	Meaning string `json:"meaning"`
}

// add appends a step.
func (e *Exchange) add(d Direction, name string, fields ...Field) {
	e.Steps = append(e.Steps, Step{Direction: d, Name: name, Fields: fields})
}

// cut splits a message into fields of the given lengths; the rest of the
// message, if any, is the last field. Lengths beyond the message end it.
func cut(b []byte, parts ...part) []Field {
	var fields []Field
	for _, p := range parts {
		n := p.length
		if n < 0 || n > len(b) {
			n = len(b)
		}
		if n == 0 {
			continue
		}
		fields = append(fields, Field{Bytes: append(Hex(nil), b[:n]...), Meaning: p.meaning})
		b = b[n:]
	}
	if len(b) > 0 {
		fields = append(fields, Field{Bytes: append(Hex(nil), b...), Meaning: ""})
	}
	return fields
}

// part is a field's length and meaning; a negative length takes all that is
// left.
type part struct {
	length  int
	meaning string
}

// protected splits a protected command: header with Lc, data, MAC, Le.
func protected(b []byte, macBytes int, dataMeaning string) []Field {
	c, err := apdu.DecodeCommand(b)
	if err != nil {
		return cut(b, part{-1, "not a command: " + err.Error()})
	}
	return cut(b, part{5, "header with secure messaging, Lc"},
		part{len(c.Data) - macBytes, dataMeaning}, part{macBytes, "C-MAC"}, part{-1, "Le"})
}
