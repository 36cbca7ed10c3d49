package os

import (
	"errors"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/runtime"
)

// Kinds of the operating system's records. Identifiers of those of a domain begin
// with its domainID, two bytes.
const (
	recordEntry    = runtime.FirstPlatformRecord + iota // by AID: entry
	recordCard                                          // state(1): written last by the first boot
	recordKey                                           // domain, version, identifier: storedKey
	recordSequence                                      // domain, version: sequence counter(4)
	recordOTA                                           // domain, version: counter of SCP80(5)
	recordFailures                                      // domain: failed authentications in a row(2)
	recordObject                                        // domain, tag(3): data object, value
	recordReceipt                                       // domain: confirmation counter(2)
	recordWiping                                        // keys are being erased
	recordUICC                                          // the file system's
)

// entry finds an entry of the registry.
func (c *Card) entry(aid gp.AID) (entry, bool) {
	id := aid.Append(nil)
	b, ok := c.Machine().Record(recordEntry, id)
	if !ok {
		return entry{}, false
	}
	e, err := decodeEntry(id, b)
	return e, err == nil
}

// put writes an entry; 6A84 when the memory is full.
func (c *Card) put(e *entry) error {
	if c.Machine().PutRecordFor(e.account, recordEntry, e.aid.Append(nil), e.encode()) != nil {
		return iso7816.NotEnoughMemory
	}
	return nil
}

func (c *Card) forget(e *entry) { c.Machine().DeleteRecord(recordEntry, e.aid.Append(nil)) }

// registry is the entries as they were read last.
type registry struct {
	number  uint64 // of the machine's records then
	entries []entry
}

// entries calls fn for the entries of the registry, in the order of AIDs. They are read
// again when a record has changed.
func (c *Card) entries(fn func(e *entry)) {
	known, m := c.current(), c.Machine()
	for _, e := range known.entries {
		there := true
		if known.number != m.RecordsNumber() { // by fn
			e, there = c.entry(e.aid)
		}
		if there {
			fn(&e)
		}
	}
}

// list is the entries that match.
func (c *Card) list(match func(e *entry) bool) (all []entry) {
	c.entries(func(e *entry) {
		if match(e) {
			all = append(all, *e)
		}
	})
	return all
}

// current is the registry, read again when a record has changed.
func (c *Card) current() registry {
	m := c.Machine()
	if c.registry.number != m.RecordsNumber() {
		c.registry = registry{number: m.RecordsNumber()}
		m.EachRecord(recordEntry, func(id, data []byte) {
			if e, err := decodeEntry(id, data); err == nil {
				c.registry.entries = append(c.registry.entries, e)
			}
		})
	}
	return c.registry
}

// domainEntry is the entry of a security domain.
func (c *Card) domainEntry(id domainID) (entry, bool) {
	known := c.current().entries
	for i := range known {
		if e := &known[i]; e.isDomain() && e.own == id {
			return *e, true
		}
	}
	return entry{}, false
}

// nextID is a domainID that no domain has.
func (c *Card) nextID() domainID {
	next := firstID
	c.entries(func(e *entry) {
		if e.isDomain() && e.own >= next {
			next = e.own + 1
		}
	})
	return next
}

// within tells whether an entry is associated with a domain, directly or by other
// domains between.
func (c *Card) within(e *entry, id domainID) bool {
	at := e.domain
	for range 64 {
		if at == id {
			return true
		}
		d, ok := c.domainEntry(at)
		if !ok || at == issuerID {
			return false
		}
		at = d.domain
	}
	return false
}

// inUse tells whether an AID names anything on the card.
func (c *Card) inUse(aid gp.AID) bool {
	b := aid.Append(nil)
	_, ok := c.entry(aid)
	return ok || aid == gp.AIDSecurityDomainPackage || c.alias(b) || c.Applet(b) != nil || c.Machine().PackageByAID(b) != nil ||
		c.uicc != nil && c.uicc.Resident(b) != nil && string(c.uicc.Resident(b).Name()) == string(b)
}

// transaction runs fn in one transaction of the memory: its writes are all there
// or none is.
func (c *Card) transaction(fn func() error) error {
	m := c.Machine()
	if m.TransactionDepth() > 0 {
		return fn()
	}
	var err error
	e := m.Try(func() {
		m.Begin()
		if err = fn(); err != nil {
			m.Abort()
			return
		}
		m.Commit()
	})
	if e != nil {
		if m.TransactionDepth() > 0 {
			m.Try(m.Abort)
		}
		return iso7816.NotEnoughMemory
	}
	return err
}

// errorStatus is the status word of an error.
func errorStatus(err error) iso7816.SW {
	if err == nil {
		return iso7816.OK
	}
	if errors.Is(err, runtime.ErrActive) {
		return iso7816.ConditionsNotSatisfied
	}
	return runtime.StatusOf(err)
}
