package aram_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"inkan/core/ara"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/sim/applets/aram"
	"inkan/sim/runtime/bare"
	"inkan/spec/req"
)

// TestAuthentication: STORE DATA without what it needs is 6982 and changes
// nothing.
func TestAuthentication(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-040", "SPEC-ARAM-043")
	b := newBench(t)
	b.wantWrite(storeHex(others), iso7816.OK)
	before := b.state()
	plain := "80e2900002f100"
	b.want(plain, "6982") // no channel
	b.want("84e290000af1000000000000000000", "6982")

	b.want(selectMaster, "9000")
	b.open(0)
	b.want(plain, "6982") // a channel without MAC
	b.want("84e2900002f100", "6982")

	b.want(selectMaster, "9000")
	b.open(1)
	b.want(plain, "6982") // a command without MAC in a channel with it
	b.unchanged(before)

	b.want(selectMaster, "9000")
	secured := b.open(1).(*scp.Secured)
	protected, err := secured.Host.Wrap(nil, unhex(t, plain))
	if err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Clone(protected)
	wrong[len(wrong)-1]++
	b.want(hex.EncodeToString(wrong), "6982")
	b.want(hex.EncodeToString(protected), "6982") // the session ended
	b.unchanged(before)

	// A selection ends the session, and so does the end of one.
	for _, leave := range []string{selectMaster, "00a4040000"} {
		b.want(selectMaster, "9000")
		secured = b.open(1).(*scp.Secured)
		if protected, err = secured.Host.Wrap(nil, unhex(t, plain)); err != nil {
			t.Fatal(err)
		}
		b.send(leave)
		b.want(selectMaster, "9000")
		b.want(hex.EncodeToString(protected), "6982")
	}
	b.unchanged(before)
	b.wantWrite("f100", iso7816.OK)
}

// TestOtherChannel: the secure channel counts on the logical channel where it
// was opened.
func TestOtherChannel(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-040", "SPEC-ARAM-011")
	b := newBench(t)
	b.wantWrite(storeHex(others), iso7816.OK)
	b.want(selectMaster, "9000")
	b.send("0070000001")
	b.want("01"+selectMaster[2:], "9000")
	secured := b.open(1).(*scp.Secured)
	protected, err := secured.Host.Wrap(nil, unhex(t, "80e2900002f100"))
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(protected)
	other[0] |= 1
	b.want(hex.EncodeToString(other), "6982")
	b.want("81caff4000", "ff400d"+others+"9000")
	b.want(hex.EncodeToString(protected), "9000")
	b.want("80caff4000", "ff40009000")
}

// TestRoutesDoNotMix: a sequence goes on where it began.
func TestRoutesDoNotMix(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-051")
	b := newBench(t)
	object := unhex(t, storeHex(others))
	b.at = routes["domain"]
	if sw := status(b, b.writer(), rawStore{0x10, 0, object[:4]}); sw != iso7816.OK {
		t.Fatal(sw)
	}
	b.at = routes["channel"]
	if sw := status(b, b.writer(), rawStore{0x90, 1, object[4:]}); sw != iso7816.ConditionsNotSatisfied {
		t.Fatal(sw)
	}
	if sw := status(b, b.writer(), rawStore{0x10, 0, object[:4]}); sw != iso7816.OK {
		t.Fatal(sw)
	}
	if sw := status(b, b.writer(), rawStore{0x90, 1, object[4:]}); sw != iso7816.ConditionsNotSatisfied {
		t.Fatal("another selection:", sw)
	}
	if sw := status(b, b.writer(), rawStore{0x10, 0, object[:4]}); sw != iso7816.OK {
		t.Fatal(sw)
	}
	if sw := status(b, b.open(1), rawStore{0x90, 1, object[4:]}); sw != iso7816.ConditionsNotSatisfied {
		t.Fatal("another session:", sw)
	}
	b.want("80caff4000", "ff40009000")
}

