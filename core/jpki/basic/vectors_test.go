package basic_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki/basic"
	"inkan/core/wire"
	"inkan/spec/req"
)

// Contents of a test card that a public client records (myna-card 3.3, its tests).
const (
	testCard       = "011C3430303030303031323731393834333133323231" + "3230333530323137"
	testAttributes = "FF2065DF2108000E002000590064DF220FE9BB92E6A190E38080E5B9B9E4B99FDF2336E69DB1E4BAACE983BDE6B885E780ACE5B8" +
		"82E8A6B3E5B883E5AD90E58D97EFBC91EFBC92EFBC8DEFBC97EFBC8DEFBC92EFBC90EFBC92DF24083139383030323137DF250131"
	testNumber = "FF100C353337363836363737313838FFFF"
)

// codec is how a content is read and written again.
type codec func(b []byte) ([]byte, error)

var codecs = map[string]codec{
	"card": func(b []byte) ([]byte, error) {
		c, err := basic.DecodeCard(b)
		if err != nil {
			return nil, err
		}
		return c.Append(nil)
	},
	"number": func(b []byte) ([]byte, error) {
		n, err := basic.DecodeNumber(b)
		if err != nil {
			return nil, err
		}
		return n.Append(nil)
	},
	"attributes": func(b []byte) ([]byte, error) {
		a, err := basic.DecodeAttributes(b)
		if err != nil {
			return nil, err
		}
		return a.Append(nil)
	},
	"digests": func(b []byte) ([]byte, error) {
		d, err := basic.DecodeDigests(b)
		if err != nil {
			return nil, err
		}
		return d.Append(nil)
	},
	"information": func(b []byte) ([]byte, error) {
		i, err := basic.DecodeInformation(b)
		if err != nil {
			return nil, err
		}
		return i.Append(nil), nil
	},
}

// contents are good ones.
func contents(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, text := range map[string]string{"card": testCard, "number": testNumber, "attributes": testAttributes} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = b
	}
	d := basic.Digests{Signature: bytes.Repeat([]byte{7}, 256)}
	all["digests"], _ = d.Append(nil)
	all["information"] = (&basic.Information{KeyID: [16]byte{1, 2}}).Append(nil)
	return all
}

// Every content is read and written as it was, and refused when it is cut at any
// byte or one byte longer.
func TestContents(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001")
	for name, b := range contents(t) {
		if got, err := codecs[name](b); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: %X, %v", name, got, err)
		}
		var fault *wire.DecodeError
		for n := range b {
			if _, err := codecs[name](b[:n]); !errors.As(err, &fault) || fault.Offset > n {
				t.Errorf("%s of %d bytes: %v", name, n, err)
			}
		}
		if _, err := codecs[name](append(bytes.Clone(b), 0)); !errors.As(err, &fault) {
			t.Errorf("%s and a byte more: %v", name, err)
		}
	}
}

func TestTestCard(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001")
	all := contents(t)
	c, err := basic.DecodeCard(all["card"])
	if want := (basic.Card{Serial: "400000012719843", Municipality: "13221", Expiry: basic.Date{Year: 2035, Month: time.February, Day: 17}}); err != nil || c != want {
		t.Errorf("%+v, %v", c, err)
	}
	a, err := basic.DecodeAttributes(all["attributes"])
	if want := (basic.Attributes{Name: "黒桐\u3000幹也", Address: "東京都清瀬市観布子南１２－７－２０２",
		Birth: basic.Date{Year: 1980, Month: time.February, Day: 17}, Sex: basic.Male}); err != nil || a != want {
		t.Errorf("%s %s %v %v, %v", a.Name, a.Address, a.Birth, a.Sex, err)
	}
	n, err := basic.DecodeNumber(all["number"])
	if err != nil || string(n) != "537686677188" {
		t.Errorf("%s, %v", string(n), err)
	}
	if b, err := basic.CodeB(a.Birth, c.Expiry, "1234"); err != nil || b != "80021720351234" {
		t.Errorf("code B %s, %v", b, err)
	}
}

// Each of these breaks one rule.
func TestRefused(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001", "SPEC-IDCARD-002", "SPEC-IDCARD-003")
	for _, c := range []struct{ name, old, new, path string }{
		{"card", "011C", "021C", "tag"}, {"card", "011C", "011D", "length"}, {"card", "011C34", "011C41", "serial number"},
		{"card", "3133323231", "313332324A", "municipality"}, {"card", "3230333530323137", "3230333530323330", "expiry"},
		{"number", "FF10", "FF11", "number"}, {"number", "3838FFFF", "3837FFFF", "number"}, {"number", "3838FFFF", "3838FF00", "filler"},
		{"attributes", "FF20", "FF21", "file"}, {"attributes", "2108000E", "2108000F", "name"}, {"attributes", "00200059", "00210059", "address"},
		{"attributes", "00590064", "00580064", "birth"}, {"attributes", "0064DF22", "0065DF22", "sex"}, {"attributes", "0FE9BB92", "0FFFBB92", "name"},
		{"attributes", "DF250131", "DF250133", "sex"}, {"attributes", "3139383030323137", "3139383030323330", "birth"},
		{"digests", "DF3120", "DF3220", "number"}, {"information", "01030E01", "01030E02", "identification"}, {"information", "DF4210", "DF420F", "key identifier"},
	} {
		good := strings.ToUpper(hex.EncodeToString(contents(t)[c.name]))
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: no %s in %s", c.name, c.old, good)
		}
		b, err := hex.DecodeString(strings.Replace(good, c.old, c.new, 1))
		if err != nil {
			t.Fatal(err)
		}
		_, err = codecs[c.name](b)
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || fault.Path != c.path {
			t.Errorf("%s with %s: %v, want a fault at %s", c.name, c.new, err, c.path)
		}
	}
}

// The longer form of a length is refused.
func TestCanonical(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001")
	b := contents(t)["digests"]
	long := append([]byte{0xFF, 0x30, 0x82, b[3], b[4] + 1, 0xDF, 0x31, 0x81, 0x20}, b[8:]...)
	if _, err := basic.DecodeDigests(long); err == nil || !strings.Contains(err.Error(), "shortest") {
		t.Errorf("%v", err)
	}
}

// Numbers in the forms of the law's examples and of the test card: the check digit
// decides.
func TestNumber(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-002")
	n, err := basic.NewNumber("53768667718")
	if err != nil || string(n) != "537686677188" {
		t.Errorf("%s, %v", string(n), err)
	}
	for d := range 10 {
		n := basic.Number("53768667718" + string(rune('0'+d)))
		if err := n.Check(); (err == nil) != (d == 8) {
			t.Errorf("%s: %v", string(n), err)
		}
	}
	for _, bad := range []string{"", "1234567890", "123456789012", "1234567890a"} {
		if _, err := basic.NewNumber(bad); !errors.Is(err, basic.ErrNumber) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	zero := 0
	for i := range 200 { // both remainders that give 0
		n, err := basic.NewNumber("000000000" + string(rune('0'+i/10%10)) + string(rune('0'+i%10)))
		if err != nil || n.Check() != nil {
			t.Fatalf("%d: %v", i, err)
		}
		if n[11] == '0' {
			zero++
		}
	}
	if zero < 20 {
		t.Errorf("%d check digits 0", zero)
	}
}
