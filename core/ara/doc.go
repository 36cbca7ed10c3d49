// Package ara is the vocabulary of the access rules that a card keeps for the
// applications of a phone (GlobalPlatform Secure Element Access Control 1.1,
// with Android's additions): the rules, their coding, the commands that read
// them out of an ARA-M and the command data objects that write them.
//
// It must not know how a phone applies the rules, nor the secure channel
// through which they are written. It implements spec/ARAM.md.
package ara

import (
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
)

// AIDMaster is the ARA-M, the application that every phone looks for.
var AIDMaster = gp.MustAID("A00000015141434C00")

// Tags (SEAC 1.1 tables 4-2 to 6-13).
const (
	TagAIDRef            tlv.Tag = 0x4F
	TagDefaultRef        tlv.Tag = 0xC0
	TagDeviceAppIDRef    tlv.Tag = 0xC1
	TagPackageRef        tlv.Tag = 0xCA
	TagAPDURights        tlv.Tag = 0xD0
	TagNFCRights         tlv.Tag = 0xD1
	TagPermissions       tlv.Tag = 0xDB
	TagRef               tlv.Tag = 0xE1
	TagRule              tlv.Tag = 0xE2
	TagRights            tlv.Tag = 0xE3
	TagDeviceConfig      tlv.Tag = 0xE4
	TagConfig            tlv.Tag = 0xE5
	TagInterfaceVersion  tlv.Tag = 0xE6
	TagStore             tlv.Tag = 0xF0
	TagDelete            tlv.Tag = 0xF1
	TagUpdateRefreshTag  tlv.Tag = 0xF2
	TagResponseAll       tlv.Tag = 0xFF40
	TagResponseRights    tlv.Tag = 0xFF50
	TagResponseNext      tlv.Tag = 0xFF60 // in P1-P2 only
	TagResponseRefresh   tlv.Tag = 0xDF20
	TagResponseARAConfig tlv.Tag = 0xDF21
)

// Status words that mean something else here than in ISO/IEC 7816-4 (SEAC 1.1
// §4.1.2.2, §5.1.2.2). The first two are warnings: the rule is stored.
const (
	RuleExisted       iso7816.SW = 0x6381 // there was a rule for the target already
	UnknownDiscarded  iso7816.SW = 0x6382 // without data objects that are not known
	NotSupported      iso7816.SW = 0x6981 // command data object not supported
	RulesUpdated      iso7816.SW = 0x6984 // the rules changed while they were read
	ReferenceNotFound iso7816.SW = 0x6A88 // no rule has the target
	RuleConflict      iso7816.SW = 0x6A89 // a rule of the same target says otherwise
)
