package world

import (
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
)

// The parties of the messages besides the carriers' managers.
const (
	CA    = laboratory.CA
	SPTSM = laboratory.SPTSM
	City  = laboratory.City
	Desk  = laboratory.Desk
)

// Relying parties, by the hosts of their origins.
const (
	bank     = tsmp.PartyID("bank.example")
	notebook = tsmp.PartyID("notebook.example")
)

// ManagerOf is the name of a carrier's service manager.
func ManagerOf(carrier string) tsmp.PartyID {
	return laboratory.ManagerOf(carrier)
}

// enlist gives a party a key of its own.
func (w *World) enlist(party tsmp.PartyID, role tsmp.Role) tsmp.Identity {
	identity, key := authority.Named(party, role, w.Config.Seed)
	w.directory[key.ID] = key
	return identity
}
