package channel

import (
	"context"

	"inkan/core/scp/scp80"
)

// spi80 asks for a cryptographic checksum, ciphering and a rising counter, and
// for a proof of receipt that has them too.
const spi80 = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

// counter80 is a replay counter that lives as long as the exchange.
type counter80 uint64

// Load is the counter's value.
func (c *counter80) Load() uint64 { return uint64(*c) }

// Store sets it.
func (c *counter80) Store(v uint64) error {
	*c = counter80(v)
	return nil
}

// oneApplication is a card with one application that takes remote commands.
type oneApplication struct{}

// MinimumSecurity wants what spi80 has from whoever addresses the application.
func (oneApplication) MinimumSecurity(tar scp80.TAR) (scp80.SPI, bool) {
	return spi80, tar == scp80.TARIssuerSD
}

// oneKeySet is a card with one over-the-air key set.
type oneKeySet struct{ set *scp80.KeySet }

// KeySet is the set if it has this version.
func (k oneKeySet) KeySet(version byte) *scp80.KeySet {
	if k.set.Version() == version {
		return k.set
	}
	return nil
}

// SCP80 runs one short message with AES: ciphered, with checksum and counter,
// and a proof of receipt with the same protection. There is no session; every
// packet stands alone.
func SCP80(ctx context.Context, seed uint64) (*Exchange, error) {
	e := &Exchange{Title: "SCP80, AES-128, SPI 1619 in one short message", Spec: "spec/SCP80.md"}
	hostKeys, err := testKeySet80()
	if err != nil {
		return nil, err
	}
	cardKeys, err := testKeySet80()
	if err != nil {
		return nil, err
	}
	host, err := scp80.NewHost(scp80.HostConfig{SPI: spi80, Cipher: hostKeys, Integrity: hostKeys})
	if err != nil {
		return nil, err
	}
	card := scp80.NewCard(scp80.CardConfig{Keys: oneKeySet{cardKeys}, Applications: oneApplication{}})
	return e, e.overTheAir(ctx, host, card)
}

func testKeySet80() (*scp80.KeySet, error) {
	keys := testKeys(0x01)
	return scp80.NewKeySet(scp80.KeySetConfig{
		Version: 1, Counter: new(counter80),
		KIc: scp80.Key{Algorithm: scp80.AES, Value: keys.Enc},
		KID: scp80.Key{Algorithm: scp80.AES, Value: keys.MAC},
	})
}

// overTheAir sends GET DATA for the card's number in a short message, shows the
// proof of receipt, and sends the recorded message again.
func (e *Exchange) overTheAir(_ context.Context, host *scp80.Host, card *scp80.Card) error {
	command := []byte{0x80, 0xCA, 0x00, 0x42, 0x00}
	packet, ticket, err := host.Seal(nil, scp80.TARIssuerSD, command)
	if err != nil {
		return err
	}
	e.add(ToCard, "command packet", append(cut(command, part{-1, "plain: GET DATA 0042, inside the host"}),
		cut(packet, part{2, "CPL: length of the packet"}, part{1, "CHL: length of the header"}, part{2, "SPI"},
			part{2, "KIc, KID: key set 1, AES"}, part{3, "TAR: the issuer security domain"},
			part{-1, "counter, padding count, checksum, data: encrypted"})...)...)
	envelope, err := e.envelope(packet)
	if err != nil {
		return err
	}
	proof, err := e.receive(card, envelope, ToCard, "the terminal's ENVELOPE (SMS-PP download)")
	if err != nil {
		return err
	}
	data, answer, err := host.Open(nil, ticket, proof)
	if err != nil {
		return err
	}
	e.add(FromCard, "proof of receipt: "+answer.Status.Meaning(), append(
		cut(proof, part{2, "RPL"}, part{1, "RHL"}, part{3, "TAR"}, part{-1, "counter, padding count, status, checksum, data: encrypted"}),
		cut(data, part{1, "plain: one command executed"}, part{2, "its status word"}, part{-1, "its data"})...)...)
	again, err := e.receive(card, envelope, Attack, "the same short message, recorded from the air")
	if err != nil {
		return err
	}
	_, answer, err = host.Open(nil, ticket, again)
	if err != nil {
		return err
	}
	e.add(FromCard, "refused: "+answer.Status.Meaning()+"; nothing was executed", cut(again, part{-1, "proof of receipt"})...)
	return nil
}
