package gp

import "errors"

// added is what out has behind buf, or nil: the data field that was appended
// to buf.
func added(buf, out []byte) []byte {
	n := len(buf)
	if len(out) == n {
		return nil
	}
	return out[n:]
}

// errValue says that a field of a command to be encoded has a value which the
// instruction cannot carry.
func errValue(instruction, field string) error {
	return errors.New("gp: " + instruction + ": " + field + " out of range")
}
