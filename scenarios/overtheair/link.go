package overtheair

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/sms"
)

// MaxParts is the most messages of a packet that cards of the model put together.
const MaxParts = 8

// LinkConfig is how a Link fills packets.
type LinkConfig struct {
	Server *Server
	Format remote.Format
	Parts  int // messages of a packet; 0: MaxParts
	// BlockBytes of a cipher's block in packets: 16, or 8.
	BlockBytes int
}

// Link is a security domain on the other side of the air: an apdu.Card whose
// commands the domain executes, as over an open channel with checksums and
// ciphering in both directions. Not for concurrent use.
//
// Commands that others have to follow are held and sent together: INSTALL [for
// load] and [for personalization], every LOAD but the last, and STORE DATA that
// ends within a data grouping. Transmit answers 9000 to them; when one fails on
// the card, the command that has them sent fails with a HeldError.
//
// Whatever the network loses, a Link goes on: see spec/OTA.md, Recovery.
type Link struct {
	cfg  LinkConfig
	room int // bytes of a script

	held     []apdu.Command
	heldSize int
	grouping grouping

	load     []apdu.Command // INSTALL [for load] and the LOADs since
	personal *apdu.Command  // INSTALL [for personalization] in force
	group    []apdu.Command // STORE DATA since the last one that was answered
	stored   byte           // number of the next STORE DATA on the card
	depth    int            // of recoveries within each other

	Recoveries int // how often something was asked or sent again
	Unanswered int // answers that were lost, of what the registry says was done
}

// HeldError says that a command failed that was answered before it was sent.
type HeldError struct {
	INS byte
	SW  iso7816.SW
}

// Error names the instruction and the status word.
func (e *HeldError) Error() string {
	return fmt.Sprintf("overtheair: a command sent before, INS %02X: %v", e.INS, e.SW)
}

// Unwrap is the status word.
func (e *HeldError) Unwrap() error { return e.SW }

// Room is how many bytes of script fit a packet of as many messages, when it is
// ciphered in blocks. Spec: SPEC-OTA-007.
func Room(parts, blockBytes int) int { return scp80.MaxData(sms.MaxPacket(parts), blockBytes) }

// NewLink makes a link. Nothing is sent.
func NewLink(cfg LinkConfig) (*Link, error) {
	if cfg.Parts == 0 {
		cfg.Parts = MaxParts
	}
	if cfg.Parts < 2 || cfg.Parts > MaxParts || cfg.BlockBytes != 8 && cfg.BlockBytes != 16 || cfg.Format != remote.Compact && cfg.Format != remote.Expanded {
		return nil, fmt.Errorf("overtheair: %v format, %d messages, blocks of %d: want compact or expanded, 2 to %d, 8 or 16", cfg.Format, cfg.Parts, cfg.BlockBytes, MaxParts)
	}
	return &Link{cfg: cfg, room: Room(cfg.Parts, cfg.BlockBytes)}, nil
}

// DataBytes is the longest data field that lets as few packets as possible be
// filled, up to a limit. Spec: SPEC-OTA-007.
func (l *Link) DataBytes(limit int) int {
	around := l.cfg.Format.CommandBytes(&apdu.Command{Data: make([]byte, limit), Ne: apdu.MaxShortNe}) - limit
	room := l.room - remote.FrameBytes
	count := (room + limit + around - 1) / (limit + around)
	return min(limit, room/count-around, room-around-namingBytes)
}

// namingBytes is what INSTALL [for personalization] takes in a script, at most: it
// goes into one packet with what follows it.
const namingBytes = remote.CommandHeaderBytes + 5 + 3 + gp.MaxAIDLen + 3

// Transmit implements apdu.Card. Spec: SPEC-OTA-008.
func (l *Link) Transmit(ctx context.Context, raw, dst []byte) ([]byte, error) {
	c, err := apdu.DecodeCommand(raw)
	if err != nil {
		return dst, err
	}
	c.Data = append([]byte(nil), c.Data...)
	commands, size := l.with(&c)
	if l.heldSize+size > l.room-remote.FrameBytes {
		if _, err := l.flush(ctx); err != nil {
			return dst, err
		}
		commands, size = l.with(&c)
	}
	if size > l.room-remote.FrameBytes {
		return dst, fmt.Errorf("overtheair: INS %02X of %d bytes: %d fit a packet", c.INS, size, l.room-remote.FrameBytes)
	}
	hold := l.note(&c)
	commands[len(commands)-1] = c
	l.held, l.heldSize = append(l.held, commands...), l.heldSize+size
	if hold {
		return apdu.Response{SW: iso7816.OK}.Append(dst), nil
	}
	r, err := l.flush(ctx)
	l.done(&c)
	if err != nil {
		return dst, err
	}
	return r.Append(dst), nil
}

