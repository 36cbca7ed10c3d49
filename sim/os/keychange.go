package os

import (
	"crypto/subtle"

	"inkan/core/iso7816"
	"inkan/core/keys"
)

// macKeys are copies of the keys that authenticate commands, as they are before keys
// are put: under the version that they come to, and under that which they replace.
// nil: there is none.
type macKeys struct{ own, replaced *storedKey }

func (c *Card) macKeys(id domainID, replaced, version byte) (m macKeys) {
	m.own = c.key(id, version, byte(keys.IDMAC))
	if replaced != 0 && replaced != version {
		m.replaced = c.key(id, replaced, byte(keys.IDMAC))
	}
	return m
}

func (m *macKeys) wipe() {
	for _, k := range []*storedKey{m.own, m.replaced} {
		if k != nil {
			k.wipe()
		}
	}
}

// sameKey tells whether two keys have one value.
func sameKey(a, b *storedKey) bool {
	return a != nil && b != nil && subtle.ConstantTimeCompare(a.values[0].Value, b.values[0].Value) == 1
}

// settleCounters sets the counters of a version to zero when its key 02 is another
// than before, and carries them on when it is not: what a key has authenticated
// once, it does not again. Whoever failed to authenticate did so to other keys.
// Within a transaction. Spec: SPEC-UICC-OS-114, SPEC-UICC-OS-127.
func (c *Card) settleCounters(id domainID, before *macKeys, replaced, version byte) error {
	after := c.key(id, version, byte(keys.IDMAC))
	if after == nil {
		return nil
	}
	defer after.wipe()
	if sameKey(before.own, after) {
		return nil
	}
	moved := sameKey(before.replaced, after)
	if !moved && c.serves(version) {
		c.Machine().DeleteRecord(recordFailures, keyID(id, 0, 0)[:2])
	}
	for _, kind := range []byte{recordSequence, recordOTA} {
		to := keyID(id, version, 0)[:3]
		b, ok := c.Machine().Record(kind, keyID(id, replaced, 0)[:3])
		if !moved || !ok {
			c.Machine().DeleteRecord(kind, to)
		} else if c.Machine().PutRecord(kind, to, b) != nil {
			return iso7816.NotEnoughMemory
		}
	}
	return nil
}

// manageable refuses a change of keys after which nobody could authenticate to the
// issuer's domain: without a whole key set of a protocol that it offers, and without
// keys for packets. Within a transaction. Spec: SPEC-UICC-OS-120.
func (d *domain) manageable() error {
	if d.id != issuerID {
		return nil
	}
	if _, _, ok := d.card.channelVersion(d, issuerID, 0); ok {
		return nil
	}
	for _, k := range d.card.keyList(d.id) {
		if keys.UseOf(k.version) == keys.UseSCP80 && k.id == byte(keys.IDMAC) {
			return nil
		}
	}
	return iso7816.ConditionsNotSatisfied
}

// endChannels ends the secure channels that were opened with keys which are gone, or
// are not those that serve the domain any more, but that by which the command came.
// replaced is the version of the owner whose keys have other values; 0: none.
// Spec: SPEC-UICC-OS-116.
func (c *Card) endChannels(owner domainID, replaced byte, by *session) {
	for _, d := range c.domains {
		for _, s := range d.sessions {
			if s == by || s.secure.open == nil {
				continue
			}
			now, version, _, ok := d.keysFor(s.secure.version)
			stale := s.secure.owner == owner && s.secure.version == replaced
			if stale || !ok || now != s.secure.owner || version != s.secure.version {
				s.end()
			}
		}
	}
}
