package os

import (
	"encoding/binary"

	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
)

// sequence is the sequence counter of a key version. Spec: SPEC-UICC-OS-022.
type sequence struct {
	card    *Card
	domain  domainID
	version byte
}

var _ scp.Counter = sequence{}

// Load implements scp.Counter.
func (s sequence) Load() uint32 {
	if b, ok := s.card.Machine().Record(recordSequence, keyID(s.domain, s.version, 0)[:3]); ok && len(b) == 4 {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Store implements scp.Counter.
func (s sequence) Store(value uint32) error {
	b := binary.BigEndian.AppendUint32(nil, value)
	if s.card.Machine().PutOwnRecord(recordSequence, keyID(s.domain, s.version, 0)[:3], b) != nil {
		return iso7816.MemoryFailure
	}
	return nil
}

// otaCounter is the counter of a key version of SCP80.
type otaCounter sequence

var _ scp80.Counter = otaCounter{}

// Load implements scp80.Counter.
func (s otaCounter) Load() uint64 {
	b, ok := s.card.Machine().Record(recordOTA, keyID(s.domain, s.version, 0)[:3])
	if !ok || len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// Store implements scp80.Counter.
func (s otaCounter) Store(value uint64) error {
	b := binary.BigEndian.AppendUint64(nil, value)
	if s.card.Machine().PutOwnRecord(recordOTA, keyID(s.domain, s.version, 0)[:3], b) != nil {
		return iso7816.MemoryFailure
	}
	return nil
}

// failures is the number of failed authentications in a row.
func (c *Card) failures(id domainID) int {
	if b, ok := c.Machine().Record(recordFailures, keyID(id, 0, 0)[:2]); ok && len(b) == 2 {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

// setFailures stores it; 0 is no record.
func (c *Card) setFailures(id domainID, n int) error {
	rid := keyID(id, 0, 0)[:2]
	if n == 0 {
		c.Machine().DeleteRecord(recordFailures, rid)
		return nil
	}
	if c.Machine().PutOwnRecord(recordFailures, rid, binary.BigEndian.AppendUint16(nil, uint16(min(n, 0xFFFF)))) != nil {
		return iso7816.MemoryFailure
	}
	return nil
}
