package content

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/tsm/remote"
)

// Run makes the commands of a run: what is to be removed may be gone already, and
// what sets something to a value may be done twice. Spec: SPEC-MNO-TSM-052.
func Run(list ...apdu.Command) ([]remote.Command, error) {
	commands := make([]remote.Command, 0, len(list))
	for i := range list {
		c := &list[i]
		raw, err := c.Append(nil)
		if err != nil {
			return nil, err
		}
		r := remote.Command{APDU: raw}
		switch {
		case c.INS == gp.InsDelete:
			r.Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
		case c.INS == gp.InsInstall && gp.InstallPurpose(c.P1) == gp.ForExtradition:
			r.Accept, r.Repeat = []iso7816.SW{iso7816.ReferencedDataNotFound}, true
		case c.INS == gp.InsSetStatus:
			r.Repeat = true
		case c.INS == gp.InsGetStatus || c.INS == gp.InsGetData:
			r.Accept = []iso7816.SW{iso7816.ReferencedDataNotFound, iso7816.INSNotSupported, iso7816.IncorrectP1P2, iso7816.WrongData}
		}
		commands = append(commands, r)
	}
	return commands, nil
}

// Repeatable marks all commands as ones that may be done twice.
func Repeatable(commands []remote.Command) []remote.Command {
	for i := range commands {
		commands[i].Repeat = true
	}
	return commands
}

// FreeMemory asks the card what is free: behind whatever changes it.
func FreeMemory() (apdu.Command, error) {
	return gp.GetData{Tag: gp.TagExtendedResources}.APDU(nil)
}

// Status asks for the life cycle of one entry of the registry.
func Status(aid []byte, loadFile bool) (apdu.Command, error) {
	g := gp.GetStatus{Subset: gp.SubsetApplications, AID: aid}
	if loadFile {
		g.Subset = gp.SubsetLoadFiles
	}
	return g.APDU(nil)
}

// Questions ask for the life cycles of entries, one command each, and then for what
// is free.
func Questions(entries []tsmp.CardEntry) (list []apdu.Command, err error) {
	for _, e := range entries {
		c, err := Status(e.AID, e.Kind == tsmp.EntryLoadFile)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	free, err := FreeMemory()
	return append(list, free), err
}
