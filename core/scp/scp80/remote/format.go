package remote

import (
	"fmt"

	"inkan/core/apdu"
)

// Format is how a script's commands are written (ETSI TS 102 226 §5).
type Format byte

// Formats.
const (
	// Compact has the response of the last command only.
	Compact Format = iota + 1
	// Expanded has the response of each.
	Expanded
)

// String is "compact" or "expanded".
func (f Format) String() string {
	switch f {
	case Compact:
		return "compact"
	case Expanded:
		return "expanded"
	}
	return fmt.Sprintf("format %d", byte(f))
}

// FrameBytes is what the expanded format takes around a script, at most.
const FrameBytes = 6 // AA and a length, or nothing

// CommandHeaderBytes is what it takes around a command, at most: 22 and a length.
const CommandHeaderBytes = 4

// CommandBytes is the most bytes that a command takes in a script.
func (f Format) CommandBytes(c *apdu.Command) int {
	if f == Expanded {
		return CommandHeaderBytes + c.Len()
	}
	return 6 + len(c.Data)
}

// Append appends a script. Of its commands only the last one, of a compact script,
// asks for response data. Spec: SPEC-OTA-002.
func (f Format) Append(dst []byte, commands []apdu.Command) ([]byte, error) {
	var s Script
	var err error
	if f == Expanded {
		dst = s.Begin(dst, Definite)
	}
	for i := range commands {
		c := commands[i]
		if f == Expanded {
			raw, err := c.Append(nil)
			if err != nil {
				return dst, err
			}
			dst = s.Command(dst, raw)
			clear(raw)
			continue
		}
		if i < len(commands)-1 && len(c.Data) > 0 {
			c.Ne = 0
		}
		if dst, err = AppendCompact(dst, &c); err != nil {
			return dst, err
		}
	}
	if f == Expanded {
		dst = s.End(dst)
	}
	return dst, nil
}

// Result is what became of a script.
type Result struct {
	Executed  int             // commands, the failed one included
	Last      apdu.Response   // of the last one executed
	Responses []apdu.Response // of each, in an expanded script
}

// Decode reads the response to a script of n commands. Data is borrowed. Errors are
// *wire.DecodeError, and those of a response that this script cannot have.
// Spec: SPEC-SCP80-085, SPEC-SCP80-090.
func (f Format) Decode(data []byte, n int) (r Result, err error) {
	if f == Compact {
		c, err := DecodeCompactResponse(data)
		if err != nil {
			return r, err
		}
		r = Result{Executed: int(c.Executed), Last: apdu.Response{Data: c.Data, SW: c.SW}}
	} else {
		e, err := DecodeExpandedResponse(data)
		if err != nil {
			return r, err
		}
		if e.BadFormat != 0 {
			return r, fmt.Errorf("the card cannot read the script: bad format %02X", e.BadFormat)
		}
		for one := range e.Responses() {
			r.Responses = append(r.Responses, one)
		}
		r.Executed = e.Executed
		if len(r.Responses) > 0 {
			r.Last = r.Responses[len(r.Responses)-1]
		}
	}
	if r.Executed < 1 || r.Executed > n || r.Executed < n && Continues(r.Last.SW) {
		return Result{}, fmt.Errorf("the card says that it executed %d of %d commands, the last one with %w", r.Executed, n, r.Last.SW)
	}
	return r, nil
}
