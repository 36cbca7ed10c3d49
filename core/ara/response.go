package ara

import (
	"fmt"

	"inkan/core/tlv"
)

// RefreshTag changes whenever the rules do.
type RefreshTag [8]byte

// Version is a Device-Interface-Version-DO: of the standard that a phone or an
// ARA-M follows.
type Version struct {
	Major, Minor, Patch byte
}

// String is like "1.1.0".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// DecodeAll reads Response-ALL-REF-AR-DO, the joined answers to GET DATA [All]
// and [Next]. Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-ARAM-002.
func DecodeAll(b []byte) ([]Rule, error) {
	r, err := only(b, TagResponseAll)
	if err != nil {
		return nil, err
	}
	var rules []Rule
	c := r.Children()
	for c.Next() {
		if c.Tag() != TagRule {
			return nil, c.Fault("tag E2", "tag "+c.Tag().String())
		}
		rule, err := decodeRule(&c)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, c.Err()
}

// DecodeResponseRights reads Response-AR-DO, the answer to GET DATA [Specific].
// Slices are borrowed. Errors are *wire.DecodeError.
func DecodeResponseRights(b []byte) (Rights, error) {
	r, err := only(b, TagResponseRights)
	if err != nil {
		return Rights{}, err
	}
	c := r.Children()
	if err := need(&c, TagRights); err != nil {
		return Rights{}, err
	}
	rights, err := decodeRights(&c)
	if err != nil {
		return Rights{}, err
	}
	return rights, end(&c)
}

// DecodeRefreshTag reads Response-Refresh-Tag-DO. Errors are *wire.DecodeError.
func DecodeRefreshTag(b []byte) (tag RefreshTag, err error) {
	r, err := only(b, TagResponseRefresh)
	if err != nil {
		return tag, err
	}
	if len(r.Value()) != len(tag) {
		return tag, lengthFault(&r, "8 bytes")
	}
	return RefreshTag(r.Value()), nil
}

// DecodeConfig reads Response-ARAM-Config-DO: the ARA-M's version. Errors are
// *wire.DecodeError.
func DecodeConfig(b []byte) (Version, error) {
	r, err := only(b, TagResponseARAConfig)
	if err != nil {
		return Version{}, err
	}
	for _, tag := range []tlv.Tag{TagConfig, TagInterfaceVersion} {
		c := r.Children()
		if err := need(&c, tag); err != nil {
			return Version{}, err
		}
		behind := c
		if err := end(&behind); err != nil {
			return Version{}, err
		}
		r = c
	}
	v := r.Value()
	if len(v) != 3 {
		return Version{}, lengthFault(&r, "3 bytes")
	}
	return Version{v[0], v[1], v[2]}, nil
}
