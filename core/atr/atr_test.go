package atr

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"

	"inkan/core/wire"
	"inkan/spec/peer"
	"inkan/spec/req"
)

func ExampleBuild() {
	p := Default()
	p.Protocols = []byte{1}
	p.FI, p.DI = 9, 5 // 512/16: 32 clocks a bit
	p.IFSC = 254
	raw, err := Build(p, []byte{0x80, 0x31, 0xA0})
	fmt.Printf("%X %v\n", raw, err)
	a, _ := Decode(raw)
	q, _ := a.Params()
	fmt.Println(F(q.FI), D(q.DI), q.Protocols, q.IFSC, q.BWI, q.CWI)
	// Output:
	// 3B93958131FE4D8031A014 <nil>
	// 512 16 [1] 254 4 13
}

func TestAppendRefuses(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-001", "SPEC-TRANSPORT-002")
	full := Group{TA: Some(0), TB: Some(0), TC: Some(0)}
	for _, a := range []ATR{{Historical: make([]byte, 16)}, {Groups: []Group{full, full, full, full, full}, Historical: make([]byte, 15)}} {
		if _, err := a.Append(nil); err == nil {
			t.Errorf("%+v was written", a)
		}
	}
	if b, err := (&ATR{Inverse: true}).Append([]byte{9}); err != nil || !bytes.Equal(b, []byte{9, 0x3F, 0}) {
		t.Errorf("%X, %v", b, err)
	}
}

// Answers of real cards: those whose bytes are complete read back as they were.
func TestPublishedList(t *testing.T) {
	peer.Need(t, "pcsc_scan")
	f, err := os.Open("/usr/share/pcsc/smartcard_list.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	line := regexp.MustCompile(`^3[BF]( [0-9A-F]{2})+$`)
	read, refused, reserved := 0, 0, 0
	for s := bufio.NewScanner(f); s.Scan(); {
		if !line.MatchString(s.Text()) {
			continue
		}
		raw, err := hex.DecodeString(string(bytes.ReplaceAll(s.Bytes(), []byte(" "), nil)))
		if err != nil {
			t.Fatal(err)
		}
		a, err := Decode(raw)
		if err != nil {
			refused++
			continue
		}
		read++
		if again, err := a.Append(nil); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%X is written as %X, %v", raw, again, err)
		}
		if _, err := a.Params(); err != nil {
			reserved++
		}
	}
	t.Logf("%d read, %d of them with reserved values; %d refused", read, reserved, refused)
	if read < 3000 || refused > read/5 {
		t.Errorf("%d answers were read, %d refused", read, refused)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"3B00", "3BE000FF8131FE4514", "3BF59100FF918171FE400042000100D1D6", "3F65250052096A9000", "3B9795801F428031A073BE2115", "3BFFFFFFFFFF"} {
		raw, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, known := Length(raw)
		a, err := Decode(raw)
		var fault *wire.DecodeError
		if err != nil {
			if !errors.As(err, &fault) || fault.Offset > len(raw) {
				t.Fatalf("%v", err)
			}
			return
		}
		if !known || n != len(raw) {
			t.Fatalf("its length is %d (%v), not %d", n, known, len(raw))
		}
		again, err := a.Append(nil)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%X is written as %X, %v", raw, again, err)
		}
		p, err := a.Params()
		if err == nil && p.Check() != nil {
			t.Fatal("parameters that are refused")
		}
	})
}
