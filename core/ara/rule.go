package ara

import (
	"errors"

	"inkan/core/gp"
)

// Rule is a REF-AR-DO: what a phone's application may do with one of the card.
type Rule struct {
	Target Target
	Rights Rights
}

// AIDRef is which applications of the card a target means.
type AIDRef byte

// The kinds of AID-REF-DO.
const (
	// NoAIDRef is a target without AID-REF-DO, which Android has in the rules of
	// carrier privileges.
	NoAIDRef AIDRef = iota
	// NamedApplication is the application of an AID, or those whose AID begins so.
	NamedApplication
	// OtherApplications are all that have no rule of their own.
	OtherApplications
	// DefaultApplication is the one that is selected when none is named.
	DefaultApplication
)

// Target is a REF-DO: an application of the card as seen by one of the phone.
type Target struct {
	AIDRef AIDRef
	AID    gp.AID // of NamedApplication
	// AppHash is the hash of the certificate of the phone's application: 20 bytes
	// (SHA-1) or 32 (SHA-256); empty: every application.
	AppHash []byte
	// Package is the name of the phone's application, up to 127 bytes; empty when
	// absent.
	Package string
}

// Access says whether something is allowed.
type Access byte

// Accesses. Unsaid is a data object that is absent.
const (
	Unsaid Access = iota
	Never
	Always
)

// Filter allows the commands whose header under Mask is Header: CLA INS P1 P2.
type Filter struct {
	Header, Mask [4]byte
}

// Rights is an AR-DO. At least one of its parts is there.
type Rights struct {
	// APDU says whether commands may be sent; Unsaid if there are Filters.
	APDU    Access
	Filters []Filter
	NFC     Access // NFC events
	// Permissions are Android's, 8 bytes; nil when absent.
	Permissions []byte
}

const (
	maxPackage      = 127
	permissionBytes = 8
	filterBytes     = 8
)

// Check tells why a rule cannot be coded; nil if it can.
func (r *Rule) Check() error {
	if err := r.Target.Check(); err != nil {
		return err
	}
	return r.Rights.Check()
}

// Check tells why a target cannot be coded; nil if it can.
func (t *Target) Check() error {
	switch {
	case t.AIDRef > DefaultApplication:
		return errors.New("ara: REF-DO: kind of AID-REF-DO out of range")
	case (t.AIDRef == NamedApplication) == t.AID.IsZero():
		return errors.New("ara: REF-DO: an AID is there just for NamedApplication")
	case len(t.AppHash) != 0 && len(t.AppHash) != 20 && len(t.AppHash) != 32:
		return errors.New("ara: REF-DO: hash of other than 0, 20 or 32 bytes")
	case len(t.Package) > maxPackage:
		return errors.New("ara: REF-DO: package name of more than 127 bytes")
	}
	return nil
}

// Check tells why rights cannot be coded; nil if they can.
func (r *Rights) Check() error {
	switch {
	case r.APDU > Always || r.NFC > Always:
		return errors.New("ara: AR-DO: access out of range")
	case r.APDU != Unsaid && len(r.Filters) > 0:
		return errors.New("ara: AR-DO: filters beside never or always")
	case r.Permissions != nil && len(r.Permissions) != permissionBytes:
		return errors.New("ara: AR-DO: permissions of other than 8 bytes")
	case r.APDU == Unsaid && len(r.Filters) == 0 && r.NFC == Unsaid && r.Permissions == nil:
		return errors.New("ara: AR-DO: no right at all")
	}
	return nil
}
