package world

import (
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
)

// The parties of the messages besides the carriers' managers.
const (
	CA    = authority.Party
	SPTSM = tsmp.PartyID("sp-tsm.inkan.example")
	City  = tsmp.PartyID("chiyoda.inkan.example")
	Desk  = tsmp.PartyID("desk.inkan.example")
)

// Relying parties, by the hosts of their origins.
const (
	bank     = tsmp.PartyID("bank.example")
	notebook = tsmp.PartyID("notebook.example")
)

// managerSuffix ends the names of carriers' managers.
const managerSuffix = ".mno-tsm.inkan.example"

// ManagerOf is the name of a carrier's service manager.
func ManagerOf(carrier string) tsmp.PartyID {
	return tsmp.PartyID(carrier + managerSuffix)
}

// enlist gives a party a key of its own.
func (w *World) enlist(party tsmp.PartyID, role tsmp.Role) tsmp.Identity {
	identity, key := authority.Named(party, role, w.Config.Seed)
	w.directory[key.ID] = key
	return identity
}
