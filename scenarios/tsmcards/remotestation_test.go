// Package tsmcards has tests of the service managers' parts against model cards. It is
// tests alone: it must not be imported.
package tsmcards

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp/confidential"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tlv"
	"inkan/core/tsmp"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/store/row"
)

// station is a card, a module and what a service manager keeps of them.
type station struct {
	t       testing.TB
	card    *profile.Card
	module  *hsm.Software
	kdd     []byte
	bearer  tsmp.Bearer
	counter map[string]uint64 // by domain and keys
	scripts int
	// disturb may spoil a script: it is asked once for each.
	disturb func(n int) trouble
	// wander may choose another bearer for each script, but for the first keys.
	wander func() tsmp.Bearer

	selected gp.AID // that the relay's channel has open; zero: none
}

// trouble is what happens to a script.
type trouble byte

const (
	fine       trouble = iota
	unsent             // it never comes to the card
	unanswered         // the card has it, its answer is lost
	cutBefore          // the card has lost its power before
	cutAfter           // the card has it and loses its power, its answer is lost
	cutEarly           // the card loses its power in it
	cutWithin
	cutLate
	halfDone    // relay: the channel is lost after half of it
	halfUnknown // relay: so, and the next command was executed
	troubles
)

// newStation is card 1 of a profile, and a module that has the carrier's master keys.
func newStation(t testing.TB, p *profile.Profile, bearer tsmp.Bearer) *station {
	t.Helper()
	c, err := profile.New(p, profile.Parts{Number: 1, Entropy: entropy.Seeded(1, "card")})
	if err != nil {
		t.Fatal(err)
	}
	m, err := hsm.NewSoftware(hsm.Config{Label: "hsm", KEK: bytes.Repeat([]byte{0x5A}, hsm.KEKBytes), Entropy: entropy.Seeded(1, "hsm")})
	if err != nil {
		t.Fatal(err)
	}
	channel, receipt := hsm.UseSCP03, keys.AES
	if p.Channel.Protocol == gp.SCP02 {
		channel = hsm.UseSCP02
	}
	for label, master := range map[string]hsm.Master{
		"channel": {Use: channel, Type: p.KeyType(), Method: p.Method, Keys: p.Masters()},
		"packets": {Use: hsm.UseSCP80, Type: p.KeyType(), Method: p.Method, Keys: p.OTAMasters()},
		"receipt": {Use: hsm.UseReceipt, Type: receipt, Method: p.Method, Keys: p.ReceiptMaster()},
	} {
		if err := m.AddMaster(label, master); err != nil {
			t.Fatal(err)
		}
	}
	token, err := p.TokenKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.AddSigner("token", token); err != nil {
		t.Fatal(err)
	}
	kdd := p.KDD(1)
	return &station{t: t, card: c, module: m, kdd: kdd[:], bearer: bearer, counter: map[string]uint64{}}
}

// issuer is the issuer's domain.
func (s *station) issuer() remote.Domain {
	p := s.card.Profile
	d := remote.Domain{AID: gp.AIDIssuerSecurityDomain, TAR: scp80.TARIssuerSD, Format: scripts.Expanded, BlockBytes: 16, MaxData: p.MaxData, Level: p.Level(),
		PacketKeys:  hsm.KeyRef{Use: hsm.UseSCP80, Version: profile.OTAVersion, Master: "packets", Diversification: s.kdd},
		ChannelKeys: hsm.KeyRef{Use: hsm.UseSCP03, Version: p.KeyVersion, Master: "channel", Diversification: s.kdd}}
	if p.KeyType().IsDES() {
		d.Format, d.BlockBytes = scripts.Compact, 8
	}
	if p.Channel.Protocol == gp.SCP02 {
		d.ChannelKeys.Use, d.Options = hsm.UseSCP02, p.Channel.I
	}
	return d
}

