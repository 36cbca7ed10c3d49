package jpki_test

import (
	"crypto/sha256"
	"testing"

	"inkan/core/gp"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// TestForeignReset is an SP-TSM that orders a PIN reset from itself: it has the
// domain's keys, and takes a content key of its own instead of the CA's. With the
// code that it would choose, whoever has the phone would sign as the holder.
func TestForeignReset(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-080")
	a := issued(t, options{})
	card := a.own(0x33)
	scalar := sha256.Sum256([]byte("a key of the SP-TSM"))
	for _, version := range []byte{1, 2} {
		foreign, err := perso.NewSoftwareKey(version, scalar[:])
		if err != nil {
			t.Fatal(err)
		}
		o := a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Auth, 9)
		o.CAPoint, o.CAKeyVersion = foreign.Point(), version
		wantRaw(t, card, 0xB001, a.bytes(o), 0x6985)
		a.want("00200098", "63C3")
	}
	o := a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Auth, 9)
	o.CAKeyVersion = 2 // the CA's point under another version
	wantRaw(t, card, 0xB001, a.bytes(o), 0x6985)
	if got := a.phaseOf(card); got[2:4] != "00" || got[8:16] == "00000009" {
		t.Errorf("an order is open, or raised the counter: %s", got)
	}
	a.place(card, a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Auth, 9)) // the CA's own
	// After an erasure the next issue may be under another key, and counts.
	a.do(card, groups().Erase(perso.OrderID{}))
	next, err := perso.NewSoftwareKey(2, scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	old := a.key
	a.key = next
	order := func(purpose vocabulary.Purpose, origin vocabulary.Origin, counter uint32) *perso.Order {
		o := a.newOrder(purpose, origin, vocabulary.Auth, counter)
		o.CAKeyVersion = 2
		return o
	}
	a.place(card, order(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 10))
	a.fill(card)
	a.activate(card)
	a.place(card, order(vocabulary.PurposePINReset, vocabulary.OriginNone, 11))
	a.key = old
	wantRaw(t, card, 0xB001, a.bytes(a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Auth, 12)), 0x6985)
}

// TestUnprotectedBlock is somebody on the line who puts a block without secure
// messaging between those of a session: SecureChannel.unwrap of the API gives
// such a command back as it is, so the application has to look at the class. It
// is no way to end the session, either.
func TestUnprotectedBlock(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-081")
	r := newRig(t, options{})
	card := r.own(0x33)
	wantStore(t, card, 0x08, 0, stateGroup, 0x9000)
	r.want("80E2088103B00900", "6982")
	wantStore(t, card, 0x08, 1, stateGroup, 0x6A86) // the block sequence has ended, the session has not
	wantStore(t, card, 0x88, 0, stateGroup, 0x9000)
}

// TestOthersSession is the application, selected on a logical channel, while a
// host has a session with the security domain on another: that one is not the
// application's.
func TestOthersSession(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-081")
	r := newRig(t, options{})
	r.get(selectDomain)
	r.want("0070000001", "019000")
	r.want("01A4040C0AD392F000260100000001", "9000")
	card := r.open(0x33)
	for _, class := range []string{"81", "85"} {
		r.want(class+"E2880003B00900", "6982")
	}
	if _, err := gp.Exchange(ctx, card, gp.GetData{Tag: gp.TagCardData}, nil); err != nil {
		t.Errorf("the domain's session: %v", err)
	}
}
