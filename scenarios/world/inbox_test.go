package world

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"inkan/core/entropy"
	"inkan/core/jpki/application"
	"inkan/core/sms"
)

func deliver(t testing.TB, dcs byte, ud []byte, udl byte) []byte {
	t.Helper()
	from, err := sms.NewAddress(sms.TypeInternational, "819012345678")
	if err != nil {
		t.Fatal(err)
	}
	m := sms.Deliver{MMS: true, OA: from, DCS: dcs, UD: ud, UDL: udl}
	tpdu, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return tpdu
}

func ucs2(text string) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return b
}

// A code is found in a message in Japanese, in the GSM alphabet, and in bytes; in a
// message without one none is found.
func TestCodeInMessage(t *testing.T) {
	code := application.NewCode(entropy.Seeded(1, "code"))
	for name, c := range map[string]struct {
		tpdu []byte
		want string
	}{
		"UCS2":     {deliver(t, 0x08, ucs2("確認コード: "+code.Show()+" 10分以内"), 0), code.Show()},
		"bytes":    {deliver(t, 0x04, []byte("code "+code.Show()), 0), code.Show()},
		"septets":  {deliver(t, 0x00, []byte{0xC8, 0x32, 0x9B, 0xFD, 0x06}, 5), ""}, // "Hello"
		"no code":  {deliver(t, 0x08, ucs2("INTERNATIONAL ROAMING 2026-11-28"), 0), ""},
		"letters":  {deliver(t, 0x08, ucs2("マイナンバー申請の確認コード: KWCEHSFDXZYB"), 0), "KWCEHSFDXZYB"},
		"a word":   {deliver(t, 0x08, ucs2("NOTIFICATION: 確認"), 0), ""},
		"before":   {deliver(t, 0x08, ucs2("NOTIFICATION. 確認コード: 0123456789AB"), 0), "0123456789AB"},
		"too long": {deliver(t, 0x04, []byte("code "+code.Show()+"7"), 0), ""},
	} {
		text, err := textOf(c.tpdu)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, ok := codeIn(text); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q in %q, want %q", name, got, text, c.want)
		}
	}
	if text, err := textOf(deliver(t, 0x00, []byte{0xC8, 0x32, 0x9B, 0xFD, 0x06}, 5)); err != nil || text != "Hello" {
		t.Errorf("%q, %v", text, err)
	}
}

// FuzzTextOf: whatever comes as a short message is text, or an error.
func FuzzTextOf(f *testing.F) {
	f.Add(deliver(f, 0x08, ucs2("確認コード"), 0))
	f.Add(deliver(f, 0x00, []byte{0xC8, 0x32, 0x9B, 0xFD, 0x06}, 5))
	f.Add([]byte{0x44, 0})
	f.Fuzz(func(t *testing.T, tpdu []byte) {
		text, err := textOf(tpdu)
		if err != nil {
			return
		}
		if code, ok := codeIn(text); ok {
			if _, err := application.ParseCode(code); err != nil {
				t.Errorf("%q was taken for a code", code)
			}
		}
	})
}
