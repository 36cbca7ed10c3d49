package foreignhosts

import (
	"fmt"
	"testing"

	"inkan/spec/req"
)

// TestProLines is GlobalPlatformPro over both protocols of a reader: T=0 loses Le of
// commands with data, and has response data fetched.
func TestProLines(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-047", "SPEC-UICC-OS-063", "SPEC-UICC-OS-065")
	lines(t, func(t *testing.T, l *line) {
		for _, level := range []byte{0x01, 0x03, 0x13, 0x33} {
			for _, le := range []bool{true, false} {
				t.Run(fmt.Sprintf("%02X/%v", level, le), func(t *testing.T) {
					proFCI(t, l.say(t, "00A4040000", 0x9000))
					for _, tag := range []string{"9F7F", "0042", "0045", "00CF", "00C1", "0066", "0067", "00E0"} {
						l.say(t, "80CA"+tag+"00", 0x9000)
					}
					c := l.connect(t, 0, level, sameKeys(testKey), le)
					before := len(c.proStatus(t, false))
					c.proLoad(t, nil)
					c.proInstall(t, moduleAID, []byte{0}, []byte{0xC9, 0})
					if n := len(c.proStatus(t, false)); n != before+2 {
						t.Errorf("%d entries, were %d", n, before)
					}
					c.send(t, 0xE4, 0, 0x80, object("4F", unhex(t, packageAID)), 0x9000)
				})
			}
		}
	})
}
