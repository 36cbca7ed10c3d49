package os

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/wire"
)

// storedKey is a key of a domain in the memory.
type storedKey struct {
	version, id   byte
	order         uint16 // of versions: the first one is the default
	usage, access []byte
	extended      bool
	values        []gp.KeyValue
}

func keyID(id domainID, version, kid byte) []byte {
	return []byte{byte(id >> 8), byte(id), version, kid}
}

// encode is the record: order(2) extended(1), with a length byte each usage and
// access, then for each component type(1), length(2) and value.
func (k *storedKey) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, k.order)
	b = append(b, 0)
	if k.extended {
		b[2] = 1
	}
	b = append(append(b, byte(len(k.usage))), k.usage...)
	b = append(append(b, byte(len(k.access))), k.access...)
	for _, v := range k.values {
		b = append(b, byte(v.Type))
		b = binary.BigEndian.AppendUint16(b, uint16(len(v.Value)))
		b = append(b, v.Value...)
	}
	return b
}

func decodeKey(id, b []byte) (*storedKey, bool) {
	if len(id) != 4 {
		return nil, false
	}
	k := &storedKey{version: id[2], id: id[3]}
	r := wire.NewReader("key record", b)
	k.order, k.extended = r.Uint16("order"), r.Byte("form") == 1
	k.usage, k.access = r.LV("usage"), r.LV("access")
	for r.More() && r.Err() == nil {
		t := keys.Type(r.Byte("type"))
		k.values = append(k.values, gp.KeyValue{Type: t, Value: r.Bytes(int(r.Uint16("length")), "value")})
	}
	return k, r.End() == nil && len(k.values) > 0
}

// wipe overwrites a copy.
func (k *storedKey) wipe() {
	for _, v := range k.values {
		clear(v.Value)
	}
}

// putKey stores a key, at once or with the open transaction.
func (c *Card) putKey(id domainID, k *storedKey) error {
	b := k.encode()
	defer clear(b)
	if c.Machine().PutRecordFor(c.account(id), recordKey, keyID(id, k.version, k.id), b) != nil {
		return iso7816.NotEnoughMemory
	}
	return nil
}

// key is a copy of a domain's key, to be wiped; nil: there is none.
func (c *Card) key(id domainID, version, kid byte) *storedKey {
	rid := keyID(id, version, kid)
	b, ok := c.Machine().Record(recordKey, rid)
	if !ok {
		return nil
	}
	k, ok := decodeKey(rid, b)
	if !ok {
		return nil
	}
	return k
}

// keyList is the keys of a domain without their values: lengths remain. In the
// order of versions as they came, and of identifiers.
func (c *Card) keyList(id domainID) []storedKey {
	var all []storedKey
	c.Machine().EachRecord(recordKey, func(rid, data []byte) {
		if bytes.HasPrefix(rid, []byte{byte(id >> 8), byte(id)}) {
			if k, ok := decodeKey(bytes.Clone(rid), data); ok {
				k.wipe()
				all = append(all, *k)
			}
		}
	})
	slices.SortFunc(all, func(a, b storedKey) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.version, b.version), cmp.Compare(a.id, b.id))
	})
	return all
}

// channelVersion finds the key version for a secure channel to a domain among the
// owner's: the one asked for, or for 00 the first that serves.
// Spec: SPEC-UICC-OS-020, SPEC-UICC-OS-021.
func (c *Card) channelVersion(d *domain, owner domainID, version byte) (v byte, option gp.SCPOption, ok bool) {
	list := c.keyList(owner)
	for _, k := range list {
		if k.id != byte(keys.IDEnc) || version != 0 && k.version != version || !c.serves(k.version) {
			continue
		}
		o, offered := c.protocolFor(d, k.values[0].Type)
		if !offered || !uniform(list, k.version) {
			continue
		}
		if ok && keys.UseOf(k.version) == keys.UseSCP80 { // only where there is no other
			continue
		}
		v, option, ok = k.version, o, true
		if keys.UseOf(v) != keys.UseSCP80 {
			return v, option, ok
		}
	}
	return v, option, ok
}

// serves tells whether the use of a version leaves room for secure channels.
func (c *Card) serves(version byte) bool {
	switch keys.UseOf(version) {
	case keys.UseSCP02, keys.UseSCP03, keys.UseFactory, keys.UseUnassigned:
		return true
	case keys.UseSCP80:
		return !c.cfg.Policy.SeparateVersions
	}
	return false
}

// complete tells whether a version has the three keys.
func (c *Card) complete(id domainID, version byte) bool {
	for kid := byte(1); kid <= 3; kid++ {
		if _, ok := c.Machine().Record(recordKey, keyID(id, version, kid)); !ok {
			return false
		}
	}
	return true
}

// uniform tells whether a version has the three keys, all of one cipher.
func uniform(list []storedKey, version byte) bool {
	var types [3]keys.Type
	for _, k := range list {
		if k.version == version && k.id >= 1 && k.id <= 3 {
			types[k.id-1] = k.values[0].Type
		}
	}
	for _, t := range types {
		if t == 0 || t != types[0] && !(t.IsDES() && types[0].IsDES()) {
			return false
		}
	}
	return true
}

// protocolFor is the protocol that a domain offers for a key type.
func (c *Card) protocolFor(d *domain, t keys.Type) (gp.SCPOption, bool) {
	want := gp.SCP03
	if t.IsDES() {
		want = gp.SCP02
	} else if t != keys.AES {
		return gp.SCPOption{}, false
	}
	for _, p := range d.protocols() {
		if p.Protocol == want {
			return p, true
		}
	}
	return gp.SCPOption{}, false
}

// keySet is a copy of three keys, to be wiped; nil when one is not there.
func (c *Card) keySet(id domainID, version byte) *scp.KeySet {
	set := &scp.KeySet{Version: version}
	for i, place := range []*[]byte{&set.Enc, &set.MAC, &set.DEK} {
		k := c.key(id, version, byte(i+1))
		if k == nil {
			set.Wipe()
			return nil
		}
		*place = k.values[0].Value
	}
	return set
}

// eraseKeys runs what removes or replaces keys: in one transaction, with the bytes
// overwritten afterwards, also after a power cut. Spec: SPEC-UICC-OS-045.
func (c *Card) eraseKeys(fn func() error) (err error) {
	m := c.Machine()
	if m.PutOwnRecord(recordWiping, nil, []byte{1}) != nil {
		return iso7816.NotEnoughMemory
	}
	m.WipeFreed(func() { err = c.transaction(fn) })
	if err != nil { // keys that were written and taken back
		m.WipeFree()
	}
	m.DeleteRecord(recordWiping, nil)
	return err
}

// deleteVersion removes the counters of a version that has no keys left: within a
// transaction.
func (c *Card) deleteVersion(id domainID, version byte) {
	for _, k := range c.keyList(id) {
		if k.version == version {
			return
		}
	}
	c.Machine().DeleteRecord(recordSequence, keyID(id, version, 0)[:3])
	c.Machine().DeleteRecord(recordOTA, keyID(id, version, 0)[:3])
}
