package mno_test

import (
	"errors"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

func aid(b []byte) gp.AID {
	a, err := gp.NewAID(b)
	if err != nil {
		panic(err)
	}
	return a
}

func unsigned(t fataler, i gp.Install) apdu.Command {
	t.Helper()
	c, err := i.Unsigned(nil)
	must(t, err)
	return c
}

func raw(t fataler, c apdu.Command) []byte {
	t.Helper()
	b, err := c.Append(nil)
	must(t, err)
	return b
}

func parameters(t fataler, p gp.InstallParameters) []byte {
	t.Helper()
	b, err := p.Append(nil)
	must(t, err)
	return b
}

// wide are parameters that reach beyond the application.
var wide = map[string][]byte{
	"files":    {0xC9, 0, 0xEA, 6, 0x81, 4, 0, 1, 0, 0},
	"toolkit":  {0xC9, 0, 0xEF, 10, 0xCA, 8, 1, 0, 0, 0, 0, 0, 0, 0},
	"service":  {0xC9, 0, 0xEF, 4, 0xCB, 2, 0x80, 0},
	"implicit": {0xC9, 0, 0xEF, 3, 0xCF, 1, 0x80},
	"none":     {0xFF, 3, 0},
}

// Tokens are given for what the declaration covers, and verify under the carrier's key.
func TestTokens(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-060", "SPEC-MNO-TSM-061", "SPEC-MNO-TSM-062", "SPEC-MNO-TSM-064", "SPEC-MNO-TSM-065")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelDelegated)
	w.deploy(w.customer(3), 3, tsmp.ModelSimple) // the load file is here
	_, hash := loadFile(3000)
	token := func(ref tsmp.ServiceReference, c apdu.Command) ([]byte, error) {
		a, err := w.as(spName).GenerateDMToken(ctx, w.call(), &tsmp.GenerateDMTokenRequest{Reference: ref, Commands: [][]byte{raw(t, c)}})
		if err != nil {
			return nil, err
		}
		return a.Tokens[0], nil
	}
	verifier, err := gp.NewContentVerifier(&p256("token").PublicKey)
	must(t, err)
	load := gp.Install{Purpose: gp.ForLoad, LoadFile: aid(packageAID), SecurityDomain: aid(domainAID), Hash: hash[:]}
	install := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aid(packageAID), Module: aid(moduleAID), Application: aid(instanceAID), Parameters: []byte{0xC9, 0}}
	small, large := load, install
	small.Parameters, large.Parameters = parameters(t, gp.InstallParameters{System: &gp.SystemParameters{NonVolatileCode: gp.NewMemorySize(9)}}),
		parameters(t, gp.InstallParameters{ApplicationSpecific: []byte{7}, System: &gp.SystemParameters{NonVolatile: gp.NewMemorySize(90)}})
	del, err := gp.Delete{AID: aid(instanceAID)}.APDU(nil)
	must(t, err)
	for _, c := range []apdu.Command{unsigned(t, load), unsigned(t, install), unsigned(t, small), unsigned(t, large), del} {
		got, err := token(ref, c)
		must(t, err)
		input, err := gp.TokenInput(nil, c.P1, c.P2, c.Data)
		must(t, err)
		if !verifier.Verify(input, got) {
			t.Errorf("the token of INS %02X P1 %02X does not verify", c.INS, c.P1)
		}
	}
	for name, x := range notCovered(t, load, install, del) {
		if _, err := token(ref, x.c); codeOf(err) != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
	for name, p := range wide {
		i := install
		i.Parameters = p
		if _, err := token(ref, unsigned(t, i)); codeOf(err) != tsmp.CodeTokenRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
	authorised := w.deploy(w.customer(2), 2, tsmp.ModelAuthorised)
	_, err = token(authorised, del)
	wantCode(t, err, tsmp.CodeNotInModel)
}

// Of several commands all get tokens, or none; of several receipts all are right, or none.
func TestTogether(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-066")
	w := newWorld(t)
	ref := w.deploy(w.customer(1), 1, tsmp.ModelDelegated)
	install := unsigned(t, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aid(packageAID), Module: aid(moduleAID), Application: aid(instanceAID), Parameters: []byte{0xC9, 0}})
	del, err := gp.Delete{AID: aid(instanceAID)}.APDU(nil)
	must(t, err)
	putKey, _ := gp.PutKey{NewKeyVersion: 1, Blocks: []byte{0x88, 0}}.APDU(nil)
	commands := [][]byte{raw(t, del), raw(t, install)}
	a, err := w.as(spName).GenerateDMToken(ctx, w.call(), &tsmp.GenerateDMTokenRequest{Reference: ref, Commands: commands})
	must(t, err)
	verifier, err := gp.NewContentVerifier(&p256("token").PublicKey)
	must(t, err)
	for n, c := range []apdu.Command{del, install} {
		input, err := gp.TokenInput(nil, c.P1, c.P2, c.Data)
		must(t, err)
		if len(a.Tokens) != 2 || !verifier.Verify(input, a.Tokens[n]) {
			t.Errorf("token %d of %d does not verify", n, len(a.Tokens))
		}
	}
	_, err = w.as(spName).GenerateDMToken(ctx, w.call(), &tsmp.GenerateDMTokenRequest{Reference: ref, Commands: append(commands, raw(t, putKey), raw(t, putKey))})
	var refusal *tsmp.Error
	if !errors.As(err, &refusal) || refusal.Code != tsmp.CodeTokenRefused || refusal.Path != "body/commands/2" {
		t.Errorf("the third command of four: %v", err)
	}

	right := tsmp.DMReceipt{Command: raw(t, del), Response: receiptOf(t, gp.DeleteReceipt(aid(instanceAID)), receiptKey)}
	wrong := tsmp.DMReceipt{Command: raw(t, install), Response: right.Response}
	for path, receipts := range map[string][]tsmp.DMReceipt{
		"":                {right, right}, // brought twice is no other evidence
		"body/receipts/0": {wrong, right},
		"body/receipts/1": {right, wrong, wrong},
		"body/receipts/2": {right, right, {Command: right.Command, Response: right.Response[:len(right.Response)-1]}},
	} {
		_, err := w.as(spName).VerifyDMReceipt(ctx, w.call(), &tsmp.VerifyDMReceiptRequest{Reference: ref, Receipts: receipts})
		if errors.As(err, &refusal) != (path != "") || path == "" && err != nil || path != "" && (refusal.Code != tsmp.CodeReceipt || refusal.Path != path) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// refusedCommand is a command that gets no token.
type refusedCommand struct {
	c    apdu.Command
	code tsmp.Code
}

// notCovered are commands beside those that the declaration covers.
func notCovered(t *testing.T, load, install gp.Install, del apdu.Command) map[string]refusedCommand {
	other := func(i gp.Install, change func(i *gp.Install)) apdu.Command {
		change(&i)
		return unsigned(t, i)
	}
	another := aid([]byte("another"))
	deleteDomain, _ := gp.Delete{AID: aid(domainAID)}.APDU(nil)
	deleteKeys, _ := gp.Delete{HasKeyVersion: true, KeyVersion: 1}.APDU(nil)
	signed, _ := gp.Delete{AID: aid(instanceAID), Token: []byte{1}}.APDU(nil)
	putKey, _ := gp.PutKey{NewKeyVersion: 1, Blocks: []byte{0x88, 0}}.APDU(nil)
	return map[string]refusedCommand{
		"load file":   {other(load, func(i *gp.Install) { i.LoadFile = another }), tsmp.CodeAIDNotPermitted},
		"domain":      {other(load, func(i *gp.Install) { i.SecurityDomain = another }), tsmp.CodeAIDNotPermitted},
		"module":      {other(install, func(i *gp.Install) { i.Module = another }), tsmp.CodeAIDNotPermitted},
		"application": {other(install, func(i *gp.Install) { i.Application = another }), tsmp.CodeAIDNotPermitted},
		"privileges":  {other(install, func(i *gp.Install) { i.Privileges = gp.CardLock }), tsmp.CodeTokenRefused},
		"hash":        {other(load, func(i *gp.Install) { i.Hash = make([]byte, 32) }), tsmp.CodeTokenRefused},
		"no hash":     {other(load, func(i *gp.Install) { i.Hash = nil }), tsmp.CodeTokenRefused},
		"domains":     {other(install, func(i *gp.Install) { i.Privileges = gp.SecurityDomain }), tsmp.CodeTokenRefused},
		"selectable":  {unsigned(t, gp.Install{Purpose: gp.ForMakeSelectable, Application: another}), tsmp.CodeAIDNotPermitted},
		"extradition": {unsigned(t, gp.Install{Purpose: gp.ForExtradition, Application: aid(instanceAID), SecurityDomain: another}), tsmp.CodeTokenRefused},
		"update":      {unsigned(t, gp.Install{Purpose: gp.ForRegistryUpdate, Application: aid(instanceAID)}), tsmp.CodeTokenRefused},
		"combined":    {unsigned(t, gp.Install{Purpose: gp.ForLoadInstallSelectable, Stage: gp.CombinedBegin, LoadFile: aid(packageAID)}), tsmp.CodeTokenRefused},
		"delete":      {deleteDomain, tsmp.CodeAIDNotPermitted},
		"keys":        {deleteKeys, tsmp.CodeTokenRefused},
		"signed":      {signed, tsmp.CodeTokenRefused},
		"PUT KEY":     {putKey, tsmp.CodeTokenRefused},
		"class":       {apdu.Command{CLA: 0x84, INS: gp.InsDelete, Data: del.Data}, tsmp.CodeTokenRefused},
	}
}

// receiptOf is a confirmation under a receipt key.
func receiptOf(t fataler, of gp.ReceiptContext, key []byte) []byte {
	t.Helper()
	mac, err := gp.NewContentMAC(keys.AES, key)
	must(t, err)
	confirmation := gp.Confirmation{Counter: []byte{0, 1}, SecurityDomainData: []byte{0x42, 1}}
	must(t, confirmation.Sign(of, mac))
	b, err := confirmation.Append(nil)
	must(t, err)
	return b
}

// A receipt of another command, another card or none is refused.
func TestReceipts(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-063")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelDelegated)
	install := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aid(packageAID), Module: aid(moduleAID), Application: aid(instanceAID)}
	load := gp.Install{Purpose: gp.ForLoad, LoadFile: aid(packageAID), SecurityDomain: aid(domainAID), Hash: make([]byte, 32)}
	del, err := gp.Delete{AID: aid(instanceAID)}.APDU(nil)
	must(t, err)
	receipt := func(of gp.ReceiptContext, key []byte) []byte { return receiptOf(t, of, key) }
	verify := func(c apdu.Command, response []byte) error {
		_, err := w.as(spName).VerifyDMReceipt(ctx, w.call(), &tsmp.VerifyDMReceiptRequest{Reference: ref, Receipts: []tsmp.DMReceipt{{Command: raw(t, c), Response: response}}})
		return err
	}
	loaded, installed, deleted := gp.LoadReceipt(aid(packageAID), aid(domainAID)), gp.InstallReceipt(aid(packageAID), aid(instanceAID)), gp.DeleteReceipt(aid(instanceAID))
	must(t, verify(unsigned(t, load), receipt(loaded, receiptKey)))
	must(t, verify(unsigned(t, install), receipt(installed, receiptKey)))
	must(t, verify(del, receipt(deleted, receiptKey)))
	for name, err := range map[string]error{
		"other command": verify(unsigned(t, install), receipt(deleted, receiptKey)),
		"other key":     verify(del, receipt(deleted, fill(9))),
		"none":          verify(del, []byte{0}),
		"malformed":     verify(del, []byte{5, 1}),
	} {
		if codeOf(err) != tsmp.CodeReceipt {
			t.Errorf("%s: %v", name, err)
		}
	}
}
