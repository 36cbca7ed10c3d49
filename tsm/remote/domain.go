package remote

import (
	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
)

// Domain is a security domain of a card, and how commands for it are protected. A
// domain without PacketKeys cannot be reached by short messages, one without
// ChannelKeys not by relay.
type Domain struct {
	AID gp.AID

	TAR        scp80.TAR
	SPI        scp80.SPI // 0: FullSPI
	Format     scripts.Format
	BlockBytes int // of the packets' cipher: 8 or 16
	Parts      int // most messages of a packet; 0: MaxParts
	PacketKeys hsm.KeyRef

	Options     byte // i of SCP02
	Level       scp.Level
	ChannelKeys hsm.KeyRef

	MaxData  int // longest data field of a command that the card takes; 0: 255
	Commands int // most commands of a relayed script; 0: MaxCommands
	Bytes    int // most bytes of them; 0: MaxBytes
}

// FullSPI has packets and proofs ciphered and with a checksum, packets with a counter
// that is higher each time, and a proof always.
const FullSPI = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

// Limits of scripts, where a domain does not say others.
const (
	MaxParts    = 8     // messages of a packet, as cards of the model put together
	MaxCommands = 64    // commands of a relayed script
	MaxBytes    = 16384 // bytes of them together
)

// Reaches reports whether scripts for the domain can go by a bearer.
func (d *Domain) Reaches(b tsmp.Bearer) bool {
	return b == tsmp.BearerSMS && !d.PacketKeys.Zero() || b == tsmp.BearerRelay && !d.ChannelKeys.Zero()
}

// DataBytes is the longest data field of LOAD and STORE DATA that fits scripts of all
// these bearers, and leaves as few packets as possible half empty.
// Spec: SPEC-SCRIPTS-004.
func (d *Domain) DataBytes(bearers ...tsmp.Bearer) int { return 200 }
