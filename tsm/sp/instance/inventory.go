package instance

import (
	"bytes"
	"fmt"
	"slices"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
)

// needInventory asks the domain which keys it has, under the agreed ones.
func (t *TakeOver) needInventory() (Need, error) {
	commands, err := remote.Of(gp.GetData{Tag: gp.TagKeyInformation})
	return Need{Kind: NeedCommands, Commands: commands}, err
}

// takeVersions takes the versions of the domain's keys. Spec: SPEC-INSTANCE-024.
func (t *TakeOver) takeVersions(o *Outcome) error {
	responses, err := responsesOf(o, 1)
	switch {
	case err != nil:
		return err
	case len(responses) == 0:
		return nil // asked again
	case responses[0].SW != iso7816.OK:
		return &RefusedError{"GET DATA [key information]", responses[0].SW}
	}
	if t.versions, err = versionsOf(responses[0].Data); err != nil {
		return err
	}
	if !slices.Contains(t.versions, t.held[0].Version) {
		return fmt.Errorf("%w: the domain does not name the version %02X that it answers under", ErrForeignKeys, t.held[0].Version)
	}
	t.stage = takeKeys
	if len(t.held) == 1 && len(t.versions) == 1 {
		t.stage = takeDone
	}
	return nil
}

// versionsOf are the key versions in key information, each once, rising.
func versionsOf(b []byte) ([]byte, error) {
	list, err := gp.DecodeKeyInformation(b)
	if err != nil {
		return nil, err
	}
	var versions []byte
	for _, k := range list {
		versions = append(versions, k.KeyVersion)
	}
	slices.Sort(versions)
	return slices.Compact(versions), nil
}

// needKeys puts the provider's other sets, deletes what is not the provider's, and asks
// what is there then. Spec: SPEC-INSTANCE-024, SPEC-INSTANCE-025.
func (t *TakeOver) needKeys() (Need, error) {
	commands := t.puts()
	for _, v := range t.foreign() {
		list, err := remote.Of(gp.Delete{HasKeyVersion: true, KeyVersion: v})
		if err != nil {
			return Need{}, err
		}
		list[0].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
		commands = append(commands, list...)
	}
	last, err := t.needInventory()
	return Need{Kind: NeedCommands, Commands: append(commands, last.Commands...)}, err
}

// puts are PUT KEY of the sets that were not agreed on.
func (t *TakeOver) puts() (list []remote.Command) {
	for i := 1; i < len(t.held); i++ {
		put := &remote.PutKeys{Keys: hsm.Stored(t.held[i])}
		if slices.Contains(t.versions, t.held[i].Version) {
			put.Replaced = t.held[i].Version
		}
		list = append(list, remote.Command{Put: put})
	}
	return list
}

// foreign are the versions in the domain that are not the provider's.
func (t *TakeOver) foreign() (list []byte) {
	ours := t.ours()
	for _, v := range t.versions {
		if !slices.Contains(ours, v) {
			list = append(list, v)
		}
	}
	return list
}

// ours are the provider's versions, rising.
func (t *TakeOver) ours() (list []byte) {
	for i := range t.held {
		list = append(list, t.held[i].Version)
	}
	slices.Sort(list)
	return list
}

// takeKeys takes what came of it: all is done when the domain names the provider's
// versions alone. Where that is not known it is asked again.
func (t *TakeOver) takeKeys(o *Outcome) error {
	puts, deletes := len(t.held)-1, len(t.foreign())
	responses, err := responsesOf(o, puts+deletes+1)
	if err != nil {
		return err
	}
	for i := range responses {
		if sw := responses[i].SW; sw != iso7816.OK && !(sw == iso7816.ReferencedDataNotFound && i >= puts && i < puts+deletes) {
			return t.refusedKeys(i, puts, deletes, &responses[i])
		}
	}
	if len(responses) <= puts+deletes {
		t.stage = takeInventory
		return nil
	}
	after, err := versionsOf(responses[puts+deletes].Data)
	if err != nil {
		return err
	}
	if !bytes.Equal(after, t.ours()) {
		return fmt.Errorf("%w: versions %X, want %X", ErrForeignKeys, after, t.ours())
	}
	t.stage, t.versions = takeDone, after
	return nil
}

// refusedKeys asks again once what is there: a command whose answer was lost is refused
// the second time.
func (t *TakeOver) refusedKeys(i, puts, deletes int, r *apdu.Response) error {
	name := "GET DATA [key information]"
	if i < puts {
		name = "PUT KEY"
	} else if i < puts+deletes {
		name = "DELETE [key]"
	}
	if t.refusals++; t.refusals > maxRefusals {
		return &RefusedError{name, r.SW}
	}
	t.stage = takeInventory
	return nil
}
