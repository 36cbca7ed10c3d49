package gp_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/tlv"
)

// TestBuffersHideTheirData prints what holds plain data of commands, keys
// among them, with every verb.
func TestBuffersHideTheirData(t *testing.T) {
	secret := bytes.Repeat([]byte{0xAB}, 16)
	joiner := gp.NewJoiner(99)
	joiner.Add(&apdu.Command{CLA: 0x80, INS: gp.InsPutKey, P1: 0x80, Data: secret})
	sequence := gp.NewStoreDataSequence(99)
	sequence.Add(&gp.StoreData{Data: secret})
	reassembler := apdu.NewReassembler(make([]byte, 99))
	reassembler.Add(apdu.Command{CLA: 0x10, INS: 0xDA, Data: secret})
	card := apdu.NewT0Card(nil, make([]byte, 99), nil)
	card.Receive(apdu.TPDU{INS: 0xDA})
	card.Respond(apdu.Response{Data: secret, SW: 0x9000})
	stream := tlv.NewDGIStream(make([]byte, 99), 0)
	stream.Feed(append([]byte{0x80, 0x01, 0x30}, secret...))
	stream.Next()
	for _, v := range []any{joiner, sequence, reassembler, card, stream} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
			s := strings.ToLower(fmt.Sprintf(verb, v))
			if strings.Contains(s, "171") || strings.Contains(s, "ab") {
				t.Errorf("%T %s: %.60s", v, verb, s)
			}
		}
	}
}
