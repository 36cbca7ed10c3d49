package scp80

// Command is what the clear header of a command packet says, and its counter.
type Command struct {
	SPI           SPI
	KIc, KID      KeyReference
	TAR           TAR
	Counter       uint64
	Authenticated bool // the CC was there and is right
}

// put writes SPI, KIc, KID and TAR. Spec: SPEC-SCP80-001.
func (c *Command) put(h *[commandClear]byte) {
	h[0], h[1], h[2], h[3] = byte(c.SPI>>8), byte(c.SPI), byte(c.KIc), byte(c.KID)
	copy(h[4:], c.TAR[:])
}

// commandOf reads what put writes.
func commandOf(h []byte) Command {
	_ = h[commandClear-1]
	return Command{
		SPI: SPI(h[0])<<8 | SPI(h[1]), KIc: KeyReference(h[2]), KID: KeyReference(h[3]),
		TAR: TAR{h[4], h[5], h[6]},
	}
}

// DecodeCommandHeader reads the clear header of a command packet without any
// key, for a tracer or a router. Errors are *wire.DecodeError.
func DecodeCommandHeader(packet []byte) (Command, error) {
	f, err := commandShape.decode(packet)
	if err != nil {
		return Command{}, err
	}
	return commandOf(f.head[headLen:]), nil
}

// DecodeResponseTAR reads the TAR of a response packet without any key. Errors
// are *wire.DecodeError.
func DecodeResponseTAR(packet []byte) (TAR, error) {
	f, err := responseShape.decode(packet)
	if err != nil {
		return TAR{}, err
	}
	return TAR(f.head[headLen:]), nil
}
