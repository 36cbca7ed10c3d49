package os

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/spec/req"
)

// signing is a key pair for tokens or load files, and its PUT KEY form.
type signing struct {
	signer gp.ContentSigner
	values []gp.KeyValue
}

func ecSigning(t testing.TB, label string, curve elliptic.Curve, reference byte) signing {
	t.Helper()
	size := (curve.Params().BitSize + 7) / 8
	scalar := make([]byte, size)
	seed := sha256.Sum256([]byte(label))
	copy(scalar[size-32:], seed[:])
	scalar[0] = 0
	key, err := ecdsa.ParseRawPrivateKey(curve, scalar)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gp.NewContentSigner(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return signing{signer, []gp.KeyValue{{Type: keys.ECPublic, Value: point}, {Type: keys.ECParameters, Value: []byte{reference}}}}
}

func rsaSigning(t testing.TB, bits int) signing {
	t.Helper()
	key, err := rsa.GenerateKey(nil, bits)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gp.NewContentSigner(key, entropy.Seeded(3, "salt"))
	if err != nil {
		t.Fatal(err)
	}
	return signing{signer, []gp.KeyValue{{Type: keys.RSAPublicModulus, Value: key.N.Bytes()}, {Type: keys.RSAPublicExponent, Value: []byte{1, 0, 1}}}}
}

// put puts a key in clear, or with secret in the domain's data encryption key.
func put(t testing.TB, host *scp.Secured, version, id byte, values []gp.KeyValue, want iso7816.SW) {
	t.Helper()
	k := gp.Key{Components: values}
	f, err := k.Seal(host.Host.EncryptSensitive, gp.DEKBlockAES, true)
	if err != nil {
		t.Fatal(err)
	}
	c, err := (gp.PutKey{KeyID: id, NewKeyVersion: version, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}).APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Data) <= 230 {
		do(t, host, gp.PutKey{KeyID: id, NewKeyVersion: version, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}, want)
		return
	}
	if _, err := gp.SendChain(ctx, host, gp.PutKey{KeyID: id, NewKeyVersion: version, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}, 230, nil); err != nil {
		t.Fatal(err)
	}
}

// withToken sends a command with a token, in short commands.
func withToken(t testing.TB, host apdu.Card, cmd interface {
	Unsigned([]byte) (apdu.Command, error)
}, signer gp.ContentSigner, spoil bool) ([]byte, error) {
	t.Helper()
	c, err := cmd.Unsigned(nil)
	if err != nil {
		t.Fatal(err)
	}
	return sendToken(t, host, c, signer, spoil)
}

func sendToken(t testing.TB, host apdu.Card, c apdu.Command, signer gp.ContentSigner, spoil bool) ([]byte, error) {
	t.Helper()
	c, err := gp.AddToken(c, signer)
	if err != nil {
		t.Fatal(err)
	}
	if spoil {
		c.Data[len(c.Data)-1] ^= 1
	}
	parts := []apdu.Command{c}
	if len(c.Data) > 230 {
		parts = nil
		all, err := gp.Split(c, 230)
		if err != nil {
			t.Fatal(err)
		}
		for p := range all {
			p.Data = append([]byte(nil), p.Data...)
			parts = append(parts, p)
		}
	}
	var r apdu.Response
	for _, p := range parts {
		p.Fit()
		b, err := p.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := host.Transmit(ctx, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = apdu.DecodeResponse(out); err != nil {
			t.Fatal(err)
		}
		if r.SW != iso7816.OK {
			return nil, r.SW
		}
	}
	return r.Data, nil
}

// TestDelegated manages content by tokens, with receipts.
func TestDelegated(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-050", "SPEC-UICC-OS-051", "SPEC-UICC-OS-052", "SPEC-UICC-OS-053", "SPEC-UICC-OS-054")
	for name, token := range map[string]signing{"P-256": ecSigning(t, "token", elliptic.P256(), 0), "P-384": ecSigning(t, "token", elliptic.P384(), 1),
		"RSA-1024": rsaSigning(t, 1024), "RSA-2048": rsaSigning(t, 2048)} {
		t.Run(name, func(t *testing.T) { delegated(t, token) })
	}
}

func delegated(t *testing.T, token signing) {
	receiptKey := keySet(0, 0x99).Enc
	card := newCard(t, Config{Issuer: Issuer{IIN: []byte{0x42, 0x42}, CIN: []byte{0x45, 0x45, 0x45}}})
	host := open(t, card, gp.AID{}, channelOf{})
	put(t, host, 0x70, 1, token.values, iso7816.OK)
	put(t, host, 0x71, 1, []gp.KeyValue{{Type: keys.AES, Value: receiptKey}}, iso7816.OK)
	do(t, host, ssd(ssdAID, gp.DelegatedManagement), iso7816.OK)
	do(t, host, ssd(gp.MustAID("A0000001515350AA02"), 0), iso7816.OK)
	verifier, err := gp.NewContentMAC(keys.AES, receiptKey)
	if err != nil {
		t.Fatal(err)
	}
	mine := open(t, card, ssdAID, channelOf{})
	counter := byte(0)
	receipt := func(b []byte, err error, context gp.ReceiptContext) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		counter++
		c, ok, err := gp.DecodeConfirmation(b)
		if err != nil || !ok || !c.Verify(context, verifier) || c.Counter[1] != counter || string(c.SecurityDomainData) != "BBEEE" {
			t.Errorf("confirmation %X: %v, %v", b, ok, err)
		}
	}
	load := gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, SecurityDomain: ssdAID}
	do(t, mine, load, iso7816.ConditionsNotSatisfied)
	if _, err := withToken(t, mine, &load, token.signer, true); err != errToken {
		t.Errorf("a wrong token: %v", err)
	}
	if _, err := withToken(t, mine, &load, token.signer, false); err != nil {
		t.Fatal(err)
	}
	receipt(transfer(t, mine, &gp.LoadFile{Content: corpus(t, "pin")}, iso7816.OK), nil, gp.LoadReceipt(pinPackage, ssdAID))
	install := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: pinModule, Parameters: []byte{0xC9, 0}}
	do(t, mine, install, iso7816.ConditionsNotSatisfied)
	b, err := withToken(t, mine, &install, token.signer, false)
	receipt(b, err, gp.InstallReceipt(pinPackage, pinModule))
	if e := statusOf(t, mine, gp.SubsetApplications)[pinModule.String()]; e.SecurityDomain != ssdAID {
		t.Errorf("%+v", e)
	}
	other := open(t, card, gp.MustAID("A0000001515350AA02"), channelOf{}) // has no business with it
	do(t, other, gp.Delete{AID: pinModule}, iso7816.ConditionsNotSatisfied)
	do(t, other, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: pinModule}, iso7816.ReferencedDataNotFound)
	do(t, other, gp.Install{Purpose: gp.ForPersonalization, Application: pinModule}, iso7816.ReferencedDataNotFound)
	mine = open(t, card, ssdAID, channelOf{})
	for _, aid := range []gp.AID{pinModule, pinPackage} {
		c, err := (gp.Delete{AID: aid}).APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := sendToken(t, mine, c, token.signer, false)
		receipt(b, err, gp.DeleteReceipt(aid))
	}
	host = open(t, card, gp.AID{}, channelOf{})
	if n, err := gp.DecodeCounter(do(t, host, gp.GetData{Tag: gp.TagConfirmationCounter}, iso7816.OK), gp.TagConfirmationCounter); err != nil || n != uint32(counter) {
		t.Errorf("counter %d, %v", n, err)
	}
}

