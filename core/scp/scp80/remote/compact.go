package remote

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/wire"
)

// MaxCommands is the most commands of a script: the response counts them in
// one byte.
const MaxCommands = 255

// Outgoing says whether the P3 of a compact command is Le: nothing follows the
// five bytes then. Otherwise P3 is Lc.
type Outgoing func(cla, ins byte) bool

// FileCommands tells the outgoing commands of remote file management (ETSI TS
// 102 221 §10.1.2): READ BINARY, READ RECORD, GET RESPONSE, GET CHALLENGE, GET
// DATA, RETRIEVE DATA and STATUS. Spec: SPEC-SCP80-081.
func FileCommands(_, ins byte) bool {
	switch ins {
	case 0xB0, 0xB2, 0xC0, 0x84, 0xCA, 0xCB, 0xF2:
		return true
	}
	return false
}

// ManagementCommands tells the outgoing commands of remote application
// management: GET DATA and GET RESPONSE. F2 is GET STATUS there and brings
// data. Spec: SPEC-SCP80-081.
func ManagementCommands(_, ins byte) bool { return ins == 0xCA || ins == 0xC0 }

// CompactReader walks over the commands of a compact script. The first fault
// sticks, as in wire.Reader.
type CompactReader struct {
	script   []byte
	r        wire.Reader
	outgoing Outgoing
	command  []byte
	count    int
}

// NewCompactReader reads a compact script.
func NewCompactReader(b []byte, outgoing Outgoing) CompactReader {
	return CompactReader{script: b, r: wire.NewReader("compact script", b), outgoing: outgoing}
}

// Next goes to the next command. A script has at least one.
// Spec: SPEC-SCP80-080, SPEC-SCP80-082, SPEC-SCP80-083, SPEC-SCP80-084.
func (c *CompactReader) Next() bool {
	if !c.r.More() && (c.count > 0 || c.r.Err() != nil) {
		return false
	}
	path := "command " + strconv.Itoa(c.count)
	if c.count == MaxCommands {
		c.r.Fail(path, "at most 255 commands", "another")
		return false
	}
	from := c.r.Offset()
	header := c.r.Bytes(5, path)
	if header == nil {
		return false
	}
	c.count++
	n := int(header[4])
	switch {
	case c.outgoing(header[0], header[1]):
	case n == 0:
		c.command = header[:4]
		return true
	default:
		c.r.Bytes(n, path)
		if c.r.Len() == 1 { // one byte cannot be a command: it is the last one's Le
			c.r.Byte(path)
		}
	}
	to := c.r.Offset()
	c.command = c.script[from:to:to]
	return c.r.Err() == nil
}

// Command is the present C-APDU, borrowed.
func (c *CompactReader) Command() []byte { return c.command }

// Count is the number of commands so far.
func (c *CompactReader) Count() int { return c.count }

// Err is the first fault as a *wire.DecodeError, or nil.
func (c *CompactReader) Err() error { return c.r.Err() }

// AppendCompact appends one command in compact form. A command with data has
// no Le there: a GET RESPONSE follows when its data are wanted. Only the last
// command of a script may be given with both, and then keeps its Le.
// Spec: SPEC-SCP80-080.
func AppendCompact(dst []byte, c *apdu.Command) ([]byte, error) {
	if c.Extended {
		return dst, &wire.DecodeError{Format: "compact script", Path: "command", Want: "a short command", Got: "an extended one"}
	}
	n := len(dst)
	dst, err := c.Append(dst)
	if err == nil && len(dst) == n+4 {
		dst = append(dst, 0)
	}
	return dst, err
}

// CompactResponse is the response data to a compact script: how many commands
// were executed, and status word and data of the last of them.
type CompactResponse struct {
	Executed byte
	SW       iso7816.SW
	Data     []byte
}

// Append appends the encoded response. Spec: SPEC-SCP80-085.
func (c *CompactResponse) Append(dst []byte) []byte {
	return append(append(dst, c.Executed, byte(c.SW>>8), byte(c.SW)), c.Data...)
}

// DecodeCompactResponse reads it. Data is borrowed. Errors are
// *wire.DecodeError. Spec: SPEC-SCP80-085.
func DecodeCompactResponse(b []byte) (CompactResponse, error) {
	r := wire.NewReader("compact response", b)
	c := CompactResponse{Executed: r.Byte("number of commands"), SW: iso7816.SW(r.Uint16("SW")), Data: r.Rest()}
	return c, r.Err()
}
