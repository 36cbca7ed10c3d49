package instance_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp/confidential"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/sp/instance"
)

// domain stands for the provider's domain of a card, and for the carrier that passes a
// key agreement on.
type domain struct {
	t        testing.TB
	static   *ecdh.PrivateKey
	random   entropy.Source
	versions []byte // of the keys that are there
	sticky   byte   // a version that DELETE does not take away
	secrets  [][]byte
	agreed   int
}

// agree is the card's side of an agreement.
func (d *domain) agree(q *tsmp.EnrollSSDOwnerCertificateRequest) []byte {
	d.t.Helper()
	control, err := gp.DecodeConfidentialControl(q.Control)
	if err != nil {
		d.t.Fatal(err)
	}
	plan, err := confidential.PlanOf(&control)
	if err != nil || !plan.Random {
		d.t.Fatalf("%+v: %v", plan, err)
	}
	public, err := gp.DecodeEphemeralPublicKey(q.PublicKey)
	if err != nil {
		d.t.Fatal(err)
	}
	point, err := ecdh.P256().NewPublicKey(public.Point)
	if err != nil {
		d.t.Fatal(err)
	}
	secret, err := d.static.ECDH(point)
	if err != nil {
		d.t.Fatal(err)
	}
	random := make([]byte, confidential.RandomBytes)
	d.random.Fill(random)
	k := plan.Derive(secret, random, nil)
	d.secrets = append(d.secrets, k.Enc, k.MAC, k.DEK)
	d.agreed++
	if !slices.Contains(d.versions, plan.Version) {
		d.versions = append(d.versions, plan.Version)
	}
	out, err := (&gp.ConfidentialResponse{DerivationRandom: random, Receipt: k.Receipt(q.Control, random)}).Append(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// run executes commands; the answers from the one on are lost. It may be none.
func (d *domain) run(commands []remote.Command, lost int) (o instance.Outcome) {
	d.t.Helper()
	for i, k := range commands {
		data, sw := d.execute(k)
		if i == lost {
			o.Unknown = true
			return o
		}
		o.Responses = append(o.Responses, apdu.Response{Data: data, SW: sw}.Append(nil))
		if sw != iso7816.OK && !slices.Contains(k.Accept, sw) {
			return o
		}
	}
	return o
}

func (d *domain) execute(k remote.Command) ([]byte, iso7816.SW) {
	d.t.Helper()
	if k.Put != nil {
		if there := slices.Contains(d.versions, k.Put.Keys.Version); there != (k.Put.Replaced == k.Put.Keys.Version) {
			return nil, iso7816.WrongData
		} else if !there {
			d.versions = append(d.versions, k.Put.Keys.Version)
		}
		return nil, iso7816.OK
	}
	c, err := apdu.DecodeCommand(k.APDU)
	if err != nil {
		d.t.Fatal(err)
	}
	if c.INS == gp.InsDelete {
		q, err := gp.DecodeDelete(&c)
		if err != nil {
			d.t.Fatal(err)
		}
		at := slices.Index(d.versions, q.KeyVersion)
		if at < 0 {
			return nil, iso7816.ReferencedDataNotFound
		}
		if q.KeyVersion != d.sticky {
			d.versions = slices.Delete(d.versions, at, at+1)
		}
		return []byte{0}, iso7816.OK
	}
	var list []gp.KeyInformation
	for _, v := range d.versions {
		for id := range byte(3) {
			list = append(list, gp.KeyInformation{KeyID: id + 1, KeyVersion: v, Components: []gp.KeyInformationComponent{{Type: keys.AES, SizeBytes: 16}}})
		}
	}
	out, err := gp.AppendKeyInformation(nil, list)
	if err != nil {
		d.t.Fatal(err)
	}
	return out, iso7816.OK
}

// scene is a take-over with everybody who has a part in it.
type scene struct {
	*domain
	maker       *ecdsa.PrivateKey
	certificate casd.Certificate
	answer      tsmp.GetCAInformationAnswer
	resources   instance.Resources
	handover    instance.Handover
}

var noon = time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)

func scalar(label string) []byte {
	s := sha256.Sum256([]byte(label))
	return s[:]
}

func newScene(t testing.TB, sets ...instance.KeySet) *scene {
	t.Helper()
	static, err := ecdh.P256().NewPrivateKey(scalar("card"))
	if err != nil {
		t.Fatal(err)
	}
	maker, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar("maker"))
	if err != nil {
		t.Fatal(err)
	}
	module, err := hsm.NewSoftware(hsm.Config{Label: "hsm", KEK: bytes.Repeat([]byte{7}, hsm.KEKBytes), Entropy: entropy.Seeded(1, "hsm")})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{domain: &domain{t: t, static: static, random: entropy.Seeded(1, "card"), versions: []byte{0x01, 0x38}}, maker: maker,
		certificate: casd.Certificate{Serial: []byte{1}, Maker: []byte("maker"), Card: [16]byte{9}, Effective: day(2026, 1), Expires: day(2040, 1),
			Attestation: [32]byte{5}, Agreement: static.PublicKey().Bytes()},
		resources: instance.Resources{HSM: module, Makers: []casd.Maker{{Name: []byte("maker"), Key: &maker.PublicKey}}, Now: noon},
		handover:  instance.Handover{Reference: tsmp.ServiceReference{1}, SE: tsmp.SEID{9}, Sets: sets, Bearers: []tsmp.Bearer{tsmp.BearerSMS}}}
	s.answer = tsmp.GetCAInformationAnswer{AID: gp.AIDCASD.Append(nil), AttestationKey: [32]byte{5}}
	s.sign()
	return s
}

