package tsmcards

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"reflect"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tlv"
	"inkan/core/tsmp"
	"inkan/core/uicc"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/sp/instance"
)

// instancePlace is a station with what an SP-TSM has of one service instance, and a
// carrier that does what it is asked.
type instancePlace struct {
	*station
	sim       tsmp.SEID
	resources instance.Resources
	keys      map[hsm.Use]hsm.KeyRef // of the provider's domain
	hash      [32]byte               // of the load file data block
	attests   [32]byte
	casd      []byte // certificate of the controlling authority
	commands  int    // that programs have had executed
	receipts  int    // that the carrier has verified
	few       bool   // scripts to the provider's domain have few commands
}

var instanceNow = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// newInstancePlace is a card whose provider's domain has the carrier's start keys.
func newInstancePlace(t testing.TB, p *profile.Profile, bearer tsmp.Bearer) *instancePlace {
	t.Helper()
	w := &instancePlace{station: newStation(t, p, bearer), keys: map[hsm.Use]hsm.KeyRef{}}
	w.makeDomain()
	iccid, err := uicc.AppendICCID(nil, p.ICCID(w.card.Number))
	if err != nil {
		t.Fatal(err)
	}
	copy(w.sim[:], iccid)
	f, err := cap.Open(applet.CAP)
	if err != nil {
		t.Fatal(err)
	}
	content := f.LoadFile(nil, f.Descriptor != nil)
	w.hash = sha256.Sum256(content)
	maker, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), w.hash[:])
	if err != nil {
		t.Fatal(err)
	}
	w.resources = instance.Resources{HSM: w.module, Makers: []casd.Maker{{Name: []byte("maker"), Key: &maker.PublicKey}}, Now: instanceNow}
	if w.resources.LoadFile, err = (&gp.LoadFile{Content: content}).Append(nil); err != nil {
		t.Fatal(err)
	}
	w.casd = w.certificate(maker)
	return w
}

