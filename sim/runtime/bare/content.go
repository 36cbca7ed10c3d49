package bare

import (
	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/iso7816"
)

// loading is a load file on its way: its content is collected as it comes.
type loading struct {
	aid     gp.AID
	reader  *gp.LoadFileReader
	content []byte
	limit   int
}

// DAP is refused: the bare card has no key to verify it.
func (l *loading) DAP(gp.DAPBlock) error { return iso7816.ConditionsNotSatisfied }

// ICV is refused, as ciphered load files are.
func (l *loading) ICV([]byte) error { return iso7816.ConditionsNotSatisfied }

// Begin checks that the content can fit the memory.
func (l *loading) Begin(ciphered bool, sizeBytes int) error {
	if ciphered {
		return iso7816.ConditionsNotSatisfied
	}
	if sizeBytes > l.limit {
		return iso7816.NotEnoughMemory
	}
	return nil
}

// Content collects.
func (l *loading) Content(chunk []byte) error {
	l.content = append(l.content, chunk...)
	return nil
}

// install is INSTALL [for load], [for install], [for make selectable], the last
// two together, and [for personalization]. It ends a load and a personalisation
// under way, whatever becomes of it. Spec: SPEC-RUNTIME-121.
func (d *domain) install(cmd *apdu.Command) error {
	d.loading, d.target = nil, nil
	i, err := gp.DecodeInstall(cmd)
	if err != nil {
		return err
	}
	if i.Stage != gp.StageNone || len(i.Token) > 0 {
		return iso7816.ConditionsNotSatisfied
	}
	switch i.Purpose {
	case gp.ForPersonalization:
		return d.forPersonalization(&i)
	case gp.ForLoad:
		if d.Machine().PackageByAID(i.LoadFile.Append(nil)) != nil || d.Applet(i.LoadFile.Append(nil)) != nil {
			return iso7816.ConditionsNotSatisfied
		}
		d.loading = &loading{aid: i.LoadFile, limit: d.Machine().FreeBytes()}
		d.loading.reader = gp.NewLoadFileReader(d.loading)
		return nil
	case gp.ForInstall, gp.ForInstallAndMakeSelectable:
		return d.makeInstance(&i)
	case gp.ForMakeSelectable:
		aid := i.Application.Append(nil)
		if d.Applet(aid) == nil {
			return iso7816.ReferencedDataNotFound
		}
		p, state := (*Card)(d).entry(aid)
		if state != gp.Installed {
			return iso7816.ConditionsNotSatisfied
		}
		if i.HasPrivileges {
			p = i.Privileges
		}
		return (*Card)(d).putEntry(aid, p, gp.Selectable)
	}
	return iso7816.IncorrectP1P2
}

func (d *domain) makeInstance(i *gp.Install) error {
	parameters, err := gp.DecodeInstallParameters(i.Parameters)
	if err != nil {
		return err
	}
	state := gp.Installed
	if i.Purpose == gp.ForInstallAndMakeSelectable {
		state = gp.Selectable
	}
	if i.Privileges.Has(gp.SecurityDomain) {
		return iso7816.FunctionNotSupported
	}
	instance := i.Application
	if instance.IsZero() {
		instance = i.Module
	}
	_, err = (*Card)(d).install(i.LoadFile.Append(nil), i.Module.Append(nil), instance.Append(nil), i.Privileges, state,
		parameters.ApplicationSpecific)
	return err
}

// load is LOAD. The last one links the package.
func (d *domain) load(cmd *apdu.Command) error {
	block, err := gp.DecodeLoad(cmd)
	if err != nil {
		return err
	}
	if d.loading == nil {
		return iso7816.ConditionsNotSatisfied
	}
	l := d.loading
	if err := l.reader.Add(&block); err != nil {
		d.loading = nil
		return err
	}
	if !l.reader.Done() {
		return nil
	}
	d.loading = nil
	components, err := cap.SplitRaw(l.content)
	if err != nil {
		return err
	}
	file, err := cap.Parse(components)
	if err != nil {
		return err
	}
	if named, err := gp.NewAID(file.Header.Package.AID); err != nil || named != l.aid {
		return iso7816.WrongData
	}
	_, err = (*Card)(d).link(components, file.Header.Package.AID, l.content)
	return err
}

func (d *domain) delete(cmd *apdu.Command) error {
	k, err := gp.DecodeDelete(cmd)
	if err != nil {
		return err
	}
	if k.AID.IsZero() {
		return iso7816.ReferencedDataNotFound
	}
	if len(k.Token) > 0 {
		return iso7816.ConditionsNotSatisfied
	}
	return (*Card)(d).delete(k.AID.Append(nil), k.Related)
}
