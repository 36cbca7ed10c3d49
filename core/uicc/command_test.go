package uicc

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/wire"
	"inkan/spec/req"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var onePIN = PIN{'1', '2', '3', '4', 0xFF, 0xFF, 0xFF, 0xFF}

func TestCommands(t *testing.T) {
	req.Covers(t, "SPEC-USIM-060", "SPEC-USIM-070")
	for _, c := range []struct {
		cmd  Command
		want string
	}{
		{Select{Path: []FileID{MF}}, "00A4000402 3F00 00"},
		{Select{Path: []FileID{EFIMSI}, P2: SelectNoData}, "00A4000C02 6F07"},
		{Select{By: ByParent}, "00A4030400"},
		{Select{By: ByName, Name: AIDPrefixUSIM, P2: SelectFCP | SelectNext}, "00A4040607 A0000000871002 00"},
		{Select{By: ByPath, Path: []FileID{ADF, EFIMSI}}, "00A4080404 7FFF6F07 00"},
		{Status{}, "80F2000000"},
		{Status{Application: 1, Return: StatusNoData}, "80F2010C"},
		{ReadBinary{Offset: 0x123, Length: 9}, "00B0012309"},
		{ReadBinary{SFI: 7, Offset: 2}, "00B0870200"},
		{UpdateBinary{Offset: 4, Data: []byte{1, 2}}, "00D60004020102"},
		{ReadRecord{Number: 3, Length: 28}, "00B203041C"},
		{ReadRecord{SFI: 1, Mode: NextRecord}, "00B2000A00"},
		{UpdateRecord{Mode: PreviousRecord, Data: []byte{9}}, "00DC00030109"},
		{SearchRecord{Number: 1, Pattern: []byte{0x41}}, "00A20104014100"},
		{SearchRecord{Number: 2, Backward: true, Pattern: []byte{0x41}}, "00A20205014100"},
		{SearchRecord{Enhanced: &SearchIndication{Mode: 6, Offset: 2}, Pattern: []byte{0x41}}, "00A200060306024100"},
		{Increase{Value: []byte{0, 0, 1}}, "803200000300000100"},
		{Increase{SFI: 2, Value: []byte{1}}, "80328200010100"},
		{ActivateFile{Path: []FileID{EFADN}}, "00440000026F3A"},
		{ActivateFile{Off: true}, "00040000"},
		{VerifyPIN{Key: PIN1}, "00200001"},
		{VerifyPIN{Key: PIN1, Value: &onePIN}, "0020000108 31323334FFFFFFFF"},
		{ChangePIN{Key: PIN2, Old: onePIN, New: onePIN}, "0024008110 31323334FFFFFFFF 31323334FFFFFFFF"},
		{DisablePIN{PIN1, onePIN}, "0026000108 31323334FFFFFFFF"},
		{EnablePIN{PIN1, onePIN}, "0028000108 31323334FFFFFFFF"},
		{UnblockPIN{Key: PIN1}, "002C0001"},
		{UnblockPIN{PIN1, &[2]PIN{onePIN, onePIN}}, "002C000110 31323334FFFFFFFF 31323334FFFFFFFF"},
		{TerminalProfile{[]byte{0xFF, 1}}, "8010000002FF01"},
		{Fetch{12}, "801200000C"},
		{Fetch{256}, "8012000000"},
		{Envelope{[]byte{0xD6, 0}}, "80C2000002D60000"},
		{TerminalResponse{Details: CommandDetails{1, DisplayText, 0x80}, Result: 0x20, Additional: []byte{1}}, "801400000D 8103012180 82028281 83022001"},
	} {
		a, err := c.cmd.APDU([]byte{0xEE})
		if err != nil {
			t.Errorf("%+v: %v", c.cmd, err)
			continue
		}
		if got, err := a.Append(nil); err != nil || !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("%+v: %X, %v", c.cmd, got, err)
		}
	}
	for _, cmd := range []Command{Select{}, Select{By: ByName}, Select{By: ByParent, Path: []FileID{MF}}, Select{Path: []FileID{MF}, Name: []byte{1}},
		ReadBinary{Offset: 0x8000}, ReadBinary{SFI: 31}, ReadBinary{SFI: 1, Offset: 256}, ReadRecord{SFI: 31}, UpdateRecord{SFI: -1}} {
		if _, err := cmd.APDU(nil); err == nil {
			t.Errorf("%+v is no error", cmd)
		}
	}
}

type answer []byte

func (a answer) Transmit(_ context.Context, _, dst []byte) ([]byte, error) {
	return append(dst, a...), nil
}

func TestExchange(t *testing.T) {
	req.Covers(t, "SPEC-USIM-002")
	for _, c := range []struct {
		answer string
		sw     iso7816.SW
		ok     bool
	}{{"01029000", 0x9000, true}, {"910B", 0x910B, true}, {"016282", 0x6282, false}, {"6982", 0x6982, false}} {
		data, sw, err := Exchange(context.Background(), answer(unhex(t, c.answer)), Status{}, []byte{0xEE})
		if sw != c.sw || (err == nil) != c.ok || fmt.Sprintf("EE%s", c.answer[:len(c.answer)-4]) != fmt.Sprintf("%X", data) {
			t.Errorf("%s: %X %04X %v", c.answer, data, uint16(sw), err)
		}
	}
	if _, _, err := Exchange(context.Background(), answer{0x90}, Status{}, nil); err == nil {
		t.Error("a response of one byte is no error")
	}
}

