package bare

import (
	"bytes"

	"inkan/core/gp"
	"inkan/sim/runtime"
)

// Kinds of the bare card's records.
const (
	recordEntry    = runtime.FirstPlatformRecord + iota // by AID: privileges(3) state(1)
	recordCard                                          // state(1)
	recordCounter                                       // sequence counter(4)
	recordLoadFile                                      // by package AID: SHA-256 of the load file data block(32)
)

// platform is the Card as the runtime sees it.
type platform Card

var _ runtime.Platform = (*platform)(nil)

// Attach implements runtime.Platform.
func (p *platform) Attach(*runtime.Card) {}

// Booted ends what lived in RAM, and removes the entries whose applets, and the
// hashes whose packages, an interrupted operation took or did not get to make.
func (p *platform) Booted() {
	var gone [][]byte
	p.Machine().EachRecord(recordEntry, func(aid, _ []byte) {
		if p.Applet(aid) == nil {
			gone = append(gone, bytes.Clone(aid))
		}
	})
	for _, aid := range gone {
		p.Machine().DeleteRecord(recordEntry, aid)
	}
	p.forgetLoadFiles()
	if p.channel != nil {
		p.channel.Close()
	}
	p.loading, p.target, p.status = nil, nil, statusCursor{}
	p.authority.Reset()
}

// Resident finds the security domain: by no name, a part of one of its AIDs, or
// an alias. Spec: SPEC-RUNTIME-112.
func (p *platform) Resident(name []byte) runtime.Resident {
	for _, aid := range [][]byte{gp.AIDIssuerSecurityDomain.Append(nil), gp.AIDCardManager.Append(nil)} {
		if bytes.Equal(name, aid) || bytes.HasPrefix(aid, name) && !p.cfg.Options.NoPartialSelect {
			return (*domain)(p)
		}
	}
	for _, aid := range p.cfg.Aliases {
		if bytes.Equal(name, aid) {
			return (*domain)(p)
		}
	}
	return nil
}

// Default is the security domain, or an applet with the privilege.
func (p *platform) Default() ([]byte, runtime.Resident) {
	for _, a := range p.Applets() {
		if privileges, _ := (*Card)(p).entry(a.AID); privileges.Has(gp.CardReset) {
			return a.AID, (*domain)(p)
		}
	}
	return nil, (*domain)(p)
}

// MaySelect implements runtime.Platform.
func (p *platform) MaySelect(a *runtime.Applet) bool {
	_, state := (*Card)(p).entry(a.AID)
	card := gp.LifeCycle(p.CardState())
	return state >= gp.Selectable && state&0x80 == 0 && card != gp.CardLocked && card != gp.CardTerminated
}

// Deselected ends the secure channel that the applet may have opened.
func (p *platform) Deselected(*runtime.Applet, int) { p.channel.Close() }

// SecureChannel implements runtime.Platform.
func (p *platform) SecureChannel(*runtime.Applet) runtime.SecureChannel { return p.channel }

// Privileges implements runtime.Platform.
func (p *platform) Privileges(a *runtime.Applet) [3]byte {
	privileges, _ := (*Card)(p).entry(a.AID)
	return privileges.Bytes()
}

// LifeCycle implements runtime.Platform.
func (p *platform) LifeCycle(a *runtime.Applet) byte {
	_, state := (*Card)(p).entry(a.AID)
	return byte(state)
}

// SetLifeCycle lets an applet set its own application-specific states (07 and
// above with the low three bits set) and lock itself; an applet with Global
// Lock may lock others. Spec: SPEC-RUNTIME-087.
func (p *platform) SetLifeCycle(by, a *runtime.Applet, state byte) bool {
	c := (*Card)(p)
	privileges, now := c.entry(a.AID)
	locks := state == 0x80 || state == byte(now)|0x80
	switch {
	case now&0x80 != 0:
		return false
	case locks:
		rights, _ := c.entry(by.AID)
		if by != a && !rights.Has(gp.GlobalLock) {
			return false
		}
		return c.putEntry(a.AID, privileges, now|0x80) == nil
	case by != a || state&0x87 != 0x07:
		return false
	}
	return c.putEntry(a.AID, privileges, gp.LifeCycle(state)) == nil
}

// CardState implements runtime.Platform.
func (p *platform) CardState() byte {
	if b, ok := p.Machine().Record(recordCard, nil); ok && len(b) == 1 {
		return b[0]
	}
	return byte(gp.CardOpReady)
}

// SetCardState implements runtime.Platform.
func (p *platform) SetCardState(by *runtime.Applet, state byte) bool {
	privileges, _ := (*Card)(p).entry(by.AID)
	need := gp.CardLock
	if gp.LifeCycle(state) == gp.CardTerminated {
		need = gp.CardTerminate
	}
	return privileges.Has(need) && p.Machine().PutRecord(recordCard, nil, []byte{state}) == nil
}

// SetHistoricalBytes is refused: the bare card's ATR is fixed.
func (p *platform) SetHistoricalBytes(*runtime.Applet, []byte) bool { return false }

// Service implements runtime.Platform.
func (p *platform) Service(_ *runtime.Applet, provider []byte, name uint16) runtime.GlobalService {
	return (*Card)(p).service(provider, name)
}

// CVM is none: the bare card has no global PIN.
func (p *platform) CVM(byte) runtime.CVM { return nil }

// entry is an applet's registry entry.
func (c *Card) entry(aid []byte) (gp.Privileges, gp.LifeCycle) {
	b, ok := c.Machine().Record(recordEntry, aid)
	if !ok || len(b) != 4 {
		return 0, 0
	}
	p, _ := gp.DecodePrivileges(b[:3])
	return p, gp.LifeCycle(b[3])
}

func (c *Card) putEntry(aid []byte, p gp.Privileges, state gp.LifeCycle) error {
	b := p.Bytes()
	return c.Machine().PutRecord(recordEntry, aid, append(b[:], byte(state)))
}
