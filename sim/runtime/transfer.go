package runtime

import (
	"inkan/core/apdu"
	"inkan/sim/vm"
)

// States of APDU (APDU.STATE_…).
const (
	stateInitial             = 0
	statePartialIncoming     = 1
	stateFullIncoming        = 2
	stateOutgoing            = 3
	stateOutgoingLengthKnown = 4
	statePartialOutgoing     = 5
	stateFullOutgoing        = 6
)

// Reasons of APDUException.
const (
	apduIllegalUse   = 1
	apduBufferBounds = 2
	apduBadLength    = 3
	apduIOError      = 4
)

// maxBlock is the information field size that getInBlockSize and
// getOutBlockSize say under T=1; under T=0 they say 1 and 258.
const maxBlock = 254

// transfer is the APDU that is being processed: the state of the one APDU
// object. Spec: SPEC-RUNTIME-090.
type transfer struct {
	object, buffer vm.Ref
	active         bool // an applet processes it
	state          int8
	class          apdu.Class
	extended       bool
	data           []byte // command data not yet received
	early          int    // of data: bytes that are in the buffer already
	incoming       int    // Nc
	ne             int
	length         int // of the response, said by setOutgoingLength
	sent           int
}

// makeAPDU makes the APDU object, a temporary entry point, and the buffer, a
// global array: once for each boot.
func (c *Card) makeAPDU() {
	m := c.machine
	c.io = transfer{object: m.NewTemporary(vm.JCRE, classAPDU), buffer: m.NewTemporaryArray(vm.JCRE, vm.ByteArray, int16(c.cfg.BufferBytes))}
	m.MarkEntryPoint(c.io.object, true)
	m.MarkGlobalArray(c.io.buffer)
}

// clearBuffer wipes the APDU buffer. Spec: SPEC-RUNTIME-031.
func (c *Card) clearBuffer() {
	c.io.active = false
	if c.state == on {
		c.machine.FillNonAtomic(c.io.buffer, 0, c.cfg.BufferBytes, 0)
	}
}

// receive puts a command's header into the APDU buffer: five bytes, or seven
// of an extended command. Under T=1 the block that brings the header brings the
// first data as well; else it follows when the applet asks.
func (c *Card) receive(cmd *apdu.Command, raw []byte) {
	io := &c.io
	io.active, io.state, io.class, io.extended = true, stateInitial, cmd.Class(), cmd.Extended
	io.data, io.early, io.incoming, io.ne = cmd.Data, 0, len(cmd.Data), c.expected(cmd)
	io.length, io.sent = 0, 0
	c.machine.FillNonAtomic(io.buffer, 0, c.cfg.BufferBytes, 0)
	header := c.buffer(7)
	clear(header)
	n := copy(header, raw[:min(len(raw), io.header())])
	c.machine.WriteBytes(io.buffer, 0, header[:max(n, 5)])
	if c.blocks() && len(io.data) > 0 {
		io.early = min(len(io.data), c.cfg.BufferBytes-io.header())
		c.machine.WriteBytes(io.buffer, io.header(), io.data[:io.early])
	}
}

// header is the offset of the data in the APDU buffer.
func (io *transfer) header() int {
	if io.extended {
		return 7
	}
	return 5
}

// expected is what setOutgoing returns: Ne. A command without Le is 256 when
// it has no data either, or under T=0, whose header can't tell; else 0.
// Spec: SPEC-RUNTIME-093.
func (c *Card) expected(cmd *apdu.Command) int {
	if cmd.Ne == 0 && (len(cmd.Data) == 0 || !c.blocks()) {
		return 256
	}
	if len(cmd.Data) > 0 && !c.blocks() && !cmd.Extended {
		return 256
	}
	return min(cmd.Ne, 0x7FFF)
}

// fault throws an APDUException.
func (c *Card) fault(reason int16) { c.machine.Throw(classAPDUFault, reason) }

// take copies at most room bytes of waiting data into the buffer.
func (c *Card) take(offset int) int {
	io := &c.io
	n := min(len(io.data), c.cfg.BufferBytes-offset)
	if io.early == 0 {
		c.machine.WriteBytes(io.buffer, offset, io.data[:n])
	}
	c.work(0, n)
	io.early = 0
	io.data = io.data[n:]
	io.state = statePartialIncoming
	if len(io.data) == 0 {
		io.state = stateFullIncoming
	}
	return n
}

// setIncomingAndReceive receives the first piece of the command data.
// Spec: SPEC-RUNTIME-091.
func (c *Card) setIncomingAndReceive() int {
	if c.io.state != stateInitial {
		c.fault(apduIllegalUse)
	}
	c.needData()
	return c.take(c.io.header())
}

// needData throws IO_ERROR for a command without data, if that is an error.
func (c *Card) needData() {
	if c.io.incoming == 0 && c.cfg.Options.NoDataIsError {
		c.fault(apduIOError)
	}
}

// receiveBytes receives the next piece to an offset, which must leave room for
// a block or for what remains. Spec: SPEC-RUNTIME-092.
func (c *Card) receiveBytes(offset int) int {
	io := &c.io
	c.needData()
	if io.state != statePartialIncoming && io.state != stateFullIncoming {
		c.fault(apduIllegalUse)
	}
	if offset < 0 || offset >= c.cfg.BufferBytes || c.cfg.BufferBytes-offset < min(len(io.data), c.inBlock()) {
		c.fault(apduBufferBounds)
	}
	return c.take(offset)
}

func (c *Card) inBlock() int {
	if !c.blocks() {
		return 1
	}
	return min(maxBlock, c.cfg.BufferBytes-5)
}

// setOutgoing turns the transfer round; command data not received is lost.
// Spec: SPEC-RUNTIME-093.
func (c *Card) setOutgoing() int {
	io := &c.io
	if io.state >= stateOutgoing || io.state < stateInitial {
		c.fault(apduIllegalUse)
	}
	io.state, io.data = stateOutgoing, nil
	return io.ne
}

// setOutgoingLength says how long the response is. Spec: SPEC-RUNTIME-094.
func (c *Card) setOutgoingLength(n int) {
	io := &c.io
	if io.state != stateOutgoing {
		c.fault(apduIllegalUse)
	}
	if n < 0 || n > 256 && !io.extended {
		c.fault(apduBadLength)
	}
	io.length, io.state = n, stateOutgoingLengthKnown
}

// checkSend is what sendBytes and sendBytesLong check first.
func (c *Card) checkSend(n int) {
	io := &c.io
	if io.state != stateOutgoingLengthKnown && io.state != statePartialOutgoing || n > io.length-io.sent {
		c.fault(apduIllegalUse)
	}
	if n < 0 {
		c.fault(apduBufferBounds)
	}
}

// send sends bytes of an array whose range has been checked.
// Spec: SPEC-RUNTIME-095.
func (c *Card) send(array vm.Ref, offset, n int) {
	io := &c.io
	at := len(c.response)
	for range n {
		c.response = append(c.response, 0)
	}
	c.machine.ReadBytes(array, offset, c.response[at:])
	c.work(0, n)
	io.sent += n
	io.state = statePartialOutgoing
	if io.sent == io.length {
		io.state = stateFullOutgoing
	}
}

func (c *Card) sendBytes(offset, n int) {
	c.checkSend(n)
	if offset < 0 || offset+n > c.cfg.BufferBytes {
		c.fault(apduBufferBounds)
	}
	c.send(c.io.buffer, offset, n)
}
