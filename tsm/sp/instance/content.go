package instance

import (
	"crypto/sha256"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/tsmp"
	"inkan/tsm/remote"
)

// Need implements Program.
func (m *Management) Need() (Need, error) {
	o := m.current()
	if o == nil {
		return Need{}, nil
	}
	switch o.state {
	case operationToken, operationReceipt:
		return m.call(o.state)
	case operationFailed:
		return Need{}, o.unconfirmed()
	case operationAsk:
		q := m.question(o)
		commands, err := remote.Of(q)
		if err == nil {
			commands[0].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
		}
		return Need{Kind: NeedCommands, Commands: commands}, err
	}
	n := Need{Kind: NeedCommands}
	for _, o := range m.at(operationReady) {
		commands, err := m.commands(o)
		if err != nil {
			return Need{}, err
		}
		n.Commands = append(n.Commands, commands...)
	}
	return n, nil
}

// call asks for the tokens of all operations that have none, or brings all receipts that
// are there. Spec: SPEC-INSTANCE-070, SPEC-INSTANCE-074.
func (m *Management) call(s operationState) (Need, error) {
	tokens := &tsmp.GenerateDMTokenRequest{Reference: m.content.Reference}
	receipts := &tsmp.VerifyDMReceiptRequest{Reference: m.content.Reference}
	for _, o := range m.at(s) {
		unsigned, err := m.unsigned(o)
		if err != nil {
			return Need{}, err
		}
		command, err := unsigned.Append(nil)
		if err != nil {
			return Need{}, err
		}
		tokens.Commands = append(tokens.Commands, command)
		receipts.Receipts = append(receipts.Receipts, tsmp.DMReceipt{Command: command, Response: o.receipt})
	}
	n := Need{Kind: NeedCall, To: tsmp.RoleMNOTSM, Function: tsmp.GenerateDMToken, Request: tokens}
	if s == operationReceipt {
		n.Function, n.Request = tsmp.VerifyDMReceipt, receipts
	}
	return n, nil
}

// unsigned is the operation's command without its token. The same state makes the same
// command. Spec: SPEC-INSTANCE-070, SPEC-INSTANCE-073.
func (m *Management) unsigned(o *operation) (apdu.Command, error) {
	c := &m.content
	switch o.kind {
	case operationLoad:
		i := gp.Install{Purpose: gp.ForLoad, LoadFile: c.Package, SecurityDomain: c.Domain, Hash: c.Hash[:]}
		return i.Unsigned(nil)
	case operationInstall:
		p := gp.InstallParameters{ApplicationSpecific: append([]byte{}, c.Parameters...)}
		parameters, err := p.Append(nil)
		if err != nil {
			return apdu.Command{}, err
		}
		i := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: c.Package, Module: c.Module, Application: c.Instance,
			Privileges: c.Privileges, Parameters: parameters}
		return i.Unsigned(nil)
	}
	return gp.Delete{AID: o.aid, Related: o.kind == operationDeleteRelated}.APDU(nil)
}

// commands are an operation's commands.
func (m *Management) commands(o *operation) ([]remote.Command, error) {
	first, err := m.unsigned(o)
	if err != nil {
		return nil, err
	}
	first.Data = append([]byte(nil), first.Data...)
	switch {
	case o.kind >= operationDelete && len(o.token) > 0:
		first.Data = tlv.Append(first.Data, gp.TagDeleteToken, o.token)
	case o.kind < operationDelete:
		first.Data = tlv.AppendBERLV(first.Data, o.token) // none: an empty field
	}
	if len(first.Data) > apdu.MaxShortData {
		return nil, fmt.Errorf("instance: %s with %d bytes of data, want at most %d", operationNames[o.kind], len(first.Data), apdu.MaxShortData)
	}
	first.Ne = apdu.MaxShortNe // a receipt may come
	raw, err := first.Append(nil)
	if err != nil {
		return nil, err
	}
	list := []remote.Command{{APDU: raw}}
	if o.kind >= operationDelete {
		list[0].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
	}
	if o.kind != operationLoad {
		return list, nil
	}
	loads, err := m.loads()
	return append(list, loads...), err
}

// loads are the LOAD commands of the load file, whose hash has to be the one of the
// INSTALL. Spec: SPEC-INSTANCE-071.
func (m *Management) loads() ([]remote.Command, error) {
	file, err := gp.DecodeLoadFile(m.resources.LoadFile)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(file.Content) != m.content.Hash {
		return nil, ErrHash
	}
	blocks, err := gp.LoadBlocks(m.resources.LoadFile, m.content.BlockBytes)
	if err != nil {
		return nil, err
	}
	var list []gp.Command
	for b := range blocks {
		list = append(list, b)
	}
	return remote.Of(list...)
}

// question asks the registry whether an operation was done.
func (m *Management) question(o *operation) gp.GetStatus {
	switch o.kind {
	case operationLoad:
		return gp.GetStatus{Subset: gp.SubsetLoadFiles, AID: m.content.Package.Append(nil)}
	case operationInstall:
		return gp.GetStatus{Subset: gp.SubsetApplications, AID: m.content.Instance.Append(nil)}
	case operationDelete:
		return gp.GetStatus{Subset: gp.SubsetApplications, AID: o.aid.Append(nil)}
	}
	return gp.GetStatus{Subset: gp.SubsetLoadFiles, AID: o.aid.Append(nil)}
}

// answer takes tokens, or the word that receipts are right.
func (m *Management) answer(b tsmp.Body) error {
	o := m.current()
	switch body := b.(type) {
	case *tsmp.GenerateDMTokenAnswer:
		if o == nil || o.state != operationToken {
			return ErrNotNeeded
		}
		list := m.at(operationToken)
		if len(body.Tokens) != len(list) {
			return fmt.Errorf("instance: %d tokens for %d commands", len(body.Tokens), len(list))
		}
		for i, o := range list {
			o.token, o.state = body.Tokens[i], operationReady
		}
	case *tsmp.RecordedAnswer:
		if o == nil || o.state != operationReceipt {
			return ErrNotNeeded
		}
		for _, o := range m.at(operationReceipt) {
			o.receipt, o.state = nil, operationDone
		}
	default:
		return fmt.Errorf("%w: %T", ErrNotNeeded, b)
	}
	return nil
}
