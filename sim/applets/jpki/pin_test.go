package jpki_test

import (
	"fmt"
	"strings"
	"testing"

	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/spec/req"
)

// TestPINReferences is how P2 names a PIN, in all three commands.
func TestPINReferences(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-050", "SPEC-JPKI-AP-051")
	r := newRig(t, options{})
	for _, k := range []struct{ head, data string }{{"002000", ""}, {"002000", "0431323334"}, {"002401", "0431323334"},
		{"002C00", "1031323334353637383930414231323334"}} {
		for p2 := range 0x100 {
			want := "6A82"
			switch {
			case p2 < 0x80 || p2 > 0x9E:
				want = "6A86"
			case p2 == 0x80:
				want = "6986"
			case p2 == 0x98 || p2 == 0x9B:
				continue
			case p2 == 0x86 || p2 == 0x88 || p2 == 0x8A || p2 == 0x8B || p2 == 0x97:
				want = "6981"
			}
			r.want(fmt.Sprintf("%s%02X%s", k.head, p2, k.data), want)
		}
		r.want("00A4020C020006", "9000")
		r.want(k.head+"80"+k.data, "6981")
		r.selectApplication()
	}
	r.exchanges(`
00200080 -> 6986
00200098 -> 63C0
00200080 -> 63C0  # it became current
0020009B -> 63C0
00200080 -> 63C0
00B0000001 -> 6981
002000980431323334 -> 6984
0020009B0431323334 -> 6984
002401980431323334 -> 6985
`)
}

// TestVerify counts tries.
func TestVerify(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-051", "SPEC-JPKI-AP-052", "SPEC-JPKI-AP-054", "SPEC-JPKI-AP-055", "SPEC-JPKI-AP-056")
	each(t, func(t *testing.T, form string) {
		a := issued(t, options{parameters: form})
		for _, role := range roleList {
			if !a.order.Roles.Has(role) {
				continue
			}
			tries := map[vocabulary.Role]int{1: 3, 2: 5}[role]
			query := command(0, 0x20, 0, reference(role), nil)
			right := pins[role]
			a.want(query, fmt.Sprintf("63C%d", tries))
			a.want(command(0, 0x20, 1, reference(role), []byte(right)), "6A86")
			a.want(verify(role, strings.Repeat("1", 17)), "6700")
			a.want(query, fmt.Sprintf("63C%d", tries))
			a.want(verify(role, right), "9000")
			a.want(query, fmt.Sprintf("63C%d", tries)) // verified or not
			for left := tries - 1; left > 0; left-- {
				wrong := []string{right[:len(right)-1], right + "0", "1", strings.Repeat("9", 16)}[left%4]
				a.want(verify(role, wrong), fmt.Sprintf("63C%d", left))
				a.want(sign(0, role, []byte("x")), "6982") // no longer verified
				a.want(query, fmt.Sprintf("63C%d", left))
			}
			a.want(verify(role, right), "9000") // sets them back
			for left := tries - 1; left >= 0; left-- {
				a.want(verify(role, right[1:]), fmt.Sprintf("63C%d", left))
			}
			a.want(query, "63C0")
			a.want(verify(role, right), "6984")
			a.want(verify(role, "0"), "6984")
			a.want(sign(0, role, []byte("x")), "6982")
			a.reset()
			a.selectApplication()
			a.want(query, "63C0")
			a.want(verify(role, right), "6984")
		}
	})
}

// TestChange is CHANGE REFERENCE DATA.
func TestChange(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-060", "SPEC-JPKI-AP-061", "SPEC-JPKI-AP-091")
	a := issued(t, options{parameters: cardForm})
	a.want(command(0, 0x24, 0, 0x98, []byte("1234")), "6A86")
	a.want(command(0, 0x24, 2, 0x98, nil), "6A86")
	a.want(command(0, 0x24, 1, 0x98, nil), "6700")
	a.want(change(1, strings.Repeat("1", 17)), "6700")
	a.want(change(1, "1234"), "6982")
	a.want(verify(2, pins[2]), "9000")
	a.want(change(1, "1234"), "6982")
	a.want(verify(1, pins[1]), "9000")
	for _, bad := range []string{"123", "12345", "123A", "12 4", "123\x2F", "123\x3A", "\x00\x00\x00\x00"} {
		a.want(change(1, bad), "6A80")
	}
	a.want(change(1, "0246"), "9000")
	a.want(change(1, "0246"), "6982") // no longer verified
	a.want(verify(1, pins[1]), "63C2")
	a.want(verify(1, "0246"), "9000")
	for _, bad := range []string{"12345", strings.Repeat("A", 17)[:5], "abcdef", "12345@", "12345[", "12345 "} {
		a.want(change(2, bad), "6A80")
	}
	a.want(change(2, "ABCDEFGHIJKLMNOP"), "9000")
	a.want(verify(2, "ABCDEFGHIJKLMNOQ"), "63C4")
	a.want(verify(2, "ABCDEFGHIJKLMNOP"), "9000")
	a.want(change(2, "0ZA9AA"), "9000")
	a.want(verify(2, "0ZA9AA"), "9000")
}

