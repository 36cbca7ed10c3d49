package pcsc

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"inkan/core/wire"
	"inkan/spec/req"
)

// Frames come back as they were sent, however the stream is cut.
func TestFrames(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-001")
	if b, err := AppendFrame([]byte{0xAA}, []byte{0x90, 0}); err != nil || !bytes.Equal(b, []byte{0xAA, 0, 2, 0x90, 0}) {
		t.Errorf("%X, %v", b, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		payloads := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 1, 600)).Draw(t, "payloads")
		var stream []byte
		for _, p := range payloads {
			stream, _ = AppendFrame(stream, p)
		}
		var r io.Reader = bytes.NewReader(stream)
		if rapid.Bool().Draw(t, "byte by byte") {
			r = iotest.OneByteReader(r)
		}
		frames := NewFrameReader(r)
		for i, p := range payloads {
			if got, err := frames.Next(); err != nil || !bytes.Equal(got, p) {
				t.Fatalf("frame %d: %X, %v, want %X", i, got, err, p)
			}
		}
		if _, err := frames.Next(); err != io.EOF {
			t.Fatalf("at the end: %v", err)
		}
	})
}

func TestAppendFrameRefuses(t *testing.T) {
	for _, n := range []int{0, MaxPayloadBytes + 1} {
		if b, err := AppendFrame(nil, make([]byte, n)); err == nil || len(b) != 0 {
			t.Errorf("%d bytes: %d, %v", n, len(b), err)
		}
	}
	if b, err := AppendFrame(nil, make([]byte, MaxPayloadBytes)); err != nil || len(b) != MaxPayloadBytes+2 {
		t.Error(len(b), err)
	}
}

func TestFramesRejected(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-002")
	for _, c := range []struct {
		stream []byte
		path   string
		offset int
	}{
		{[]byte{0, 0, 1}, "length", 0},
		{[]byte{0}, "length", 1},
		{[]byte{0, 2}, "payload", 2},
		{[]byte{0, 2, 0x90}, "payload", 3},
	} {
		_, err := NewFrameReader(bytes.NewReader(c.stream)).Next()
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || fault.Path != c.path || fault.Offset != c.offset {
			t.Errorf("%X: %v", c.stream, err)
		}
	}
	broken := errors.New("broken")
	if _, err := NewFrameReader(iotest.ErrReader(broken)).Next(); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// Whatever a stream says, reading ends with an error, and what was read is what
// the frames would be made of.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0, 1, 4, 0, 1, 1, 0, 5, 0, 0xA4, 4, 0, 0})
	f.Add([]byte{0, 0})
	f.Add([]byte{0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		frames := NewFrameReader(bytes.NewReader(stream))
		var again []byte
		for {
			p, err := frames.Next()
			if err == nil {
				again, _ = AppendFrame(again, p)
				continue
			}
			var fault *wire.DecodeError
			if err != io.EOF && !errors.As(err, &fault) {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(stream, again) || err == io.EOF && len(again) != len(stream) {
				t.Fatalf("%X read as %X, %v", stream, again, err)
			}
			return
		}
	})
}