func day(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// sign makes the certificate that the carrier shows.
func (s *scene) sign() {
	s.t.Helper()
	if err := s.certificate.Sign(s.maker); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if s.answer.Certificate, err = s.certificate.Append(nil); err != nil {
		s.t.Fatal(err)
	}
}

// play goes on to the end. lost has, by commands, which answer is lost; -1: none.
func (s *scene) play(lost ...int) (*instance.TakeOver, error) {
	s.t.Helper()
	first, err := instance.NewTakeOver(s.handover, s.resources)
	if err != nil {
		s.t.Fatal(err)
	}
	var p instance.Program = first
	for range 30 {
		p = kept(s.t, p, s.resources)
		s.hidden(p)
		n, err := p.Need()
		if err != nil {
			return nil, err
		}
		at := -1
		if n.Kind != instance.NeedCall && len(lost) > 0 {
			at, lost = lost[0], lost[1:]
		}
		switch n.Kind {
		case instance.NeedNothing:
			return p.(*instance.TakeOver), nil
		case instance.NeedCall:
			err = p.Answer(ctx, &s.answer)
		case instance.NeedAction:
			o := instance.Outcome{Responses: [][]byte{{0x00, 0x90, 0x00}, append(s.agree(n.Request.(*tsmp.EnrollSSDOwnerCertificateRequest)), 0x90, 0x00)}}
			if at >= 0 {
				o = instance.Outcome{Responses: o.Responses[:at], Unknown: true}
			}
			err = p.Take(ctx, o)
		default:
			err = p.Take(ctx, s.run(n.Commands, at))
		}
		if err != nil {
			return nil, err
		}
	}
	s.t.Fatalf("still at %s", p.Stage())
	return nil, nil
}

// hidden looks that no key is in a program's encoding.
func (s *scene) hidden(p instance.Program) {
	s.t.Helper()
	b, err := instance.Append(nil, p)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, k := range s.secrets {
		if bytes.Contains(b, k[:8]) || bytes.Contains(b, k[len(k)-8:]) {
			s.t.Errorf("%s: a key is in the encoding", p.Stage())
		}
	}
}

var (
	packetSet  = instance.KeySet{Use: hsm.UseSCP80, Version: 0x01, Type: keys.AES, SizeBytes: 16}
	channelSet = instance.KeySet{Use: hsm.UseSCP03, Version: 0x30, Type: keys.AES, SizeBytes: 32}
	oldSet     = instance.KeySet{Use: hsm.UseSCP02, Version: 0x20, Type: keys.DES, SizeBytes: 16}
)

// TestTakeOver takes domains over, whatever answer is lost.
func TestTakeOver(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-006", "SPEC-INSTANCE-022", "SPEC-INSTANCE-023", "SPEC-INSTANCE-024", "SPEC-INSTANCE-025")
	for _, sets := range [][]instance.KeySet{{packetSet}, {channelSet}, {packetSet, channelSet}, {channelSet, packetSet}, {oldSet, packetSet}} {
		for _, lost := range [][]int{nil, {0}, {1}, {-1, 0}, {-1, -1, 0}, {-1, -1, 1}, {-1, -1, 2}, {1, 0, -1, 0, -1, 1}} {
			s := newScene(t, sets...)
			p, err := s.play(lost...)
			if err != nil {
				t.Errorf("%v, lost %v: %v", sets, lost, err)
				continue
			}
			var want []byte
			for i, k := range p.Keys() {
				want = append(want, k.Version)
				if k.Use != string(sets[i].Use) || k.Wrapped.Zero() {
					t.Errorf("key %+v for %+v", k, sets[i])
				}
			}
			slices.Sort(want)
			slices.Sort(s.versions)
			if len(want) != len(sets) || !bytes.Equal(s.versions, want) {
				t.Errorf("%v, lost %v: the domain has %X, the provider %X", sets, lost, s.versions, want)
			}
			if p.AttestationKey() != s.answer.AttestationKey {
				t.Error("another key that attests")
			}
			if again := max(0, slices.Index(append(lost, -1), -1)); s.agreed != 1+again {
				t.Errorf("lost %v: %d agreements", lost, s.agreed)
			}
		}
	}
}

// TestTakeOverRefuses: nothing is sent to a card whose authority is not believed, and
// nothing ends well with a wrong receipt or foreign keys.
func TestTakeOverRefuses(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-011", "SPEC-INSTANCE-021", "SPEC-INSTANCE-022", "SPEC-INSTANCE-025", "SPEC-TSM-PROTOCOL-085")
	other, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar("somebody"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*scene)
		want  error
	}{
		"maker":       {func(s *scene) { s.certificate.Maker = []byte("other"); s.sign() }, casd.ErrMaker},
		"signature":   {func(s *scene) { s.maker = other; s.sign() }, casd.ErrSignature},
		"card":        {func(s *scene) { s.certificate.Card[0]++; s.sign() }, casd.ErrCard},
		"over":        {func(s *scene) { s.certificate.Expires = day(2026, 11); s.sign() }, casd.ErrPeriod},
		"not yet":     {func(s *scene) { s.certificate.Effective = day(2026, 12); s.sign() }, casd.ErrPeriod},
		"malformed":   {func(s *scene) { s.answer.Certificate = s.answer.Certificate[1:] }, instance.ErrCertificate},
		"attestation": {func(s *scene) { s.answer.AttestationKey[0]++ }, instance.ErrCertificate},
		"domain":      {func(s *scene) { s.answer.AID[3]++ }, instance.ErrCertificate},
		"receipt":     {func(s *scene) { s.static, _ = ecdh.P256().NewPrivateKey(scalar("other card")) }, confidential.ErrReceipt},
		"foreign key": {func(s *scene) { s.sticky = 0x38 }, instance.ErrForeignKeys},
	} {
		s := newScene(t, packetSet, channelSet)
		c.spoil(s)
		if _, err := s.play(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if asked := s.agreed > 0; asked != (name == "receipt" || name == "foreign key") {
			t.Errorf("%s: %d agreements", name, s.agreed)
		}
	}
	s := newScene(t, packetSet)
	p, err := instance.NewTakeOver(s.handover, s.resources)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Answer(ctx, &s.answer); err != nil {
		t.Fatal(err)
	}
	var refused *instance.RefusedError
	if err := p.Take(ctx, instance.Outcome{Responses: [][]byte{{0x6A, 0x80}}}); !errors.As(err, &refused) || refused.SW != iso7816.WrongData {
		t.Errorf("a refused agreement: %v", err)
	}
	for i := range 3 {
		if err := p.Take(ctx, instance.Outcome{Responses: [][]byte{{0x90, 0x00}}}); errors.Is(err, instance.ErrStatement) != (i == 2) {
			t.Errorf("an end without an answer, %d: %v", i, err)
		}
	}
}

// TestHandovers has what a take-over cannot ask for.
func TestHandovers(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-020")
	s := newScene(t, packetSet)
	use := channelSet
	use.Use = hsm.UseSCP80
	des := channelSet
	des.Type = keys.DES
	short := channelSet
	short.SizeBytes = 8
	token := packetSet
	token.Version = 0x70
	for name, sets := range map[string][]instance.KeySet{"none": nil, "three": {packetSet, channelSet, oldSet}, "one version twice": {packetSet, packetSet},
		"another use": {use}, "DES for SCP03": {des}, "8 bytes": {short}, "a version for tokens": {token}} {
		h := s.handover
		h.Sets = sets
		if _, err := instance.NewTakeOver(h, s.resources); err == nil {
			t.Errorf("%s: made", name)
		}
	}
	h := s.handover
	h.Bearers = nil
	if _, err := instance.NewTakeOver(h, s.resources); err == nil {
		t.Error("no bearer: made")
	}
}
