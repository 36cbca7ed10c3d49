package hsm

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp/scp80"
)

// fixedCounter makes a scp80.Host use the counter that it is told.
type fixedCounter uint64

// Load implements scp80.Counter.
func (c *fixedCounter) Load() uint64 { return uint64(*c) }

// Store implements scp80.Counter: who keeps it is the caller of Seal.
func (c *fixedCounter) Store(uint64) error { return nil }

type packets struct {
	host    *scp80.Host // nil: closed
	set     *scp80.KeySet
	counter fixedCounter
	block   int
	sealer
}

// Packets implements Module: weak protection is refused, which nobody would want for
// content of a card. Spec: SPEC-HSM-020, SPEC-HSM-023.
func (s *Software) Packets(_ context.Context, k KeyRef, spi scp80.SPI) (Packets, error) {
	if spi.Integrity() != scp80.CC || spi.CounterMode() < scp80.CounterHigher || spi.PoRMode() != scp80.PoR || spi.PoRIntegrity() != scp80.CC {
		return nil, fmt.Errorf("hsm: SPI %v: want checksums of packets and proofs, a checked counter, a proof always", spi)
	}
	if k.Use != UseSCP80 {
		return nil, ErrUse
	}
	c, err := s.open(&k, nil)
	if err != nil {
		return nil, err
	}
	defer c.wipe()
	p := &packets{block: gp.DEKBlockAES}
	algorithm := scp80.AES
	if c.typ == keys.DES {
		algorithm, p.block = scp80.TDES2, gp.DEKBlockDES
		if len(c.keys.Enc) == 24 {
			algorithm = scp80.TDES3
		}
	}
	cfg := scp80.KeySetConfig{Version: k.Version, KIc: scp80.Key{Algorithm: algorithm, Value: c.keys.Enc}, KID: scp80.Key{Algorithm: algorithm, Value: c.keys.MAC}, Counter: &p.counter}
	if p.set, err = scp80.NewKeySet(cfg); err != nil {
		return nil, err
	}
	if p.host, err = scp80.NewHost(scp80.HostConfig{SPI: spi, Cipher: p.set, Integrity: p.set}); err != nil {
		p.set.Wipe()
		return nil, err
	}
	encrypt, wipe, err := newKIK(c)
	if err != nil {
		p.set.Wipe()
		return nil, err
	}
	p.sealer = sealer{module: s, encrypt: encrypt, block: p.block, wipe: wipe}
	return p, nil
}

// BlockBytes implements Packets.
func (p *packets) BlockBytes() int { return p.block }

// Seal implements Packets.
func (p *packets) Seal(dst []byte, tar scp80.TAR, counter uint64, data []byte) ([]byte, error) {
	switch {
	case p.host == nil:
		return dst, ErrClosed
	case counter == 0:
		return dst, errors.New("hsm: packet counter 0: want 1 or more")
	case counter > scp80.MaxCounter:
		return dst, scp80.ErrCounterBlocked
	}
	p.counter = fixedCounter(counter - 1)
	out, _, err := p.host.Seal(dst, tar, data)
	return out, err
}

// Open implements Packets.
func (p *packets) Open(dst []byte, tar scp80.TAR, counter uint64, proof []byte) ([]byte, scp80.Response, error) {
	if p.host == nil {
		return dst, scp80.Response{}, ErrClosed
	}
	out, r, err := p.host.Open(dst, scp80.Ticket{TAR: tar, Counter: counter}, proof)
	if err == nil && !r.Fresh {
		clear(out[len(dst):])
		return dst, r, scp80.ErrProof
	}
	return out, r, err
}

// Close implements Packets.
func (p *packets) Close() {
	if p.host != nil {
		p.set.Wipe()
		p.sealer.wipe()
		p.host = nil
	}
}

// PutKey implements KeySealer.
func (p *packets) PutKey(ctx context.Context, set KeyRef, replaced byte) (gp.PutKey, error) {
	if p.host == nil {
		return gp.PutKey{}, ErrClosed
	}
	return p.sealer.PutKey(ctx, set, replaced)
}
