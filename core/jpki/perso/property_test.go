package perso

import (
	"bytes"
	"crypto/ecdh"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/jpki"
)

// TestBothSides makes an order and lets the applet's side, which has the other
// private key, open what the authority's side seals.
func TestBothSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ca, err := NewSoftwareKey(rapid.Byte().Draw(t, "version"), scalar(t, "CA key"))
		if err != nil {
			t.Skip("no scalar of the group")
		}
		card, err := ecdh.P256().NewPrivateKey(scalar(t, "ephemeral key"))
		if err != nil {
			t.Skip("no scalar of the group")
		}
		aid, err := gp.NewAID(rapid.SliceOfN(rapid.Byte(), 5, 16).Draw(t, "AID"))
		if err != nil {
			t.Fatal(err)
		}
		o := &Order{Purpose: jpki.PurposeIssue, Origin: jpki.OriginOnCard, Roles: jpki.Both, Counter: rapid.Uint32().Draw(t, "counter"),
			CAKeyVersion: ca.Version(), CAPoint: ca.Point()}
		s := OrderStatement{Header: Header{StatementOrder, o.Hash(), o.Counter}, Point: Point(card.PublicKey().Bytes())}
		session, err := Open(o, Card{AID: aid, Unattested: true}, &s, ca)
		if err != nil {
			t.Fatal(err)
		}
		items := []Item{{ItemCertificate, rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(t, "certificate")}, {ItemCode.For(jpki.Sign), make([]byte, jpki.CodeLen)}}
		sequence := rapid.ByteMin(1).Draw(t, "sequence")
		sealed, err := session.Seal(nil, sequence, items)
		if err != nil {
			t.Fatal(err)
		}
		public, err := ecdh.P256().NewPublicKey(o.CAPoint[:])
		if err != nil {
			t.Fatal(err)
		}
		z, err := card.ECDH(public)
		if err != nil {
			t.Fatal(err)
		}
		keys := DeriveKeys(z, aid, o.Hash(), &s.Point)
		opened, kind, got, err := NewCipher(&keys).Open(sealed)
		if err != nil || opened != sequence || kind != o.Purpose || !bytes.Equal(AppendItems(nil, got), AppendItems(nil, items)) {
			t.Fatalf("%v %v", got, err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "changed byte")
		sealed[at] ^= rapid.ByteMin(1).Draw(t, "change")
		if _, _, _, err := NewCipher(&keys).Open(sealed); err == nil {
			t.Fatal("a changed envelope is opened")
		}
	})
}

func scalar(t *rapid.T, name string) []byte {
	return rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name)
}
