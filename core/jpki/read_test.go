package jpki

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// fileCard has one file of the given content; a status word instead of it where
// sw is set. READ BINARY follows SPEC-JPKI-AP-037 and 038.
type fileCard struct {
	content []byte
	sw      iso7816.SW
}

func (f fileCard) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	r := apdu.Response{SW: iso7816.OK}
	switch offset := int(c.P1)<<8 | int(c.P2); {
	case c.INS == iso7816.INSSelect:
	case f.sw != 0:
		r.SW = f.sw
	case offset >= len(f.content):
		r.SW = iso7816.WrongP1P2
	default:
		r.Data = f.content[offset:min(len(f.content), offset+c.Ne)]
	}
	return r.Append(dst), nil
}

func TestReadFile(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 512, 1573} {
		content := bytes.Repeat([]byte{1, 2, 3}, n)[:n]
		got, err := ReadFile(t.Context(), fileCard{content: content}, EFAuthCertificate, []byte{9})
		if err != nil || !bytes.Equal(got, append([]byte{9}, content...)) {
			t.Errorf("%d bytes: got %d, %v", n, len(got)-1, err)
		}
	}
	_, err := ReadFile(t.Context(), fileCard{sw: iso7816.SecurityStatusNotSatisfied}, EFSignCertificate, nil)
	if !errors.Is(err, iso7816.SecurityStatusNotSatisfied) {
		t.Error(err)
	}
}

func TestTries(t *testing.T) {
	for sw, want := range map[iso7816.SW]int{0x63C3: 3, 0x63C0: 0, 0x9000: -1, 0x6A82: -1} {
		n, err := Tries(t.Context(), fileCard{sw: sw, content: []byte{1}}, Current)
		if (err != nil) != (want < 0) || err == nil && n != want {
			t.Errorf("%v: %d %v", sw, n, err)
		}
	}
}