// TestPINHidden: no way of printing shows a PIN.
func TestPINHidden(t *testing.T) {
	b, _ := json.Marshal(struct{ P PIN }{onePIN})
	for _, s := range []string{fmt.Sprint(onePIN), fmt.Sprintf("%x %d %+v %#v %s", onePIN, onePIN, VerifyPIN{Value: &onePIN}, onePIN, onePIN), string(b),
		fmt.Sprintf("%+v", ChangePIN{Old: onePIN})} {
		if strings.Contains(s, "1234") || strings.Contains(s, "31323334") || strings.Contains(s, "49 50") {
			t.Errorf("%q", s)
		}
	}
}

func TestAcceptable(t *testing.T) {
	req.Covers(t, "SPEC-USIM-101")
	for s, want := range map[string]bool{"1234": true, "12345678": true, "123": false, "": false, "12a4": false, "1234\xFF5": false} {
		p, err := NewPIN(s)
		if err != nil {
			t.Fatal(err)
		}
		if p.Acceptable() != want {
			t.Errorf("%q", s)
		}
	}
	if _, err := NewPIN("123456789"); err == nil {
		t.Error("nine digits are no error")
	}
}

func TestTerminalResponse(t *testing.T) {
	req.Covers(t, "SPEC-USIM-130")
	good := unhex(t, "810301130082028281830300AABB 8D0104")
	r, err := DecodeTerminalResponse(good)
	if err != nil {
		t.Fatal(err)
	}
	want := TerminalResponse{CommandDetails{1, SendShortMessage, 0}, 0, []byte{0xAA, 0xBB}, unhex(t, "8D0104")}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if got := r.Append(nil); !bytes.Equal(got, good) {
		t.Errorf("written again: %X", got)
	}
	for n := range len(good) {
		var d *wire.DecodeError
		if _, err := DecodeTerminalResponse(good[:n]); n != 14 && !errors.As(err, &d) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	for _, bad := range []string{"82028281810301130083 0100", "8103011300820281828301 00", "81020113820282818301 00", "8103011300820282818300"} {
		if _, err := DecodeTerminalResponse(unhex(t, bad)); err == nil {
			t.Errorf("%s is no error", bad)
		}
	}
}

func TestDetails(t *testing.T) {
	req.Covers(t, "SPEC-USIM-131")
	good := unhex(t, "D009 8103072180 82028182")
	d, at, err := DecodeDetails(good)
	if err != nil || d != (CommandDetails{7, DisplayText, 0x80}) || at != 4 {
		t.Errorf("%+v at %d, %v", d, at, err)
	}
	for n := range len(good) {
		if _, _, err := DecodeDetails(good[:n]); err == nil {
			t.Errorf("the first %d bytes are accepted", n)
		}
	}
	for _, bad := range []string{"D109810307218082028182", "D004 82028182", "D009 7F000103072180 8200", "D00B 81810307 2180 82028182", "D0098103072180820281 8200"} {
		if _, _, err := DecodeDetails(unhex(t, bad)); err == nil {
			t.Errorf("%s is no error", bad)
		}
	}
}

func TestServices(t *testing.T) {
	req.Covers(t, "SPEC-USIM-039")
	table := make([]byte, 4)
	for _, s := range []Service{1, 8, 9, 28, 33} {
		SetService(table, s)
	}
	if want := []byte{0x81, 0x01, 0, 0x08}; !bytes.Equal(table, want) {
		t.Errorf("%X", table)
	}
	for s, want := range map[Service]bool{0: false, 1: true, 2: false, 8: true, 28: true, 33: false} {
		if HasService(table, s) != want {
			t.Errorf("service %d", s)
		}
	}
}

func TestText(t *testing.T) {
	req.Covers(t, "SPEC-USIM-043")
	for s, want := range map[string]string{"inkan 1": "696E6B616E2031", "印鑑": "80 5370 9451", "a$": "80 0061 0024", "": ""} {
		b, err := AppendText(nil, s)
		if err != nil || !bytes.Equal(b, unhex(t, want)) {
			t.Errorf("%q: %X, %v", s, b, err)
		}
		if again, ok := DecodeText(b); !ok || again != s {
			t.Errorf("%q: %q", s, again)
		}
	}
	for _, s := range []string{"😀", "\xFF"} {
		if b, err := AppendText([]byte{1}, s); err == nil || len(b) != 1 {
			t.Errorf("%q is no error", s)
		}
	}
}

// FuzzDecode gives bytes to all decoders: what is accepted is written again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"62178202412183026F078A01058B036F060A80020009880138", "810301130082028281830100", "D0098103072180 82028182",
		"988812010000400310F0", "082982608200002080", "800101A40683010A950108", "61054F03A00000"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for kind, c := range codecs {
			_, out, err := c(b)
			if err == nil && kind == "arr" && tlv.Validate(out, 0, 4) != nil {
				t.Errorf("%s: %X", kind, out)
			}
		}
		if fcp, err := DecodeFCP(b); err == nil {
			if again, err := DecodeFCP(fcp.Append(nil)); err != nil {
				t.Errorf("FCP: %v", err)
			} else if diff := cmp.Diff(fcpFields(&fcp), fcpFields(&again)); diff != "" {
				t.Error(diff)
			}
		}
		if r, err := DecodeTerminalResponse(b); err == nil {
			if _, err := DecodeTerminalResponse(r.Append(nil)); err != nil {
				t.Error(err)
			}
		}
		DecodeDetails(b)
		DecodeText(b)
		Allows(b, OpRead, keySet("\x01"))
	})
}