// with is a command and what it must not be without in a packet: a sequence of STORE
// DATA that begins again, for the application that was named, has the command that
// names it in front. A domain that has forgotten it would take the sequence for its
// own, and say nothing before the last block. size is what they take in a script.
// Spec: SPEC-OTA-036.
func (l *Link) with(c *apdu.Command) (commands []apdu.Command, size int) {
	n := len(l.held)
	named := n > 0 && l.held[n-1].INS == gp.InsInstall
	if c.INS == gp.InsStoreData && c.P2 == 0 && l.personal != nil && !named {
		commands, size = []apdu.Command{*l.personal}, l.cfg.Format.CommandBytes(l.personal)
	}
	return append(commands, *c), size + l.cfg.Format.CommandBytes(c)
}

// note remembers a command for the case that it has to be sent again, and tells
// whether it can wait for those that follow it.
func (l *Link) note(c *apdu.Command) (hold bool) {
	switch {
	case c.INS == gp.InsInstall && c.P1 == byte(gp.ForLoad):
		l.load, l.personal = []apdu.Command{*c}, nil
		return true
	case c.INS == gp.InsInstall && c.P1 == byte(gp.ForPersonalization):
		l.personal, l.load, l.group, l.stored = c, nil, nil, 0
		l.grouping = grouping{}
		return true
	case c.INS == gp.InsInstall:
		l.load, l.personal = nil, nil
	case c.INS == gp.InsLoad:
		l.load = append(l.load, *c)
		return c.P1&0x80 == 0
	case c.INS == gp.InsStoreData:
		if c.P2 == 0 {
			l.stored, l.group = 0, nil
		}
		c.P2 = l.stored
		l.stored++
		l.group = append(l.group, *c)
		return c.P1&0x18 == byte(gp.StructureDGI) && l.grouping.within(c.Data)
	}
	return false
}

// done forgets what needs not be sent again.
func (l *Link) done(c *apdu.Command) {
	switch c.INS {
	case gp.InsLoad:
		l.load = nil
	case gp.InsStoreData:
		l.group = nil
	}
}

// flush sends what is held. A status word of the last command is its response, one
// of a command before it an error.
func (l *Link) flush(ctx context.Context) (apdu.Response, error) {
	if len(l.held) == 0 {
		return apdu.Response{SW: iso7816.OK}, nil
	}
	commands := l.held
	l.held, l.heldSize = nil, 0
	return l.send(ctx, commands)
}

// script sends commands as one packet.
func (l *Link) script(ctx context.Context, commands []apdu.Command) (apdu.Response, error) {
	script, err := l.cfg.Format.Append(nil, commands)
	if err != nil {
		return apdu.Response{}, err
	}
	data, _, err := l.cfg.Server.Send(ctx, script)
	if err != nil {
		return apdu.Response{}, err
	}
	r, err := l.cfg.Format.Decode(data, len(commands))
	if err != nil {
		return apdu.Response{}, fmt.Errorf("overtheair: %w", err)
	}
	if r.Executed < len(commands) {
		return r.Last, &HeldError{commands[r.Executed-1].INS, r.Last.SW}
	}
	return r.Last, nil
}

// ErrCounter: the card's counter is further ahead than a server may have lost.
var ErrCounter = errors.New("overtheair: the card's counter is too far ahead of the server's")

// maxStep bounds how far a server goes ahead at once to find the card's counter.
const maxStep = 1 << 20

// Open sees that the card answers and that the server's counter is ahead of the
// card's. A counter that has stayed behind, as one that an old copy of the
// server's data has, is raised in steps that double. Spec: SPEC-OTA-009.
func (l *Link) Open(ctx context.Context) error {
	s := l.cfg.Server
	probe := apdu.Command{CLA: gp.ClassGlobalPlatform, INS: gp.InsGetData, P2: byte(gp.TagKeyInformation), Ne: apdu.MaxShortNe}
	for step := uint64(1); ; step *= 2 {
		_, err := l.script(ctx, []apdu.Command{probe})
		if !errors.Is(err, ErrProcessed) {
			return err
		}
		at := s.cfg.Counter.Load()
		if step > maxStep || at > scp80.MaxCounter-step {
			return ErrCounter
		}
		if err := s.cfg.Counter.Store(at + step); err != nil {
			return err
		}
		l.Recoveries++
	}
}

// grouping follows data groupings over blocks.
type grouping struct {
	header []byte // of one that has begun
	left   int    // of its value
}

// within takes the next block and tells whether it ends within a grouping.
func (g *grouping) within(data []byte) bool {
	for _, b := range data {
		if g.left > 0 {
			g.left--
			continue
		}
		g.header = append(g.header, b)
		switch n := len(g.header); {
		case n == 3 && b != 0xFF:
			g.left, g.header = int(b), nil
		case n == 5:
			g.left, g.header = int(g.header[3])<<8|int(b), nil
		}
	}
	return g.left > 0 || len(g.header) > 0
}
