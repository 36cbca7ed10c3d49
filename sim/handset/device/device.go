// Package device is models of handsets as data: what each of them can do, which
// eligibility goes by. Makers and models are fictitious.
//
// It must not know any network or SIM. It implements spec/HANDSET.md, section
// "Devices".
package device

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// NFCType is a type of contactless communication (ISO/IEC 14443, JIS X 6319-4).
type NFCType byte

// Types, as a set.
const (
	NFCA NFCType = 1 << iota
	NFCB
	NFCF
)

// String is the set as letters: "ABF"; "none".
func (t NFCType) String() string {
	s := ""
	for i, letter := range "ABF" {
		if t&(1<<i) != 0 {
			s += string(letter)
		}
	}
	if s == "" {
		return "none"
	}
	return s
}

// OS is the kind of operating system.
type OS string

// Operating systems.
const (
	OpenOS   OS = "open"   // applications of anybody reach the SIM by rules
	ClosedOS OS = "closed" // the maker's applications alone reach the SIM
	Feature  OS = "feature phone"
)

// Sale is how a device was sold.
type Sale byte

// Sales.
const (
	SIMLocked Sale = iota + 1 // takes SIMs of its networks only
	Unlocked                  // was locked, and was set free
	SIMFree                   // was never locked
)

// String is the sale in words.
func (s Sale) String() string {
	if s < SIMLocked || s > SIMFree {
		return "unknown sale"
	}
	return [...]string{"SIM-locked", "unlocked", "SIM-free"}[s-1]
}

// Model is a model of handset.
type Model struct {
	Maker, Name string
	TAC         string // type allocation code: the first eight digits of the IMEI
	OS          OS
	Version     int // of the operating system
	Sale        Sale
	// Networks are MCC and MNC of the SIMs that a SIMLocked device takes.
	Networks  []string
	OMAPI     bool    // applications reach applications of the SIM
	Relay     bool    // the UI app can relay scripts over mobile data and Wi-Fi
	CardNFC   NFCType // as a card: towards readers
	ReadNFC   NFCType // as a reader: of the My Number Card, type B
	Slots     int     // for SIMs
	SIMSlot   int     // from 1: the slot that the contactless front end is wired to; 0: none
	Extended  bool    // extended length APDUs
	SMSPP     bool    // SMS-PP download reaches the SIM
	UIApp     bool    // the UI app exists for it
	Withdrawn bool    // maker's security updates have ended
}

// ProfileID is the identifier of what a model can do, as
// GetDeviceCapabilityProfileId answers it: models of equal capabilities have the
// same one. Spec: SPEC-HANDSET-061.
func (m *Model) ProfileID() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%d|%v|%v|%v|%v|%d|%d|%v|%v|%v|%v", m.OS, m.Version, m.OMAPI, m.Relay, m.CardNFC, m.ReadNFC,
		m.Slots, m.SIMSlot, m.Extended, m.SMSPP, m.UIApp, m.Withdrawn)
	return fmt.Sprintf("DCP-%X", h.Sum(nil)[:6])
}

// Takes tells whether a device takes a SIM of a network, MCC and MNC in digits.
// Spec: SPEC-HANDSET-003.
func (m *Model) Takes(network string) bool {
	return m.Sale != SIMLocked || slices.Contains(m.Networks, network)
}

// Free is the model after its lock was taken off. Spec: SPEC-HANDSET-004.
func (m Model) Free() Model {
	if m.Sale == SIMLocked {
		m.Sale, m.Networks = Unlocked, nil
	}
	return m
}

// Check tells what is wrong with a model; nil: nothing.
func (m *Model) Check() error {
	bad := func(s string, args ...any) error {
		return fmt.Errorf("device %s: "+s, append([]any{m.Name}, args...)...)
	}
	switch {
	case m.Name == "" || m.Maker == "":
		return bad("no name or maker")
	case len(m.TAC) != 8 || strings.Trim(m.TAC, "0123456789") != "":
		return bad("TAC: want 8 digits")
	case m.Sale < SIMLocked || m.Sale > SIMFree:
		return bad("sale %d", m.Sale)
	case (m.Sale == SIMLocked) != (len(m.Networks) > 0):
		return bad("networks are those of a SIM-locked device, and of no other")
	case m.Slots < 1 || m.SIMSlot < 0 || m.SIMSlot > m.Slots:
		return bad("slot %d of %d", m.SIMSlot, m.Slots)
	case m.CardNFC != 0 && m.SIMSlot == 0:
		return bad("contactless, and no slot is wired to it")
	case m.Relay && !m.OMAPI:
		return bad("a relay needs OMAPI")
	}
	return nil
}
