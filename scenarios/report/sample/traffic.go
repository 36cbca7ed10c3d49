package sample

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/tsm/store/row"
)

// keep keeps the first error.
func (p *play) keep(err error) {
	if p.fault == nil {
		p.fault = err
	}
}

func id16(b byte) (id [16]byte) {
	copy(id[:], bytes.Repeat([]byte{0xA0 + b}, 16))
	return id
}

func ticket() (t tsmp.Ticket) {
	copy(t[:], bytes.Repeat([]byte{0x7E, 0x57, 0xAB, 0x1E}, 8))
	return t
}

var roles = map[report.PartyID]tsmp.Role{"phone": tsmp.RoleUIApp, "sp-tsm.example": tsmp.RoleSPTSM, "mno-tsm.hayate.example": tsmp.RoleMNOTSM, "ca.example": tsmp.RoleCA}

func identity(party report.PartyID) (tsmp.Identity, tsmp.Key) {
	name := tsmp.PartyID(party)
	seed := sha256.Sum256([]byte(party))
	key := ed25519.NewKeyFromSeed(seed[:])
	return tsmp.Identity{Party: name, KeyID: string(party) + "-1", Signer: key},
		tsmp.Key{ID: string(party) + "-1", Party: name, Role: roles[party], Public: key.Public()}
}

// call makes a signed call and has it answered; code is why it was refused. within is
// what the recipient does before it answers.
func (p *play) call(from, to report.PartyID, f tsmp.Function, q tsmp.Body, a tsmp.Body, code tsmp.Code, within func()) {
	asker, askerKey := identity(from)
	server, serverKey := identity(to)
	both := tsmp.Keys{askerKey.ID: askerKey, serverKey.ID: serverKey}
	h := &tsmp.Handler{Identity: server, Keys: both, Journal: new(tsmp.MemoryJournal), Now: func() time.Time { return p.now },
		Service: tsmp.Service{f: func(context.Context, *tsmp.Call, tsmp.Body) (tsmp.Body, error) {
			if within != nil {
				within()
			}
			p.pass(35 * time.Millisecond)
			if code != "" {
				return nil, tsmp.Refuse(code, "")
			}
			_, err := tsmp.EncodeBody(a)
			p.keep(err)
			return a, nil
		}}}
	p.calls++
	caller := &tsmp.Caller{Identity: asker, Peer: tsmp.PartyID(to), Keys: both, Exchange: p.Exchange(from, to, h.Handle)}
	sealed, err := caller.Seal(&tsmp.Call{ID: tsmp.CallID{p.calls}, Function: f, Sent: p.now.Truncate(time.Second)}, q)
	p.keep(err)
	p.Spend(report.ServerTime, string(from)+" → "+string(to), 35*time.Millisecond)
	var refused *tsmp.Error
	if _, err = caller.Send(context.Background(), sealed); err != nil && !errors.As(err, &refused) {
		p.keep(fmt.Errorf("%s: %w", f, err))
	}
}

// apdu records a command that takes n cycles.
func (p *play) apdu(from, to report.PartyID, over report.Bearer, n uint64, command, response []byte) {
	took := time.Duration(n * uint64(time.Second) / p.hz)
	p.pass(took)
	p.APDU(report.APDU{From: from, To: to, Over: over, Took: took, Cycles: n}, command, response)
}

func selectJPKI() []byte {
	b := jpki.AIDInstance.Append(nil)
	return append([]byte{0x00, 0xA4, 0x04, 0x0C, byte(len(b))}, b...)
}

func sign() []byte {
	return append(append([]byte{0x80, 0x2A, byte(jpki.SignDigest), 0x17, 32}, make([]byte, 32)...), 0x00)
}

// initialized is a card's answer to INITIALIZE UPDATE.
func initialized() []byte {
	u := gp.InitializeUpdateResponse{KeyVersion: 0x30, Protocol: 3, Options: 0x70, Sequence: []byte{0, 0, 7}, CardChallenge: make([]byte, 8), CardCryptogram: make([]byte, 8)}
	b, _ := u.Append(nil)
	return b
}

