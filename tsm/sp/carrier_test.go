package sp_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"inkan/core/tsmp"
)

// carrier is an MNO-TSM with its SIMs. Actions end when the world says so, and their ends
// are told in order until they are acknowledged.
type carrier struct {
	tsmp.MNO // functions that no test uses
	party    tsmp.PartyID
	now      func() time.Time
	sims     map[tsmp.SEID]*sim
	services map[tsmp.ServiceReference]*deployed
	talks    map[tsmp.ConversationID]*talk
	actions  []*action
	notices  []notice
	sequence uint64 // of notifications, given last
	epoch    uint64
	news     []tsmp.News // that holders were told
	noticed  uint64      // notifications, whatever their numbers
	counter  byte
	codes    map[tsmp.SEID]string
	models   []tsmp.Model
	bearers  []tsmp.Bearer
	broken   map[tsmp.Bearer]bool // it does not reach the SIM
	hasFile  bool
	refuse   map[tsmp.Function]*tsmp.Error
	calls    []string
	bad      bool // its SIMs' authorities have no good certificate
	profile  string
	separate bool            // it leaves the key agreement to an action of its own
	owners   []*tsmp.Owner   // of deployments that it was asked for
	terse    []tsmp.Function // what its answer to a declaration leaves to them
	known    []tsmp.SEID
	told     []uint64 // numbers of the SP-TSM's notifications
	odd      bool     // its conversations are by relay, whatever was asked for
}

type sim struct {
	subscriber tsmp.Subscriber
	status     tsmp.SubscriptionStatus
	reasons    []tsmp.NonEligibilityReason
	domain     string // "", "start", "enrolled"
	software   bool
	phase      string // "", "ordered", "delivered", "active", "suspended"
	order      string
	off        bool
	refuses    string // the word that the card refuses
	log        []string
}

type deployed struct {
	ref   tsmp.ServiceReference
	se    tsmp.SEID
	model tsmp.Model
	state tsmp.ServiceState
	busy  tsmp.CallID
	last  tsmp.CallID
	out   tsmp.Outcome
}

type talk struct {
	ref    tsmp.ServiceReference
	bearer tsmp.Bearer
	next   uint64
	over   bool
}

type action struct {
	call    tsmp.CallID
	ref     tsmp.ServiceReference
	bearers []tsmp.Bearer
	do      func(*sim) (responses [][]byte, outcome tsmp.Outcome)
	state   func(tsmp.Outcome) tsmp.ServiceState
}

type notice struct {
	call tsmp.Call
	body tsmp.Body
}

func newCarrier(party tsmp.PartyID, now func() time.Time) *carrier {
	return &carrier{party: party, now: now, sims: map[tsmp.SEID]*sim{}, services: map[tsmp.ServiceReference]*deployed{},
		profile: "SCP-test", talks: map[tsmp.ConversationID]*talk{}, codes: map[tsmp.SEID]string{}, models: []tsmp.Model{tsmp.ModelSimple},
		bearers: []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}, broken: map[tsmp.Bearer]bool{}, refuse: map[tsmp.Function]*tsmp.Error{}}
}

func (c *carrier) begin(f tsmp.Function) error {
	c.calls = append(c.calls, string(f))
	if e := c.refuse[f]; e != nil {
		delete(c.refuse, f)
		return e
	}
	return nil
}

func (c *carrier) whole(d time.Duration) time.Time {
	return c.now().Add(d).UTC().Truncate(time.Second)
}

func (c *carrier) CheckGlobalEligibility(_ context.Context, _ *tsmp.Call, q *tsmp.CheckGlobalEligibilityRequest) (*tsmp.CheckGlobalEligibilityAnswer, error) {
	if err := c.begin(tsmp.CheckGlobalEligibility); err != nil {
		return nil, err
	}
	s := c.sims[q.SE]
	if s == nil {
		return &tsmp.CheckGlobalEligibilityAnswer{Reasons: []tsmp.NonEligibilityReason{tsmp.UnknownSIM}}, nil
	}
	reasons := slices.Clone(s.reasons)
	for _, d := range c.services {
		if d.se == q.SE && d.state != tsmp.ServiceTerminated && d.state != tsmp.ServiceOrphaned {
			reasons = append(reasons, tsmp.ServicePresent)
		}
	}
	return &tsmp.CheckGlobalEligibilityAnswer{Eligible: len(reasons) == 0, Reasons: reasons, Subscriber: s.subscriber, Models: c.models, Bearers: c.bearers}, nil
}