// provider is the provider's domain with keys; none: those of the issuer's domain.
func (s *station) provider(packets, channel hsm.KeyRef) remote.Domain {
	d := s.issuer()
	d.AID, d.TAR = jpki.AIDProviderDomain, jpki.TARProviderDomain
	if d.Inherited = packets.Zero() && channel.Zero(); d.Inherited {
		return d
	}
	d.PacketKeys, d.ChannelKeys = packets, channel
	return d
}

// run carries commands out, and parses the run's state anew before each step.
func (s *station) run(d remote.Domain, commands []remote.Command) *remote.Run {
	s.t.Helper()
	r, err := remote.New(d, commands)
	if err != nil {
		s.t.Fatal(err)
	}
	// What counts is the keys: issuer's ones have one counter for both domains.
	label := fmt.Sprint(d.PacketKeys.Master, string(d.PacketKeys.Wrapped.Blob))
	counter := s.counter[label]
	for range 400 {
		r = s.again(r)
		if s.wander != nil && d.Reaches(tsmp.BearerSMS) && !d.Inherited {
			s.bearer = s.wander()
		}
		script, done, err := r.Next(s.t.Context(), s.module, s.bearer, &counter)
		if err != nil {
			s.t.Fatalf("Next: %v, at %+v", err, r.Outcome())
		}
		s.counter[label] = counter
		if done {
			return r
		}
		r = s.again(r)
		same, _, err := r.Next(s.t.Context(), s.module, s.bearer, &counter)
		if err != nil || !equal(script, same) || s.counter[label] != counter {
			s.t.Fatalf("the script is another one when it is asked for again: %v", err)
		}
		if err := r.Take(s.t.Context(), s.module, s.deliver(script)); err != nil {
			s.t.Fatalf("Take: %v, at %+v", err, r.Outcome())
		}
	}
	s.t.Fatalf("no end: %+v", r.Outcome())
	return nil
}

func equal(a, b remote.Script) bool {
	same := a.Form == b.Form && bytes.Equal(a.AID, b.AID) && len(a.Items) == len(b.Items)
	for i := 0; same && i < len(a.Items); i++ {
		same = bytes.Equal(a.Items[i], b.Items[i])
	}
	return same
}

// again is a run written and read.
func (s *station) again(r *remote.Run) *remote.Run {
	s.t.Helper()
	b, err := r.Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	parsed, err := remote.Parse(b)
	if err != nil {
		s.t.Fatalf("%v of\n%X", err, b)
	}
	back, err := parsed.Append(nil)
	if err != nil || !bytes.Equal(b, back) {
		s.t.Fatalf("a run is another one when it is written again: %v", err)
	}
	return parsed
}

// deliver brings a script to the card.
func (s *station) deliver(script remote.Script) remote.Answer {
	s.t.Helper()
	what := fine
	if s.disturb != nil {
		what = s.disturb(s.scripts)
	}
	s.scripts++
	if what == unsent {
		s.selected = gp.AID{}
		return remote.Answer{}
	}
	if what == cutBefore {
		s.reset()
	}
	if cycles := map[trouble]uint64{cutEarly: 60_000, cutWithin: 700_000, cutLate: 4_000_000}[what]; cycles > 0 {
		s.card.Clock.CutAt(s.card.Clock.Now() + cycles)
		defer s.card.Clock.CutAt(0)
	}
	var a remote.Answer
	if script.Form == tsmp.FormPackets {
		a = s.receive(script.Items[0])
	} else {
		a = s.relay(script, what)
	}
	switch what {
	case cutAfter:
		s.reset()
		return remote.Answer{}
	case unanswered:
		s.selected = gp.AID{}
		return remote.Answer{}
	}
	return a
}

// reset is what a handset does with a card that has lost its power.
func (s *station) reset() {
	s.t.Helper()
	s.selected = gp.AID{}
	if _, err := s.card.Reset(s.t.Context(), false); err != nil {
		s.t.Fatal(err)
	}
}

