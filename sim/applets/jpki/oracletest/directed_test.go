package oracletest

import (
	"fmt"
	"testing"

	"inkan/spec/req"
)

// issue brings an instance to the phase ORDERED with all that one delivered key
// needs, but for the tags that are left out.
func (d *driver) issue(t *testing.T, without ...byte) {
	t.Helper()
	c := newChoice(1)
	order := make([]byte, 138)
	order[0], order[1], order[2], order[3] = 1, 1, 2, 1
	order[4] = byte(d.model().Highest() + 1)
	order[71], order[72] = byte(d.model().Highest()+1), 1
	copy(order[73:], contentKeys()[0].PublicKey().Bytes())
	d.openDomain(0x33)
	d.groups(c, group(0xB001, order))
	values := map[byte][]byte{1: d.plant(append([]byte{0x30, 0x82}, c.secret(900)...)), 2: []byte("20310228145959Z"), 3: d.plant([]byte("CODE-ALPHA-1"))}
	for i, part := range deliveredKeys()[0] {
		values[4+byte(i)] = d.plant(part)
	}
	for _, tag := range without {
		delete(values, tag)
	}
	var content []byte
	for tag := byte(1); tag <= 8; tag++ {
		if v := values[tag]; v != nil {
			content = append(content, item(tag, v)...)
		}
	}
	open := d.model().Open()
	s, err := newSealer(contentKeys()[0], open.Order, open.Point, instanceAID)
	if err != nil {
		t.Fatal(err)
	}
	d.direct(group(0xB003, s.seal(1, 1, padded(content))))
}

// direct sends groups in blocks of 200 bytes in the session that there is, or
// in one of the domain.
func (d *driver) direct(payload []byte) ([]byte, bool) {
	d.t.Helper()
	if d.host == nil {
		d.openDomain(0x33)
	}
	d.name()
	for number := byte(0); ; number++ {
		n, p1 := min(len(payload), 200), byte(0x09)
		if n == len(payload) {
			p1 |= 0x80
		}
		data, ok := d.store(p1, number, payload[:n])
		if payload = payload[n:]; !ok || len(payload) == 0 {
			return data, ok
		}
	}
}

// TestIncompleteIssue leaves one thing out: ACTIVATE is refused; of a key, the
// envelope is.
func TestIncompleteIssue(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-050", "SPEC-PERSO-045", "SPEC-PERSO-032")
	for _, without := range [][]byte{{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {4, 5, 6, 7, 8}, {}} {
		t.Run(fmt.Sprint(without), func(t *testing.T) {
			d := newDriver(t, &settings[0], nil)
			d.issue(t, without...)
			_, ok := d.direct(group(0xB005, d.model().IssueID()))
			if ok != (len(without) == 0) {
				t.Errorf("ACTIVATE without %v: %v", without, ok)
			}
			d.probe()
		})
	}
}

// TestTriesOfInterfaces counts wrong PINs on both interfaces under policy 00: a
// right one on contact sets both back, over contactless its own.
func TestTriesOfInterfaces(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-059", "SPEC-JPKI-AP-055", "SPEC-JPKI-AP-056", "SPEC-JPKI-AP-054", "SPEC-JPKI-AP-064", "SPEC-JPKI-AP-063")
	d := newDriver(t, &settings[0], nil)
	d.issue(t)
	d.direct(group(0xB005, d.model().IssueID()))
	d.selectApplication(0x0C)
	d.send(command(0, 0x2C, 0, 0x98, []byte("CODE-ALPHA-18153"), -1))
	verify := func(pin string) { d.send(command(0, 0x20, 0, 0x98, []byte(pin), -1)) }
	query := func(want byte) {
		t.Helper()
		_, tries := d.model().PIN(1)
		d.send(command(0, 0x20, 0, 0x98, nil, -1))
		if over := map[bool]int{true: 1}[d.over]; tries[over] != int(want) {
			t.Errorf("%d tries, want %d", tries[over], want)
		}
	}
	verify("8153")
	d.send(command(0x80, 0x44, 1, 0, nil, -1))
	d.media(true)
	for range 4 {
		verify("1111")
	}
	query(0)
	d.media(false)
	query(3)
	verify("1111")
	verify("8153")
	query(3)
	d.media(true)
	query(3)
	verify("1111")
	d.media(false)
	verify("1111")
	d.media(true)
	verify("8153")
	query(3)
	d.media(false)
	query(2)
	for range 4 {
		verify("1111")
	}
	d.media(true)
	query(3)
	verify("8153")
	d.media(false)
	query(0)
	verify("8153")
	d.probe()
}

// TestContactlessOnce walks through the states 01 and 02: what one PIN entry
// allows.
func TestContactlessOnce(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-020", "SPEC-JPKI-AP-021", "SPEC-JPKI-AP-022", "SPEC-JPKI-AP-023", "SPEC-JPKI-AP-025", "SPEC-JPKI-AP-026",
		"SPEC-JPKI-AP-027", "SPEC-JPKI-AP-028", "SPEC-JPKI-AP-036")
	d := newDriver(t, &settings[0], nil)
	d.issue(t)
	d.direct(group(0xB005, d.model().IssueID()))
	d.selectApplication(0x0C)
	d.send(command(0, 0x2C, 0, 0x98, []byte("CODE-ALPHA-18153"), -1))
	verify := command(0, 0x20, 0, 0x98, []byte("8153"), -1)
	signs := command(0x80, 0x2A, 2, 0x97, make([]byte, 32), 0)
	reads := command(0, 0xB0, 0x8A, 0, nil, 0)
	for _, step := range []struct {
		over bool
		raw  []byte
		want uint16
	}{
		{true, reads, 0x6985}, {false, command(0x80, 0x44, 2, 0, nil, -1), 0x6982}, {false, verify, 0x9000},
		{false, command(0x80, 0x44, 2, 0, nil, -1), 0x9000}, {true, reads, 0x9000}, {true, reads, 0x9000},
		{true, command(0x80, 0x2A, 2, 0x97, make([]byte, 31), 0), 0x6700}, {true, signs, 0x9000}, {true, signs, 0x6985}, {true, reads, 0x6985},
		{false, signs, 0x9000}, {false, signs, 0x9000}, {false, command(0x80, 0x44, 1, 0, nil, -1), 0x9000}, {true, reads, 0x6982},
		{true, signs, 0x6982}, {true, verify, 0x9000}, {true, reads, 0x9000}, {true, signs, 0x9000}, {true, signs, 0x6982}, {true, reads, 0x6982},
		{true, command(0, 0x24, 1, 0x98, []byte("2746"), -1), 0x6985}, {true, command(0x80, 0x50, 0, 0, make([]byte, 8), 0), 0x6985},
		{false, signs, 0x9000}, {false, command(0x80, 0x44, 0, 0, nil, -1), 0x9000}, {true, verify, 0x6985},
		{true, append([]byte{0, 0xA4, 4, 0, 10}, instanceAID...), 0x6999}, {true, reads, 0x6999},
	} {
		d.media(step.over)
		d.send(step.raw)
		if got := d.lastSW; uint16(got) != step.want {
			t.Errorf("%v %X: %04X, want %04X", step.over, step.raw, uint16(got), step.want)
		}
	}
	d.probe()
}