// certificate is the maker's, of the card's controlling authority.
func (w *instancePlace) certificate(maker *ecdsa.PrivateKey) []byte {
	w.t.Helper()
	attestation, err := casd.KeyHash(w.card.AuthorityKey())
	if err != nil {
		w.t.Fatal(err)
	}
	w.attests = attestation
	c := casd.Certificate{Serial: []byte{1}, Maker: []byte("maker"), Card: w.sim, Effective: instanceNow.AddDate(-1, 0, 0).Truncate(24 * time.Hour),
		Expires: instanceNow.AddDate(20, 0, 0).Truncate(24 * time.Hour), Attestation: attestation, Agreement: w.card.AgreementKey()}
	if err := c.Sign(maker); err != nil {
		w.t.Fatal(err)
	}
	raw, err := c.Append(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

// kept is a program out of a store.
func (w *instancePlace) kept(p instance.Program) instance.Program {
	w.t.Helper()
	b, err := instance.Append(nil, p)
	if err != nil {
		w.t.Fatal(err)
	}
	again, err := instance.Parse(b, w.resources)
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := p.Need()
	if err != nil {
		w.t.Fatal(err)
	}
	if m, err := again.Need(); err != nil || !reflect.DeepEqual(n, m) {
		w.t.Fatalf("%s: it needs something else out of a store: %v", p.Stage(), err)
	}
	return again
}

// drive goes on with a program until it needs nothing. domain is where commands go; ask
// answers what the carrier does not.
func (w *instancePlace) drive(p instance.Program, domain func() remote.Domain, ask func(*instance.Need) (tsmp.Body, error)) (instance.Program, error) {
	w.t.Helper()
	for range 80 {
		p = w.kept(p)
		n, err := p.Need()
		if err != nil {
			return p, err
		}
		switch {
		case n.Kind == instance.NeedNothing:
			return p, nil
		case n.Kind == instance.NeedCommands:
			w.commands += len(n.Commands)
			err = p.Take(w.t.Context(), instance.OutcomeOfRun(w.run(domain(), n.Commands)))
		case n.Kind == instance.NeedAction:
			err = p.Take(w.t.Context(), w.enrol(n.Request.(*tsmp.EnrollSSDOwnerCertificateRequest)))
		default:
			var answer tsmp.Body
			if answer, err = w.carrier(&n); answer == nil && err == nil {
				answer, err = ask(&n)
			}
			if err == nil {
				err = p.Answer(w.t.Context(), answer)
			}
		}
		if err != nil {
			return p, err
		}
	}
	w.t.Fatalf("still at %s", p.Stage())
	return nil, nil
}

// carrier answers what is the carrier's; nil: it is not.
func (w *instancePlace) carrier(n *instance.Need) (tsmp.Body, error) {
	switch q := n.Request.(type) {
	case *tsmp.GetCAInformationRequest:
		return &tsmp.GetCAInformationAnswer{AID: gp.AIDCASD.Append(nil), Certificate: w.casd, AttestationKey: w.attests}, nil
	case *tsmp.GenerateDMTokenRequest:
		a := new(tsmp.GenerateDMTokenAnswer)
		for _, raw := range q.Commands {
			c, err := apdu.DecodeCommand(raw)
			if err != nil {
				return nil, err
			}
			input, err := gp.TokenInput(nil, c.P1, c.P2, c.Data)
			if err != nil {
				return nil, err
			}
			token, err := w.module.Sign(w.t.Context(), "token", input)
			if err != nil {
				return nil, err
			}
			a.Tokens = append(a.Tokens, token)
		}
		return a, nil
	case *tsmp.VerifyDMReceiptRequest:
		for i := range q.Receipts {
			if err := w.verify(&q.Receipts[i]); err != nil {
				return nil, err
			}
		}
		return &tsmp.RecordedAnswer{RecordedAt: instanceNow}, nil
	}
	return nil, nil
}

// verify checks a receipt as the carrier does.
func (w *instancePlace) verify(q *tsmp.DMReceipt) error {
	w.t.Helper()
	confirmation, ok, err := gp.DecodeConfirmation(q.Response)
	if err != nil || !ok {
		w.t.Fatalf("confirmation %X: %v", q.Response, err)
	}
	c, err := apdu.DecodeCommand(q.Command)
	if err != nil {
		return err
	}
	operation := gp.DeleteReceipt(jpki.AIDPackage)
	if c.INS == gp.InsInstall {
		operation = gp.InstallReceipt(jpki.AIDPackage, jpki.AIDInstance)
		if gp.InstallPurpose(c.P1) == gp.ForLoad {
			operation = gp.LoadReceipt(jpki.AIDPackage, jpki.AIDProviderDomain)
		}
	}
	key := hsm.KeyRef{Use: hsm.UseReceipt, Version: profile.ReceiptVersion, Master: "receipt", Diversification: w.kdd}
	if right, err := hsm.VerifyReceipt(w.t.Context(), w.module, key, &confirmation, operation); err != nil || !right {
		w.t.Errorf("receipt of %02X %02X: %v, %v", c.INS, c.P1, right, err)
	}
	w.receipts++
	return nil
}

// enrol passes the provider's part of a key agreement on, through the issuer's domain.
func (w *instancePlace) enrol(q *tsmp.EnrollSSDOwnerCertificateRequest) instance.Outcome {
	w.t.Helper()
	groups := tlv.AppendDGI(tlv.AppendDGI(nil, gp.DGIConfidentialControl, q.Control), gp.DGIEphemeralPublicKey, q.PublicKey)
	list := w.of(gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDProviderDomain})
	blocks, err := gp.StoreDataBlocks(groups, w.blockBytes(), gp.StoreData{Structure: gp.StructureDGI, MayRespond: true})
	if err != nil {
		w.t.Fatal(err)
	}
	for b := range blocks {
		b.MayRespond = b.Last
		list = append(list, w.of(b)...)
	}
	return instance.OutcomeOfRun(w.run(w.issuer(), list))
}

// owned is the provider's domain under the provider's keys.
func (w *instancePlace) owned() remote.Domain {
	channel := w.keys[hsm.UseSCP03]
	if channel.Zero() {
		channel = w.keys[hsm.UseSCP02]
	}
	d := w.provider(w.keys[hsm.UseSCP80], channel)
	if w.few {
		d.Commands, d.Parts = 3, 2
	}
	return d
}

// sets are the key sets that the provider wants: the first is that of the bearer.
func (w *instancePlace) sets() []instance.KeySet {
	p := w.card.Profile
	packets := instance.KeySet{Use: hsm.UseSCP80, Version: profile.OTAVersion, Type: p.KeyType(), SizeBytes: 16}
	channel := instance.KeySet{Use: hsm.UseSCP03, Version: 0x30, Type: keys.AES, SizeBytes: p.KeyBytes}
	if p.Channel.Protocol == gp.SCP02 {
		channel = instance.KeySet{Use: hsm.UseSCP02, Version: 0x20, Type: keys.DES, SizeBytes: 16}
	}
	if w.bearer == tsmp.BearerSMS {
		return []instance.KeySet{packets, channel}
	}
	return []instance.KeySet{channel, packets}
}

// handover takes the provider's domain over by a program.
func (w *instancePlace) handover() error {
	w.t.Helper()
	p, err := instance.NewTakeOver(instance.Handover{Reference: tsmp.ServiceReference{1}, SE: w.sim, Sets: w.sets(), Bearers: []tsmp.Bearer{w.bearer}}, w.resources)
	if err != nil {
		w.t.Fatal(err)
	}
	var current instance.Program = p
	for current.Stage() != "done" {
		next, err := w.step(current)
		if err != nil {
			return err
		}
		current = next
		for _, k := range current.(*instance.TakeOver).Keys() {
			w.keys[hsm.Use(k.Use)] = hsm.Stored(k)
		}
	}
	if got := current.(*instance.TakeOver).AttestationKey(); got != w.attests {
		w.t.Errorf("key that attests %X, want %X", got, w.attests)
	}
	return nil
}

// step does the next thing that a take-over needs.
func (w *instancePlace) step(p instance.Program) (instance.Program, error) {
	w.t.Helper()
	p = w.kept(p)
	n, err := p.Need()
	if err != nil {
		return p, err
	}
	switch n.Kind {
	case instance.NeedCommands:
		w.commands += len(n.Commands)
		return p, p.Take(w.t.Context(), instance.OutcomeOfRun(w.run(w.owned(), n.Commands)))
	case instance.NeedAction:
		return p, p.Take(w.t.Context(), w.enrol(n.Request.(*tsmp.EnrollSSDOwnerCertificateRequest)))
	}
	answer, err := w.carrier(&n)
	if err != nil {
		return p, err
	}
	return p, p.Answer(w.t.Context(), answer)
}

// deploy loads and installs the application into the provider's domain; in the simple
// model the carrier does, by the same commands to its own, and hands the application
// over.
func (w *instancePlace) deploy() error {
	w.t.Helper()
	defaults := jpki.Defaults(jpki.FormSIM)
	own, err := defaults.Append(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	manager := w.owned
	c := instance.Content{Reference: tsmp.ServiceReference{1}, Model: tsmp.ModelAuthorised, Domain: jpki.AIDProviderDomain, Package: jpki.AIDPackage,
		Module: jpki.AIDModule, Instance: jpki.AIDInstance, Parameters: own, Hash: w.hash, BlockBytes: w.blockBytes()}
	switch w.card.Profile.Model {
	case profile.Delegated:
		c.Model = tsmp.ModelDelegated
	case profile.Simple:
		manager = w.issuer
	}
	p, err := instance.NewDeployment(c, w.resources)
	if err != nil {
		w.t.Fatal(err)
	}
	done, err := w.drive(p, manager, nil)
	if err == nil && c.Model == tsmp.ModelDelegated && w.receipts+done.(*instance.Management).ReceiptsLost() != 2 {
		w.t.Errorf("%d receipts", w.receipts)
	}
	if err == nil && w.card.Profile.Model == profile.Simple {
		w.must("extradition", w.run(w.issuer(), w.of(gp.Install{Purpose: gp.ForExtradition, SecurityDomain: jpki.AIDProviderDomain, Application: jpki.AIDInstance})))
	}
	return err
}

// target is the application.
func (w *instancePlace) target() instance.Target {
	d := w.owned()
	return instance.Target{Instance: jpki.AIDInstance, BlockBytes: d.DataBytes(tsmp.BearerSMS, tsmp.BearerRelay), Attested: true}
}
