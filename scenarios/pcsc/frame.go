package pcsc

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"inkan/core/wire"
)

// frameFormat is the name in errors.
const frameFormat = "vpcd frame"

// MaxPayloadBytes is the longest payload of a frame.
const MaxPayloadBytes = 0xFFFF

// AppendFrame appends a frame: length, two bytes, and payload. It fails for a
// payload that no frame can hold. Spec: SPEC-PCSC-001.
func AppendFrame(dst, payload []byte) ([]byte, error) {
	if len(payload) == 0 || len(payload) > MaxPayloadBytes {
		return dst, fmt.Errorf("pcsc: payload of %d bytes: a frame has 1 to %d", len(payload), MaxPayloadBytes)
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(payload))), payload...), nil
}

// FrameReader reads frames from a stream, however it is cut.
type FrameReader struct {
	stream  *bufio.Reader
	payload []byte
}

// NewFrameReader reads from r.
func NewFrameReader(r io.Reader) *FrameReader { return &FrameReader{stream: bufio.NewReader(r)} }

// Next returns the payload of the next frame, valid until the next call. At the
// end of the stream, between frames, the error is io.EOF; within a frame, or for
// a frame without payload, *wire.DecodeError; any other is the stream's.
// Spec: SPEC-PCSC-001, SPEC-PCSC-002.
func (f *FrameReader) Next() ([]byte, error) {
	var head [2]byte
	n, err := io.ReadFull(f.stream, head[:])
	if err != nil {
		return nil, cut(err, "length", 0, 2, n)
	}
	size := int(binary.BigEndian.Uint16(head[:]))
	if size == 0 {
		return nil, &wire.DecodeError{Format: frameFormat, Path: "length", Want: "1 to 65535", Got: "0"}
	}
	if cap(f.payload) < size {
		f.payload = make([]byte, size)
	}
	f.payload = f.payload[:size]
	n, err = io.ReadFull(f.stream, f.payload)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, cut(err, "payload", 2, size, n)
	}
	return f.payload, nil
}

// cut says where a stream ended within a frame.
func cut(err error, path string, offset, want, got int) error {
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &wire.DecodeError{Format: frameFormat, Path: path, Offset: offset + got, Want: fmt.Sprintf("%d bytes", want), Got: fmt.Sprintf("end of stream after %d", got)}
}
