package instance_test

import (
	"crypto/sha256"
	"encoding/binary"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/tsm/remote"
	"inkan/tsm/sp/instance"
)

// applet stands for the application behind its domain, as far as the rules of
// spec/PERSO.md go that a host can run into: phases, sequences, what is answered alike.
// It signs nothing.
type applet struct {
	attested bool
	envelope int // how many complete an issue

	target  bool // INSTALL [for personalization] was there since the power came
	next    int  // number of the block that has to come; 0: none is open
	pending []byte
	last    []byte // answer
	signed  byte   // attestations so far: each is another

	phase   jpki.Phase
	order   *perso.Order // the last one
	open    jpki.Purpose
	issue   *perso.Order // that the content came with
	seq     byte
	highest uint32
	made    map[jpki.Role]bool
	certs   map[jpki.Role]bool
	taken   []jpki.DGI // data groups that had an effect, in their order
	batches []int      // commands of each batch
}

func newApplet(attested bool, envelopes int) *applet {
	return &applet{attested: attested, envelope: envelopes, made: map[jpki.Role]bool{}, certs: map[jpki.Role]bool{}}
}

// powerless is what a loss of power takes.
func (a *applet) powerless() { a.target, a.next, a.pending, a.last = false, 0, nil, nil }

// cut is where power fails in a batch: after a command, which was executed, and whose
// answer is lost (answered: it is not). quiet: the bearer does not notice, and goes on.
type cut struct {
	after    int
	before   bool // the command was not executed
	quiet    bool
	answered bool
}

// run executes a batch.
func (a *applet) run(commands []remote.Command, c *cut) (o instance.Outcome) {
	a.batches = append(a.batches, len(commands))
	for i, k := range commands {
		here := c != nil && c.after == i
		if here && c.before {
			a.powerless()
			if !c.quiet {
				o.Unknown = true
				return o
			}
		}
		command, err := apdu.DecodeCommand(k.APDU)
		if err != nil {
			panic(err)
		}
		data, sw := a.execute(&command)
		if here && !c.before && !c.quiet {
			a.powerless()
			if !c.answered {
				o.Unknown = true
				return o
			}
		}
		o.Responses = append(o.Responses, apdu.Response{Data: data, SW: sw}.Append(nil))
		if sw != iso7816.OK {
			return o
		}
	}
	return o
}

func (a *applet) execute(c *apdu.Command) ([]byte, iso7816.SW) {
	if c.INS == gp.InsInstall {
		a.target, a.next = true, 0
		return nil, iso7816.OK
	}
	switch {
	case !a.target && c.P2 != 0:
		return nil, iso7816.IncorrectP1P2 // the domain's own sequence
	case !a.target && c.P1&0x80 != 0:
		return nil, iso7816.ReferencedDataNotFound
	case !a.target:
		return nil, iso7816.OK
	case c.P2 != 0 && int(c.P2) != a.next:
		a.next = 0
		return nil, iso7816.IncorrectP1P2
	case c.P2 == 0:
		a.pending = nil
	}
	a.next = int(c.P2) + 1
	a.pending = append(a.pending, c.Data...)
	var answer []byte
	for {
		dgi, value, rest, ok := cutGroup(a.pending)
		if !ok {
			break
		}
		data, sw := a.group(dgi, value)
		if sw != iso7816.OK {
			a.next, a.pending = 0, nil
			return nil, sw
		}
		a.pending, answer = rest, data
	}
	if c.P1&0x80 != 0 {
		a.target, a.next = false, 0
		if len(a.pending) > 0 {
			return nil, iso7816.WrongData
		}
	}
	if c.Ne == 0 {
		return nil, iso7816.OK
	}
	return answer, iso7816.OK
}

// cutGroup takes one whole data group off.
func cutGroup(b []byte) (dgi jpki.DGI, value, rest []byte, ok bool) {
	if len(b) < 3 {
		return 0, nil, b, false
	}
	n, at := int(b[2]), 3
	if n == 0xFF {
		if len(b) < 5 {
			return 0, nil, b, false
		}
		n, at = int(binary.BigEndian.Uint16(b[3:])), 5
	}
	if len(b) < at+n {
		return 0, nil, b, false
	}
	return jpki.DGI(binary.BigEndian.Uint16(b)), b[at : at+n], b[at+n:], true
}

// say keeps an answer and gives its first part.
func (a *applet) say(answer []byte) ([]byte, iso7816.SW) {
	a.last = answer
	return a.piece(0)
}

func (a *applet) piece(from int) ([]byte, iso7816.SW) {
	switch {
	case a.last == nil:
		return nil, iso7816.ConditionsNotSatisfied
	case from >= len(a.last):
		return nil, iso7816.WrongData
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(a.last))), a.last[from:min(from+200, len(a.last))]...), iso7816.OK
}

// attest is an attestation that is another each time.
func (a *applet) attest() []byte {
	if !a.attested {
		return nil
	}
	a.signed++
	b := make([]byte, 64)
	for i := range b {
		b[i] = a.signed
	}
	return b
}

func (a *applet) group(dgi jpki.DGI, v []byte) ([]byte, iso7816.SW) {
	switch dgi {
	case jpki.DGIOrder:
		return a.takeOrder(v)
	case jpki.DGIGenerate:
		return a.generate(jpki.Role(v[0]))
	case jpki.DGIEnvelope, jpki.DGICACertificate:
		a.last = nil
		return nil, a.content(dgi, v)
	case jpki.DGIActivate:
		return a.activate(v)
	case jpki.DGISuspend, jpki.DGIResume:
		return a.change(dgi, v)
	case jpki.DGIErase:
		return a.erase(v)
	case jpki.DGIState:
		return a.say(a.state())
	case jpki.DGIAnswer:
		return a.piece(int(binary.BigEndian.Uint16(v)))
	}
	return nil, iso7816.ReferencedDataNotFound
}

