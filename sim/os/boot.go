package os

import (
	"bytes"

	"inkan/core/gp"
	"inkan/core/iso7816"
)

// boot is what the operating system does at every start, before any command.
// Spec: SPEC-UICC-OS-002, SPEC-UICC-OS-003.
func (c *Card) boot() error {
	clear(c.domains)
	c.locking = false
	c.authority.Reset()
	if _, ok := c.Machine().Record(recordCard, nil); !ok {
		if err := c.first(); err != nil {
			return err
		}
	}
	c.bound()
	c.reconcile()
	if c.uicc != nil {
		return c.uicc.Boot(c.Card)
	}
	return nil
}

// first writes what a new card has; the card's state comes last.
// Spec: SPEC-UICC-OS-001.
func (c *Card) first() error {
	i := &c.cfg.Issuer
	issuer := entry{aid: i.AID, kind: gp.KindIssuerSecurityDomain, state: c.cfg.State, privileges: i.Privileges,
		own: issuerID, domain: issuerID, tars: i.TARs, contactless: activated}
	if err := c.put(&issuer); err != nil {
		return err
	}
	for n, k := range i.Keys {
		if err := c.putKey(issuerID, &storedKey{version: k.Version, id: k.ID, order: uint16(n), values: k.Values}); err != nil {
			return err
		}
	}
	for _, object := range []struct {
		tag   uint32
		value []byte
	}{{uint32(gp.TagIIN), i.IIN}, {uint32(gp.TagCIN), i.CIN}} {
		tag, value := object.tag, object.value
		if value != nil {
			if err := c.putObject(issuerID, tag, value); err != nil {
				return err
			}
		}
	}
	if c.authority != nil {
		casd := entry{aid: gp.AIDCASD, kind: gp.KindSecurityDomain, state: gp.Personalized, privileges: gp.SecurityDomain | gp.GlobalService,
			own: authorityID, domain: issuerID, loadFile: gp.AIDSecurityDomainPackage, module: gp.AIDSecurityDomainModule, contactless: activated}
		if err := c.put(&casd); err != nil {
			return err
		}
	}
	if c.Machine().PutRecord(recordCard, nil, []byte{byte(c.cfg.State)}) != nil {
		return iso7816.NotEnoughMemory
	}
	return nil
}

// reconcile removes what an interrupted operation left: entries whose applet or
// package is not there, and erased keys whose bytes still are.
func (c *Card) reconcile() {
	gone := c.list(func(e *entry) bool {
		switch {
		case e.isDomain():
			return false
		case e.kind == gp.KindLoadFile:
			return c.Machine().PackageByAID(e.aid.Append(nil)) == nil
		}
		return c.Applet(e.aid.Append(nil)) == nil
	})
	for i := range gone {
		c.forget(&gone[i])
	}
	if _, ok := c.Machine().Record(recordWiping, nil); ok {
		c.Machine().WipeFree()
		c.Machine().DeleteRecord(recordWiping, nil)
	}
}

// state is the card's life cycle state. It is asked for each command: the record is
// read again after a change of records only.
func (c *Card) state() gp.LifeCycle {
	m := c.Machine()
	if n := m.RecordsNumber(); n != c.life.number {
		c.life.number, c.life.state = n, c.cfg.State
		if b, ok := m.Record(recordCard, nil); ok && len(b) == 1 {
			c.life.state = gp.LifeCycle(b[0])
		}
	}
	return c.life.state
}

// setState changes it, and with it that of the issuer's domain.
func (c *Card) setState(s gp.LifeCycle) error {
	if c.Machine().PutRecord(recordCard, nil, []byte{byte(s)}) != nil {
		return iso7816.NotEnoughMemory
	}
	return nil
}

func objectID(id domainID, tag uint32) []byte {
	return []byte{byte(id >> 8), byte(id), byte(tag >> 16), byte(tag >> 8), byte(tag)}
}

// putObject stores a data object of a domain.
func (c *Card) putObject(id domainID, tag uint32, value []byte) error {
	if c.Machine().PutRecordFor(c.account(id), recordObject, objectID(id, tag), value) != nil {
		return iso7816.NotEnoughMemory
	}
	return nil
}

func (c *Card) object(id domainID, tag uint32) ([]byte, bool) {
	return c.Machine().Record(recordObject, objectID(id, tag))
}

// forgetDomain removes all records of a domain but its entry: within a
// transaction.
func (c *Card) forgetDomain(id domainID) {
	prefix := []byte{byte(id >> 8), byte(id)}
	for _, kind := range []byte{recordKey, recordSequence, recordOTA, recordFailures, recordObject, recordReceipt} {
		var ids [][]byte
		c.Machine().EachRecord(kind, func(id, _ []byte) {
			if bytes.HasPrefix(id, prefix) {
				ids = append(ids, bytes.Clone(id))
			}
		})
		for _, id := range ids {
			c.Machine().DeleteRecord(kind, id)
		}
	}
}
