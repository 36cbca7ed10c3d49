package pcsc

// What tests of package pcsc_test use of those of this package: those import
// packages that import this one.
var (
	Alone    = alone
	DaemonUp = daemonUp
	Present  = present
	Says     = says
)

// FirstSlot is where vpcd's first slot listens.
const FirstSlot = firstSlot
