package instance

import (
	"bytes"
	"errors"
	"strconv"

	"inkan/core/gp"
	"inkan/core/wire"
	"inkan/tsm/store/codec"
)

// Append appends a program's encoding: which kind it is, and its fields, in which keys
// are as an HSM has wrapped them. Spec: SPEC-INSTANCE-004, SPEC-INSTANCE-006.
func Append(dst []byte, p Program) ([]byte, error) {
	var k programKind
	switch p.(type) {
	case *TakeOver:
		k = programTakeOver
	case *Management:
		k = programManagement
	case *Application:
		k = programApplication
	default:
		return dst, errors.New("instance: a program of another package")
	}
	return codec.Append(append(dst, byte(k)), p)
}

// programKind begins an encoding.
type programKind byte

const (
	programTakeOver programKind = iota + 1
	programManagement
	programApplication
)

// Parse reads a program's encoding. Errors are *wire.DecodeError.
// Spec: SPEC-INSTANCE-004, SPEC-INSTANCE-005.
func Parse(b []byte, r Resources) (Program, error) {
	if len(b) == 0 {
		return nil, &wire.DecodeError{Format: format, Path: "kind", Want: "1 byte", Got: "end of input"}
	}
	var p interface {
		Program
		check() error
	}
	switch programKind(b[0]) {
	case programTakeOver:
		p = &TakeOver{resources: r}
	case programManagement:
		p = &Management{resources: r}
	case programApplication:
		p = new(Application)
	default:
		return nil, &wire.DecodeError{Format: format, Path: "kind", Want: "01 to 03", Got: strconv.Itoa(int(b[0]))}
	}
	if err := codec.Borrow(b[1:], p); err != nil {
		var d *wire.DecodeError
		if errors.As(err, &d) {
			return nil, d.Within(1, "")
		}
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, &wire.DecodeError{Format: format, Offset: len(b), Want: "a state that a program can be in", Got: err.Error()}
	}
	if again, err := Append(nil, p); err != nil || !bytes.Equal(again, b) {
		return nil, &wire.DecodeError{Format: format, Offset: len(b), Want: "each value in its one encoding", Got: "another"}
	}
	return p, nil
}

const format = "instance program"

// aid is an AID as a field, of 0 or 5 to 16 bytes.
func aid(f *codec.Fields, path string, a *gp.AID) {
	b := a.Append(nil)
	f.Bytes(path, &b)
	*a, _ = gp.NewAID(b) // another length is none, which Parse refuses
}
