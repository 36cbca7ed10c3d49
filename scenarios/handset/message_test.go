package handset

import (
	"context"
	"fmt"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/scenarios/overtheair"
	phone "inkan/sim/handset"
	"inkan/sim/handset/air"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// sender is a service manager that sends packets to the issuer's domain of a card.
type sender struct {
	t         testing.TB
	host      *scp80.Host
	network   *phone.Network
	number    phone.Number
	inbox     *sms.Reassembler
	ticket    scp80.Ticket
	proof     []byte // response data of the packet on its way
	status    scp80.Status
	submits   int
	arrived   time.Duration
	reference uint16
}

func newSender(t testing.TB, c *profile.Card, p *Phone, spi scp80.SPI) *sender {
	t.Helper()
	target, err := overtheair.TargetOf(profile.Test(), c.Number)
	if err != nil {
		t.Fatal(err)
	}
	counter := new(overtheair.Memory)
	keys, err := scp80.NewKeySet(scp80.KeySetConfig{Version: target.Keys.Version, KIc: scp80.Key{Algorithm: target.Algorithm, Value: target.Keys.Enc},
		KID: scp80.Key{Algorithm: target.Algorithm, Value: target.Keys.MAC}, Counter: counter})
	if err != nil {
		t.Fatal(err)
	}
	host, err := scp80.NewHost(scp80.HostConfig{SPI: spi, Cipher: keys, Integrity: keys})
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := sms.NewReassembler(sms.ReassemblerConfig{Sets: 2, Parts: 16, Age: 64})
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{t: t, host: host, number: "819012345678", inbox: inbox}
	s.network = phone.NewNetwork("test", s.take)
	if err := s.network.Attach(p.Handset); err != nil {
		t.Fatal(err)
	}
	s.network.Assign(s.number, p.Identity().ICCID)
	return s
}

// take takes what comes from the handset.
func (s *sender) take(_ context.Context, in phone.Inbound) error {
	if in.TPDU == nil {
		return nil
	}
	ud := []byte(nil)
	if in.Message == 0 {
		s.submits++
		m, err := sms.DecodeSubmit(in.TPDU)
		if err != nil {
			return err
		}
		whole, done, err := s.inbox.Add(sms.Address{}, m.UD)
		if err != nil || !done {
			return err
		}
		ud = whole
	} else {
		r, err := sms.DecodeDeliverReport(in.TPDU, in.Error)
		if err != nil {
			return err
		}
		ud = r.UD
	}
	if len(ud) == 0 {
		return nil
	}
	header, body, err := sms.DecodeUserData(ud)
	if err != nil || !header.Has(sms.IEIResponsePacket) {
		return err
	}
	data, r, err := s.host.Open(nil, s.ticket, body)
	if err == nil && r.Fresh && s.proof == nil {
		s.proof, s.status, s.arrived = append([]byte{}, data...), r.Status, in.At
	}
	return nil
}

// send sends a script of commands, as often as it takes, and gives their responses.
func (s *sender) send(commands ...[]byte) []apdu.Response {
	s.t.Helper()
	var script remote.Script
	data := script.Begin(nil, remote.Definite)
	for _, c := range commands {
		data = script.Command(data, c)
	}
	packet, ticket, err := s.host.Seal(nil, scp80.TARIssuerSD, script.End(data))
	if err != nil {
		s.t.Fatal(err)
	}
	s.ticket, s.proof = ticket, nil
	s.reference++
	parts, err := sms.NewSplitter(packet, sms.IEICommandPacket, s.reference, false, sms.MaxUserData)
	if err != nil {
		s.t.Fatal(err)
	}
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	if err != nil {
		s.t.Fatal(err)
	}
	for round := 0; s.proof == nil; round++ {
		if round == 20 {
			s.t.Fatal("no proof came")
		}
		for i := range parts.Parts() {
			d := sms.NewCommandDeliver(from, [7]byte{0x62, 0x11, 0x82, 0, 0, 0, 0x63}, parts.Append(nil, i))
			tpdu, err := d.Append(nil)
			if err != nil {
				s.t.Fatal(err)
			}
			if _, err := s.network.Send(s.t.Context(), s.number, tpdu); err != nil {
				s.t.Fatal(err)
			}
		}
		if err := s.network.Run(s.t.Context(), 0); err != nil {
			s.t.Fatal(err)
		}
	}
	if s.status != scp80.StatusOK {
		return nil
	}
	e, err := remote.DecodeExpandedResponse(s.proof)
	if err != nil {
		s.t.Fatal(err)
	}
	last, _ := e.Last()
	return []apdu.Response{{SW: last.SW, Data: last.Data}, {Data: []byte{byte(e.Executed)}}}
}

var (
	getKeys   = []byte{0x80, 0xCA, 0x00, 0xE0, 0x00}
	getStatus = []byte{0x80, 0xF2, 0x10, 0x02, 0x02, 0x4F, 0x00, 0x00}
)

// Packets by short messages reach the card's issuer domain and proofs come back: in
// the report, in messages of the card's own, in several parts.
func TestPackets(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-020", "SPEC-HANDSET-022", "SPEC-HANDSET-024", "SPEC-HANDSET-034")
	for name, c := range map[string]struct {
		spi      scp80.SPI
		commands [][]byte
		submits  bool
	}{
		"report":        {overtheair.FullSPI, [][]byte{getKeys}, false},
		"submit":        {overtheair.FullSPI | scp80.PoRSubmit, [][]byte{getKeys}, true},
		"long packet":   {overtheair.FullSPI, repeated(getKeys, 15), true}, // 15 responses do not fit a report
		"long response": {overtheair.FullSPI, [][]byte{getStatus, getKeys}, false},
	} {
		t.Run(name, func(t *testing.T) {
			card := card(t, profile.Test(), false)
			s := newSender(t, card, newPhone(t, card, genuine), c.spi)
			got := s.send(c.commands...)
			if got == nil || got[0].SW != 0x9000 || int(got[1].Data[0]) != len(c.commands) || c.submits != (s.submits > 0) && name != "long response" {
				t.Errorf("status %v, %v, %d messages of the card", s.status, got, s.submits)
			}
			if s.arrived < 6*time.Second {
				t.Errorf("the proof came after %v", s.arrived)
			}
		})
	}
}

func repeated(c []byte, n int) (all [][]byte) {
	for range n {
		all = append(all, c)
	}
	return all
}

// The same over networks that lose, double and overtake, and the same seed gives the
// same times.
func TestPacketsOverBadNetworks(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-011", "SPEC-HANDSET-032", "SPEC-HANDSET-033")
	run := func(loss int) string {
		card := card(t, profile.Test(), false)
		p := newPhone(t, card, genuine)
		link := p.Link(air.SMS)
		link.Parameters.Loss, link.Parameters.Double, link.Parameters.Late = loss, loss, loss
		s := newSender(t, card, p, overtheair.FullSPI)
		out := ""
		for i := range 4 {
			got := s.send(repeated(getKeys, 1+7*i)...)
			if s.status != scp80.StatusOK && s.status != scp80.StatusCounterLow {
				t.Errorf("loss %d: status %v", loss, s.status)
			}
			out += fmt.Sprint(s.status, len(got), s.arrived, ";")
		}
		return out + fmt.Sprintf("%+v", s.network.Messages)
	}
	for _, loss := range []int{0, 100, 250} {
		if a, b := run(loss), run(loss); a != b {
			t.Errorf("two runs differ:\n%s\n%s", a, b)
		}
	}
}

// A number that went to another SIM: its keys refuse the packet, and nothing is proven.
func TestRecycledNumberIsRefused(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-035")
	first := card(t, profile.Test(), false)
	s := newSender(t, first, newPhone(t, first, genuine), overtheair.FullSPI)
	other, err := profile.New(profile.Named("hayate"), profile.Parts{Number: 2})
	if err != nil {
		t.Fatal(err)
	}
	second := newPhone(t, other, genuine)
	if err := s.network.Attach(second.Handset); err != nil {
		t.Fatal(err)
	}
	s.network.Assign(s.number, second.Identity().ICCID)
	packet, ticket, err := s.host.Seal(nil, scp80.TARIssuerSD, []byte{0xAA, 0x02, 0x22, 0x00})
	if err != nil {
		t.Fatal(err)
	}
	s.ticket = ticket
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	if err != nil {
		t.Fatal(err)
	}
	d := sms.NewCommandDeliver(from, [7]byte{}, append([]byte{2, 0x70, 0}, packet...))
	tpdu, err := d.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.network.Send(t.Context(), s.number, tpdu); err != nil {
		t.Fatal(err)
	}
	if err := s.network.Run(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if s.proof != nil {
		t.Error("another SIM gave a proof")
	}
}
