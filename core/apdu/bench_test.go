package apdu

import (
	"testing"

	"inkan/core/iso7816"
)

var benchCommand = []byte("\x80\xE2\x80\x00\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x00")

func TestCodecAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 300)
	chain := NewReassembler(make([]byte, 600))
	long := Command{CLA: 0x80, INS: 0xE2, Data: make([]byte, 500)}
	n := testing.AllocsPerRun(100, func() {
		c, _ := DecodeCommand(benchCommand)
		buf, _ = c.Append(buf[:0])
		r, _ := DecodeResponse(buf)
		buf = r.Append(buf[:0])
		s, _ := NewSplitter(long, 255)
		for piece, ok := s.Next(); ok; piece, ok = s.Next() {
			chain.Add(piece)
		}
		chain.Reset()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDecodeCommand(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		DecodeCommand(benchCommand)
	}
}

func BenchmarkT0(b *testing.B) {
	data := make([]byte, 38)
	card := rawCard(func(cmd, dst []byte) []byte { return Response{Data: data, SW: iso7816.OK}.Append(dst) })
	host := T0Terminal{Pipe: &T0Simulation{Card: card, T0: NewT0Card(nil, make([]byte, 256), nil)}}
	answer := make([]byte, 0, 300)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		answer, _ = host.Transmit(ctx, benchCommand, answer[:0])
	}
}
