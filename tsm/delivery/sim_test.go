package delivery_test

import (
	"context"
	"fmt"
	"time"

	"inkan/core/scp/scp80"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
)

// counter is one in memory.
type counter uint64

func (c *counter) Load() uint64         { return uint64(*c) }
func (c *counter) Store(v uint64) error { *c = counter(v); return nil }

const fullSPI = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

var tar = scp80.TAR{0x4A, 0x50, 0x01}

// sim is a card behind a handset: it opens packets and answers with what they say.
type sim struct {
	w        *world
	se       tsmp.SEID
	iccid    string
	card     *scp80.Card
	host     *scp80.Host
	inbox    *sms.Reassembler
	executed []string
	tickets  map[string]scp80.Ticket // of packets
	off      bool
	waiting  []func()
	echo     int // times that the response has the command's data
	submit   int // messages of the card so far
}

func keySet(w *world, n byte, c scp80.Counter) *scp80.KeySet {
	key := make([]byte, 16)
	for i := range key {
		key[i] = n ^ byte(i*7)
	}
	k, err := scp80.NewKeySet(scp80.KeySetConfig{Version: 1, KIc: scp80.Key{Algorithm: scp80.AES, Value: key}, KID: scp80.Key{Algorithm: scp80.AES, Value: key}, Counter: c})
	must(w.t, err)
	return k
}

type keyStore struct{ k *scp80.KeySet }

func (k keyStore) KeySet(version byte) *scp80.KeySet {
	if version == 1 {
		return k.k
	}
	return nil
}

type applications struct{}

func (applications) MinimumSecurity(t scp80.TAR) (scp80.SPI, bool) {
	return scp80.CC | scp80.CounterHigher, t == tar
}

func newSIM(w *world, n byte) *sim {
	s := &sim{w: w, se: tsmp.SEID{n, 1}, iccid: fmt.Sprintf("89811000000000000%02d", n), tickets: map[string]scp80.Ticket{}, echo: 1}
	keys := keySet(w, n, new(counter))
	var err error
	s.host, err = scp80.NewHost(scp80.HostConfig{SPI: fullSPI, Cipher: keys, Integrity: keys})
	must(w.t, err)
	s.card = scp80.NewCard(scp80.CardConfig{Keys: keyStore{keySet(w, n, new(counter))}, Applications: applications{}, Policy: scp80.PoRPlain})
	s.inbox, err = sms.NewReassembler(sms.ReassemblerConfig{Sets: 2, Parts: 8})
	must(w.t, err)
	return s
}

// packet is a packet for the SIM, of so many bytes at least.
func (s *sim) packet(text string, bytes int) []byte {
	data := []byte(text)
	for len(data) < bytes {
		data = append(data, '.')
	}
	p, ticket, err := s.host.Seal(nil, tar, data)
	must(s.w.t, err)
	s.tickets[string(p)] = ticket
	return p
}

// job is a job with a packet for each text.
func (s *sim) job(bytes int, texts ...string) delivery.Job {
	j := delivery.Job{SE: s.se, Bearers: []tsmp.Bearer{tsmp.BearerSMS}, Script: delivery.Script{Form: tsmp.FormPackets}, Deadline: s.w.now.Add(1000 * time.Hour)}
	for _, text := range texts {
		j.Script.Items = append(j.Script.Items, s.packet(text, bytes))
	}
	return j
}

// verdict is what the owner of a packet says of a proof.
func (s *sim) verdict(q delivery.Question) delivery.Verdict {
	ticket, ok := s.tickets[string(q.Packet)]
	if !ok {
		return delivery.Opaque
	}
	_, r, err := s.host.Open(nil, ticket, q.Proof)
	switch {
	case err != nil || !r.Fresh:
		return delivery.Foreign
	case r.Status == scp80.StatusCounterLow:
		return delivery.Had
	}
	return delivery.Proven
}

// receive is an SMS-DELIVER at the card, and what comes of it: the report, or messages
// of the card with the proof.
func (s *sim) receive(tpdu []byte) (report []byte, submits [][]byte) {
	d, err := sms.DecodeDeliver(tpdu)
	must(s.w.t, err)
	r := sms.DeliverReport{}
	whole, done, err := s.inbox.Add(d.OA, d.UD)
	if err == nil && done {
		proof := s.open(whole)
		parts, err := sms.NewSplitter(proof, sms.IEIResponsePacket, uint16(s.submit), false, sms.MaxUserData)
		must(s.w.t, err)
		if parts.Parts() == 1 {
			r = sms.NewResponseReport(parts.Append(nil, 0))
		} else {
			for i := range parts.Parts() {
				m := sms.NewResponseSubmit(d.OA, parts.Append(nil, i))
				s.submit++
				b, err := m.Append(nil)
				must(s.w.t, err)
				submits = append(submits, b)
			}
		}
	}
	report, err = r.Append(nil)
	must(s.w.t, err)
	return report, submits
}