func (c *carrier) GetSECapabilityProfileId(_ context.Context, _ *tsmp.Call, q *tsmp.GetSECapabilityProfileIdRequest) (*tsmp.ProfileAnswer, error) {
	if err := c.begin(tsmp.GetSECapabilityProfileId); err != nil {
		return nil, err
	}
	return &tsmp.ProfileAnswer{ProfileID: c.profile, AsOf: c.whole(0)}, nil
}

func (c *carrier) GetSEMobileSubscriptionIdentifier(_ context.Context, _ *tsmp.Call, q *tsmp.GetSEMobileSubscriptionIdentifierRequest) (*tsmp.SubscriptionAnswer, error) {
	s := c.sims[q.SE]
	if s == nil {
		return nil, tsmp.Refuse(tsmp.CodeUnknownSE, "")
	}
	return &tsmp.SubscriptionAnswer{Subscriber: s.subscriber, Status: s.status, Since: c.whole(0)}, nil
}

func (c *carrier) DeliverOneTimeCode(_ context.Context, _ *tsmp.Call, q *tsmp.DeliverOneTimeCodeRequest) (*tsmp.RecordedAnswer, error) {
	if err := c.begin(tsmp.DeliverOneTimeCode); err != nil {
		return nil, err
	}
	c.codes[q.SE] = q.Code
	return &tsmp.RecordedAnswer{RecordedAt: c.whole(0)}, nil
}

func (c *carrier) NotifyHolder(_ context.Context, _ *tsmp.Call, q *tsmp.NotifyHolderRequest) (*tsmp.RecordedAnswer, error) {
	if err := c.begin(tsmp.NotifyHolder); err != nil {
		return nil, err
	}
	if s := c.sims[q.SE]; s == nil || s.subscriber != q.Subscriber {
		return nil, tsmp.Refuse(tsmp.CodeSubscriberChanged, "")
	}
	c.news = append(c.news, q.News)
	return &tsmp.RecordedAnswer{RecordedAt: c.whole(0)}, nil
}

func (c *carrier) DeclareServiceInstanceReference(_ context.Context, _ *tsmp.Call, q *tsmp.DeclareServiceInstanceReferenceRequest) (*tsmp.DeclareServiceInstanceReferenceAnswer, error) {
	if err := c.begin(tsmp.DeclareServiceInstanceReference); err != nil {
		return nil, err
	}
	for _, d := range c.services {
		if d.se == q.SE && d.ref != q.Reference && d.state != tsmp.ServiceTerminated && d.state != tsmp.ServiceOrphaned {
			return nil, tsmp.Refuse(tsmp.CodeServicePresent, "")
		}
	}
	c.services[q.Reference] = &deployed{ref: q.Reference, se: q.SE, model: q.Model, state: tsmp.ServiceDeclared}
	a := &tsmp.DeclareServiceInstanceReferenceAnswer{ServiceStateAnswer: *c.state(q.Reference)}
	if !slices.Contains(c.terse, tsmp.GetSECapabilityProfileId) {
		a.ProfileID = c.profile
	}
	if !slices.Contains(c.terse, tsmp.GetCAInformation) {
		a.Authority = c.authority()
	}
	return a, nil
}

func (c *carrier) state(ref tsmp.ServiceReference) *tsmp.ServiceStateAnswer {
	d := c.services[ref]
	return &tsmp.ServiceStateAnswer{State: d.state, Since: c.whole(0), Model: d.model, Domain: tsmp.DomainAbsent, Action: d.busy, LastAction: d.last, Outcome: d.out}
}

func (c *carrier) GetServiceState(_ context.Context, _ *tsmp.Call, q *tsmp.GetServiceStateRequest) (*tsmp.ServiceStateAnswer, error) {
	if c.services[q.Reference] == nil {
		return nil, tsmp.Refuse(tsmp.CodeUnknownReference, "")
	}
	return c.state(q.Reference), nil
}

