package remote

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/scp"
)

// kind is what has to be known of a command to go on when its answer is lost.
type kind byte

const (
	other     kind = iota // nobody but the caller knows
	reads                 // changes nothing
	loadBegin             // INSTALL [for load]
	loadPart              // LOAD before the last one
	loadEnd               // the last LOAD: a load file is there
	names                 // INSTALL [for personalization]
	stores                // STORE DATA
	makes                 // INSTALL [for install]: an entry is there
	deletes               // DELETE: an entry is gone
	puts                  // PUT KEY of a whole set
)

// step is a command as a run sees it. It follows from the command.
type step struct {
	kind kind
	apdu apdu.Command // plain; of puts without data
	// first is where what the command belongs to begins: INSTALL [for load] of a load, the
	// block 00 of a sequence of STORE DATA; else the command itself.
	first int
	// named is the INSTALL [for personalization] that STORE DATA is under; -1: none.
	named int
}

// answers tells whether the command's own answer is wanted, so that no other can follow
// it in a packet.
func (s *step) answers() bool {
	switch s.kind {
	case loadBegin, loadPart, names, puts:
		return false
	case stores:
		return s.apdu.Ne > 0
	}
	return true
}

// repeatable tells whether a command may be executed twice, as far as its kind goes.
func (s *step) repeatable() bool {
	return s.kind == reads || s.kind == names || s.kind == loadBegin || s.kind == loadPart
}

// steps looks at all commands of a run. Spec: SPEC-SCRIPTS-001.
func steps(commands []Command) ([]step, error) {
	list := make([]step, len(commands))
	load, block, named := -1, -1, -1
	for i := range commands {
		s := &list[i]
		if err := s.read(&commands[i]); err != nil {
			return nil, fmt.Errorf("remote: command %d: %w", i, err)
		}
		s.first, s.named = i, -1
		switch s.kind {
		case loadBegin:
			load = i
		case loadPart, loadEnd:
			if load < 0 {
				s.kind = other // of a load that another run began
				break
			}
			s.first = load
		case names:
			named = i
		case stores:
			if s.apdu.P2 == 0 || block < 0 {
				block = i
			}
			s.first, s.named = block, named
		case reads:
		default:
			named = -1
		}
		if s.kind != stores && s.kind != reads {
			block = -1
		}
		if s.kind != loadBegin && s.kind != loadPart {
			load = -1
		}
	}
	return list, nil
}

// read takes a command apart.
func (s *step) read(c *Command) error {
	if c.Put != nil {
		if len(c.APDU) > 0 {
			return fmt.Errorf("want a command or a key set, not both")
		}
		s.kind, s.apdu = puts, apdu.Command{CLA: gp.ClassGlobalPlatform, INS: gp.InsPutKey, P1: c.Put.Replaced, P2: 0x81, Ne: apdu.MaxShortNe}
		return c.Put.Keys.Valid()
	}
	a, err := apdu.DecodeCommand(c.APDU)
	switch {
	case err != nil:
		return err
	case a.Extended || len(a.Data) > apdu.MaxShortData:
		return fmt.Errorf("want a short command")
	case !scp.PlainClass(a.CLA) || a.CLA&0x43 != 0 || a.CLA&0x10 != 0:
		return fmt.Errorf("class %02X: want one on the basic channel, without secure messaging and chaining", a.CLA)
	case a.INS == gp.InsSelect || a.INS == scp.InsInitializeUpdate || a.INS == scp.InsExternalAuthenticate:
		return fmt.Errorf("INS %02X: scripts select and authenticate themselves", a.INS)
	}
	s.apdu = a
	s.kind = kindOf(&a)
	return nil
}

// kindOf is the kind of a command. What cannot be read is left to the card to refuse.
func kindOf(a *apdu.Command) kind {
	if !gp.IsGlobalPlatformClass(a.CLA) && a.INS != gp.InsGetData {
		return other
	}
	switch a.INS {
	case gp.InsGetData, gp.InsGetStatus:
		return reads
	case gp.InsLoad:
		if a.P1&0x80 != 0 {
			return loadEnd
		}
		return loadPart
	case gp.InsStoreData:
		return stores
	case gp.InsDelete:
		if d, err := gp.DecodeDelete(a); err == nil && !d.AID.IsZero() {
			return deletes
		}
	case gp.InsInstall:
		return installKind(a)
	}
	return other
}

func installKind(a *apdu.Command) kind {
	i, err := gp.DecodeInstall(a)
	if err != nil {
		return other
	}
	switch i.Purpose {
	case gp.ForLoad:
		return loadBegin
	case gp.ForPersonalization:
		return names
	case gp.ForInstall, gp.ForInstallAndMakeSelectable:
		return makes
	}
	return other
}
