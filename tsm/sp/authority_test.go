package sp_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

// authority is a certificate authority: what it decides it keeps, and a call that comes
// again has the same answer.
type authority struct {
	now     func() time.Time
	refuse  map[tsmp.Function]*tsmp.Error // once
	apps    map[tsmp.ApplicationID]*applied
	bytes   map[[32]byte]tsmp.ApplicationID
	phones  map[tsmp.PhoneID]*phone
	orders  map[[16]byte]*order
	calls   []string
	counter byte
}

type applied struct {
	phone     tsmp.PhoneID
	replaces  tsmp.PhoneID
	purpose   tsmp.Purpose
	pseudonym tsmp.Pseudonym
	signed    *application.Signed
	used      bool
}

type phone struct {
	person  tsmp.Pseudonym
	state   certificate.State // 0: none
	since   time.Time         // of it
	open    bool              // its application can go on
	erased  bool
	grounds []tsmp.Ground
}

type order struct {
	phone     tsmp.PhoneID
	bytes     []byte
	issued    bool
	statement string
	until     time.Time
}

func newAuthority(now func() time.Time) *authority {
	return &authority{now: now, refuse: map[tsmp.Function]*tsmp.Error{}, apps: map[tsmp.ApplicationID]*applied{}, bytes: map[[32]byte]tsmp.ApplicationID{},
		phones: map[tsmp.PhoneID]*phone{}, orders: map[[16]byte]*order{}}
}

func (a *authority) id() (id [16]byte) {
	a.counter++
	id[0], id[15] = 0xCA, a.counter
	return id
}

func (a *authority) begin(f tsmp.Function) error {
	a.calls = append(a.calls, string(f))
	if e := a.refuse[f]; e != nil {
		delete(a.refuse, f)
		return e
	}
	return nil
}

func (a *authority) VerifyApplication(_ context.Context, _ *tsmp.Call, q *tsmp.VerifyApplicationRequest) (*tsmp.VerifyApplicationAnswer, error) {
	if err := a.begin(tsmp.VerifyApplication); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(q.Application)
	id, found := a.bytes[sum]
	if !found {
		signed, err := application.Open(q.Application)
		if err != nil {
			return nil, tsmp.Refuse(tsmp.CodeApplicationSignature, "")
		}
		id = a.id()
		x := &applied{purpose: signed.Purpose, signed: signed, phone: tsmp.PhoneID(signed.Instance)}
		sum := sha256.Sum256(signed.Certificate.Raw)
		copy(x.pseudonym[:], sum[:])
		if signed.Purpose.Issues() {
			code, err := application.ParseCode(q.Code)
			if err != nil || signed.CheckCode(code) != nil {
				return nil, tsmp.Refuse(tsmp.CodeApplicationCode, "")
			}
			for _, p := range a.phones {
				if p.person == x.pseudonym && p.open {
					p.open = false
				}
			}
			x.replaces, x.phone = x.phone, a.id()
			a.phones[x.phone] = &phone{person: x.pseudonym, open: true}
		}
		a.apps[id], a.bytes[sum] = x, id
	}
	x := a.apps[id]
	answer := &tsmp.VerifyApplicationAnswer{ApplicationID: id, Purpose: x.purpose, Phone: x.phone, Pseudonym: x.pseudonym, UsableUntil: a.whole(24 * time.Hour)}
	if x.purpose.Issues() {
		answer.Origin, answer.NotAfter = x.signed.Origin, a.whole(1000*time.Hour)
	}
	if x.purpose == tsmp.PurposeTransfer {
		answer.Replaces = x.replaces
	}
	return answer, nil
}

func (a *authority) whole(d time.Duration) time.Time {
	return a.now().Add(d).UTC().Truncate(time.Second)
}

