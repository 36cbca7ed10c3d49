package fleet

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"inkan/sim/clock"
)

// CardProcess is a card in a process of its own: a world.Body. Not for concurrent use.
type CardProcess struct {
	in     io.WriteCloser
	out    *bufio.Reader
	wait   func() error
	ledger clock.Ledger
}

// ErrCard is what a card behind the boundary failed with: its transport did, as after a
// power cut.
var ErrCard = errors.New("fleet: card")

// StartCard starts a program that is ServeCard on its standard input and output, and has
// it make a card. The caller calls Close.
func StartCard(cmd *exec.Cmd, profile string, number uint32, seed uint64) (*CardProcess, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &CardProcess{in: in, out: bufio.NewReader(out), wait: cmd.Wait}
	made := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, seed), number)
	_, err = c.do(opMake, append(made, profile...))
	return c, err
}

// Close ends the process.
func (c *CardProcess) Close() error { return errors.Join(c.in.Close(), c.wait()) }

// do has the card do something.
func (c *CardProcess) do(op byte, b []byte) ([]byte, error) {
	if err := writeFrame(c.in, append([]byte{op}, b...)); err != nil {
		return nil, err
	}
	answer, err := readFrame(c.out)
	if err != nil {
		return nil, err
	}
	const ledgerBytes = 8 * len(clock.Ledger{})
	if len(answer) < ledgerBytes+1 {
		return nil, fmt.Errorf("fleet: answer of %d bytes: want at least %d", len(answer), ledgerBytes+1)
	}
	for i := range c.ledger {
		c.ledger[i] = binary.BigEndian.Uint64(answer[8*i:])
	}
	if answer[ledgerBytes] != 0 {
		return nil, fmt.Errorf("%w: %s", ErrCard, answer[ledgerBytes+1:])
	}
	return answer[ledgerBytes+1:], nil
}

// Transmit implements apdu.Card.
func (c *CardProcess) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	response, err := c.do(opTransmit, cmd)
	return append(dst, response...), err
}

// Reset implements apdu.Terminal.
func (c *CardProcess) Reset(_ context.Context, warm bool) (atr []byte, err error) {
	if warm {
		return c.do(opReset, []byte{1})
	}
	return c.do(opReset, []byte{0})
}

// PowerOff implements apdu.Terminal.
func (c *CardProcess) PowerOff() error {
	_, err := c.do(opPowerOff, nil)
	return err
}

// Interface implements world.Body.
func (c *CardProcess) Interface(protocol byte) error {
	_, err := c.do(opInterface, []byte{protocol})
	return err
}

// Ledger implements world.Body: as it was at the last answer.
func (c *CardProcess) Ledger() clock.Ledger { return c.ledger }

// Cut implements world.Body. A process that does not answer shows at the next command.
func (c *CardProcess) Cut(afterCycles uint64) {
	_, _ = c.do(opCut, binary.BigEndian.AppendUint64(nil, afterCycles))
}

// Snapshot implements world.Body.
func (c *CardProcess) Snapshot(w io.Writer) error {
	image, err := c.do(opSnapshot, nil)
	if err != nil {
		return err
	}
	_, err = w.Write(image)
	return err
}