// TestAuthorized manages content without a token, within what the domain has.
func TestAuthorized(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-036", "SPEC-UICC-OS-053")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, gp.AuthorizedManagement), iso7816.OK)
	installed := gp.MustAID("F0696E6B616E430F77")
	loadPIN(t, host)
	installPIN(t, host, installed)
	mine := open(t, card, ssdAID, channelOf{level: 0x33})
	do(t, mine, gp.Delete{AID: installed}, iso7816.ReferencedDataNotFound)
	installPIN(t, mine, pinModule) // of the issuer's load file
	lock := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: gp.MustAID("F0696E6B616E430F78"),
		Privileges: gp.CardLock, Parameters: []byte{0xC9, 0}}
	do(t, mine, lock, iso7816.ConditionsNotSatisfied)
	do(t, mine, ssd(gp.MustAID("A0000001515350AA05"), gp.AuthorizedManagement), iso7816.OK)
	do(t, mine, gp.Delete{AID: pinModule}, iso7816.OK)
}

// TestSignedLoadFiles demands signatures of load files.
func TestSignedLoadFiles(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-043", "SPEC-UICC-OS-044")
	good := corpus(t, "pin")
	hash, _ := gp.LoadFileHash(crypto.SHA256, good)
	for name, key := range map[string]signing{"P-256": ecSigning(t, "dap", elliptic.P256(), 0), "RSA-1024": rsaSigning(t, 1024), "RSA-2048": rsaSigning(t, 2048)} {
		for _, privilege := range []gp.Privileges{gp.DAPVerification, gp.DAPVerification | gp.MandatedDAPVerification} {
			card := newCard(t, Config{})
			host := open(t, card, gp.AID{}, channelOf{})
			do(t, host, ssd(ssdAID, privilege), iso7816.OK)
			mine := open(t, card, ssdAID, channelOf{})
			put(t, mine, 0x73, 1, key.values, iso7816.OK)
			host = open(t, card, gp.AID{}, channelOf{})
			load := gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, SecurityDomain: ssdAID, Hash: hash}
			block, err := gp.SignDAP(ssdAID, hash, key.signer)
			if err != nil {
				t.Fatal(err)
			}
			wrong := block
			wrong.Signature = append([]byte(nil), block.Signature...)
			wrong.Signature[5] ^= 1
			for _, daps := range [][]gp.DAPBlock{nil, {wrong}} {
				do(t, host, load, iso7816.OK)
				transfer(t, host, &gp.LoadFile{Content: good, DAPs: daps}, iso7816.SecurityStatusNotSatisfied)
			}
			if privilege.Has(gp.MandatedDAPVerification) { // for every domain
				do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, Hash: hash}, iso7816.OK)
				transfer(t, host, &gp.LoadFile{Content: good}, iso7816.SecurityStatusNotSatisfied)
			}
			do(t, host, load, iso7816.OK)
			transfer(t, host, &gp.LoadFile{Content: good, DAPs: []gp.DAPBlock{block}}, iso7816.OK)
			if e := statusOf(t, host, gp.SubsetLoadFiles)[pinPackage.String()]; e.SecurityDomain != ssdAID {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// TestCiphered loads an enciphered load file.
func TestCiphered(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-044")
	key := keySet(0, 0x30).Enc
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	put(t, host, 0x75, 1, []gp.KeyValue{{Type: keys.AES, Value: key}}, iso7816.OK)
	plain := append(corpus(t, "pin"), 0x80)
	for len(plain)%16 != 0 {
		plain = append(plain, 0)
	}
	icv := unhex(t, "000102030405060708090A0B0C0D0E0F")
	file := gp.LoadFile{Content: encryptCBC(t, key, icv, plain), Ciphered: true, ICV: icv}
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.OK)
	transfer(t, host, &file, iso7816.OK)
	installPIN(t, host, pinModule)
}