func (a *authority) PlaceOrder(_ context.Context, _ *tsmp.Call, q *tsmp.PlaceOrderRequest) (*tsmp.PlaceOrderAnswer, error) {
	if err := a.begin(tsmp.PlaceOrder); err != nil {
		return nil, err
	}
	x := a.apps[q.ApplicationID]
	if x == nil || !a.phones[x.phone].open {
		return nil, tsmp.Refuse(tsmp.CodeApplicationUsed, "")
	}
	if q.SIM != x.signed.SIM {
		return nil, tsmp.Refuse(tsmp.CodeSIMMismatch, "")
	}
	return a.place(x.phone, 24*time.Hour), nil
}

func (a *authority) place(phone tsmp.PhoneID, open time.Duration) *tsmp.PlaceOrderAnswer {
	o := &order{phone: phone, bytes: make([]byte, 138), until: a.whole(open)}
	id := a.id()
	copy(o.bytes, fmt.Sprintf("order %X", id))
	a.orders[id] = o
	return &tsmp.PlaceOrderAnswer{OrderID: id, Order: o.bytes, OrderUntil: o.until}
}

func (a *authority) Issue(_ context.Context, _ *tsmp.Call, q *tsmp.IssueRequest) (*tsmp.IssueAnswer, error) {
	if err := a.begin(tsmp.Issue); err != nil {
		return nil, err
	}
	o := a.orders[q.OrderID]
	if o == nil || !a.phones[o.phone].open {
		return nil, tsmp.Refuse(tsmp.CodeOrderClosed, "")
	}
	if !o.issued {
		o.issued = true
		a.phones[o.phone].turn(certificate.Pending, a.whole(0))
	}
	return &tsmp.IssueAnswer{Envelopes: [][]byte{make([]byte, 50)}, CACertificates: []tsmp.CACertificate{{Role: jpki.Auth, Certificate: []byte("CA")}},
		HolderCode: []byte("sealed code"), NotAfter: a.whole(1000 * time.Hour), PendingUntil: a.whole(24 * time.Hour)}, nil
}

func (a *authority) Activate(_ context.Context, _ *tsmp.Call, q *tsmp.ActivateRequest) (*tsmp.ActivateAnswer, error) {
	if err := a.begin(tsmp.Activate); err != nil {
		return nil, err
	}
	o := a.orders[q.OrderID]
	p := a.phones[o.phone]
	if p.state == certificate.Revoked || string(q.Receipt[:8]) != "ACTIVATE" {
		return nil, tsmp.Refuse(tsmp.CodeReceipt, "")
	}
	answer := &tsmp.ActivateAnswer{ActivatedAt: a.whole(0)}
	for id, other := range a.phones {
		if id != o.phone && other.person == p.person && (other.state == certificate.Active || other.state == certificate.Suspended) {
			other.turn(certificate.Revoked, answer.ActivatedAt)
			answer.Superseded = id
		}
	}
	p.open = false
	p.turn(certificate.Active, answer.ActivatedAt)
	return answer, nil
}

func (a *authority) Revoke(_ context.Context, _ *tsmp.Call, q *tsmp.RevokeRequest) (*tsmp.StateAnswer, error) {
	return a.turn(tsmp.Revoke, q.Phone, q.Cause, certificate.Revoked)
}

func (a *authority) Suspend(_ context.Context, _ *tsmp.Call, q *tsmp.SuspendRequest) (*tsmp.StateAnswer, error) {
	return a.turn(tsmp.Suspend, q.Phone, q.Cause, certificate.Suspended)
}

func (a *authority) Resume(_ context.Context, _ *tsmp.Call, q *tsmp.ResumeRequest) (*tsmp.StateAnswer, error) {
	return a.turn(tsmp.Resume, q.Phone, q.Cause, certificate.Active)
}