// act begins an action.
func (c *carrier) act(call *tsmp.Call, ref tsmp.ServiceReference, bearers []tsmp.Bearer, do func(*sim) ([][]byte, tsmp.Outcome), state func(tsmp.Outcome) tsmp.ServiceState) (*tsmp.ActionAnswer, error) {
	d := c.services[ref]
	answer := &tsmp.ActionAnswer{ExpectedBy: c.whole(time.Hour)}
	switch {
	case d == nil:
		return nil, tsmp.Refuse(tsmp.CodeUnknownReference, "")
	case d.busy == call.ID || d.last == call.ID:
		return answer, nil
	case d.busy != tsmp.CallID{}:
		return nil, tsmp.Refuse(tsmp.CodeActionInProgress, "")
	}
	if slices.Contains(bearers, tsmp.BearerRelay) && bearers[0] == tsmp.BearerRelay {
		answer.Relay = &tsmp.RelayAccess{Party: c.party, Ticket: tsmp.Ticket{1, byte(len(c.actions) + 1)}, Until: answer.ExpectedBy}
	}
	d.busy = call.ID
	c.actions = append(c.actions, &action{call: call.ID, ref: ref, bearers: bearers, do: do, state: state})
	return answer, nil
}

func always(s tsmp.ServiceState) func(tsmp.Outcome) tsmp.ServiceState {
	return func(o tsmp.Outcome) tsmp.ServiceState {
		if o != tsmp.OutcomeDone {
			return tsmp.ServiceFailed
		}
		return s
	}
}

func (c *carrier) DeployService(_ context.Context, call *tsmp.Call, q *tsmp.DeployServiceRequest) (*tsmp.ActionAnswer, error) {
	if err := c.begin(tsmp.DeployService); err != nil {
		return nil, err
	}
	c.owners = append(c.owners, q.Owner)
	if q.Software != nil && q.Software.LoadFile == nil && !c.hasFile {
		return nil, tsmp.Refuse(tsmp.CodeUnknownLoadFile, "")
	}
	return c.act(call, q.Reference, q.Bearers, func(s *sim) ([][]byte, tsmp.Outcome) {
		if s.refuses == "DEPLOY" {
			return nil, tsmp.OutcomeMemory
		}
		s.domain, s.software = "start", s.software || q.Software != nil
		switch {
		case q.Owner == nil || c.separate:
			return nil, tsmp.OutcomeDone
		case s.refuses == "AGREE":
			return [][]byte{[]byte("NAMED")}, tsmp.OutcomeRefused
		case s.refuses == "RECEIPT": // it is not that of the agreement
			return [][]byte{[]byte("REFUSED RECEIPT")}, tsmp.OutcomeDone
		}
		s.domain = "enrolled"
		return [][]byte{[]byte("ENROLLED")}, tsmp.OutcomeDone
	}, always(tsmp.ServiceDeployed))
}

func (c *carrier) EnrollSSDOwnerCertificate(_ context.Context, call *tsmp.Call, q *tsmp.EnrollSSDOwnerCertificateRequest) (*tsmp.ActionAnswer, error) {
	if err := c.begin(tsmp.EnrollSSDOwnerCertificate); err != nil {
		return nil, err
	}
	return c.act(call, q.Reference, q.Bearers, func(s *sim) ([][]byte, tsmp.Outcome) {
		s.domain = "enrolled"
		return [][]byte{[]byte("ENROLLED")}, tsmp.OutcomeDone
	}, always(tsmp.ServiceDeployed))
}

func (c *carrier) TerminateService(_ context.Context, call *tsmp.Call, q *tsmp.TerminateServiceRequest) (*tsmp.ActionAnswer, error) {
	if err := c.begin(tsmp.TerminateService); err != nil {
		return nil, err
	}
	d := c.services[q.Reference]
	if d != nil && d.busy != (tsmp.CallID{}) && d.busy != call.ID { // it cancels what is under way
		for i, a := range c.actions {
			if a.call == d.busy {
				c.end(d, a, nil, tsmp.OutcomeCancelled)
				c.actions = slices.Delete(c.actions, i, i+1)
				break
			}
		}
	}
	return c.act(call, q.Reference, q.Bearers, func(s *sim) ([][]byte, tsmp.Outcome) {
		s.domain, s.software, s.phase, s.order = "", false, "", ""
		return nil, tsmp.OutcomeDone
	}, func(o tsmp.Outcome) tsmp.ServiceState {
		if o == tsmp.OutcomeDone {
			return tsmp.ServiceTerminated
		}
		return tsmp.ServiceTerminating
	})
}

