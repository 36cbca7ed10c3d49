package gp

import (
	"strconv"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// AppendEntry appends one entry of the response to g: E3{…} with the objects
// that g asks for, or the legacy form. Objects that the entry does not have
// are left out. Spec: SPEC-GP-088, SPEC-GP-089, SPEC-GP-090.
func (g *GetStatus) AppendEntry(dst []byte, e *Entry) ([]byte, error) {
	if g.Legacy {
		return g.appendLegacy(dst, e)
	}
	dst, mark := tlv.Begin(dst, tagEntry)
	if g.Tags.Wants(tagAID) {
		dst = appendAID(dst, tagAID, e.AID)
	}
	if g.Tags.Wants(tagLifeCycle) {
		dst = tlv.AppendHeader(dst, tagLifeCycle, 1)
		dst = append(dst, byte(e.LifeCycle))
		if e.HasContactless {
			dst[len(dst)-2] = 2
			dst = append(dst, e.Contactless)
		}
	}
	if (e.Kind != KindLoadFile || e.Privileges != 0) && g.Tags.Wants(tagPrivileges) {
		p := e.Privileges.Bytes()
		dst = append(tlv.AppendHeader(dst, tagPrivileges, len(p)), p[:]...)
	}
	if g.Tags.Wants(tagImplicitSelection) {
		for _, s := range e.ImplicitSelection {
			dst = append(dst, byte(tagImplicitSelection), 1, s)
		}
	}
	if !e.LoadFile.IsZero() && g.Tags.Wants(tagLoadFile) {
		dst = appendAID(dst, tagLoadFile, e.LoadFile)
	}
	if len(e.Version) > 0 && g.Tags.Wants(tagVersion) {
		dst = tlv.Append(dst, tagVersion, e.Version)
	}
	if g.Subset == SubsetLoadFilesAndModules && g.Tags.Wants(tagModule) {
		for _, m := range e.Modules {
			dst = appendAID(dst, tagModule, m)
		}
	}
	if !e.SecurityDomain.IsZero() && g.Tags.Wants(tagAssociatedSecurityDomain) {
		dst = appendAID(dst, tagAssociatedSecurityDomain, e.SecurityDomain)
	}
	return tlv.End(dst, mark), nil
}

func appendAID(dst []byte, tag tlv.Tag, a AID) []byte {
	return a.Append(tlv.AppendHeader(dst, tag, a.Len()))
}

// appendLegacy appends LV(AID), life cycle, first privilege byte, and for load
// files with modules the number of modules and their LVs.
func (g *GetStatus) appendLegacy(dst []byte, e *Entry) ([]byte, error) {
	dst = append(e.AID.AppendLV(dst), byte(e.LifeCycle), byte(e.Privileges>>16))
	if g.Subset != SubsetLoadFilesAndModules {
		return dst, nil
	}
	if len(e.Modules) > 255 {
		return dst, errValue("GET STATUS", "number of modules")
	}
	dst = append(dst, byte(len(e.Modules)))
	for _, m := range e.Modules {
		dst = m.AppendLV(dst)
	}
	return dst, nil
}

// StatusReader walks over the entries of a response to GET STATUS. It
// allocates only when it fails, or when an Entry's slices grow.
type StatusReader struct {
	subset Subset
	legacy bool
	tlv    tlv.Reader
	lv     wire.Reader
	err    error
}

// NewStatusReader reads the response data of g; the data of several responses,
// joined, is read as one. Entries in it are whole.
func NewStatusReader(g *GetStatus, response []byte) StatusReader {
	return StatusReader{
		subset: g.Subset,
		legacy: g.Legacy,
		tlv:    tlv.NewReader(response),
		lv:     wire.NewReader("GET STATUS response", response),
	}
}

// Err is the first fault as a *wire.DecodeError, or nil.
func (s *StatusReader) Err() error { return s.err }

// Next reads the next entry into e, whose slices it reuses; false at the end
// and at a fault. An entry without AID has the zero AID. Version and
// ImplicitSelection are copied. Spec: SPEC-GP-091, SPEC-GP-092, SPEC-GP-093.
func (s *StatusReader) Next(e *Entry) bool {
	e.reset()
	if s.err != nil {
		return false
	}
	if s.legacy {
		return s.nextLegacy(e)
	}
	if !s.tlv.Next() {
		s.err = s.tlv.Err()
		return false
	}
	if s.tlv.Tag() != tagEntry {
		s.err = s.tlv.Fault("tag E3", "another")
		return false
	}
	c := s.tlv.Children()
	for c.Next() {
		if err := e.decodeObject(&c); err != nil {
			s.err = err
			return false
		}
	}
	s.err = c.Err()
	e.Kind = s.kind(e.Privileges)
	return s.err == nil
}

func (s *StatusReader) kind(p Privileges) Kind {
	switch {
	case s.subset == SubsetIssuerSecurityDomain:
		return KindIssuerSecurityDomain
	case s.subset != SubsetApplications:
		return KindLoadFile
	case p.Has(SecurityDomain):
		return KindSecurityDomain
	}
	return KindApplication
}

// decodeObject reads one object within E3; objects that Entry has no room for
// are passed over.
func (e *Entry) decodeObject(c *tlv.Reader) (err error) {
	v := c.Value()
	switch c.Tag() {
	case tagAID:
		e.AID, err = aidValue(c)
	case tagLifeCycle:
		if len(v) != 1 && len(v) != 2 {
			return c.Fault("1 or 2 bytes", strconv.Itoa(len(v)))
		}
		e.LifeCycle = LifeCycle(v[0])
		if e.HasContactless = len(v) == 2; e.HasContactless {
			e.Contactless = v[1]
		}
	case tagPrivileges:
		if len(v) != 1 && len(v) != 3 {
			return c.Fault("1 or 3 bytes", strconv.Itoa(len(v)))
		}
		e.Privileges, err = DecodePrivileges(v)
	case tagImplicitSelection:
		if len(v) != 1 {
			return c.Fault("1 byte", strconv.Itoa(len(v)))
		}
		e.ImplicitSelection = append(e.ImplicitSelection, v[0])
	case tagLoadFile:
		e.LoadFile, err = aidValue(c)
	case tagVersion:
		e.Version = append(e.Version[:0], v...)
	case tagModule:
		var m AID
		if m, err = aidValue(c); !m.IsZero() {
			e.Modules = append(e.Modules, m)
		}
	case tagAssociatedSecurityDomain:
		e.SecurityDomain, err = aidValue(c)
	}
	return err
}

func (s *StatusReader) nextLegacy(e *Entry) bool {
	r := &s.lv
	if !r.More() {
		return false
	}
	e.AID = readOptionalAID(r, "AID")
	e.LifeCycle = LifeCycle(r.Byte("life cycle"))
	e.Privileges = Privileges(r.Byte("privileges")) << 16
	if s.subset == SubsetLoadFilesAndModules {
		for n := int(r.Byte("number of modules")); n > 0 && r.Err() == nil; n-- {
			if m := readOptionalAID(r, "module"); !m.IsZero() {
				e.Modules = append(e.Modules, m)
			}
		}
	}
	e.Kind = s.kind(e.Privileges)
	s.err = r.Err()
	return s.err == nil
}