func (a *authority) turn(f tsmp.Function, id tsmp.PhoneID, c tsmp.Cause, to certificate.State) (*tsmp.StateAnswer, error) {
	if err := a.begin(f); err != nil {
		return nil, err
	}
	p := a.phones[id]
	if p == nil {
		return nil, tsmp.Refuse(tsmp.CodeUnknownPhone, "")
	}
	if c.Ground == tsmp.GroundApplication && (a.apps[c.ApplicationID] == nil || a.apps[c.ApplicationID].phone != id) {
		return nil, tsmp.Refuse(tsmp.CodeApplicationPurpose, "")
	}
	p.grounds = append(p.grounds, c.Ground)
	switch {
	case to == certificate.Revoked:
		p.open = false
		if p.state != 0 {
			p.turn(to, a.whole(0))
		}
	case p.state == to:
	case p.state != certificate.Active && p.state != certificate.Suspended:
		return nil, tsmp.Refuse(tsmp.CodeWrongState, "")
	default:
		p.turn(to, a.whole(0))
	}
	return a.stateOf(id), nil
}

// turn changes the state of a phone's certificate.
func (p *phone) turn(to certificate.State, at time.Time) { p.state, p.since = to, at }

func (a *authority) stateOf(id tsmp.PhoneID) *tsmp.StateAnswer {
	p := a.phones[id]
	if p.state == 0 {
		return &tsmp.StateAnswer{}
	}
	s := tsmp.CertificateState{Role: jpki.Auth, State: p.state, Since: p.since, NotAfter: a.whole(1000 * time.Hour)}
	if p.state == certificate.Suspended {
		s.Reason = certificate.CertificateHold
	}
	if p.state == certificate.Revoked {
		s.Reason = certificate.CessationOfOperation
	}
	return &tsmp.StateAnswer{Certificates: []tsmp.CertificateState{s}}
}

func (a *authority) OrderPINReset(_ context.Context, _ *tsmp.Call, q *tsmp.OrderPINResetRequest) (*tsmp.PlaceOrderAnswer, error) {
	if err := a.begin(tsmp.OrderPINReset); err != nil {
		return nil, err
	}
	if a.phones[q.Phone].state != certificate.Active {
		return nil, tsmp.Refuse(tsmp.CodeWrongState, "")
	}
	return a.place(q.Phone, 10*time.Minute), nil
}

func (a *authority) SealPINReset(_ context.Context, _ *tsmp.Call, q *tsmp.SealPINResetRequest) (*tsmp.SealPINResetAnswer, error) {
	if err := a.begin(tsmp.SealPINReset); err != nil {
		return nil, err
	}
	x, o := a.apps[q.ApplicationID], a.orders[q.OrderID]
	if x == nil || x.signed.Order.Hash != sha256.Sum256(o.bytes) {
		return nil, tsmp.Refuse(tsmp.CodeChallengeMismatch, "")
	}
	return &tsmp.SealPINResetAnswer{Envelope: make([]byte, 50), HolderCode: []byte("sealed reset")}, nil
}

func (a *authority) ReportErase(_ context.Context, _ *tsmp.Call, q *tsmp.ReportEraseRequest) (*tsmp.ReportEraseAnswer, error) {
	if err := a.begin(tsmp.ReportErase); err != nil {
		return nil, err
	}
	p := a.phones[q.Phone]
	if p == nil || p.state == certificate.Active {
		return nil, tsmp.Refuse(tsmp.CodeWrongState, "")
	}
	p.erased = true
	return &tsmp.ReportEraseAnswer{RecordedAt: a.whole(0)}, nil
}

func (a *authority) GetCertificateStatus(_ context.Context, _ *tsmp.Call, q *tsmp.GetCertificateStatusRequest) (*tsmp.StateAnswer, error) {
	return a.stateOf(q.Phone), nil
}

// active are the phones with an active certificate, by person.
func (a *authority) active() map[tsmp.Pseudonym][]tsmp.PhoneID {
	m := map[tsmp.Pseudonym][]tsmp.PhoneID{}
	for id, p := range a.phones {
		if p.state == certificate.Active {
			m[p.person] = append(m[p.person], id)
		}
	}
	return m
}

func (a *authority) called(f tsmp.Function) int {
	return len(slices.DeleteFunc(slices.Clone(a.calls), func(s string) bool { return s != string(f) }))
}
