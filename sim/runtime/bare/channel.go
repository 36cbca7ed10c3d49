package bare

import (
	"encoding/binary"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/runtime"
)

// The implementation options of the two protocols.
const (
	optionsSCP03 = scp03.PseudoRandom | scp03.ResponseMAC | scp03.ResponseEncryption
	optionSCP02  = scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.PseudoRandom
)

// newChannel makes the security domain's secure channel over the chip's
// engines.
func newChannel(c *Card) (runtime.SecureChannel, error) {
	aid := gp.AIDIssuerSecurityDomain.Append(nil)
	of := func(version byte) bool { return version == 0 || version == c.cfg.Keys.Version }
	if c.cfg.SCP == gp.SCP02 {
		return scp02.NewCard(scp02.CardConfig{Option: optionSCP02, AID: aid, Counter: (*counter)(c), Engine: c.Engines(),
			Entropy: c.Engines(), Observer: c.cfg.Observer,
			Keys: func(version byte) (*scp.KeySet, bool) { return c.cfg.Keys, of(version) }})
	}
	return scp03.NewCard(scp03.CardConfig{Options: optionsSCP03, AID: aid, Entropy: c.Engines(), Observer: c.cfg.Observer,
		Cipher: c.Engines().AES,
		Keys: func(version byte) (*scp.KeySet, scp.Counter) {
			if !of(version) {
				return nil, nil
			}
			return c.cfg.Keys, (*counter)(c)
		}})
}

// counter is the sequence counter, in NVM.
type counter Card

// Load implements scp.Counter.
func (k *counter) Load() uint32 {
	if b, ok := k.Machine().Record(recordCounter, nil); ok && len(b) == 4 {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Store implements scp.Counter.
func (k *counter) Store(value uint32) error {
	if k.Machine().PutRecord(recordCounter, nil, binary.BigEndian.AppendUint32(nil, value)) != nil {
		return iso7816.MemoryFailure
	}
	return nil
}