// TestCodes is RESET RETRY COUNTER with the single-use code.
func TestCodes(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-062", "SPEC-JPKI-AP-063", "SPEC-JPKI-AP-064")
	r := newRig(t, options{parameters: cardForm})
	a := r.authority()
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 1))
	a.fill(card)
	a.want(resetRetry(1, codes[1], pins[1]), "6985") // not before activation
	a.want("80CADF3000", "DF3012 800101 810103 820400000001 830101 840103 9000")
	a.activate(card)
	a.want("80CADF3000", "DF3012 800103 810103 820400000001 830101 840103 9000")
	a.want(command(0, 0x2C, 1, 0x98, []byte(codes[1]+"1234")), "6A86")
	a.want(command(0, 0x2C, 0, 0x98, []byte(codes[1])), "6700")
	a.want(command(0, 0x2C, 0, 0x98, nil), "6700")
	a.want(resetRetry(1, codes[1], strings.Repeat("1", 17)), "6700")
	a.want(resetRetry(1, codes[1], "123A"), "6A80")
	a.want(resetRetry(2, codes[2], "ABCDE"), "6A80")
	a.want(resetRetry(1, codes[2], "1234"), "63C4")
	a.want(resetRetry(1, codes[1][:11]+"Z", "1234"), "63C3")
	a.want(resetRetry(1, codes[1], "1234"), "9000")
	a.want(sign(0, 1, []byte("x")), "6982") // not verified
	a.want("80CADF3000", "DF3012 800103 810103 820400000001 830101 840106 9000")
	a.want(resetRetry(1, codes[1], "1234"), "6985") // single use
	a.want(verify(1, "1234"), "9000")
	for left := 4; left >= 0; left-- {
		a.want(resetRetry(2, "NOTTHISCODE!", "ABCDEF"), fmt.Sprintf("63C%d", left))
	}
	a.want(resetRetry(2, codes[2], "ABCDEF"), "6984") // for good
	a.want("80CADF3000", "DF3012 800103 810103 820400000001 830101 840106 9000")
	a.reset()
	a.selectApplication()
	a.want(resetRetry(2, codes[2], "ABCDEF"), "6984")
	a.want("0020009B", "63C0")
	a.want(verify(2, "ABCDEF"), "6984")
}

// TestCutVerify cuts the power at every write of VERIFY: a wrong PIN's try is
// never given back, whatever happens.
func TestCutVerify(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-057", "SPEC-JPKI-AP-091")
	base := issued(t, options{})
	for _, pin := range []string{"0000", pins[1]} {
		cuts := base.again()
		cuts.selectApplication()
		n := 0
		cuts.eachCut(verify(1, pin), func(torn *rig, done bool) {
			n++
			torn.selectApplication()
			_, sw := torn.send(unhex(t, "00200098"))
			if sw != 0x63C3 && sw != 0x63C2 || done && pin == "0000" && sw != 0x63C2 {
				t.Errorf("cut %d of VERIFY %s: %v", n, pin, sw)
			}
			torn.want(sign(0, 1, []byte("x")), "6982")
		})
		if n < 2 {
			t.Errorf("%d cuts", n)
		}
	}
	// A comparison that was cut after its counter was written, twice, leaves one.
	a := base.again()
	a.selectApplication()
	for want := iso7816.SW(0x63C2); want >= 0x63C1; want-- {
		var last *rig
		a.eachCut(verify(1, "0000"), func(torn *rig, _ bool) { last = torn })
		a = last
		a.selectApplication()
		if _, sw := a.send(unhex(t, "00200098")); sw != want {
			t.Fatalf("%v, want %v", sw, want)
		}
	}
}