// open has the card open a packet and answer.
func (s *sim) open(user []byte) []byte {
	_, packet, err := sms.DecodeUserData(user)
	must(s.w.t, err)
	data, _, err := s.card.Open(nil, packet)
	var response []byte
	if err == nil {
		s.executed = append(s.executed, string(trim(data)))
		for range s.echo {
			response = append(response, data...)
		}
	}
	proof, _, err := s.card.Respond(nil, scp80.StatusOK, response)
	must(s.w.t, err)
	return proof
}

func trim(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return b
}

// power switches the handset on or off; what waits is tried when it is on.
func (s *sim) power(on bool) {
	s.off = !on
	for on && len(s.waiting) > 0 {
		do := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.w.after(time.Second, do)
	}
}

// network is a service centre, and the air behind it.
type network struct {
	w                  *world
	shortest           time.Duration
	loss, double, late int // of 100, of messages and reports
	tries              int // of a message until it is given up; 0: 5
	silent             int // of 100: messages of which nothing is ever heard
	deaf               int // of 100: inbound messages that a process that ends never gets again
	refuse             error
	count              uint64
	sent               [][]byte
	to                 []string
	ended              map[uint64]bool
}

func (n *network) chance(of int) bool { return of > 0 && n.w.random.IntN(100) < of }

func (n *network) way() time.Duration {
	d := n.shortest + time.Duration(n.w.random.IntN(2000))*time.Millisecond
	if n.chance(n.late) {
		d += time.Duration(n.w.random.IntN(90)) * time.Second
	}
	return d
}

// Send implements delivery.Bearer.
func (n *network) Send(_ context.Context, iccid string, tpdu []byte) (uint64, error) {
	if n.w.left() != nil {
		panic(errKilled)
	}
	if n.refuse != nil {
		return 0, n.refuse
	}
	n.count++
	id := n.count
	n.sent, n.to = append(n.sent, tpdu), append(n.to, iccid)
	if n.ended == nil {
		n.ended = map[uint64]bool{}
	}
	if !n.chance(n.silent) {
		n.attempt(id, iccid, tpdu, 1)
	}
	return id, nil
}

// attempt sends a message over the air, and again while no report comes.
func (n *network) attempt(id uint64, iccid string, tpdu []byte, try int) {
	s := n.w.sims[iccid]
	switch {
	case n.ended[id]:
		return
	case try > max(n.tries, 5):
		n.ended[id] = true
		n.in(delivery.Inbound{From: iccid, Message: id})
		return
	case s.off:
		s.waiting = append(s.waiting, func() { n.attempt(id, iccid, tpdu, try) })
		return
	}
	for range n.copies() {
		n.w.after(n.way(), func() { n.arrive(s, id, tpdu) })
	}
	n.w.after(30*time.Second, func() { n.attempt(id, iccid, tpdu, try+1) })
}

// copies is how many arrive of what is sent once.
func (n *network) copies() int {
	if n.chance(n.loss) {
		return 0
	}
	if n.chance(n.double) {
		return 2
	}
	return 1
}

// arrive is a message at the handset.
func (n *network) arrive(s *sim, id uint64, tpdu []byte) {
	if s.off {
		return
	}
	report, submits := s.receive(tpdu)
	for range n.copies() {
		n.w.after(n.way(), func() {
			if !n.ended[id] {
				n.ended[id] = true
				n.in(delivery.Inbound{From: s.iccid, Message: id, TPDU: report})
			}
		})
	}
	for _, m := range submits {
		for range max(1, n.copies()) { // the handset sends again what is not acknowledged
			n.w.after(n.way(), func() { n.in(delivery.Inbound{From: s.iccid, TPDU: m}) })
		}
	}
}

// in brings a message to the engine, again to the next process when this one ends.
func (n *network) in(m delivery.Inbound) {
	if !n.w.alive(func() error { return n.w.engine.Deliver(ctx, m) }) && !n.chance(n.deaf) {
		n.w.after(time.Second, func() { n.in(m) })
	}
}