func (c *carrier) GetCAInformation(_ context.Context, _ *tsmp.Call, q *tsmp.GetCAInformationRequest) (*tsmp.GetCAInformationAnswer, error) {
	if err := c.begin(tsmp.GetCAInformation); err != nil {
		return nil, err
	}
	return c.authority(), nil
}

func (c *carrier) authority() *tsmp.GetCAInformationAnswer {
	a := &tsmp.GetCAInformationAnswer{AID: []byte("CASD1"), Certificate: []byte("good certificate"), AttestationKey: [32]byte{5}}
	if c.bad {
		a.Certificate = []byte("forged certificate")
	}
	return a
}

func (c *carrier) GenerateDMToken(context.Context, *tsmp.Call, *tsmp.GenerateDMTokenRequest) (*tsmp.GenerateDMTokenAnswer, error) {
	return &tsmp.GenerateDMTokenAnswer{Tokens: [][]byte{[]byte("token")}}, c.begin(tsmp.GenerateDMToken)
}

func (c *carrier) VerifyDMReceipt(context.Context, *tsmp.Call, *tsmp.VerifyDMReceiptRequest) (*tsmp.RecordedAnswer, error) {
	return &tsmp.RecordedAnswer{RecordedAt: c.whole(0)}, c.begin(tsmp.VerifyDMReceipt)
}

func (c *carrier) BeginConversation(_ context.Context, _ *tsmp.Call, q *tsmp.BeginConversationRequest) (*tsmp.BeginConversationAnswer, error) {
	if err := c.begin(tsmp.BeginConversation); err != nil {
		return nil, err
	}
	d := c.services[q.Reference]
	switch {
	case d == nil:
		return nil, tsmp.Refuse(tsmp.CodeUnknownReference, "")
	case d.busy != tsmp.CallID{}:
		return nil, tsmp.Refuse(tsmp.CodeActionInProgress, "")
	}
	c.counter++
	id := tsmp.ConversationID{0xC0, c.counter}
	bearer := q.Bearers[0]
	if first := slices.IndexFunc(q.Bearers, func(b tsmp.Bearer) bool { return slices.Contains(c.bearers, b) }); first > 0 {
		bearer = q.Bearers[first]
	}
	if c.odd {
		bearer = tsmp.BearerRelay
	}
	c.talks[id] = &talk{ref: q.Reference, bearer: bearer}
	a := &tsmp.BeginConversationAnswer{Conversation: id, Bearer: bearer, MaxBytes: 4096, Until: c.whole(time.Hour)}
	if a.Bearer == tsmp.BearerRelay {
		a.Relay = &tsmp.RelayAccess{Party: c.party, Ticket: tsmp.Ticket{2, c.counter}, Until: a.Until}
	}
	return a, nil
}

func (c *carrier) SendScript(_ context.Context, call *tsmp.Call, q *tsmp.SendScriptRequest) (*tsmp.ActionAnswer, error) {
	if err := c.begin(tsmp.SendScript); err != nil {
		return nil, err
	}
	t := c.talks[q.Conversation]
	switch {
	case t == nil:
		return nil, tsmp.Refuse(tsmp.CodeUnknownConversation, "")
	case t.over:
		return nil, tsmp.Refuse(tsmp.CodeConversationOver, "")
	case q.Script != t.next+1 && c.services[t.ref].last != call.ID && c.services[t.ref].busy != call.ID:
		return nil, tsmp.Refuse(tsmp.CodeScriptOrder, "")
	}
	a, err := c.act(call, t.ref, []tsmp.Bearer{t.bearer}, func(s *sim) ([][]byte, tsmp.Outcome) {
		return [][]byte{s.carryOut(string(q.Commands[0]))}, tsmp.OutcomeDone
	}, func(tsmp.Outcome) tsmp.ServiceState { return tsmp.ServiceDeployed })
	if err == nil {
		t.next = q.Script
		a.Relay = nil
	}
	return a, err
}

