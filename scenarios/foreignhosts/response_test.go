package foreignhosts

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/gp"
	"inkan/core/keys"
	system "inkan/sim/os"
	"inkan/spec/req"
)

// TestResponseClass fetches response data as hosts do: GlobalPlatform's tools with
// class 00, pySim with the class of the command.
func TestResponseClass(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-062")
	certificate := object("7F21", bytes.Repeat([]byte{0xC7}, 600))
	l := newCard(t, system.Config{Authority: &system.Authority{Certificate: certificate}})
	l.say(t, "00A404000CA0000001515350434153440000", 0x9000)
	for _, class := range []byte{0x00, 0x80} {
		l.responseClass = class
		if b := l.say(t, "80CA7F2100", 0x9000); !bytes.Equal(b, certificate) {
			t.Errorf("%02X: %d bytes", class, len(b))
		}
	}
}

// TestLongRegistry lists more entries than an answer has room for, in every
// protection.
func TestLongRegistry(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-063")
	for _, p := range []struct {
		kind   keys.Type
		option gp.SCPOption
		level  byte
	}{{keys.AES, gp.SCPOption{Protocol: 3, I: 0x70}, 0x33}, {keys.AES, gp.SCPOption{Protocol: 3, I: 0x70}, 0x01}, {keys.DES, gp.SCPOption{Protocol: 2, I: 0x35}, 0x13}} {
		l := newCard(t, system.Config{Protocols: []gp.SCPOption{p.option}, Issuer: system.Issuer{Keys: issuerKeys(p.kind, 0x2A, testKey)}})
		l.say(t, "00A4040000", 0x9000)
		c := l.connect(t, 0, p.level, sameKeys(testKey), true)
		for i := range 20 {
			aid := unhex(t, fmt.Sprintf("%s%02X", domainAID, i))
			c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, "A0000001515350"), unhex(t, "A000000151535041"), aid, []byte{0x80}, nil), 0), 0x9000)
		}
		if n := len(c.proStatus(t, false)); n != 20+3 {
			t.Errorf("%d entries", n)
		}
		if n := len(c.proStatus(t, true)); n != 20+3 {
			t.Errorf("%d entries without tags", n)
		}
	}
}
