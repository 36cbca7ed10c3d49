package overtheair

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/scp/scp80/remote"
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

// Bytes of a format around a script and around each command, at most.
const (
	expandedFrame  = 6 // AA and a length, or nothing
	expandedHeader = 4 // 22, a length of up to 3
)

// size is the most bytes that a command takes in a script.
func (f Format) size(c *apdu.Command) int {
	if f == Expanded {
		return expandedHeader + c.Len()
	}
	return 6 + len(c.Data)
}

// append writes a script. Of its commands only the last one, of a compact script,
// asks for response data. Spec: SPEC-OTA-002.
func (f Format) append(dst []byte, commands []apdu.Command) ([]byte, error) {
	var s remote.Script
	var err error
	if f == Expanded {
		dst = s.Begin(dst, remote.Definite)
	}
	for i := range commands {
		c := commands[i]
		if f == Expanded {
			raw, err := c.Append(nil)
			if err != nil {
				return dst, err
			}
			dst = s.Command(dst, raw)
			continue
		}
		if i < len(commands)-1 && len(c.Data) > 0 {
			c.Ne = 0
		}
		if dst, err = remote.AppendCompact(dst, &c); err != nil {
			return dst, err
		}
	}
	if f == Expanded {
		dst = s.End(dst)
	}
	return dst, nil
}

// result is what became of a script.
type result struct {
	executed int           // commands, the failed one included
	last     apdu.Response // of the last one executed
}

// decode reads the response to a script of n commands.
func (f Format) decode(data []byte, n int) (r result, err error) {
	if f == Compact {
		c, err := remote.DecodeCompactResponse(data)
		if err != nil {
			return r, err
		}
		r = result{int(c.Executed), apdu.Response{Data: c.Data, SW: c.SW}}
	} else {
		e, err := remote.DecodeExpandedResponse(data)
		if err != nil {
			return r, err
		}
		if e.BadFormat != 0 {
			return r, fmt.Errorf("overtheair: the card cannot read the script: bad format %02X", e.BadFormat)
		}
		last, _ := e.Last()
		r = result{e.Executed, last}
	}
	if r.executed < 1 || r.executed > n || r.executed < n && remote.Continues(r.last.SW) {
		return r, fmt.Errorf("overtheair: the card says that it executed %d of %d commands, the last one with %w", r.executed, n, r.last.SW)
	}
	return r, nil
}
