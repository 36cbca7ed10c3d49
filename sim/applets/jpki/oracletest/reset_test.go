package oracletest

import (
	"bytes"
	"testing"

	"inkan/spec/req"
)

// TestResetEnvelopes sends the envelopes of a PIN reset that are refused, then
// the right one, and that again when it has ended the order.
func TestResetEnvelopes(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-042", "SPEC-PERSO-045", "SPEC-PERSO-047", "SPEC-PERSO-029")
	d := newDriver(t, &settings[0], nil)
	d.issue(t)
	d.direct(group(0xB005, d.model().IssueID()))
	order := make([]byte, 138)
	order[0], order[1], order[3], order[71] = 1, 2, 1, 9
	copy(order[72:], d.model().IssueCA())
	d.direct(group(0xB001, order))
	open := d.model().Open()
	s, err := newSealer(contentKeys()[order[72]-1], open.Order, open.Point, instanceAID)
	if err != nil {
		t.Fatal(err)
	}
	challenge, code := item(0x0A, open.Challenge), item(0x03, []byte("CODE-DELTA-4"))
	wrong := item(0x0A, append([]byte{open.Challenge[0] ^ 1}, open.Challenge[1:]...))
	send := func(v []byte, want bool) {
		t.Helper()
		if _, ok := d.direct(group(0xB003, v)); ok != want {
			t.Errorf("taken: %v, want %v", ok, want)
		}
	}
	for _, content := range [][][]byte{{challenge}, {code}, {wrong, code}, {code, challenge}, {challenge, challenge, code}, {challenge, code, code},
		{challenge, item(0x02, []byte("20310228145959Z")), code}, {challenge, item(0x13, []byte("CODE-DELTA-4"))}, {}} {
		send(s.seal(1, 2, padded(bytes.Join(content, nil))), false)
	}
	right := s.seal(1, 2, padded(append(challenge, code...)))
	send(s.seal(1, 1, padded(code)), false)
	send(s.seal(2, 2, padded(append(challenge, code...))), false)
	send(right, true)
	send(right, true)
	if _, ok := d.direct(group(0xB001, order)); ok {
		t.Error("the order that has ended is taken again")
	}
	send(right, true)
	d.direct(group(0xB008, make([]byte, 16)))
	send(right, false)
	d.probe()
}
