package bare

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

// maxStatus is the room for entries in one response: what an R-MAC and padding
// leave.
const maxStatus = 220

// getStatus is GET STATUS.
func (d *domain) getStatus(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	g, err := gp.DecodeGetStatus(cmd)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	from := 0
	if g.Next {
		if d.status.subset != g.Subset || d.status.next == 0 {
			return dst, iso7816.ConditionsNotSatisfied
		}
		from = d.status.next
	}
	d.status = statusCursor{}
	entries := d.entries(&g)
	if len(entries) == 0 {
		return dst, iso7816.ReferencedDataNotFound
	}
	start := len(dst)
	for i := from; i < len(entries); i++ {
		longer, err := g.AppendEntry(dst, &entries[i])
		if err != nil {
			return dst[:start], gp.StatusOf(err)
		}
		if len(longer)-start > maxStatus && i > from {
			d.status = statusCursor{g.Subset, i}
			return dst, iso7816.MoreData
		}
		dst = longer
	}
	return dst, iso7816.OK
}

// entries are the registry entries that a GET STATUS asks for.
func (d *domain) entries(g *gp.GetStatus) []gp.Entry {
	var all []gp.Entry
	add := func(e gp.Entry) {
		if e.AID.HasPrefix(g.AID) {
			all = append(all, e)
		}
	}
	switch g.Subset {
	case gp.SubsetIssuerSecurityDomain:
		add(gp.Entry{Kind: gp.KindIssuerSecurityDomain, AID: gp.AIDIssuerSecurityDomain,
			LifeCycle: gp.LifeCycle((*platform)(d).CardState()), Privileges: gp.SecurityDomain | gp.CardLock | gp.CardTerminate})
	case gp.SubsetApplications:
		for _, a := range d.Applets() {
			p, state := (*Card)(d).entry(a.AID)
			add(gp.Entry{Kind: gp.KindApplication, AID: aidOf(a.AID), LifeCycle: state, Privileges: p,
				LoadFile: aidOf(a.PackageAID), Module: aidOf(a.ModuleAID), SecurityDomain: gp.AIDIssuerSecurityDomain})
		}
	default:
		for _, p := range d.Machine().Packages() {
			info := p.Info()
			e := gp.Entry{Kind: gp.KindLoadFile, AID: aidOf(info.AID), LifeCycle: gp.Loaded,
				SecurityDomain: gp.AIDIssuerSecurityDomain, Version: []byte{info.Version.Major, info.Version.Minor}}
			for _, m := range p.Applets() {
				e.Modules = append(e.Modules, aidOf(m.AID))
			}
			add(e)
		}
	}
	return all
}

// aidOf converts an AID that the card has accepted.
func aidOf(b []byte) gp.AID {
	aid, _ := gp.NewAID(b)
	return aid
}
