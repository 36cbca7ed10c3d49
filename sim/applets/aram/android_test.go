package aram_test

import (
	"fmt"
	"testing"

	"inkan/core/ara"
	"inkan/core/iso7816"
	"inkan/spec/req"
)

// phone is what a phone's service does: it opens a logical channel to the
// ARA-M and reads.
type phone struct {
	*bench
	channel byte
}

// openLogicalChannel is MANAGE CHANNEL and SELECT with P2 00 and Le 00.
func (b *bench) openLogicalChannel() *phone {
	b.Helper()
	data, sw := b.send("0070000001")
	if sw != iso7816.OK || len(data) != 1 {
		b.Fatalf("MANAGE CHANNEL: %X %v", data, sw)
	}
	p := &phone{b, data[0]}
	if data, sw := p.transmit(0x00, "a4040009a00000015141434c0000"); sw != iso7816.OK || len(data) != 0 {
		b.Fatalf("SELECT: %X %v", data, sw)
	}
	return p
}

func (p *phone) transmit(class byte, rest string) ([]byte, iso7816.SW) {
	p.Helper()
	return p.send(fmt.Sprintf("%02x%s", class|p.channel, rest))
}

func (p *phone) close() {
	p.Helper()
	if _, sw := p.send(fmt.Sprintf("007080%02x", p.channel)); sw != iso7816.OK {
		p.Fatalf("MANAGE CHANNEL close: %v", sw)
	}
}

// complete tells whether a response has the length that its BER header says,
// as Android's telephony does: exactly.
func complete(t testing1, b []byte) bool {
	header, n := 3, int(b[2])
	switch b[2] {
	case 0x81:
		header, n = 4, int(b[3])
	case 0x82:
		header, n = 5, int(b[3])<<8|int(b[4])
	}
	if b[0] != 0xFF || b[1] != 0x40 || len(b) > header+n {
		t.Fatalf("response %X", b)
	}
	return len(b) == header+n
}

// readAll is how the access control enforcer and the telephony service read: P3
// 00, All, then Next until the announced length is there.
func (p *phone) readAll() []byte {
	p.Helper()
	data, sw := p.transmit(0x80, "caff4000")
	for ; sw == iso7816.OK && len(data) > 0 && !complete(p, data); p.Helper() {
		more, next := p.transmit(0x80, "caff6000")
		if len(more) == 0 {
			p.Fatalf("GET DATA [Next]: no data, %v", next)
		}
		data, sw = append(data, more...), next
	}
	if sw != iso7816.OK || len(data) == 0 {
		p.Fatalf("GET DATA: %X, %v", data, sw)
	}
	return data
}

func (p *phone) refreshTag() ara.RefreshTag {
	p.Helper()
	data, sw := p.transmit(0x80, "cadf2000")
	tag, err := ara.DecodeRefreshTag(data)
	if sw != iso7816.OK || err != nil {
		p.Fatalf("refresh tag: %X, %v", data, sw)
	}
	return tag
}

// TestAndroid reads as Android's two services do, at the same time.
func TestAndroid(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-011", "SPEC-ARAM-020", "SPEC-ARAM-021", "SPEC-ARAM-022", "SPEC-ARAM-027")
	b := newBench(t)
	enforcer := b.openLogicalChannel()
	if rules, err := ara.DecodeAll(enforcer.readAll()); err != nil || len(rules) != 0 {
		t.Fatal(rules, err)
	}
	cached := enforcer.refreshTag()
	enforcer.close()
	carrier := unhex(t, "f031e22fe11e4f06ffffffffffffc114e46872f28b350b7e1f140de535c2a8d5804f0be3e30dd00101db080000000000000001")
	if sw := b.write(carrier); sw != iso7816.OK {
		t.Fatal(sw)
	}
	for n := range 14 {
		b.wantWrite(storeHex(aRule(n)), iso7816.OK)
	}
	enforcer, telephony := b.openLogicalChannel(), b.openLogicalChannel()
	if enforcer.refreshTag() == cached {
		t.Fatal("the refresh tag did not change")
	}
	first, _ := enforcer.transmit(0x80, "caff4000")
	whole := telephony.readAll()
	for !complete(t, first) {
		more, sw := enforcer.transmit(0x80, "caff6000")
		if sw != iso7816.OK || len(more) == 0 {
			t.Fatal(sw)
		}
		first = append(first, more...)
	}
	if string(first) != string(whole) {
		t.Fatal("the two services read different rules")
	}
	telephony.close()
	enforcer.close()
	rules, err := ara.DecodeAll(whole)
	if err != nil || len(rules) != 15 {
		t.Fatal(len(rules), err)
	}
	if r := rules[0]; r.Target.AID.String() != "FFFFFFFFFFFF" || len(r.Target.AppHash) != 20 || r.Rights.Permissions[7] != 1 {
		t.Errorf("%+v", r)
	}
}
