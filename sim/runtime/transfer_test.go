package runtime

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/spec/req"
)

// command lets the bench's applet receive a command.
func (b *bench) command(c apdu.Command) {
	b.t.Helper()
	raw, err := c.Append(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.response = b.response[:0]
	b.receive(&c, raw)
}

func (b *bench) apdu(want any, name, descriptor string, args ...any) {
	b.t.Helper()
	got, e := b.virtual(b.io.object, classAPDU, name, descriptor, args...)
	b.want(name, got, e, want)
}

// TestExtended receives and sends more than a short APDU holds, and more than
// the buffer does.
func TestExtended(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-090", "SPEC-RUNTIME-091", "SPEC-RUNTIME-092", "SPEC-RUNTIME-094", "SPEC-RUNTIME-095")
	for _, protocol := range []byte{0, 1} {
		b := newBench(t, func(c *Config) { c.Protocol = protocol })
		data := make([]byte, 600)
		for i := range data {
			data[i] = byte(i * 7)
		}
		b.command(apdu.Command{CLA: 0x80, INS: 0x10, Data: data, Ne: 1000, Extended: true})
		b.apdu("APDUException 0001", "getIncomingLength", "()S")
		var got []byte
		take := func(offset, n int) { got = append(got, b.read(b.io.buffer)[offset:offset+n]...) }
		b.apdu(254, "setIncomingAndReceive", "()S")
		take(7, 254)
		b.apdu(1, "getCurrentState", "()B")
		b.apdu(600, "getIncomingLength", "()S")
		b.apdu(7, "getOffsetCdata", "()S")
		b.apdu(261, "receiveBytes", "(S)S", 0)
		take(0, 261)
		b.apdu("APDUException 0002", "receiveBytes", "(S)S", 261)
		b.apdu("APDUException 0002", "receiveBytes", "(S)S", -1)
		b.apdu(85, "receiveBytes", "(S)S", 5)
		take(5, 85)
		b.apdu(2, "getCurrentState", "()B")
		b.apdu(0, "receiveBytes", "(S)S", 5)
		if !bytes.Equal(got, data) {
			t.Errorf("T=%d: received other data", protocol)
		}
		b.apdu(1000, "setOutgoing", "()S")
		b.apdu("APDUException 0001", "receiveBytes", "(S)S", 5)
		b.apdu(0, "setOutgoingLength", "(S)V", 700)
		out := b.bytes(data...)
		b.apdu(0, "sendBytesLong", "([BSS)V", out, 0, 600)
		b.apdu("APDUException 0001", "sendBytesLong", "([BSS)V", out, 0, 101)
		b.apdu("ArrayIndexOutOfBoundsException", "sendBytesLong", "([BSS)V", out, 550, 100)
		b.apdu("APDUException 0002", "sendBytes", "(SS)V", 200, 100)
		b.apdu("APDUException 0002", "sendBytes", "(SS)V", 0, -1)
		b.apdu(0, "sendBytes", "(SS)V", 0, 100)
		b.apdu(6, "getCurrentState", "()B")
		if !bytes.Equal(b.response[:600], data) || len(b.response) != 700 {
			t.Errorf("T=%d: sent %d bytes", protocol, len(b.response))
		}
	}
	b := newBench(t, nil)
	b.command(apdu.Command{CLA: 0x80, INS: 0x10})
	b.apdu(0, "setIncomingAndReceive", "()S")
	b.apdu(256, "setOutgoing", "()S")
	b.apdu("APDUException 0003", "setOutgoingLength", "(S)V", 257)
	b.apdu(0, "setOutgoingLength", "(S)V", 0)
}