// receive is short messages at their best.
func (s *station) receive(packet []byte) (a remote.Answer) {
	s.t.Helper()
	out, err := s.card.Receive(packet)
	if err != nil { // without power
		s.reset()
		return a
	}
	if len(out.Packet) > 0 {
		a.Proofs = [][]byte{out.Packet}
	}
	return a
}

// relay is the UI app's channel.
func (s *station) relay(script remote.Script, what trouble) (a remote.Answer) {
	s.t.Helper()
	if aid, _ := gp.NewAID(script.AID); aid != s.selected {
		s.selected = aid
		if _, err := gp.Exchange(s.t.Context(), s.card, gp.Select{Name: script.AID}, nil); err != nil {
			s.reset()
			return remote.Answer{Interrupted: true}
		}
	}
	for i, command := range script.Items {
		if what == halfDone && i == len(script.Items)/2 {
			s.selected = gp.AID{}
			return remote.Answer{Responses: a.Responses, Interrupted: true}
		}
		answer, err := (&apdu.Completer{Card: s.card}).Transmit(s.t.Context(), command, nil)
		if err != nil {
			s.reset()
			return remote.Answer{Responses: a.Responses, Interrupted: true}
		}
		if what == halfUnknown && i == len(script.Items)/2 {
			s.selected = gp.AID{}
			return remote.Answer{Responses: a.Responses, Interrupted: true}
		}
		a.Responses = append(a.Responses, answer)
		if sw := iso7816.SW(answer[len(answer)-2])<<8 | iso7816.SW(answer[len(answer)-1]); !scripts.Continues(sw) {
			break
		}
	}
	return a
}

// must has a run done.
func (s *station) must(what string, r *remote.Run) *remote.Run {
	s.t.Helper()
	if o := r.Outcome(); o.State != remote.Done {
		s.t.Fatalf("%s: %v at command %d, %v, packet %v", what, o.State, o.Index, o.SW, o.Packet)
	}
	return r
}