// carryOut is the application on the card.
func (s *sim) carryOut(command string) []byte {
	word, order, _ := strings.Cut(command, " ")
	s.log = append(s.log, word)
	no := []byte("REFUSED " + word)
	if s.refuses == word || s.domain != "enrolled" || !s.software && word != "LOAD" && word != "KEYS" {
		return no
	}
	switch word {
	case "LOAD":
		s.software = true
	case "ORDER":
		if s.phase != "" && s.phase != "ordered" && s.order != order {
			return no
		}
		if s.order != order {
			s.phase, s.order = "ordered", order
		}
	case "DELIVER", "ACTIVATE":
		if s.order != order {
			return no
		}
		if word == "ACTIVATE" {
			s.phase = "active"
		}
	case "SUSPEND":
		s.phase = "suspended"
	case "RESUME":
		s.phase = "active"
	case "ERASE":
		s.phase, s.order = "", ""
	}
	return []byte(word + " done")
}

func (c *carrier) EndConversation(_ context.Context, _ *tsmp.Call, q *tsmp.EndConversationRequest) (*tsmp.EndConversationAnswer, error) {
	c.begin(tsmp.EndConversation)
	t := c.talks[q.Conversation]
	if t == nil {
		return nil, tsmp.Refuse(tsmp.CodeUnknownConversation, "")
	}
	t.over = true
	return &tsmp.EndConversationAnswer{EndedAt: c.whole(0), Scripts: t.next}, nil
}

func (c *carrier) HandleStartServiceStateChangeNotification(_ context.Context, _ *tsmp.Call, q *tsmp.HandleStartServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	c.told = append(c.told, q.Notice.Sequence)
	return &tsmp.Acknowledgement{}, nil
}

func (c *carrier) HandleEndServiceStateChangeNotification(_ context.Context, _ *tsmp.Call, q *tsmp.HandleEndServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	c.told = append(c.told, q.Notice.Sequence)
	return &tsmp.Acknowledgement{}, nil
}

// run carries out the actions that can be, and tells their ends; late: those that cannot
// are given up.
func (c *carrier) run(late bool) {
	var left []*action
	for _, a := range c.actions {
		d := c.services[a.ref]
		s := c.sims[d.se]
		reached := !s.off && slices.ContainsFunc(a.bearers, func(b tsmp.Bearer) bool { return !c.broken[b] })
		switch {
		case reached:
			responses, outcome := a.do(s)
			c.end(d, a, responses, outcome)
		case late:
			c.end(d, a, nil, tsmp.OutcomeUnreachable)
		default:
			left = append(left, a)
		}
	}
	c.actions = left
}

func (c *carrier) end(d *deployed, a *action, responses [][]byte, outcome tsmp.Outcome) {
	d.busy, d.last, d.out, d.state = tsmp.CallID{}, a.call, outcome, a.state(outcome)
	c.notify(func(n tsmp.Notice) tsmp.Body {
		q := &tsmp.HandleActionDoneOnServiceNotificationRequest{Notice: n, Reference: d.ref, Action: a.call, Outcome: outcome, State: d.state, Responses: responses}
		if outcome == tsmp.OutcomeRefused {
			q.StatusWord = []byte{0x69, 0x85}
		}
		return q
	})
}

// notify queues a notification.
func (c *carrier) notify(make func(tsmp.Notice) tsmp.Body) {
	c.sequence++
	c.noticed++
	id := tsmp.CallID{0x40, byte(c.noticed >> 8), byte(c.noticed)}
	copy(id[4:], c.party)
	c.notices = append(c.notices, notice{call: tsmp.Call{ID: id, Sent: c.whole(0)}, body: make(tsmp.Notice{Epoch: c.epoch, Sequence: c.sequence, At: c.whole(0)})})
}

func (c *carrier) called(f tsmp.Function) (n int) {
	for _, s := range c.calls {
		if s == string(f) {
			n++
		}
	}
	return n
}
