package transport

import (
	"context"
	"testing"

	"inkan/core/atr"
)

// BenchmarkCommand is a command of 20 bytes with a response of 100, over both
// protocols.
func BenchmarkCommand(b *testing.B) {
	for protocol, name := range []string{"T=0", "T=1"} {
		b.Run(name, func(b *testing.B) {
			s := build(b, answer(b, func(p *atr.Params) { p.Protocols, p.IFSC = []byte{byte(protocol)}, 254 }), nil)
			cmd := append(append(unhex("00A4006414"), make([]byte, 20)...), 100)
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = s.Transmit(context.Background(), cmd, dst[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
