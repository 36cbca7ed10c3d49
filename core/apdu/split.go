package apdu

import "fmt"

// Splitter is the host's side of command chaining: it cuts a command whose
// data is too long for one into commands that differ in the chaining bit only
// (ISO/IEC 7816-4:2020 §5.3.3).
type Splitter struct {
	cmd  Command
	max  int
	done bool
}

// NewSplitter cuts cmd into commands of at most max bytes of data. All but the
// last have no Le field. It fails when max is not positive, or when the class
// has no chaining bit or has it set already. Spec: SPEC-APDU-020.
func NewSplitter(cmd Command, max int) (Splitter, error) {
	if max < 1 || max > MaxExtendedData {
		return Splitter{}, fmt.Errorf("apdu: chaining in pieces of %d bytes", max)
	}
	c := cmd.Class()
	if len(cmd.Data) > max && (c.Chained() || !c.WithChaining(true).Chained() || c.WithChaining(true) == 0xFF) {
		return Splitter{}, fmt.Errorf("apdu: class %02X cannot begin a chain", cmd.CLA)
	}
	return Splitter{cmd: cmd, max: max}, nil
}

// Next is the next command to send; ok is false when all were given. Its data
// is borrowed from the whole command's.
func (s *Splitter) Next() (cmd Command, ok bool) {
	if s.done {
		return Command{}, false
	}
	cmd = s.cmd
	if len(s.cmd.Data) > s.max {
		cmd.CLA = byte(cmd.Class().WithChaining(true))
		cmd.Data, s.cmd.Data = s.cmd.Data[:s.max], s.cmd.Data[s.max:]
		cmd.Ne = 0
	} else {
		s.done = true
	}
	cmd.Fit()
	return cmd, true
}