// of are typed commands of a run.
func (s *station) of(commands ...gp.Command) []remote.Command {
	s.t.Helper()
	list, err := remote.Of(commands...)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// domain is the INSTALL of the provider's domain.
func (s *station) domain() gp.Command {
	s.t.Helper()
	const least = scp80.CC | scp80.Cipher | scp80.CounterHigher
	toolkit := gp.ToolkitParameters{Priority: 1, SecurityLevel: []byte{1, byte(least >> 8)}, TARs: [][3]byte{jpki.TARProviderDomain}}
	value, err := toolkit.AppendUICC(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	parameters, err := (&gp.InstallParameters{ApplicationSpecific: []byte{}, UICC: &gp.UICCParameters{Toolkit: value}}).Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage,
		Module: gp.AIDSecurityDomainModule, Application: jpki.AIDProviderDomain, Privileges: s.card.Profile.Model.ProviderPrivileges(), Parameters: parameters}
}

// makeDomain has the issuer make the provider's domain, which gets start keys.
func (s *station) makeDomain() (packets, channel hsm.KeyRef) {
	s.t.Helper()
	p := s.card.Profile
	s.must("domain", s.run(s.issuer(), s.of(s.domain())))
	packets = s.generate(hsm.Spec{Use: hsm.UseSCP80, Version: profile.OTAVersion, Type: p.KeyType(), SizeBytes: 16})
	use := s.issuer().ChannelKeys.Use
	channel = s.generate(hsm.Spec{Use: use, Version: p.ProviderVersion(), Type: p.KeyType(), SizeBytes: p.KeyBytes})
	s.must("start keys", s.run(s.provider(hsm.KeyRef{}, hsm.KeyRef{}), startKeys(s.bearer, packets, channel)))
	return packets, channel
}

// startKeys put key sets into a domain that has inherited its keys, in the order in which a
// run by the bearer can go on when it is interrupted between them.
func startKeys(b tsmp.Bearer, packets, channel hsm.KeyRef) []remote.Command {
	if b == tsmp.BearerRelay {
		packets, channel = channel, packets
	}
	return []remote.Command{{Put: &remote.PutKeys{Keys: packets}}, {Put: &remote.PutKeys{Keys: channel}}}
}

func (s *station) generate(spec hsm.Spec) hsm.KeyRef {
	s.t.Helper()
	k, err := s.module.Generate(context.Background(), spec)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

// takeOver agrees on keys of the provider's domain, which the issuer passes on.
func (s *station) takeOver() (packets, channel hsm.KeyRef) {
	s.t.Helper()
	p := s.card.Profile
	packets = s.agree(confidential.Plan{Version: profile.OTAVersion + 1, Type: p.KeyType(), SizeBytes: 16, Random: true})
	channel = s.agree(confidential.Plan{Version: p.ProviderVersion() + 1, Type: p.KeyType(), SizeBytes: p.KeyBytes, Random: true})
	return packets, channel
}

func (s *station) agree(plan confidential.Plan) hsm.KeyRef {
	s.t.Helper()
	point, ephemeral, err := s.module.BeginAgreement(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	template := plan.Control()
	control, err := template.Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	public, err := (&gp.EphemeralPublicKey{Point: point, Parameters: []byte{0}}).Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	groups := tlv.AppendDGI(tlv.AppendDGI(nil, gp.DGIConfidentialControl, control), gp.DGIEphemeralPublicKey, public)
	list := s.of(gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDProviderDomain})
	blocks, err := gp.StoreDataBlocks(groups, s.blockBytes(), gp.StoreData{Structure: gp.StructureDGI, MayRespond: true})
	if err != nil {
		s.t.Fatal(err)
	}
	for b := range blocks {
		b.MayRespond = b.Last
		list = append(list, s.of(b)...)
		list[len(list)-1].Repeat = true
	}
	r := s.must("agreement", s.run(s.issuer(), list))
	last := r.Responses()[len(list)-1]
	answer, err := gp.DecodeConfidentialResponse(last[:len(last)-2])
	if err != nil {
		s.t.Fatalf("%v: %X", err, last)
	}
	k, err := s.module.FinishAgreement(s.t.Context(), row.Wrapped(ephemeral), s.card.AgreementKey(), control, &answer)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

func (s *station) blockBytes() int {
	d := s.issuer()
	return d.DataBytes(tsmp.BearerSMS, tsmp.BearerRelay)
}

// pin is a small application.
func pin(t testing.TB) *cap.File {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "spec", "corpus", "pin", "pin-305.cap"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := cap.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// software are the commands that load and install an application, with tokens where a
// domain needs them.
func (s *station) software(f *cap.File, d gp.AID) (commands []remote.Command, instance gp.AID) {
	s.t.Helper()
	content := f.LoadFile(nil, f.Descriptor != nil)
	hash := sha256.Sum256(content)
	file, err := gp.NewAID(f.Header.Package.AID)
	if err != nil {
		s.t.Fatal(err)
	}
	module, err := gp.NewAID(f.Applets[0].AID)
	if err != nil {
		s.t.Fatal(err)
	}
	commands = append(commands, s.token(gp.Install{Purpose: gp.ForLoad, LoadFile: file, SecurityDomain: d, Hash: hash[:]}))
	whole, err := (&gp.LoadFile{Content: content}).Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	blocks, err := gp.LoadBlocks(whole, s.blockBytes())
	if err != nil {
		s.t.Fatal(err)
	}
	for b := range blocks {
		commands = append(commands, s.of(b)...)
	}
	parameters, err := (&gp.InstallParameters{ApplicationSpecific: []byte{}}).Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	commands = append(commands, s.token(gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: file, Module: module, Application: module, Parameters: parameters}))
	return commands, module
}

// token adds the carrier's token in the delegated model.
func (s *station) token(c gp.Command) remote.Command {
	s.t.Helper()
	if s.card.Profile.Model != profile.Delegated {
		return s.of(c)[0]
	}
	key, err := s.card.Profile.TokenKey()
	if err != nil {
		s.t.Fatal(err)
	}
	signer, err := gp.NewContentSigner(key, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := c.APDU(nil)
	if i, ok := c.(gp.Install); ok {
		a, err = i.Unsigned(nil)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if a, err = gp.AddToken(a, signer); err != nil {
		s.t.Fatal(err)
	}
	raw, err := a.Append(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return remote.Command{APDU: raw}
}

// life is a domain made, given keys, taken over, an application loaded, installed and
// removed again.
func (s *station) life(f *cap.File) {
	s.t.Helper()
	start, opener := s.makeDomain()
	s.must("start keys in use", s.run(s.provider(start, opener), s.of(gp.GetStatus{Subset: gp.SubsetApplications})))
	packets, channel := s.takeOver()
	domain := s.provider(packets, channel)
	manager := domain
	if s.card.Profile.Model == profile.Simple {
		manager = s.issuer()
	}
	commands, instance := s.software(f, manager.AID)
	installed := s.must("load and installation", s.run(manager, commands))
	s.receipts(installed, commands, manager)
	s.must("agreed keys in use", s.run(domain, s.of(gp.GetData{Tag: gp.TagKeyInformation})))
	if !s.present(instance) {
		s.t.Fatal("the application is not there")
	}
	file, _ := gp.NewAID(f.Header.Package.AID)
	s.must("deletion", s.run(manager, []remote.Command{s.token(gp.Delete{AID: file, Related: true})}))
	if s.present(instance) {
		s.t.Fatal("the application is still there")
	}
}

// receipts checks those that came: of the last LOAD and of INSTALL.
func (s *station) receipts(r *remote.Run, commands []remote.Command, d remote.Domain) {
	s.t.Helper()
	if s.card.Profile.Model != profile.Delegated {
		return
	}
	announced, _ := apdu.DecodeCommand(commands[0].APDU)
	load, err := gp.DecodeInstall(&announced)
	if err != nil {
		s.t.Fatal(err)
	}
	last, _ := apdu.DecodeCommand(commands[len(commands)-1].APDU)
	install, err := gp.DecodeInstall(&last)
	if err != nil {
		s.t.Fatal(err)
	}
	key := hsm.KeyRef{Use: hsm.UseReceipt, Version: profile.ReceiptVersion, Master: "receipt", Diversification: s.kdd}
	for i, operation := range map[int]gp.ReceiptContext{len(commands) - 2: gp.LoadReceipt(load.LoadFile, d.AID), len(commands) - 1: gp.InstallReceipt(install.LoadFile, install.Application)} {
		answer := r.Responses()[i]
		c, ok, err := gp.DecodeConfirmation(answer[:len(answer)-2])
		if err != nil {
			s.t.Fatal(err)
		}
		if !ok && s.disturb != nil {
			continue // it went with a lost answer
		}
		right, err := hsm.VerifyReceipt(s.t.Context(), s.module, key, &c, operation)
		if err != nil || !right {
			s.t.Errorf("receipt of command %d: %v, %v", i, right, err)
		}
		wrong, err := hsm.VerifyReceipt(s.t.Context(), s.module, key, &c, gp.DeleteReceipt(load.LoadFile))
		if err != nil || wrong {
			s.t.Errorf("a receipt of a deletion: %v, %v", wrong, err)
		}
	}
}

// present asks the issuer's domain for an application, undisturbed.
func (s *station) present(aid gp.AID) bool {
	s.t.Helper()
	disturb := s.disturb
	s.disturb = nil
	defer func() { s.disturb = disturb }()
	command := s.of(gp.GetStatus{Subset: gp.SubsetApplications, AID: aid.Append(nil)})
	command[0].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
	r := s.must("registry", s.run(s.issuer(), command))
	answer := r.Responses()[0]
	return answer[len(answer)-2] == 0x90
}
