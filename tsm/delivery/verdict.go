package delivery

import (
	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// Verdict is what a proof of receipt is worth, as its packet's owner says.
type Verdict byte

// Verdicts.
const (
	// Opaque: nobody here can read it. It is taken where TAR, checksum's length and
	// counter, as far as they are in the clear, fit the packet, and it is no proof that
	// was taken before.
	Opaque Verdict = iota
	// Proven: the card had the packet, and the next one may follow.
	Proven
	// Stop: the card had the packet, and those that follow are not to be sent.
	Stop
	// Had: the card says that it had the packet before, and so not what it did. It is
	// taken only when no better proof comes within Policy.Grace.
	Had
	// Foreign: it is not this packet's proof, or not a fresh one.
	Foreign
)

// Question is a proof of receipt that may be that of a packet.
type Question struct {
	Job    row.WorkflowID // the owner's
	SE     tsmp.SEID
	Item   int // number of the packet, from 0
	Packet []byte
	Proof  []byte // response packet, from RPL on
}
