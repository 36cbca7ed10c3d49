package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
)

// putKey is PUT KEY: all keys of the command or none. Spec: SPEC-UICC-OS-060,
// SPEC-UICC-OS-061.
func (s *session) putKey(dst []byte, cmd *apdu.Command) ([]byte, error) {
	k, err := gp.DecodePutKey(cmd)
	if err != nil {
		return dst, err
	}
	if s.d.id == authorityID {
		return dst, iso7816.ConditionsNotSatisfied
	}
	if !keys.ValidNewVersion(k.NewKeyVersion) {
		return dst, iso7816.WrongData
	}
	fields, err := gp.DecodeKeyFields(k.Blocks)
	if err != nil {
		return dst, err
	}
	fields = gp.JoinComponents(fields)
	if len(fields) > 1 && !k.Multiple || int(k.KeyID)+len(fields)-1 > gp.MaxKeyNumber || k.KeyID == 0 && len(fields) > 1 {
		return dst, iso7816.WrongData
	}
	var opened []gp.Key
	defer func() {
		for i := range opened {
			opened[i].Wipe()
		}
	}()
	var stored []storedKey
	for i := range fields {
		key, err := fields[i].Open(s.decrypt, s.dekBlock())
		if err != nil {
			return dst, err
		}
		opened = append(opened, key)
		stored = append(stored, storedKey{version: k.NewKeyVersion, id: k.KeyID + byte(i), usage: key.Usage, access: key.Access,
			extended: key.Extended, values: key.Components})
	}
	if err := s.d.storeKeys(k.KeyVersion, stored, s); err != nil {
		return dst, err
	}
	r := gp.PutKeyResponse{KeyVersion: k.NewKeyVersion, CheckValues: gp.AppendCheckValues(nil, opened)}
	return r.Append(dst), nil
}

// storeKeys adds keys, or with a version that is replaced puts them in its place.
// Adding the first keys of secure channels takes those of version FF away, and
// makes a domain PERSONALIZED. 6A84 for more keys than can be deleted again together.
// by is the session that does it; nil: none of the domain's.
func (d *domain) storeKeys(replaced byte, stored []storedKey, by *session) error {
	c := d.card
	version := stored[0].version
	list := c.keyList(d.id)
	order := d.orderOf(list, replaced, version)
	for i := range stored {
		k := &stored[i]
		k.order = order
		if !plausible(k) {
			return iso7816.WrongData
		}
		exists := c.hasKey(d.id, k.version, k.id)
		switch {
		case replaced == 0 && exists:
			return iso7816.WrongData
		case replaced != 0 && !c.hasKey(d.id, replaced, k.id):
			return iso7816.ReferencedDataNotFound
		case replaced != 0 && replaced != version && exists:
			return iso7816.WrongData
		}
	}
	before := c.macKeys(d.id, replaced, version)
	defer before.wipe()
	err := c.eraseKeys(func() error {
		for i := range stored {
			if replaced != 0 && replaced != version {
				c.Machine().DeleteRecord(recordKey, keyID(d.id, replaced, stored[i].id))
			}
			if err := c.putKey(d.id, &stored[i]); err != nil {
				return err
			}
		}
		if err := c.settleCounters(d.id, &before, replaced, version); err != nil {
			return err
		}
		if replaced != 0 && replaced != version {
			c.deleteVersion(d.id, replaced)
		}
		if c.serves(version) && c.complete(d.id, version) {
			c.dropFactory(d.id, list)
		}
		if !d.erasable() {
			return iso7816.NotEnoughMemory
		}
		if err := d.manageable(); err != nil {
			return err
		}
		return d.personalized()
	})
	if err == nil {
		c.endChannels(d.id, replaced, by)
	}
	return err
}

// erasable tells whether one transaction has room for the deletion of a domain with all
// its records: nobody makes a domain that its issuer cannot delete.
// Spec: SPEC-UICC-OS-145.
func (d *domain) erasable() bool {
	if d.id == issuerID {
		return true
	}
	list := d.card.keyList(d.id)
	versions := map[byte]bool{}
	for _, k := range list {
		versions[k.version] = true
	}
	const others = 3 // failures, confirmation counter and entry; each version has two counters
	return len(list)+2*len(versions)+len(storable)+others <= d.card.Machine().MaxDeletions()
}

// dropFactory removes the initial keys, version FF: within a transaction.
func (c *Card) dropFactory(id domainID, list []storedKey) {
	for _, k := range list {
		if k.version == 0xFF {
			c.Machine().DeleteRecord(recordKey, keyID(id, 0xFF, k.id))
		}
	}
	c.deleteVersion(id, 0xFF)
}

// personalized makes a domain with keys of its own PERSONALIZED.
func (d *domain) personalized() error {
	e := d.entry()
	if d.id == issuerID || e.state != gp.Selectable || !d.hasChannelKeys() && !d.otaVersions() {
		return nil
	}
	e.state = gp.Personalized
	return d.card.put(&e)
}

// orderOf is the place of a version among the others: that of the one it
// replaces, or behind all.
func (d *domain) orderOf(list []storedKey, replaced, version byte) uint16 {
	last := -1
	for _, k := range list {
		last = max(last, int(k.order))
	}
	for _, k := range list {
		if k.version == replaced || replaced == 0 && k.version == version {
			return k.order
		}
	}
	return uint16(last + 1)
}

func (c *Card) hasKey(id domainID, version, kid byte) bool {
	_, ok := c.Machine().Record(recordKey, keyID(id, version, kid))
	return ok
}

// plausible tells whether a key can be used for anything: sizes of its type, and a
// public key that is one.
func plausible(k *storedKey) bool {
	if len(k.values) == 1 {
		v := k.values[0]
		if info, ok := v.Type.Info(); !ok || info.Form == keys.Symmetric && !v.Type.Valid(len(v.Value)) {
			return false
		}
	}
	switch k.values[0].Type {
	case keys.RSAPublicModulus, keys.RSAPublicExponent, keys.ECPublic:
		return publicKey(k) != nil
	}
	return true
}

// decrypt deciphers sensitive data under the data encryption key of the session.
func (s *session) decrypt(dst, src []byte) ([]byte, error) {
	if s.remote != nil {
		return s.remote.decrypt(dst, src)
	}
	if len(src) == 0 || len(src)%s.dekBlock() != 0 {
		return dst, iso7816.WrongData
	}
	return s.secure.DecryptSensitive(dst, src)
}

// dekBlock is the block size of that key, bytes.
func (s *session) dekBlock() int {
	if s.remote != nil {
		return s.remote.dekBlock
	}
	if s.secure.option.Protocol == gp.SCP02 {
		return gp.DEKBlockDES
	}
	return gp.DEKBlockAES
}
