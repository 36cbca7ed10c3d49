package remote

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/sms"
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

	// Inherited: these are the keys of the domain above, which serve until the domain has
	// keys of its own. A key set that is put takes their place.
	Inherited bool

	MaxData  int // longest data field of a command that the card takes; 0: 255
	Commands int // most commands of a relayed script, 3 or more; 0: MaxCommands
	Bytes    int // most bytes of them; 0: MaxBytes
}

// FullSPI has packets and proofs ciphered and with a checksum, packets with a counter
// that is higher each time, and a proof always.
const FullSPI = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

// Limits of scripts, where a domain does not say others.
const (
	MaxParts    = 8     // messages of a packet, as cards of the model put together
	MaxCommands = 128   // commands of a relayed script
	MaxBytes    = 32768 // bytes of them together
)

// minCommands of a relayed script: EXTERNAL AUTHENTICATE, a command that names an
// application again, and the one that is for it.
const minCommands = 3

// withDefaults is the domain with what it does not say, or what is wrong with it.
// Spec: SPEC-SCRIPTS-001.
func (d Domain) withDefaults() (Domain, error) {
	for p, v := range map[*int]int{&d.Parts: MaxParts, &d.MaxData: apdu.MaxShortData, &d.Commands: MaxCommands, &d.Bytes: MaxBytes} {
		if *p == 0 {
			*p = v
		}
	}
	if d.SPI == 0 {
		d.SPI = FullSPI
	}
	bad := func(format string, a ...any) (Domain, error) { return d, fmt.Errorf("remote: domain "+format, a...) }
	switch {
	case d.AID.IsZero():
		return bad("without AID")
	case d.PacketKeys.Zero() && d.ChannelKeys.Zero():
		return bad("without keys")
	case d.MaxData < 32 || d.MaxData > apdu.MaxShortData:
		return bad("with data of %d bytes: want 32 to 255", d.MaxData)
	case d.Commands < minCommands || d.Commands > MaxCommands || d.Bytes < 512 || d.Bytes > MaxBytes:
		return bad("with scripts of %d commands, %d bytes: want %d to %d, 512 to %d", d.Commands, d.Bytes, minCommands, MaxCommands, MaxBytes)
	}
	if !d.PacketKeys.Zero() {
		if err := d.PacketKeys.Valid(); err != nil {
			return d, err
		}
		switch {
		case d.PacketKeys.Use != hsm.UseSCP80:
			return bad("with packet keys for %s", d.PacketKeys.Use)
		case d.Format != scripts.Compact && d.Format != scripts.Expanded, d.BlockBytes != 8 && d.BlockBytes != 16, d.Parts < 2 || d.Parts > MaxParts:
			return bad("with %v format, blocks of %d, %d messages: want compact or expanded, 8 or 16, 2 to %d", d.Format, d.BlockBytes, d.Parts, MaxParts)
		}
	}
	if !d.ChannelKeys.Zero() {
		if err := d.ChannelKeys.Valid(); err != nil {
			return d, err
		}
		if u := d.ChannelKeys.Use; u != hsm.UseSCP02 && u != hsm.UseSCP03 || d.Level&scp.CMAC == 0 {
			return bad("with channel keys for %s, level %02X: want scp02 or scp03, and a MAC", u, byte(d.Level))
		}
	}
	return d, nil
}

// Reaches reports whether scripts for the domain can go by a bearer.
func (d *Domain) Reaches(b tsmp.Bearer) bool {
	return b == tsmp.BearerSMS && !d.PacketKeys.Zero() || b == tsmp.BearerRelay && !d.ChannelKeys.Zero()
}

// room is how many bytes of commands fit a packet: in its messages, and in the message
// that brings it to the carrier. Spec: SPEC-SCRIPTS-004.
func (d *Domain) room() int {
	return scp80.MaxData(min(sms.MaxPacket(d.Parts), tsmp.MaxPacket), d.BlockBytes) - scripts.FrameBytes
}

// macBytes is what a session's MAC takes of a command.
const macBytes = 8

// channelData is the longest plain data field that fits a protected command.
func (d *Domain) channelData() int {
	n := d.MaxData - macBytes
	if d.Level&scp.CDecryption == 0 {
		return n
	}
	block := 16
	if d.ChannelKeys.Use == hsm.UseSCP02 {
		block = 8
	}
	return n/block*block - 1
}

// namingBytes is what INSTALL [for personalization] takes in a script, at most: it goes
// into one packet with what follows it.
const namingBytes = 4 + 5 + 3 + gp.MaxAIDLen + 3

// packetData is the longest data field that lets as few packets as possible be filled.
func (d *Domain) packetData() int {
	around := d.Format.CommandBytes(&apdu.Command{Data: make([]byte, d.MaxData), Ne: apdu.MaxShortNe}) - d.MaxData
	room := d.room()
	count := (room + d.MaxData + around - 1) / (d.MaxData + around)
	return min(d.MaxData, room/count-around, room-around-namingBytes)
}

// DataBytes is the longest data field of LOAD and STORE DATA that fits scripts of all
// these bearers, and leaves as few packets as possible half empty.
// Spec: SPEC-SCRIPTS-004.
func (d *Domain) DataBytes(bearers ...tsmp.Bearer) int {
	full, err := d.withDefaults()
	if err != nil {
		return 0
	}
	n := full.MaxData
	for _, b := range bearers {
		switch b {
		case tsmp.BearerSMS:
			n = min(n, full.packetData())
		case tsmp.BearerRelay:
			n = min(n, full.channelData())
		}
	}
	return max(n, 0)
}
