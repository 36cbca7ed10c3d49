package ara

import (
	"strconv"

	"inkan/core/gp"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// DecodeRule reads a REF-AR-DO. Slices are borrowed. Errors are
// *wire.DecodeError. Spec: SPEC-ARAM-002, SPEC-ARAM-003, SPEC-ARAM-004.
func DecodeRule(b []byte) (Rule, error) {
	r, err := only(b, TagRule)
	if err != nil {
		return Rule{}, err
	}
	return decodeRule(&r)
}

// DecodeTarget reads a REF-DO. Slices are borrowed. Errors are
// *wire.DecodeError. Spec: SPEC-ARAM-002, SPEC-ARAM-003.
func DecodeTarget(b []byte) (Target, error) {
	r, err := only(b, TagRef)
	if err != nil {
		return Target{}, err
	}
	return decodeTarget(&r)
}

// DecodeRights reads an AR-DO. Slices are borrowed. Errors are
// *wire.DecodeError. Spec: SPEC-ARAM-002, SPEC-ARAM-004.
func DecodeRights(b []byte) (Rights, error) {
	r, err := only(b, TagRights)
	if err != nil {
		return Rights{}, err
	}
	return decodeRights(&r)
}

// only is a reader at the one object that b has to be.
func only(b []byte, tag tlv.Tag) (tlv.Reader, error) {
	r := tlv.NewReader(b)
	if err := need(&r, tag); err != nil {
		return r, err
	}
	behind := r
	return r, end(&behind)
}

// need goes to the next object, which has to have a tag.
func need(r *tlv.Reader, tag tlv.Tag) error {
	if !r.Next() {
		if err := r.Err(); err != nil {
			return err
		}
		return r.Fault("tag "+tag.String(), "end of input")
	}
	if r.Tag() != tag {
		return r.Fault("tag "+tag.String(), "tag "+r.Tag().String())
	}
	return nil
}

// end reports what is behind the last object.
func end(r *tlv.Reader) error {
	if r.Next() {
		return r.Fault("end of input", "tag "+r.Tag().String())
	}
	return r.Err()
}

func decodeRule(r *tlv.Reader) (rule Rule, err error) {
	c := r.Children()
	if err = need(&c, TagRef); err != nil {
		return Rule{}, err
	}
	if rule.Target, err = decodeTarget(&c); err != nil {
		return Rule{}, err
	}
	if err = need(&c, TagRights); err != nil {
		return Rule{}, err
	}
	if rule.Rights, err = decodeRights(&c); err != nil {
		return Rule{}, err
	}
	if err = end(&c); err != nil {
		return Rule{}, err
	}
	return rule, nil
}

func decodeTarget(r *tlv.Reader) (Target, error) {
	var t Target
	var hasHash bool
	c := r.Children()
	for c.Next() {
		n := len(c.Value())
		switch tag := c.Tag(); {
		case (tag == TagAIDRef || tag == TagDefaultRef) && t.AIDRef == NoAIDRef:
			if err := t.decodeAIDRef(&c); err != nil {
				return Target{}, err
			}
		case tag == TagDeviceAppIDRef && !hasHash:
			if n != 0 && n != 20 && n != 32 {
				return Target{}, lengthFault(&c, "0, 20 or 32 bytes")
			}
			hasHash = true
			if n > 0 {
				t.AppHash = c.Value()
			}
		case tag == TagPackageRef && t.Package == "":
			if n == 0 || n > maxPackage {
				return Target{}, lengthFault(&c, "1 to 127 bytes")
			}
			t.Package = string(c.Value())
		default:
			return Target{}, c.Fault("a part of REF-DO, once", "tag "+tag.String())
		}
	}
	if c.Err() != nil {
		return Target{}, c.Err()
	}
	if !hasHash {
		return Target{}, c.Fault("tag C1", "end of input")
	}
	return t, nil
}

func (t *Target) decodeAIDRef(c *tlv.Reader) error {
	switch {
	case c.Tag() == TagDefaultRef && len(c.Value()) == 0:
		t.AIDRef = DefaultApplication
	case c.Tag() == TagDefaultRef:
		return lengthFault(c, "no byte")
	case len(c.Value()) == 0:
		t.AIDRef = OtherApplications
	default:
		aid, err := gp.NewAID(c.Value())
		if err != nil {
			return lengthFault(c, "0 or 5 to 16 bytes")
		}
		t.AIDRef, t.AID = NamedApplication, aid
	}
	return nil
}

func decodeRights(r *tlv.Reader) (Rights, error) {
	var rights Rights
	c := r.Children()
	for c.Next() {
		var err error
		switch c.Tag() {
		case TagAPDURights:
			err = rights.decodeAPDU(&c)
		case TagNFCRights:
			err = decodeAccess(&c, &rights.NFC)
		case TagPermissions:
			if rights.Permissions != nil {
				err = repeated(&c)
			} else if len(c.Value()) != permissionBytes {
				err = lengthFault(&c, "8 bytes")
			}
			rights.Permissions = c.Value()
		}
		if err != nil {
			return Rights{}, err
		}
	}
	if c.Err() != nil {
		return Rights{}, c.Err()
	}
	if rights.Check() != nil {
		return Rights{}, c.Fault("a right", "none that is known")
	}
	return rights, nil
}

func (r *Rights) decodeAPDU(c *tlv.Reader) error {
	v := c.Value()
	switch {
	case len(r.Filters) > 0:
		return repeated(c)
	case len(v) == 1:
		return decodeAccess(c, &r.APDU)
	case r.APDU != Unsaid:
		return repeated(c)
	case len(v) == 0 || len(v)%filterBytes != 0:
		return lengthFault(c, "1 byte or filters of 8")
	}
	for ; len(v) > 0; v = v[filterBytes:] {
		r.Filters = append(r.Filters, Filter{[4]byte(v[:4]), [4]byte(v[4:])})
	}
	return nil
}

func decodeAccess(c *tlv.Reader, a *Access) error {
	v := c.Value()
	switch {
	case *a != Unsaid:
		return repeated(c)
	case len(v) != 1:
		return lengthFault(c, "1 byte")
	case v[0] > 1:
		return c.Fault("00 never or 01 always", strconv.Itoa(int(v[0])))
	}
	*a = Never + Access(v[0])
	return nil
}

func repeated(c *tlv.Reader) error { return c.Fault("each part once", "another") }

func lengthFault(c *tlv.Reader, want string) *wire.DecodeError {
	return c.Fault(want, strconv.Itoa(len(c.Value()))+" bytes")
}
