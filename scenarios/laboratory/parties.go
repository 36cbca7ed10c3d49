package laboratory

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

// ServiceName is what service managers call the service.
const ServiceName = "jpki"

// ManagerSuffix ends the names of carriers' managers.
const ManagerSuffix = ".mno-tsm.inkan.example"

// ManagerOf is the name of a carrier's service manager.
func ManagerOf(carrier string) tsmp.PartyID {
	return tsmp.PartyID(carrier + ManagerSuffix)
}
