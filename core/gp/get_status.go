package gp

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/tlv"
)

// Subset is what GET STATUS lists: its P1.
type Subset byte

// Subsets (GP Card Specification 2.3.1 table 11-33).
const (
	SubsetIssuerSecurityDomain  Subset  = 0x80
	SubsetApplications          Subset  = 0x40 // applications and supplementary security domains
	SubsetLoadFiles             Subset  = 0x20
	SubsetLoadFilesAndModules   Subset  = 0x10
	getStatusNext                       = 0x01
	getStatusTLV                        = 0x02
	tagTagList                  tlv.Tag = 0x5C
	tagAssociatedSecurityDomain tlv.Tag = 0xCC
	tagEntry                    tlv.Tag = 0xE3
	tagLifeCycle                tlv.Tag = 0x9F70
	tagPrivileges               tlv.Tag = 0xC5
	tagLoadFile                 tlv.Tag = 0xC4
	tagVersion                  tlv.Tag = 0xCE
	tagModule                   tlv.Tag = 0x84
	tagImplicitSelection        tlv.Tag = 0xCF
)

// GetStatus is GET STATUS (GP Card Specification 2.3.1 §11.4): 80 F2 subset
// form, 4F partial AID, 5C tags.
type GetStatus struct {
	Subset Subset
	Next   bool // continue after a response that ended with 6310
	// Legacy asks for the response without tags (P2 bit 2 zero).
	Legacy bool
	// AID is the search criterion: a partial AID of 0 to 16 bytes.
	AID []byte
	// Tags is the tag list, the bytes of the wanted tags one after another;
	// nil when absent, which asks for all.
	Tags TagList
}

// TagList is a list of tags without lengths, the content of 5C.
type TagList []byte

// Wants reports whether a response is to contain an object: the list is
// absent (nil) or has its tag.
func (l TagList) Wants(tag tlv.Tag) bool {
	if l == nil {
		return true
	}
	for b := []byte(l); len(b) > 0; {
		var t tlv.Tag
		if t, b = cutTag(b); t == tag {
			return true
		}
	}
	return false
}

// cutTag takes the tag off that b begins with; 0 when b ends within it.
func cutTag(b []byte) (tlv.Tag, []byte) {
	t := tlv.Tag(b[0])
	n := 1
	if b[0]&0x1F == 0x1F {
		for more := true; more; n++ {
			if n == len(b) || n == 3 {
				return 0, nil
			}
			t = t<<8 | tlv.Tag(b[n])
			more = b[n]&0x80 != 0
		}
	}
	return t, b[n:]
}

// APDU implements Command.
func (g GetStatus) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsGetStatus, P1: byte(g.Subset), Ne: apdu.MaxShortNe}
	if !g.Subset.valid() {
		return c, errValue("GET STATUS", "subset")
	}
	if err := checkLen("GET STATUS criterion", len(g.AID), 0, MaxAIDLen); err != nil {
		return c, err
	}
	if g.Next {
		c.P2 |= getStatusNext
	}
	if !g.Legacy {
		c.P2 |= getStatusTLV
	}
	out := tlv.Append(buf, tagAID, g.AID)
	if g.Tags != nil {
		out = tlv.Append(out, tagTagList, g.Tags)
	}
	c.Data = added(buf, out)
	return c, nil
}

func (s Subset) valid() bool {
	return s == SubsetIssuerSecurityDomain || s == SubsetApplications || s == SubsetLoadFiles || s == SubsetLoadFilesAndModules
}

// DecodeGetStatus reads GET STATUS. Tags are borrowed. Errors are
// *wire.DecodeError. Spec: SPEC-GP-085, SPEC-GP-086, SPEC-GP-087.
func DecodeGetStatus(c *apdu.Command) (GetStatus, error) {
	r := data("GET STATUS", c, IsGlobalPlatformClass, InsGetStatus)
	g := GetStatus{Subset: Subset(c.P1), Next: c.P2&getStatusNext != 0, Legacy: c.P2&getStatusTLV == 0}
	if !g.Subset.valid() {
		failP1(&r, "80, 40, 20 or 10", c.P1)
	}
	if c.P2&^0x03 != 0 {
		failP2(&r, "00 to 03", c.P2)
	}
	someData(&r)
	if r.Err() != nil {
		return GetStatus{}, r.Err()
	}
	if err := g.decodeCriteria(c); err != nil {
		return GetStatus{}, err
	}
	return g, nil
}

func (g *GetStatus) decodeCriteria(c *apdu.Command) error {
	seen := false
	r := tlv.NewReaderAt(c.Data, dataOffset(c), 0)
	for r.Next() {
		switch {
		case r.Tag() == tagAID && !seen:
			seen = true
			if n := len(r.Value()); n > MaxAIDLen {
				return r.Fault("at most 16 bytes", strconv.Itoa(n))
			}
			g.AID = r.Value()
		case r.Tag() == tagTagList && seen && g.Tags == nil:
			g.Tags = TagList(r.Value())
			for b := r.Value(); len(b) > 0; {
				var t tlv.Tag
				if t, b = cutTag(b); t == 0 {
					return r.Fault("whole tags", "a tag cut off")
				}
			}
		default:
			return r.Fault("4F, then 5C or nothing", "another tag")
		}
	}
	return r.Err()
}
