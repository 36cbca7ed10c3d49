package scp02_test

import (
	"context"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
)

// counter is a sequence counter; a card keeps it in non-volatile memory.
type counter uint32

func (c *counter) Load() uint32             { return uint32(*c) }
func (c *counter) Store(value uint32) error { *c = counter(value); return nil }

// opening is a card that does nothing but open channels.
type opening struct{ *scp02.Card }

func (o opening) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	return o.Card.Handshake(dst, cmd), nil
}

// Both ends of a channel with option i=55 at level 03: GET STATUS goes out
// encrypted and with a MAC, and the card has it plain again. scp.Secured does
// wrapping and unwrapping for code that talks to an apdu.Card.
func ExampleOpen() {
	set := &scp.KeySet{Version: 0x20, Enc: keys.TestKey(), MAC: keys.TestKey(), DEK: keys.TestKey()}
	card, err := scp02.NewCard(scp02.CardConfig{
		Options: 0x55,
		Keys:    func(version byte) (*scp.KeySet, scp.Counter) { return set, new(counter) },
		AID:     gp.AIDIssuerSecurityDomain.Append(nil),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	host, err := scp02.Open(context.Background(), opening{card}, scp02.HostConfig{
		Options: 0x55,
		Keys:    scp02.FixedKeys(set),
		Level:   scp.CMAC | scp.CDecryption,
		Entropy: entropy.Seeded(1, "host"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer host.Close()

	status, _ := gp.GetStatus{Subset: gp.SubsetApplications}.APDU(nil)
	plain, _ := status.Append(nil)
	wrapped, err := host.Wrap(nil, plain)
	fmt.Printf("%X becomes %X, %v\n", plain, wrapped, err)
	unwrapped, err := card.Unwrap(nil, wrapped)
	fmt.Printf("and %X again, %v\n", unwrapped, err)
	// Output:
	// 80F24002024F0000 becomes 84F2400210F327A3C1385663D4B5307115CA386ADB00, <nil>
	// and 80F24002024F0000 again, <nil>
}
