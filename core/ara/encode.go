package ara

import "inkan/core/tlv"

// Append appends the coding as a REF-AR-DO. Errors are those of Check.
// Spec: SPEC-ARAM-001.
func (r *Rule) Append(dst []byte) ([]byte, error) {
	if err := r.Check(); err != nil {
		return dst, err
	}
	dst, mark := tlv.Begin(dst, TagRule)
	dst = r.Rights.append(r.Target.append(dst))
	return tlv.End(dst, mark), nil
}

// Append appends the coding as a REF-DO. Errors are those of Check.
// Spec: SPEC-ARAM-001.
func (t *Target) Append(dst []byte) ([]byte, error) {
	if err := t.Check(); err != nil {
		return dst, err
	}
	return t.append(dst), nil
}

func (t *Target) append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, TagRef)
	dst = t.appendAIDRef(dst)
	dst = tlv.Append(dst, TagDeviceAppIDRef, t.AppHash)
	if t.Package != "" {
		dst = tlv.Append(dst, TagPackageRef, []byte(t.Package))
	}
	return tlv.End(dst, mark)
}

func (t *Target) appendAIDRef(dst []byte) []byte {
	switch t.AIDRef {
	case NamedApplication, OtherApplications:
		dst = tlv.AppendHeader(dst, TagAIDRef, t.AID.Len())
		return t.AID.Append(dst)
	case DefaultApplication:
		return tlv.AppendHeader(dst, TagDefaultRef, 0)
	}
	return dst
}

// Append appends the coding as an AR-DO. Errors are those of Check.
// Spec: SPEC-ARAM-001.
func (r *Rights) Append(dst []byte) ([]byte, error) {
	if err := r.Check(); err != nil {
		return dst, err
	}
	return r.append(dst), nil
}

func (r *Rights) append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, TagRights)
	dst = appendAccess(dst, TagAPDURights, r.APDU)
	if len(r.Filters) > 0 {
		dst = tlv.AppendHeader(dst, TagAPDURights, filterBytes*len(r.Filters))
		for _, f := range r.Filters {
			dst = append(append(dst, f.Header[:]...), f.Mask[:]...)
		}
	}
	dst = appendAccess(dst, TagNFCRights, r.NFC)
	if r.Permissions != nil {
		dst = tlv.Append(dst, TagPermissions, r.Permissions)
	}
	return tlv.End(dst, mark)
}

func appendAccess(dst []byte, tag tlv.Tag, a Access) []byte {
	if a == Unsaid {
		return dst
	}
	return tlv.Append(dst, tag, []byte{byte(a - Never)})
}

// AppendAll appends rules as Response-ALL-REF-AR-DO, what a card answers to
// GET DATA [All]. Errors are those of Check. Spec: SPEC-ARAM-001.
func AppendAll(dst []byte, rules []Rule) ([]byte, error) {
	dst, mark := tlv.Begin(dst, TagResponseAll)
	for i := range rules {
		var err error
		if dst, err = rules[i].Append(dst); err != nil {
			return dst, err
		}
	}
	return tlv.End(dst, mark), nil
}
