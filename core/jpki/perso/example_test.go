package perso_test

import (
	"crypto/ecdh"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// The certificate authority's side of an issue: it makes an order, opens a
// session with the card's answer, and seals what the card is to have. The
// SP-TSM sends order and envelope in data groups (Transfer) and sees neither
// certificate nor code.
func Example() {
	scalar := make([]byte, 32)
	entropy.Seeded(1, "CA content key").Fill(scalar)
	ca, err := perso.NewSoftwareKey(1, scalar)
	if err != nil {
		fmt.Println(err)
		return
	}
	order := perso.Order{Purpose: jpki.PurposeIssue, Origin: jpki.OriginOnCard, Roles: jpki.Auth, ID: perso.OrderID{1}, Counter: 1,
		CAKeyVersion: ca.Version(), CAPoint: ca.Point()}

	// What the card answers: DecodeOrderStatement reads it. This card attests
	// nothing.
	entropy.Seeded(1, "card").Fill(scalar)
	ephemeral, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		fmt.Println(err)
		return
	}
	statement := perso.OrderStatement{Header: perso.Header{Type: perso.StatementOrder, OrderHash: order.Hash(), Counter: order.Counter},
		Point: perso.Point(ephemeral.PublicKey().Bytes())}

	session, err := perso.Open(&order, perso.Card{AID: jpki.AIDInstance, Unattested: true}, &statement, ca)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()
	envelope, err := session.Seal(nil, 1, []perso.Item{
		{Tag: perso.ItemValidity.For(jpki.Auth), Value: []byte("20311128145959Z")},
		{Tag: perso.ItemCode.For(jpki.Auth), Value: []byte("INKAN0123456")},
	})
	fmt.Println(len(envelope), err)

	groups, err := new(perso.Groups).Envelope(envelope).Activate(order.ID).Bytes()
	fmt.Printf("%X … %d bytes, %v\n", groups[:5], len(groups), err)
	// Output:
	// 66 <nil>
	// B003420101 … 88 bytes, <nil>
}
