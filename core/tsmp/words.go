package tsmp

import (
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
)

// Ground is why somebody other than the certificate's own life ends, holds or
// frees it.
type Ground byte

// Grounds.
const (
	// GroundApplication is an application signed by the holder.
	GroundApplication Ground = iota + 1
	// GroundHotline is a call by the holder to the help desk, under a case number.
	GroundHotline
	// GroundAuthority is a decision of a municipality or court.
	GroundAuthority
	// GroundSubscription is that SIM or subscription is no longer the one of the
	// order: the SP-TSM says so.
	GroundSubscription
	// GroundService is the end or failure of the service instance: its download
	// was given up, or the application was erased.
	GroundService
)

var groundWords = []named[Ground]{
	{GroundApplication, "application"}, {GroundHotline, "hotline"}, {GroundAuthority, "authority"},
	{GroundSubscription, "subscription"}, {GroundService, "service"},
}

// String is the ground's word in messages.
func (g Ground) String() string { return wordOf(groundWords, g) }

// Purpose is what an application asks for.
type Purpose = application.Purpose

// Purposes.
const (
	PurposeIssue          = application.Issue
	PurposePINReset       = application.PINReset
	PurposeRevocation     = application.Revocation
	PurposeTransfer       = application.Transfer
	PurposeSuspensionLift = application.SuspensionLift
)

var purposeWords = wordsOf(application.Purposes())

func wordsOf[T interface {
	comparable
	String() string
}](values []T) (words []named[T]) {
	for _, v := range values {
		words = append(words, named[T]{v, v.String()})
	}
	return words
}

var originWords = []named[jpki.Origin]{{jpki.OriginOnCard, "on-card"}, {jpki.OriginDelivered, "delivered"}}

var roleWords = []named[jpki.Role]{{jpki.Auth, "auth"}, {jpki.Sign, "sign"}}

var stateWords = []named[certificate.State]{
	{certificate.Pending, "pending"}, {certificate.Active, "active"},
	{certificate.Suspended, "suspended"}, {certificate.Revoked, "revoked"},
}

// revocationWords are the reasons that a revocation may have; none is the
// reason "unspecified", which RFC 5280 §5.3.1 leaves out, too.
var revocationWords = []named[certificate.Reason]{
	reason(certificate.KeyCompromise), reason(certificate.AffiliationChanged), reason(certificate.Superseded),
	reason(certificate.CessationOfOperation), reason(certificate.PrivilegeWithdrawn),
}

// reasonWords are the reasons that a status may show.
var reasonWords = append([]named[certificate.Reason]{reason(certificate.CACompromise), reason(certificate.CertificateHold)}, revocationWords...)

func reason(r certificate.Reason) named[certificate.Reason] {
	return named[certificate.Reason]{r, r.String()}
}

func wordOf[T comparable](words []named[T], value T) string {
	for _, w := range words {
		if w.value == value {
			return w.name
		}
	}
	return "none"
}
