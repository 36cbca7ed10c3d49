package profile

import (
	"inkan/core/gp"
	"inkan/core/keys"
)

// All lists the profiles: the test card first, then the carriers', then that of a
// network operator without network.
func All() []*Profile { return []*Profile{test, akebono, hayate, minato, suzume} }

// Named finds a profile, or nil.
func Named(name string) *Profile {
	for _, p := range All() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Test is the profile of a laboratory: test keys that are not diversified.
func Test() *Profile { return test }

// blocks and characters are the lines of all cards, which differ in the protocol
// that is their carrier's custom.
var (
	blocks     = Line{FI: 9, DI: 6, WI: 10, IFSC: 254, BWI: 4, CWI: 5, Supply: 0xC7}
	characters = Line{T0: true, FI: 9, DI: 6, WI: 10, IFSC: 254, BWI: 4, CWI: 5, Supply: 0xC7}
)

var test = &Profile{
	Name: "test", Carrier: "inkan test", Model: Simple, Chip: "inkan-sim-33",
	Channel: gp.SCPOption{Protocol: gp.SCP03, I: 0x70}, KeyVersion: 0x30, KeyBytes: 16, Method: keys.None,
	MaxData: 255, Line: blocks, MCC: "001", MNC: "01", Issuer: "8100", ServiceSC: "81900000000",
}

// akebono is a large carrier with cards of an old platform.
var akebono = &Profile{
	Name: "akebono", Carrier: "Akebono Mobile", Model: Simple, Chip: "inkan-eeprom-60",
	Channel: gp.SCPOption{Protocol: gp.SCP02, I: 0x55}, KeyVersion: 0x20, KeyBytes: 16, Method: keys.EMV,
	MaxData: 255, Line: characters, MCC: "001", MNC: "11", Issuer: "8111", ServiceSC: "81900000011",
}

// hayate has providers manage their applications with its tokens.
var hayate = &Profile{
	Name: "hayate", Carrier: "Hayate Telecom", Model: Delegated, Chip: "inkan-sim-33", MemoryBytes: 512 << 10,
	Channel: gp.SCPOption{Protocol: gp.SCP03, I: 0x60}, KeyVersion: 0x31, KeyBytes: 32, Method: keys.KDF3,
	MaxData: 239, Line: blocks, MCC: "001", MNC: "12", Issuer: "8112", ServiceSC: "81900000012",
}

// minato leaves the management of applications to their providers.
var minato = &Profile{
	Name: "minato", Carrier: "Minato Networks", Model: Authorised, Chip: "inkan-sim-33", MemoryBytes: 384 << 10,
	Channel: gp.SCPOption{Protocol: gp.SCP03, I: 0x00}, KeyVersion: 0x32, KeyBytes: 24, Method: keys.KDF3,
	MaxData: 255, Line: blocks, MCC: "001", MNC: "13", Issuer: "8113", ServiceSC: "81900000013",
}

// suzume sells Akebono's network under its own name: its cards are of an older
// batch, with the host's keys and applications.
var suzume = &Profile{
	Name: "suzume", Carrier: "Suzume SIM", Host: "akebono", Model: Simple, Chip: "inkan-sim-33", MemoryBytes: 160 << 10,
	Channel: gp.SCPOption{Protocol: gp.SCP02, I: 0x15}, KeyVersion: 0x21, KeyBytes: 16, Method: keys.VISA2,
	MaxData: 128, Line: characters, MCC: "001", MNC: "11", Issuer: "8111", Base: 9_000_000_000, ServiceSC: "81900000011",
}
