package foreignhosts

import (
	"testing"

	system "inkan/sim/os"
	"inkan/spec/req"
)

// TestToolkitParameters installs with the parameters that hosts write for toolkit
// applications: those of the UICC (EA) and those of the SIM (CA), which end where
// they have nothing more to say.
func TestToolkitParameters(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-033", "SPEC-UICC-OS-056", "SPEC-GP-CONTENT-086", "SPEC-GP-CONTENT-087")
	l := newCard(t, system.Config{})
	l.say(t, "00A4040000", 0x9000)
	c := l.connect(t, 0, cmac, sameKeys(testKey), true)
	c.proLoad(t, nil)
	for i, p := range []struct {
		parameters string
		want       uint16
	}{
		{"C90100 EF00 EA28 800A03001001000000000000 81180001000010A0000000871002FFFFFFFF8907090000010000 8200", 0x9000},
		{"EF14 C8020800 C7020100 CA0A01FF01001001000000 00 C900", 0x9000},
		{"EF18 C8020800 C7020100 CA0E01FF010010010000000003A1B2C3 C900", 0x9000},
		{"EF18 C8020800 C7020100 CA0E01FF010010010000000003A1B2C3 C900", 0x6A80}, // the TAR is another's
		{"EF15 C8020800 C7020100 CA0B01FF01000F0100000000 00 C900", 0x9000},
		{"C90112 EA0A 80080100000000000000", 0x9000},
		{"C90112 EF08 C8020010 C7020010", 0x6A84}, // more than it may use
	} {
		instance := unhex(t, moduleAID+hexByte(byte(i+1)))
		c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, packageAID), unhex(t, moduleAID), instance, []byte{0, 0, 0}, unhex(t, p.parameters)), 0), p.want)
	}
}
