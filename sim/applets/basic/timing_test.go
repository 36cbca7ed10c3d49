package basic_test

import (
	"testing"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

// A wrong value costs the same wherever it differs.
func TestTimeOfVerify(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-047")
	r := issued(t, contact)
	r.want(selectText, "9000")
	for ef, right := range map[byte][]byte{0x11: aPIN, 0x14: aCodeA, 0x15: aCodeB} {
		verify := func(value []byte) (uint64, iso7816.SW) {
			start := r.clock.Now()
			_, sw := r.transmit(append([]byte{0, 0x20, 0, 0x80 | ef, byte(len(value))}, value...))
			return r.clock.Now() - start, sw
		}
		costs := map[uint64]int{}
		for i := range right {
			for _, c := range []byte{right[i] ^ 1, 0, 'x', 0xFF} {
				if _, sw := verify(right); sw != iso7816.OK {
					t.Fatal(sw)
				}
				r.want(selectText, "9000")
				wrong := append([]byte(nil), right...)
				wrong[i] = c
				n, sw := verify(wrong)
				if _, ok := sw.Tries(); !ok {
					t.Fatal(sw)
				}
				costs[n]++
			}
		}
		if len(costs) != 1 {
			t.Errorf("EF %02X: %v cycles", ef, costs)
		}
	}
}
