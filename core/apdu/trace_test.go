package apdu

import (
	"strings"
	"testing"

	"inkan/spec/req"
)

func TestTrace(t *testing.T) {
	req.Covers(t, "SPEC-APDU-080")
	for _, c := range []struct{ raw, hidden, shown string }{
		{"\x00\xA4\x04\x00", "00 A4 04 00", "00 A4 04 00"},
		{"\x00\xB0\x00\x00\x00", "00 B0 00 00 Le 00", "00 B0 00 00 Le 00"},
		{"\x00\x20\x00\x80\x041234", "00 20 00 80 Lc 04 [4 bytes]", "00 20 00 80 Lc 04 31 32 33 34"},
		{"\x00\x20\x00\x80\x01\x99\x00", "00 20 00 80 Lc 01 [1 byte] Le 00", "00 20 00 80 Lc 01 99 Le 00"},
		{"\x00\xD6\x00\x00\x00\x00\x01\x99\x01\x00", "00 D6 00 00 Lc 00 00 01 [1 byte] Le 01 00", "00 D6 00 00 Lc 00 00 01 99 Le 01 00"},
		{"\x00\xB0\x00\x00\x00\x01\x00", "00 B0 00 00 Le 00 01 00", "00 B0 00 00 Le 00 01 00"},
		{"\x00\x20\x99", "[3 bytes] C-APDU: P2 at offset 3: want 1 byte, got 0 left", "00 20 99 C-APDU: P2 at offset 3: want 1 byte, got 0 left"},
	} {
		if got := string(AppendCommandTrace(nil, []byte(c.raw), HideData)); got != c.hidden {
			t.Errorf("got  %s\nwant %s", got, c.hidden)
		}
		if got := string(AppendCommandTrace(nil, []byte(c.raw), RevealData)); got != c.shown {
			t.Errorf("got  %s\nwant %s", got, c.shown)
		}
	}
	for _, c := range []struct{ raw, hidden, shown string }{
		{"\x90\x00", "9000 success", "9000 success"},
		{"\x99\x99\x63\xC2", "[2 bytes] 63C2 tries left", "99 99 63C2 tries left"},
		{"\x77\x77", "7777", "7777"},
		{"\x99", "[1 byte] R-APDU: SW at offset 0: want 2 bytes, got 1 left", "99 R-APDU: SW at offset 0: want 2 bytes, got 1 left"},
	} {
		if got := string(AppendResponseTrace(nil, []byte(c.raw), HideData)); got != c.hidden {
			t.Errorf("got  %s\nwant %s", got, c.hidden)
		}
		if got := string(AppendResponseTrace(nil, []byte(c.raw), RevealData)); got != c.shown {
			t.Errorf("got  %s\nwant %s", got, c.shown)
		}
	}
	// Whatever the bytes are, hidden data does not show.
	for _, raw := range []string{"\x00\x20\x00\x80\x04\xEE\xEE\xEE\xEE", "\x00\x20\x00\x80\x05\xEE\xEE\xEE\xEE", "\x00\x20\x00\x80\x00\xEE\xEE"} {
		if got := string(AppendCommandTrace(nil, []byte(raw), HideData)); strings.Contains(got[11:], "EE EE EE") {
			t.Error(got)
		}
	}
	buf, verify := make([]byte, 0, 200), []byte("\x00\x20\x00\x80\x041234")
	n := testing.AllocsPerRun(100, func() { AppendCommandTrace(buf, verify, RevealData) })
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
