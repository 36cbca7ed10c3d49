package aram_test

import (
	"testing"

	"inkan/core/ara"
)

// FuzzApplet sends commands to the applet, each with a length byte before it.
// One whose first byte is odd is the data of STORE DATA that the domain
// forwards, behind P1 and P2. No exception of Java leaves the applet (6F00),
// and the rules can always be read.
func FuzzApplet(f *testing.F) {
	seed := func(commands ...[]byte) {
		var b []byte
		for _, c := range commands {
			b = append(append(b, byte(len(c))), c...)
		}
		f.Add(b)
	}
	get := func(s string) []byte { return unhex(f, s) }
	forward := func(s string) []byte { return unhex(f, "0190"+"00"+s) }
	seed(get("80caff4000"), get("80caff6000"), get("80cadf2000"), get("80cadf2107e405e60300000100"), get("80caff5006e1044f00c10000"))
	seed(forward(storeHex(others)), forward(storeHex(aRule(1))), get("80caff4005"), forward(deleteHex("4f00")), get("80caff6000"))
	seed(forward("f200"), forward("f300"), forward(deleteHex()), forward(deleteHex(aTarget(1))), get("84e2900002f100"), get("80500000080102030405060708"))
	seed(unhex(f, "011000f00de20b"), unhex(f, "019001e1044f00c100e303d00100"), get("80caff5000"), get("80caff500100"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := newBench(t, 1, 0)
		c.at = routes["domain"]
		c.want(selectMaster, "9000")
		for len(b) > 0 {
			n := min(int(b[0]), len(b)-1)
			command := b[1 : 1+n]
			if n > 3 && command[0]&1 != 0 {
				if sw := status(c, c.writer(), rawStore{command[1], command[2], command[3:]}); sw == 0x6F00 {
					t.Fatalf("STORE DATA %X: %v", command[1:], sw)
				}
				c.want(selectMaster, "9000")
			} else if r, err := c.card.Transmit(ctx, command, nil); err != nil || len(r) < 2 || r[len(r)-2] == 0x6F {
				t.Fatalf("%X: %X, %v", command, r, err)
			}
			b = b[1+n:]
		}
		c.want(selectMaster, "9000")
		if _, err := ara.ReadAll(ctx, c.card); err != nil {
			t.Fatal(err)
		}
	})
}
