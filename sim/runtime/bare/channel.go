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
	optionsSCP02 = scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.PseudoRandom
)

// newChannel makes the security domain's secure channel over the chip's
// engines.
func newChannel(c *Card) (runtime.SecureChannel, error) {
	aid := gp.AIDIssuerSecurityDomain.Append(nil)
	keys := func(version byte) (*scp.KeySet, scp.Counter) {
		if version != 0 && version != c.cfg.Keys.Version {
			return nil, nil
		}
		return c.cfg.Keys, (*counter)(c)
	}
	if c.cfg.SCP == gp.SCP02 {
		return scp02.NewCard(scp02.CardConfig{Options: optionsSCP02, Keys: keys, AID: aid, Entropy: c.Engines(),
			Observer: c.cfg.Observer, Engine: c.Engines()})
	}
	return scp03.NewCard(scp03.CardConfig{Options: optionsSCP03, Keys: keys, AID: aid, Entropy: c.Engines(),
		Observer: c.cfg.Observer, Cipher: c.Engines().AES})
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
