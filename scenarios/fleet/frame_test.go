package fleet

import (
	"bytes"
	"testing"
)

// framed is messages to a card as they stand on the pipe.
func framed(messages ...[]byte) []byte {
	var b bytes.Buffer
	for _, m := range messages {
		_ = writeFrame(&b, m) // a buffer takes everything
	}
	return b.Bytes()
}

var aCard = append([]byte{opMake, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}, "minato"...)

// Whatever comes on the pipe, the process answers or ends with an error.
func FuzzServeCard(f *testing.F) {
	f.Add(framed(aCard, []byte{opReset, 0}, append([]byte{opTransmit}, 0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2), []byte{opPowerOff}))
	f.Add(framed(aCard, []byte{opInterface, 2}, []byte{opCut, 0, 0, 0, 0, 0, 0, 0, 1}, []byte{opTransmit}, []byte{99}))
	f.Add(framed([]byte{opTransmit, 0}))
	f.Add(framed(append([]byte{opMake, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}, "nobody"...)))
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		if err := ServeCard(t.Context(), bytes.NewReader(in), &out); err == nil && len(in) > 0 && out.Len() == 0 {
			t.Error("neither answer nor error")
		}
		for r := bytes.NewReader(out.Bytes()); r.Len() > 0; {
			if _, err := readFrame(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}