// TestInstall: memory for rules, and parameters that are none.
func TestInstall(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-066", "SPEC-ARAM-080", "SPEC-ARAM-081")
	for _, c := range []struct {
		parameters []byte
		rules      int // of 43 bytes
	}{{nil, 1024 / 43}, {[]byte{0, 64}, 1}, {[]byte{0, 86}, 2}, {[]byte{8, 0}, 2048 / 43}, {[]byte{0x20, 0}, 8192 / 43}} {
		b := newBench(t, c.parameters...)
		b.at = routes["domain"]
		for n := range c.rules {
			b.wantWrite(storeHex(aRule(n)), iso7816.OK)
		}
		before := b.state()
		b.wantWrite(storeHex(aRule(c.rules)), iso7816.NotEnoughMemory)
		b.unchanged(before)
		b.wantWrite(storeHex(aRule(c.rules-1)), ara.RuleExisted)
		last := aRule(c.rules - 1)
		b.wantWrite(deleteHex(last), iso7816.OK)
		b.wantWrite(storeHex(last), iso7816.OK)
		if now := b.state(); now.rules != before.rules {
			t.Fatal(now)
		}
	}
	for _, bad := range [][]byte{{0}, {0, 63}, {0x20, 1}, {0x7F, 0xFF}, {0x80, 0}, {0xFF, 0xFF}, {0, 1, 0}, make([]byte, 20)} {
		card, err := bare.New(config())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := card.Load(aram.CAP); err != nil {
			t.Fatal(err)
		}
		_, err = card.Install(aram.PackageAID.Append(nil), aram.ModuleAID.Append(nil), ara.AIDMaster.Append(nil), bad)
		if err == nil || card.Applet(ara.AIDMaster.Append(nil)) != nil {
			t.Errorf("%X: %v", bad, err)
		}
	}
}

// TestFilterLimit: 29 filters of a target, in one rule or several, and the
// response that has them.
func TestFilterLimit(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-066", "SPEC-ARAM-025")
	filters := func(from, n int) ara.Rule {
		r := ara.Rule{Target: ara.Target{AIDRef: ara.OtherApplications, Package: "a.b"}}
		for i := range n {
			r.Rights.Filters = append(r.Rights.Filters, ara.Filter{Header: [4]byte{0x80, byte(from + i)}})
		}
		return r
	}
	store := func(b *bench, r ara.Rule) iso7816.SW {
		o, err := ara.Store(r)
		return b.write(object(b, o, err))
	}
	b := newBench(t)
	if sw := store(b, filters(0, 30)); sw != iso7816.NotEnoughMemory {
		t.Fatal(sw)
	}
	b.unchanged(state{b.state().tag, "ff4000"})
	full := filters(0, 29)
	full.Rights.NFC, full.Rights.Permissions = ara.Never, make([]byte, 8)
	if sw := store(b, full); sw != iso7816.OK {
		t.Fatal(sw)
	}
	b.wantSpecific(full.Target, full.Rights, 255)
	before := b.state()
	if sw := store(b, filters(100, 1)); sw != iso7816.NotEnoughMemory {
		t.Fatal(sw)
	}
	b.unchanged(before)
	b.wantWrite("f100", iso7816.OK)
	for from := range 29 {
		if sw := store(b, filters(from, 1)); from == 0 && sw != iso7816.OK || from > 0 && sw != ara.RuleExisted {
			t.Fatal(sw)
		}
	}
	if sw := store(b, filters(29, 1)); sw != iso7816.NotEnoughMemory {
		t.Fatal(sw)
	}
	b.wantSpecific(full.Target, filters(0, 29).Rights, 0)
}

// wantSpecific reads the rights of a target; size is that of the response, 0
// for any.
func (b *bench) wantSpecific(target ara.Target, want ara.Rights, size int) {
	b.Helper()
	b.want(selectMaster, "9000")
	cmd, err := ara.GetSpecific(target)
	if err != nil {
		b.Fatalf("%v", err)
	}
	c, err := cmd.APDU(nil)
	if err != nil {
		b.Fatalf("%v", err)
	}
	raw, err := c.Append(nil)
	if err != nil {
		b.Fatalf("%v", err)
	}
	data, sw := b.send(hex.EncodeToString(raw))
	if sw != iso7816.OK || size != 0 && len(data) != size {
		b.Fatalf("GET DATA [Specific]: %d bytes, %v", len(data), sw)
	}
	rights, err := ara.DecodeResponseRights(data)
	if err != nil {
		b.Fatalf("%v", err)
	}
	got, err := rights.Append(nil)
	wanted := object(b, got, err)
	expect, err := want.Append(nil)
	if !bytes.Equal(wanted, object(b, expect, err)) {
		b.Fatalf("rights %X, want %X", wanted, expect)
	}
}