// packet sends a packet of a size to the card; the part lost is sent again.
func (p *play) packet(sizeBytes, lost int) {
	parts, err := sms.NewSplitter(make([]byte, sizeBytes), sms.IEICommandPacket, 7, false, sms.MaxUserData)
	p.keep(err)
	from, _ := sms.NewAddress(sms.TypeInternational, "818012345678")
	for i := range parts.Parts() {
		d := sms.NewCommandDeliver(from, [7]byte{}, parts.Append(nil, i))
		tpdu, err := d.Append(nil)
		p.keep(err)
		if i+1 == lost {
			p.send(tpdu, report.Lost)
			p.pass(30 * time.Second)
		}
		p.send(tpdu, "")
	}
}

func (p *play) send(tpdu []byte, fate report.Fate) {
	p.ShortMessage("mno-tsm.hayate.example", "smsc", report.Deliver, tpdu, 200*time.Millisecond, "")
	p.ShortMessage("smsc", "phone", report.Deliver, tpdu, 3800*time.Millisecond, fate)
	p.Spend(report.AirTime, "sms", 4*time.Second)
	p.pass(4 * time.Second)
}

// up is the card's answer in a short message.
func (p *play) up(sizeBytes int) {
	to, _ := sms.NewAddress(sms.TypeInternational, "818012345678")
	s := sms.NewResponseSubmit(to, append([]byte{0x02, 0x71, 0x00}, make([]byte, sizeBytes)...))
	tpdu, err := s.Append(nil)
	p.keep(err)
	p.ShortMessage("phone", "mno-tsm.hayate.example", report.Submit, tpdu, 4*time.Second, "")
	p.Spend(report.AirTime, "sms", 4*time.Second)
	p.pass(4 * time.Second)
}

// text is a text for the holder.
func (p *play) text(from, to report.PartyID, _ string) {
	d := sms.Deliver{PID: 0, DCS: 8, UD: make([]byte, 40)}
	d.OA, _ = sms.NewAddress(sms.TypeInternational, "818012345678")
	tpdu, err := d.Append(nil)
	p.keep(err)
	p.ShortMessage(from, to, report.Deliver, tpdu, 4*time.Second, "")
	p.Spend(report.AirTime, "sms", 4*time.Second)
	p.pass(4 * time.Second)
}

// trail is the audit trails of the managers.
func (p *play) trail() {
	at := func(d time.Duration) time.Time { return Start.Add(d) }
	evidence := func(name string) []row.Exhibit { return []row.Exhibit{{Name: name, Hash: row.HashOf([]byte(name))}} }
	for _, e := range []struct {
		party report.PartyID
		entry row.Entry
	}{
		{"sp-tsm.example", row.Entry{Number: 1, At: at(22 * time.Second), Event: "application-begun", Actor: "UI app", Responsible: "SP-TSM", Exhibits: evidence("request BeginApplication")}},
		{"mno-tsm.hayate.example", row.Entry{Number: 1, At: at(23 * time.Second), Event: "code-delivered", Actor: "SP-TSM", Responsible: "MNO-TSM", Exhibits: evidence("request DeliverOneTimeCode")}},
		{"sp-tsm.example", row.Entry{Number: 2, At: at(41 * time.Second), Event: "application-verified", Actor: "UI app", Responsible: "JPKI CA", Exhibits: evidence("answer VerifyApplication")}},
		{"mno-tsm.hayate.example", row.Entry{Number: 2, At: at(62 * time.Second), Event: "service-deployed", Actor: "SP-TSM", Responsible: "MNO-TSM", Exhibits: evidence("proof of receipt")}},
		{"sp-tsm.example", row.Entry{Number: 3, At: p.now, Event: "status", Refused: "unknown-phone", Actor: "UI app", Responsible: "SP-TSM", Exhibits: evidence("request GetCertificateStatus")}},
	} {
		p.Audit(e.party, &e.entry)
	}
}
