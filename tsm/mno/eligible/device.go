// Package eligible decides whether a service can be deployed: by the matrix of
// devices, the SIM and its memory, the subscription and its user, and what the
// carrier offers. It is a function of what it is given.
//
// It must not know stores, messages' transport or cards' commands. It implements
// spec/MNO-TSM.md, section "Eligibility".
package eligible

import "inkan/core/tsmp"

// Device is one model of handset in the requirements matrix. Its fields are those
// of spec/HANDSET.md, "Devices".
type Device struct {
	Name string
	TAC  string // first eight digits of the IMEI
	// ProfileID is what GetDeviceCapabilityProfileId answers: the same for all models
	// that can do the same.
	ProfileID string
	Open      bool // applications of anybody reach the SIM by rules
	Version   int  // of the operating system
	OMAPI     bool
	Relay     bool // the UI app can relay scripts
	CardNFC   bool // readers can reach a SIM, type A or B
	ReadNFC   bool // reads a My Number Card, type B
	SIMSlot   int  // from 1: wired to the contactless front end; 0: none
	SMSPP     bool // SMS-PP download reaches the SIM
	UIApp     bool
	Withdrawn bool
	// Networks are MCC and MNC of the SIMs that a locked device takes; none: any.
	Networks []string
}

// Bearers are those that work in the device.
func (d *Device) Bearers() (list []tsmp.Bearer) {
	if d.SMSPP {
		list = append(list, tsmp.BearerSMS)
	}
	if d.Relay && d.OMAPI && d.UIApp {
		list = append(list, tsmp.BearerRelay)
	}
	return list
}

// Need is what a service asks of a device.
type Need struct {
	Version int // of an open operating system, at least
	Touch   bool
	Slot    int // that the SIM is in, from 1; 0: not said
}

// Against are the reasons against a device. Spec: SPEC-MNO-TSM-020.
func (d *Device) Against(n Need) (list []tsmp.NonEligibilityReason) {
	add := func(bad bool, r tsmp.NonEligibilityReason) {
		if bad {
			list = append(list, r)
		}
	}
	add(!d.UIApp, tsmp.NoUIApp)
	add(!d.OMAPI, tsmp.NoOMAPI)
	add(!d.SMSPP && !d.Relay, tsmp.NoBearer)
	add(n.Touch && !d.CardNFC, tsmp.NoCardNFC)
	add(!d.ReadNFC, tsmp.NoReaderNFC)
	add(d.Open && d.Version < n.Version, tsmp.OldSystem)
	add(d.Withdrawn, tsmp.DeviceWithdrawn)
	add(n.Touch && n.Slot != 0 && d.SIMSlot != 0 && n.Slot != d.SIMSlot, tsmp.OtherSIMSlot)
	return list
}
