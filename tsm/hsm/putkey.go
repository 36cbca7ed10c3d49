package hsm

import (
	"context"
	"errors"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/mac"
)

// sealer puts key sets under a data encryption key.
type sealer struct {
	module  *Software
	encrypt gp.SensitiveCipher
	block   int
	wipe    func() // of the data encryption key; nil: whoever has it wipes it
}

// PutKey implements KeySealer: three keys with their check values. AES keys have their
// length in front where blocks are AES's, as Amendment D has it.
// Spec: SPEC-HSM-060.
func (s *sealer) PutKey(_ context.Context, ref KeyRef, replaced byte) (gp.PutKey, error) {
	if ref.Use == UseReceipt || ref.Master != "" && len(ref.Diversification) == 0 {
		return gp.PutKey{}, ErrUse
	}
	c, err := s.module.open(&ref, nil)
	if err != nil {
		return gp.PutKey{}, err
	}
	defer c.wipe()
	var fields []gp.KeyField
	for _, p := range c.parts() {
		k := gp.Key{Components: []gp.KeyValue{{Type: c.typ, Value: *p}}}
		f, err := k.Seal(s.encrypt, s.block, s.block == gp.DEKBlockAES && c.typ == keys.AES)
		if err != nil {
			return gp.PutKey{}, err
		}
		fields = append(fields, f)
	}
	return gp.PutKey{KeyVersion: replaced, KeyID: byte(keys.IDEnc), Multiple: true, NewKeyVersion: ref.Version, Blocks: gp.AppendKeyFields(nil, fields)}, nil
}

// errBlocks refuses key data that is not padded.
var errBlocks = errors.New("hsm: data for the data encryption key that are not whole blocks")

// newKIK enciphers under key 3 of a packet's key version: AES-CBC with a zero initial
// value, or triple DES in ECB mode. wipe ends it. Spec: SPEC-HSM-061.
func newKIK(c *set) (encrypt gp.SensitiveCipher, wipe func(), err error) {
	if c.typ == keys.AES {
		cbc, err := mac.NewCBC(c.keys.DEK)
		if err != nil {
			return nil, nil, err
		}
		return func(dst, src []byte) ([]byte, error) {
			if len(src) == 0 || len(src)%gp.DEKBlockAES != 0 {
				return dst, errBlocks
			}
			n := len(dst)
			dst = append(dst, src...)
			cbc.Encrypt(dst[n:], dst[n:], nil)
			return dst, nil
		}, cbc.Wipe, nil
	}
	block, err := mac.NewTDES(c.keys.DEK)
	if err != nil {
		return nil, nil, err
	}
	return func(dst, src []byte) ([]byte, error) {
		if len(src) == 0 || len(src)%gp.DEKBlockDES != 0 {
			return dst, errBlocks
		}
		n := len(dst)
		dst = append(dst, src...)
		for at := n; at < len(dst); at += gp.DEKBlockDES {
			block.Encrypt(dst[at:], dst[at:])
		}
		return dst, nil
	}, func() { block = nil }, nil
}
