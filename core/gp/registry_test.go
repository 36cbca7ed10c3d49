package gp

import (
	"testing"

	"pgregory.net/rapid"

	"inkan/spec/req"
)

func TestPrivilegesCoding(t *testing.T) {
	req.Covers(t, "SPEC-GP-020", "SPEC-GP-021")
	rapid.Check(t, func(t *rapid.T) {
		p := Privileges(rapid.Uint32Range(0, 0xFFFFFF).Draw(t, "p"))
		b := p.Append(nil)
		if n := len(b); n != 3 && (n != 1 || p&0xFFFF != 0) {
			t.Errorf("%06X in %d bytes", uint32(p), n)
		}
		if q, err := DecodePrivileges(b); err != nil || q != p {
			t.Errorf("%06X became %06X, %v", uint32(p), uint32(q), err)
		}
		three := p.Bytes()
		if q, err := DecodePrivileges(three[:]); err != nil || q != p {
			t.Errorf("%06X became %06X, %v", uint32(p), uint32(q), err)
		}
	})
	for _, n := range []int{2, 4, 5} {
		if _, err := DecodePrivileges(make([]byte, n)); StatusOf(err) != 0x6A80 {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if p, err := DecodePrivileges(nil); p != 0 || err != nil {
		t.Errorf("no byte: %v, %v", p, err)
	}
}

func TestPrivilegesCheck(t *testing.T) {
	req.Covers(t, "SPEC-GP-022", "SPEC-GP-023", "SPEC-GP-024", "SPEC-GP-025")
	for _, c := range []struct {
		p  Privileges
		ok bool
	}{
		{0, true}, {0x9EFE80, true}, {0x80C000, true}, {0xC00000, true}, {0xC10000, true}, {0xA00000, true},
		{0x040000, true}, {0x1E0300, true},
		{0x000001, false}, {0x000008, false}, {1 << 24, false},
		{DAPVerification, false}, {DelegatedManagement, false}, {AuthorizedManagement, false},
		{TokenVerification, false}, {ReceiptGeneration, false}, {CipheredLoadFile, false},
		{SecurityDomain | MandatedDAPVerification, false},
		{SecurityDomain | DelegatedManagement | AuthorizedManagement, false},
	} {
		if err := c.p.Check(); (err == nil) != c.ok {
			t.Errorf("%06X (%v): %v", uint32(c.p), c.p, err)
		}
	}
}

func TestPrivilegesString(t *testing.T) {
	if got := Privileges(0x80C000).String(); got != "SecurityDomain+TrustedPath+AuthorizedManagement" {
		t.Error(got)
	}
	if got := Privileges(0).String(); got != "none" {
		t.Error(got)
	}
	for i, name := range privilegeNames {
		if got := Privileges(1 << (23 - i)).String(); got != name {
			t.Errorf("bit %d is %q, want %q", i, got, name)
		}
	}
}

func TestEntryCheck(t *testing.T) {
	req.Covers(t, "SPEC-GP-040", "SPEC-GP-041", "SPEC-GP-042")
	isd := Entry{Kind: KindIssuerSecurityDomain, AID: AIDIssuerSecurityDomain, LifeCycle: CardSecured, Privileges: 0x9EFE80}
	ssd := Entry{Kind: KindSecurityDomain, AID: AIDCASD, LifeCycle: Personalized, Privileges: SecurityDomain}
	app := Entry{Kind: KindApplication, AID: AIDCASD, LifeCycle: Selectable}
	file := Entry{Kind: KindLoadFile, AID: AIDSecurityDomainPackage, LifeCycle: Loaded, Modules: []AID{AIDSecurityDomainModule}}
	for _, e := range []Entry{isd, ssd, app, file} {
		if err := e.Check(); err != nil {
			t.Error(err)
		}
	}
	for name, broken := range map[string]func(*Entry){
		"no AID":     func(e *Entry) { e.AID = AID{} },
		"life cycle": func(e *Entry) { e.LifeCycle = 0x02 },
		"privileges": func(e *Entry) { e.Privileges ^= SecurityDomain },
		"reserved":   func(e *Entry) { e.Privileges |= 1 },
		"kind":       func(e *Entry) { e.Kind = 9 },
	} {
		for _, e := range []Entry{isd, ssd, app, file} {
			broken(&e)
			if e.Check() == nil {
				t.Errorf("%s: %+v passes", name, e)
			}
		}
	}
	app.Modules = file.Modules
	if app.Check() == nil {
		t.Error("an application with modules passes")
	}
}
