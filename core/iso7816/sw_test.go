package iso7816

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"inkan/spec/req"
)

func TestSW(t *testing.T) {
	req.Covers(t, "SPEC-APDU-050", "SPEC-APDU-053")
	for _, c := range []struct {
		sw     SW
		normal bool
		text   string
	}{
		{0x9000, true, "SW 9000 (success)"},
		{0x6110, true, "SW 6110 (response bytes remaining)"},
		{0x910F, true, "SW 910F (success, proactive command pending)"},
		{0x9201, true, "SW 9201 (success, data transfer session in progress)"},
		{0x6982, false, "SW 6982 (security status not satisfied)"},
		{0x63C2, false, "SW 63C2 (tries left)"},
		{0x6310, false, "SW 6310 (more data available)"},
		{0x6282, false, "SW 6282 (end of file or record reached before Ne bytes)"},
		{0x62F3, false, "SW 62F3 (warning, state unchanged)"},
		{0x6C20, false, "SW 6C20 (wrong Le, right value in SW2)"},
		{0x9300, false, "SW 9300 (toolkit busy)"},
		{0x9485, false, "SW 9485 (invalid key check value)"},
		{0x6FAA, false, "SW 6FAA (no precise diagnosis)"},
		{0x7000, false, "SW 7000"},
	} {
		if got := c.sw.Error(); got != c.text {
			t.Errorf("got %s, want %s", got, c.text)
		}
		if c.sw.Normal() != c.normal || (c.sw.Err() == nil) != c.normal {
			t.Errorf("%04X: normal %t, Err %v", uint16(c.sw), c.sw.Normal(), c.sw.Err())
		}
		if w := c.sw>>8 == 0x62 || c.sw>>8 == 0x63; c.sw.Warning() != w {
			t.Errorf("%04X: warning %t", uint16(c.sw), !w)
		}
	}
}

func TestPatterns(t *testing.T) {
	req.Covers(t, "SPEC-APDU-052")
	err := fmt.Errorf("verify PIN: %w", SW(0x63C2).Err())
	var sw SW
	if !errors.As(err, &sw) || sw != 0x63C2 {
		t.Error(sw)
	}
	if !errors.Is(err, Counter) || !errors.Is(err, Warning63) || !errors.Is(err, SW(0x63C2)) {
		t.Error("63C2 does not match its patterns")
	}
	if errors.Is(err, SW(0x63C1)) || errors.Is(err, Warning62) || errors.Is(SW(0x6300), Counter) || errors.Is(SW(0x63D0), Counter) {
		t.Error("a pattern matches what it must not")
	}
	for p, want := range map[Pattern]string{Counter: "SW 63CX", WrongLe: "SW 6CXX", {0x9000, 0xFFFF}: "SW 9000"} {
		if got := p.Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	for n := range 17 {
		got, ok := WithTries(n).Tries()
		if !ok || got != min(n, 15) {
			t.Errorf("%d tries: %d %t", n, got, ok)
		}
	}
	if WithTries(-1) != 0x63C0 {
		t.Error("tries below 0")
	}
	for _, n := range []int{1, 255, 256} {
		if got, ok := WithRemaining(n).Remaining(); !ok || got != n {
			t.Errorf("%d remaining: %d %t", n, got, ok)
		}
		if got, ok := WithAvailable(n).Available(); !ok || got != n {
			t.Errorf("%d available: %d %t", n, got, ok)
		}
	}
	if WithRemaining(1000) != 0x6100 {
		t.Error("1000 remaining")
	}
	for _, sw := range []SW{OK, 0x6C01} {
		if _, ok := sw.Remaining(); ok {
			t.Errorf("%04X has bytes remaining", uint16(sw))
		}
	}
	if _, ok := FileNotFound.Tries(); ok {
		t.Error("6A82 has tries")
	}
}

func TestValid(t *testing.T) {
	req.Covers(t, "SPEC-APDU-051", "SPEC-APDU-012")
	for v := range 0x10000 {
		sw := SW(v)
		want := v>>12 == 6 && v>>8 != 0x60 || v>>12 == 9
		if sw.Valid() != want {
			t.Fatalf("%04X: %t", v, sw.Valid())
		}
	}
	for sw := range meanings {
		if !sw.Valid() {
			t.Errorf("%04X has a name and is not valid", uint16(sw))
		}
	}
	for ins := range 256 {
		if want := ins>>4 != 6 && ins>>4 != 9; ValidINS(byte(ins)) != want {
			t.Errorf("INS %02X: %t", ins, !want)
		}
	}
}

// TestTableOfTheSpec: spec/APDU.md has exactly the status words and families
// of this package.
func TestTableOfTheSpec(t *testing.T) {
	req.Covers(t, "SPEC-APDU-053")
	text, err := os.ReadFile("../../spec/APDU.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for sw, meaning := range meanings {
		rows = append(rows, fmt.Sprintf("| %04X | %s |", uint16(sw), meaning))
	}
	for _, f := range families {
		rows = append(rows, fmt.Sprintf("| %s | %s |", f.Error()[3:], f.meaning))
	}
	for _, row := range rows {
		if !strings.Contains(string(text), "\n"+row+"\n") {
			t.Errorf("spec/APDU.md lacks %s", row)
		}
	}
	if got := len(regexp.MustCompile(`(?m)^\| [0-9A-FX]{4} \| `).FindAll(text, -1)); got != len(rows) {
		t.Errorf("spec/APDU.md has %d rows of status words, the package %d", got, len(rows))
	}
}