func header(t perso.StatementType, o *perso.Order) perso.Header {
	if o == nil {
		return perso.Header{Type: t}
	}
	return perso.Header{Type: t, OrderHash: o.Hash(), Counter: o.Counter}
}

func (a *applet) takeOrder(v []byte) ([]byte, iso7816.SW) {
	o, err := perso.DecodeOrder(v)
	if err != nil {
		return nil, iso7816.WrongData
	}
	issue := o.Purpose == jpki.PurposeIssue
	if issue && a.phase > jpki.Ordered || !issue && a.phase != jpki.Active {
		return nil, iso7816.ConditionsNotSatisfied
	}
	if same := a.open != 0 && *a.order == o; !same {
		if o.Counter <= a.highest {
			return nil, iso7816.ConditionsNotSatisfied
		}
		a.order, a.open, a.highest, a.seq = &o, o.Purpose, o.Counter, 0
		if issue {
			a.phase, a.issue, a.made, a.certs = jpki.Ordered, &o, map[jpki.Role]bool{}, map[jpki.Role]bool{}
		}
		a.taken = append(a.taken, jpki.DGIOrder)
	}
	s := perso.OrderStatement{Header: header(perso.StatementOrder, &o), Attestation: a.attest()}
	s.Point[0] = 4
	s.Challenge = challengeOf(&o)
	return a.say(s.Append(nil))
}

// challengeOf is the challenge that the double gives for an order.
func challengeOf(o *perso.Order) (c [perso.ChallengeLen]byte) {
	h := sha256.Sum256(o.ID[:])
	copy(c[:], h[:])
	return c
}

func (a *applet) generate(r jpki.Role) ([]byte, iso7816.SW) {
	if a.open != jpki.PurposeIssue || a.order.Origin != jpki.OriginOnCard || !a.order.Roles.Has(r) {
		return nil, iso7816.ConditionsNotSatisfied
	}
	if !a.made[r] {
		a.taken = append(a.taken, jpki.DGIGenerate)
	}
	a.made[r] = true
	s := perso.KeyStatement{Header: header(perso.StatementKey, a.order), Role: r, Attestation: a.attest()}
	for i := range s.Modulus {
		s.Modulus[i], s.Proof[i] = byte(r), byte(i)
	}
	return a.say(s.Append(nil))
}

func (a *applet) content(dgi jpki.DGI, v []byte) iso7816.SW {
	if dgi == jpki.DGICACertificate {
		if a.phase != jpki.Ordered || !a.order.Roles.Has(jpki.Role(v[0])) {
			return iso7816.ConditionsNotSatisfied
		}
		a.certs[jpki.Role(v[0])] = true
		a.taken = append(a.taken, dgi)
		return iso7816.OK
	}
	e, err := perso.DecodeEnvelope(v)
	switch {
	case err != nil:
		return iso7816.WrongData
	case a.order != nil && e.Sequence == a.seq && e.Type == a.order.Purpose:
		return iso7816.OK
	case a.open == 0 || e.Type != a.open || e.Sequence != a.seq+1:
		return iso7816.ConditionsNotSatisfied
	}
	a.seq = e.Sequence
	if a.open == jpki.PurposePINReset {
		a.open = 0
	}
	a.taken = append(a.taken, dgi)
	return iso7816.OK
}

func (a *applet) activate(v []byte) ([]byte, iso7816.SW) {
	switch {
	case a.issue == nil || [16]byte(v) != a.issue.ID || a.phase == jpki.Empty,
		a.phase == jpki.Ordered && (int(a.seq) != a.envelope || a.issue.Origin == jpki.OriginOnCard && len(a.made) == 0 || len(a.certs) == 0):
		return nil, iso7816.ConditionsNotSatisfied
	case a.phase == jpki.Ordered:
		a.phase, a.open = jpki.Active, 0
		a.taken = append(a.taken, jpki.DGIActivate)
	}
	r := perso.Receipt{Header: header(perso.StatementReceipt, a.issue), Roles: a.issue.Roles}
	return a.say(r.Append(nil))
}

func (a *applet) change(dgi jpki.DGI, v []byte) ([]byte, iso7816.SW) {
	if a.phase < jpki.Active || [16]byte(v) != a.issue.ID {
		return nil, iso7816.ConditionsNotSatisfied
	}
	s := perso.PhaseStatement{Header: header(perso.StatementSuspend, a.issue), Phase: jpki.Suspended, Attestation: a.attest()}
	if dgi == jpki.DGIResume {
		s.Type, s.Phase = perso.StatementResume, jpki.Active
	}
	a.phase = s.Phase
	return a.say(s.Append(nil))
}

func (a *applet) erase(v []byte) ([]byte, iso7816.SW) {
	if id := [16]byte(v); id != [16]byte{} && (a.issue == nil || id != a.issue.ID) {
		return nil, iso7816.ConditionsNotSatisfied
	}
	a.phase, a.open = jpki.Empty, 0
	s := perso.EraseStatement{Header: header(perso.StatementErase, a.issue), Highest: a.highest, Attestation: a.attest()}
	return a.say(s.Append(nil))
}

func (a *applet) state() []byte {
	s := perso.StateStatement{Header: header(perso.StatementState, a.order), Phase: a.phase, Purpose: a.open, Sequence: a.seq, Highest: a.highest}
	if a.order != nil {
		s.Order = a.order.ID
	}
	return s.Append(nil)
}
