package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
)

// statusCursor is where a GET STATUS that was answered 6310 goes on.
type statusCursor struct {
	subset gp.Subset
	next   int
}

// getStatus is GET STATUS. Spec: SPEC-UICC-OS-063, SPEC-UICC-OS-064.
func (s *session) getStatus(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	g, err := gp.DecodeGetStatus(cmd)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	from := 0
	if g.Next {
		if s.status.subset != g.Subset || s.status.next == 0 {
			return dst, iso7816.ConditionsNotSatisfied
		}
		from = s.status.next
	}
	s.status = statusCursor{}
	entries := s.listed(&g)
	if len(entries) <= from {
		return dst, iso7816.ReferencedDataNotFound
	}
	start, room := len(dst), s.secure.room()
	for i := from; i < len(entries); i++ {
		longer, err := g.AppendEntry(dst, &entries[i])
		if err != nil {
			return dst[:start], gp.StatusOf(err)
		}
		if len(longer)-start > room && i > from {
			s.status = statusCursor{g.Subset, i}
			return dst, iso7816.MoreData
		}
		dst = longer
	}
	return dst, iso7816.OK
}

// listed are the entries that a GET STATUS asks for and the domain may see: its
// own and those associated with it, or all with Global Registry.
func (s *session) listed(g *gp.GetStatus) []gp.Entry {
	c := s.d.card
	all := s.d.id == issuerID || s.d.has(gp.GlobalRegistry)
	var out []gp.Entry
	add := func(e *entry) {
		seen := all || c.within(e, s.d.id) || e.isDomain() && e.own == s.d.id
		if !seen || !e.aid.HasPrefix(g.AID) {
			return
		}
		out = append(out, c.reported(e))
	}
	c.entries(func(e *entry) {
		switch {
		case g.Subset == gp.SubsetIssuerSecurityDomain && e.kind == gp.KindIssuerSecurityDomain,
			g.Subset == gp.SubsetApplications && (e.kind == gp.KindApplication || e.kind == gp.KindSecurityDomain),
			(g.Subset == gp.SubsetLoadFiles || g.Subset == gp.SubsetLoadFilesAndModules) && e.kind == gp.KindLoadFile:
			add(e)
		}
	})
	if g.Subset == gp.SubsetLoadFiles || g.Subset == gp.SubsetLoadFilesAndModules {
		add(&entry{aid: gp.AIDSecurityDomainPackage, kind: gp.KindLoadFile, state: gp.Loaded})
	}
	return out
}

// reported is an entry as GET STATUS shows it.
func (c *Card) reported(e *entry) gp.Entry {
	out := gp.Entry{Kind: e.kind, AID: e.aid, LifeCycle: e.state, Privileges: e.privileges, LoadFile: e.loadFile, Module: e.module,
		ImplicitSelection: e.implicit}
	if e.kind == gp.KindIssuerSecurityDomain {
		out.LifeCycle = c.state()
	}
	if d, ok := c.domainEntry(e.domain); ok {
		out.SecurityDomain = d.aid
	}
	if e.kind != gp.KindLoadFile {
		if c.cfg.Contactless {
			out.Contactless, out.HasContactless = e.contactless, true
		}
		return out
	}
	if e.aid == gp.AIDSecurityDomainPackage {
		out.Version, out.Modules = []byte{1, 0}, []gp.AID{gp.AIDSecurityDomainModule}
		return out
	}
	if p := c.Machine().PackageByAID(e.aid.Append(nil)); p != nil {
		info := p.Info()
		out.Version = []byte{info.Version.Major, info.Version.Minor}
		for _, m := range p.Applets() {
			out.Modules = append(out.Modules, aidOf(m.AID))
		}
	}
	return out
}
