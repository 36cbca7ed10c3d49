package os

import (
	"crypto/sha256"
	"encoding/binary"

	"inkan/core/gp"
	"inkan/core/scp/scp80"
	"inkan/core/wire"
	"inkan/sim/runtime"
	"inkan/sim/vm"
)

// domainID names a security domain in records: its AID may change. IDs are given
// once.
type domainID uint16

const (
	issuerID    domainID = 0
	authorityID domainID = 1
	firstID     domainID = 2
)

// entry is an entry of the registry: an application, a security domain or a load
// file. The record has the AID as identifier.
type entry struct {
	aid        gp.AID
	kind       gp.Kind
	state      gp.LifeCycle
	privileges gp.Privileges
	own        domainID // of a security domain
	domain     domainID // that it is associated with
	loadFile   gp.AID   // of applications and domains
	module     gp.AID
	hash       []byte // of load files: SHA-256 of what was loaded; nil: not known

	contactless byte   // Amendment C: 00 deactivated, 01 activated
	implicit    []byte // implicit selection parameters
	parameters  []byte // of a security domain: the value of C9
	tars        []scp80.TAR
	minimum     scp80.SPI  // 0: the policy's
	account     vm.Account // of a security domain: of the memory that it takes; 0: not counted
	limits      vm.Limits  // of that memory; those of an applet are the runtime's
}

func (e *entry) isDomain() bool {
	return e.kind == gp.KindSecurityDomain || e.kind == gp.KindIssuerSecurityDomain
}

// encode is the record: kind(1) state(1) privileges(3) own(2) domain(2)
// contactless(1) minimum(2) account(1), limits(16) unless that is 0, then with a
// length byte each load file, module, implicit selection, TARs and parameters, and of
// a load file whose hash is known the hash(32).
func (e *entry) encode() []byte {
	b := append([]byte{byte(e.kind), byte(e.state)}, e.privilegeBytes()...)
	b = binary.BigEndian.AppendUint16(b, uint16(e.own))
	b = binary.BigEndian.AppendUint16(b, uint16(e.domain))
	b = append(b, e.contactless)
	b = binary.BigEndian.AppendUint16(b, uint16(e.minimum))
	if b = append(b, byte(e.account)); e.account != 0 {
		b = runtime.AppendLimits(b, e.limits)
	}
	b = e.module.AppendLV(e.loadFile.AppendLV(b))
	b = append(append(b, byte(len(e.implicit))), e.implicit...)
	b = append(b, byte(3*len(e.tars)))
	for _, t := range e.tars {
		b = append(b, t[:]...)
	}
	b = append(append(b, byte(len(e.parameters))), e.parameters...)
	return append(b, e.hash...)
}

func (e *entry) privilegeBytes() []byte {
	p := e.privileges.Bytes()
	return p[:]
}

func decodeEntry(id, b []byte) (e entry, err error) {
	r := wire.NewReader("registry record", b)
	e.aid, _ = gp.NewAID(id)
	e.kind, e.state = gp.Kind(r.Byte("kind")), gp.LifeCycle(r.Byte("state"))
	e.privileges, _ = gp.DecodePrivileges(r.Bytes(3, "privileges"))
	e.own, e.domain = domainID(r.Uint16("own")), domainID(r.Uint16("domain"))
	e.contactless = r.Byte("contactless")
	e.minimum = scp80.SPI(r.Uint16("minimum"))
	if e.account = vm.Account(r.Byte("account")); e.account != 0 {
		e.limits = runtime.DecodeLimits(&r)
	}
	e.loadFile, _ = gp.NewAID(r.LV("load file"))
	e.module, _ = gp.NewAID(r.LV("module"))
	e.implicit = r.LV("implicit selection")
	for tars := r.LV("TARs"); len(tars) >= 3; tars = tars[3:] {
		e.tars = append(e.tars, scp80.TAR(tars[:3]))
	}
	e.parameters = r.LV("parameters")
	if e.kind == gp.KindLoadFile && r.More() {
		e.hash = r.Bytes(sha256.Size, "hash")
	}
	return e, r.End()
}

// domainParameters are those with which a domain was installed.
func (e *entry) domainParameters() gp.SecurityDomainParameters {
	p, _ := gp.DecodeSecurityDomainParameters(e.parameters)
	return p
}
