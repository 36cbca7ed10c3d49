package tsmp

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp/jws"
	"inkan/spec/req"
)

// fakeCA answers every function with its sample and counts executions.
type fakeCA struct {
	executed int
	seen     *Call
	fail     error
	during   func()
}

func do[A Body](f *fakeCA, call *Call) (A, error) {
	f.executed++
	f.seen = call
	if f.during != nil {
		f.during()
	}
	if f.fail != nil {
		var none A
		return none, f.fail
	}
	return sampleBodies[call.Function][1].(A), nil
}

func (f *fakeCA) VerifyApplication(_ context.Context, c *Call, _ *VerifyApplicationRequest) (*VerifyApplicationAnswer, error) {
	return do[*VerifyApplicationAnswer](f, c)
}
func (f *fakeCA) PlaceOrder(_ context.Context, c *Call, _ *PlaceOrderRequest) (*PlaceOrderAnswer, error) {
	return do[*PlaceOrderAnswer](f, c)
}
func (f *fakeCA) Issue(_ context.Context, c *Call, _ *IssueRequest) (*IssueAnswer, error) {
	return do[*IssueAnswer](f, c)
}
func (f *fakeCA) Activate(_ context.Context, c *Call, _ *ActivateRequest) (*ActivateAnswer, error) {
	return do[*ActivateAnswer](f, c)
}
func (f *fakeCA) Revoke(_ context.Context, c *Call, _ *RevokeRequest) (*StateAnswer, error) {
	return do[*StateAnswer](f, c)
}
func (f *fakeCA) Suspend(_ context.Context, c *Call, _ *SuspendRequest) (*StateAnswer, error) {
	return do[*StateAnswer](f, c)
}
func (f *fakeCA) Resume(_ context.Context, c *Call, _ *ResumeRequest) (*StateAnswer, error) {
	return do[*StateAnswer](f, c)
}
func (f *fakeCA) OrderPINReset(_ context.Context, c *Call, _ *OrderPINResetRequest) (*PlaceOrderAnswer, error) {
	return do[*PlaceOrderAnswer](f, c)
}
func (f *fakeCA) SealPINReset(_ context.Context, c *Call, _ *SealPINResetRequest) (*SealPINResetAnswer, error) {
	return do[*SealPINResetAnswer](f, c)
}
func (f *fakeCA) ReportErase(_ context.Context, c *Call, _ *ReportEraseRequest) (*ReportEraseAnswer, error) {
	return do[*ReportEraseAnswer](f, c)
}
func (f *fakeCA) GetCertificateStatus(_ context.Context, c *Call, _ *GetCertificateStatusRequest) (*StateAnswer, error) {
	return do[*StateAnswer](f, c)
}
func (f *fakeCA) HandleCertificateStateChangeNotification(_ context.Context, c *Call, _ *HandleCertificateStateChangeNotificationRequest) (*Acknowledgement, error) {
	return do[*Acknowledgement](f, c)
}

// bench is a handler of an authority with a caller before it.
type bench struct {
	parties
	ca      *fakeCA
	handler *Handler
	caller  *Caller
	journal *MemoryJournal
	now     time.Time
}

func newBench() *bench {
	b := &bench{parties: testParties(), ca: &fakeCA{}, journal: &MemoryJournal{}, now: noon}
	b.handler = &Handler{Identity: b.parties.ca, Keys: b.keys, Journal: b.journal, Service: CAService(b.ca), Now: func() time.Time { return b.now }}
	b.caller = &Caller{Identity: b.sp, Peer: b.parties.ca.Party, Keys: b.keys, Exchange: b.handler.Handle}
	return b
}

func (b *bench) seal(t *testing.T, f Function, n byte) []byte {
	t.Helper()
	signed, err := b.caller.Seal(&Call{ID: id(n), Function: f, Sent: noon}, samplesOf(t, f)[0])
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// handle gives a request to the handler and reads the signed answer, also to a
// request that no Caller makes.
func (b *bench) handle(t *testing.T, sealed []byte) (*Answer, []byte) {
	t.Helper()
	signed, err := b.handler.Handle(t.Context(), sealed)
	if err != nil {
		t.Fatal(err)
	}
	o, err := open(b.keys, AnswerType, signed)
	if err != nil {
		t.Fatal(err)
	}
	a, err := parseAnswer(o.payload)
	if err != nil {
		t.Fatal(err)
	}
	return a, signed
}

func (b *bench) wantCode(t *testing.T, what string, sealed []byte, code Code) {
	t.Helper()
	if a, _ := b.handle(t, sealed); a.Failure == nil || a.Failure.Code != code || (a.Status == Expired) != (code == CodeExpired) {
		t.Errorf("%s: %v %v, want %s", what, a.Status, a.Failure, code)
	}
}

// TestEveryFunction calls every function through signed bytes.
func TestEveryFunction(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-020", "SPEC-TSM-PROTOCOL-030")
	b := newBench()
	remote := RemoteCA{b.caller}
	about := func(n byte) *Call { return &Call{ID: id(n), Sent: noon} }
	grounds := func(c Cause) Cause { return Cause{Ground: GroundService, Case: "1"} }
	revoke, suspend := *sampleBodies[Revoke][0].(*RevokeRequest), *sampleBodies[Suspend][0].(*SuspendRequest)
	revoke.Cause, suspend.Cause = grounds(revoke.Cause), grounds(suspend.Cause)
	ctx := t.Context()
	check := func(f Function, got Body, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", f, err)
			return
		}
		if !bytes.Equal(encoded(t, got), encoded(t, sampleBodies[f][1])) {
			t.Errorf("%s: %s", f, encoded(t, got))
		}
		if c := b.ca.seen; c.Function != f || c.Sender != b.sp.Party || c.Role != RoleSPTSM || c.Validity != DefaultValidity || !c.Sent.Equal(noon) || c.Evidence == nil {
			t.Errorf("%s: %+v", f, c)
		}
	}
	verified, err := remote.VerifyApplication(ctx, about(1), sampleBodies[VerifyApplication][0].(*VerifyApplicationRequest))
	check(VerifyApplication, verified, err)
	placed, err := remote.PlaceOrder(ctx, about(2), sampleBodies[PlaceOrder][0].(*PlaceOrderRequest))
	check(PlaceOrder, placed, err)
	issued, err := remote.Issue(ctx, about(3), sampleBodies[Issue][0].(*IssueRequest))
	check(Issue, issued, err)
	activated, err := remote.Activate(ctx, about(4), sampleBodies[Activate][0].(*ActivateRequest))
	check(Activate, activated, err)
	revoked, err := remote.Revoke(ctx, about(5), &revoke)
	check(Revoke, revoked, err)
	suspended, err := remote.Suspend(ctx, about(6), &suspend)
	check(Suspend, suspended, err)
	resumed, err := remote.Resume(ctx, about(7), sampleBodies[Resume][0].(*ResumeRequest))
	check(Resume, resumed, err)
	ordered, err := remote.OrderPINReset(ctx, about(8), sampleBodies[OrderPINReset][0].(*OrderPINResetRequest))
	check(OrderPINReset, ordered, err)
	sealed, err := remote.SealPINReset(ctx, about(9), sampleBodies[SealPINReset][0].(*SealPINResetRequest))
	check(SealPINReset, sealed, err)
	erased, err := remote.ReportErase(ctx, about(10), sampleBodies[ReportErase][0].(*ReportEraseRequest))
	check(ReportErase, erased, err)
	status, err := remote.GetCertificateStatus(ctx, about(11), sampleBodies[GetCertificateStatus][0].(*GetCertificateStatusRequest))
	check(GetCertificateStatus, status, err)

	back := &Handler{Identity: b.sp, Keys: b.keys, Journal: &MemoryJournal{}, Service: NotifiedService(b.ca), Now: b.handler.Now}
	notify := RemoteNotified{&Caller{Identity: b.parties.ca, Peer: b.sp.Party, Keys: b.keys, Exchange: back.Handle}}
	const f = HandleCertificateStateChangeNotification
	if _, err := notify.HandleCertificateStateChangeNotification(ctx, about(1), sampleBodies[f][0].(*HandleCertificateStateChangeNotificationRequest)); err != nil || b.ca.seen.Role != RoleCA {
		t.Errorf("%s: %v", f, err)
	}
}

// TestNobodysRequest: no signed answer, no execution, no record.
func TestNobodysRequest(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-011", "SPEC-TSM-PROTOCOL-021", "SPEC-TSM-PROTOCOL-022", "SPEC-TSM-PROTOCOL-023", "SPEC-TSM-PROTOCOL-024")
	b := newBench()
	good := b.seal(t, Activate, 1)
	m, err := jws.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	as := func(who Identity, typ string, payload []byte) []byte {
		signed, err := jws.Sign(who.Signer, who.KeyID, typ, payload)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	with := func(keyID string) Identity { return Identity{b.sp.Party, keyID, b.sp.Signer} }
	flipped := bytes.Clone(good)
	flipped[len(flipped)-20] ^= 3
	foreign := ed25519.NewKeyFromSeed(fill(32, 9))
	for name, c := range map[string]struct {
		signed []byte
		code   Code
	}{
		"too long":            {bytes.Repeat([]byte{'A'}, jws.MaxMessage+1), CodeTooLarge},
		"empty":               {nil, CodeMalformed},
		"two parts":           {good[:bytes.LastIndexByte(good, '.')], CodeMalformed},
		"an answer":           {as(b.sp, AnswerType, m.Payload), CodeMalformed},
		"another type":        {as(b.sp, "JWT", m.Payload), CodeMalformed},
		"unknown key":         {as(with("nobody"), RequestType, m.Payload), CodeKey},
		"another party's key": {as(with("mno-1"), RequestType, m.Payload), CodeKey},
		"key too old":         {as(with("old-1"), RequestType, m.Payload), CodeKey},
		"key too new":         {as(with("new-1"), RequestType, m.Payload), CodeKey},
		"wrong signature":     {flipped, CodeSignature},
		"signed by another":   {as(Identity{b.sp.Party, "ca-1", foreign}, RequestType, m.Payload), CodeSignature},
		"other algorithm":     {as(Identity{b.sp.Party, "sp-1", foreign}, RequestType, m.Payload), CodeSignature},
		"no JSON":             {as(b.sp, RequestType, []byte("{")), CodeMalformed},
		"no members":          {as(b.sp, RequestType, []byte("{}")), CodeMalformed},
		"unknown member":      {as(b.sp, RequestType, replaced(t, m.Payload, `"version"`, `"extensions":{},"version"`)), CodeMalformed},
		"version 2":           {as(b.sp, RequestType, replaced(t, m.Payload, `"version":1`, `"extensions":{},"version":2`)), CodeVersion},
		"validity of 0":       {as(b.sp, RequestType, replaced(t, m.Payload, `"validityPeriod":3600`, `"validityPeriod":0`)), CodeMalformed},
		"validity too long":   {as(b.sp, RequestType, replaced(t, m.Payload, `"validityPeriod":3600`, `"validityPeriod":86401`)), CodeMalformed},
		"party in capitals":   {as(b.sp, RequestType, replaced(t, m.Payload, `"sp-tsm.`, `"SP-TSM.`)), CodeMalformed},
		"another sender":      {as(b.sp, RequestType, replaced(t, m.Payload, `"sp-tsm.`, `"sp-tsm2.`)), CodeKey},
	} {
		answer, err := b.handler.Handle(t.Context(), c.signed)
		var refusal *Error
		if answer != nil || !errors.As(err, &refusal) || refusal.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if b.ca.executed != 0 || len(b.journal.calls) != 0 {
		t.Errorf("%d executed, %d recorded", b.ca.executed, len(b.journal.calls))
	}
}

// TestAdmission: each refusal is signed, and leaves no record.
func TestAdmission(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-030", "SPEC-TSM-PROTOCOL-031", "SPEC-TSM-PROTOCOL-032", "SPEC-TSM-PROTOCOL-033")
	b := newBench()
	good := b.seal(t, Activate, 1)
	m, err := jws.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(keyID string, old, new string) []byte {
		signed, err := jws.Sign(b.sp.Signer, keyID, RequestType, replaced(t, m.Payload, old, new))
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	b.wantCode(t, "recipient", changed("sp-1", `"ca.`, `"cb.`), CodeRecipient)
	b.wantCode(t, "function", changed("sp-1", `"Activate"`, `"Deactivate"`), CodeFunction)
	b.wantCode(t, "registered", changed("sp-1", `"Activate"`, `"UpgradeService"`), CodeFunction)
	b.wantCode(t, "not served", changed("sp-1", `"Activate"`, `"HandleCertificateStateChangeNotification"`), CodeFunction)
	b.wantCode(t, "ahead", changed("sp-1", `T03:00:00Z`, `T03:02:01Z`), CodeFuture)
	b.wantCode(t, "body", changed("sp-1", `"receipt"`, `"Receipt"`), CodeMalformed)
	a, _ := b.handle(t, changed("sp-1", `"receipt":"`, `"receipt":"!`))
	if a.Failure.Path != "body/receipt" || a.Failure.Detail == "" {
		t.Errorf("path %q, detail %q", a.Failure.Path, a.Failure.Detail)
	}
	deskID := Identity{"desk.inkan.example", "desk-1", b.sp.Signer}
	b.caller.Identity = deskID
	b.wantCode(t, "role", b.seal(t, Activate, 2), CodeNotAuthorised)
	b.wantCode(t, "ground of the SP-TSM", b.seal(t, Revoke, 3), CodeNotAuthorised)
	if a, _ := b.handle(t, b.seal(t, Suspend, 4)); a.Status != Success {
		t.Errorf("hotline: %v", a.Failure)
	}
	b.caller.Identity = b.sp
	b.wantCode(t, "ground of the desk", b.seal(t, Suspend, 5), CodeNotAuthorised)
	if b.ca.executed != 1 || len(b.journal.calls) != 1 {
		t.Errorf("%d executed, %d recorded", b.ca.executed, len(b.journal.calls))
	}
	if groundsOf(RoleMNOTSM) != nil || groundsOf(RoleMunicipality)[0] != GroundAuthority {
		t.Error("grounds")
	}
}

func TestAnswersAreKept(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-040", "SPEC-TSM-PROTOCOL-041", "SPEC-TSM-PROTOCOL-042", "SPEC-TSM-PROTOCOL-045")
	b := newBench()
	sealed := b.seal(t, Activate, 1)
	_, first := b.handle(t, sealed)
	b.now = noon.Add(48 * time.Hour)
	if _, again := b.handle(t, sealed); !bytes.Equal(first, again) || b.ca.executed != 1 {
		t.Errorf("executed %d times; the same answer: %v", b.ca.executed, bytes.Equal(first, again))
	}
	if request, answer := b.journal.Evidence(CallKey{b.sp.Party, id(1)}); !bytes.Equal(request, sealed) || !bytes.Equal(answer, first) {
		t.Error("evidence")
	}
	b.wantCode(t, "late", b.seal(t, Activate, 2), CodeExpired)
	b.now = noon.Add(DefaultValidity)
	if a, _ := b.handle(t, b.seal(t, Activate, 2)); a.Status != Success {
		t.Errorf("in the last second: %v", a.Failure)
	}
	b.wantCode(t, "other content", b.seal(t, Issue, 1), CodeConflict)
	if _, again := b.handle(t, sealed); !bytes.Equal(first, again) {
		t.Error("a conflict changed the call")
	}
	b.ca.fail = Refuse(CodeReceipt, "")
	refused := b.seal(t, Activate, 3)
	b.wantCode(t, "refused", refused, CodeReceipt)
	b.ca.fail = nil
	executed := b.ca.executed
	b.wantCode(t, "refused again", refused, CodeReceipt)
	if b.ca.executed != executed {
		t.Error("a refused call was executed again")
	}
}

func TestInterrupted(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-043", "SPEC-TSM-PROTOCOL-044", "SPEC-TSM-PROTOCOL-045", "SPEC-TSM-PROTOCOL-046")
	b := newBench()
	sealed := b.seal(t, Activate, 1)
	b.ca.fail = fmt.Errorf("disk 17 of rack 4: %w", errors.New("secret path"))
	signed, err := b.handler.Handle(t.Context(), sealed)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jws.Parse(signed)
	if err != nil || strings.Contains(string(m.Payload), "rack") || strings.Contains(string(m.Payload), "secret") {
		t.Errorf("%v: %s", err, m.Payload)
	}
	b.wantCode(t, "internal", sealed, CodeInternal)
	b.ca.fail, b.ca.during = nil, func() {
		during := b.ca.during
		b.ca.during = nil
		b.wantCode(t, "meanwhile", sealed, CodeInProgress)
		b.ca.during = during
	}
	b.now = noon.Add(100 * time.Hour) // long after the validity period: it began in time
	if a, _ := b.handle(t, sealed); a.Status != Success || b.ca.executed != 3 {
		t.Errorf("%v after %d executions", a.Failure, b.ca.executed)
	}
	b.wantConflict(t)
}

// wantConflict: an interrupted call keeps its content, too.
func (b *bench) wantConflict(t *testing.T) {
	t.Helper()
	b.now, b.ca.during, b.ca.fail = noon, nil, Refuse(CodeOverloaded, "")
	b.wantCode(t, "overloaded", b.seal(t, Activate, 9), CodeOverloaded)
	b.wantCode(t, "other content", b.seal(t, Issue, 9), CodeConflict)
}

// TestNoAnswerWithoutRecord: an answer that could not be kept is not given.
func TestNoAnswerWithoutRecord(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-045")
	for _, j := range []brokenJournal{{begin: errors.New("disk")}, {end: errors.New("disk")}} {
		b := newBench()
		b.handler.Journal = j
		answer, err := b.handler.Handle(t.Context(), b.seal(t, Activate, 1))
		var refusal *Error
		if answer != nil || err == nil || errors.As(err, &refusal) {
			t.Errorf("%+v: %v", j, err)
		}
	}
	b := newBench()
	ctx, cancel := context.WithCancel(t.Context())
	b.ca.during = cancel
	sealed := b.seal(t, Activate, 1)
	if _, err := b.handler.Handle(ctx, sealed); err != nil {
		t.Fatal(err)
	}
	if _, answer := b.journal.Evidence(CallKey{b.sp.Party, id(1)}); answer == nil {
		t.Error("nobody waited, and what was done was not kept")
	}
}

type brokenJournal struct{ begin, end error }

func (j brokenJournal) Begin(context.Context, Record) ([]byte, error) { return nil, j.begin }
func (j brokenJournal) End(context.Context, CallKey, []byte) error    { return j.end }

func TestForgedAnswers(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-025", "SPEC-TSM-PROTOCOL-026", "SPEC-TSM-PROTOCOL-006")
	b := newBench()
	sealed := b.seal(t, GetCertificateStatus, 1)
	_, good := b.handle(t, sealed)
	m, err := jws.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	as := func(who Identity, typ, old, new string) []byte {
		signed, err := jws.Sign(who.Signer, who.KeyID, typ, replaced(t, m.Payload, old, new))
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	b.keys["ca-sp"] = Key{ID: "ca-sp", Party: b.parties.ca.Party, Role: RoleSPTSM, Public: b.parties.ca.Signer.Public()}
	b.keys["ca-old"] = Key{ID: "ca-old", Party: b.parties.ca.Party, Role: RoleCA, Public: b.parties.ca.Signer.Public(), Until: noon.Add(-1)}
	ca := b.parties.ca
	for name, forged := range map[string][]byte{
		"by the SP-TSM":      as(b.sp, AnswerType, `"version":1`, `"version":1`),
		"in another role":    as(Identity{ca.Party, "ca-sp", ca.Signer}, AnswerType, `"version":1`, `"version":1`),
		"by an old key":      as(Identity{ca.Party, "ca-old", ca.Signer}, AnswerType, `"version":1`, `"version":1`),
		"as a request":       as(ca, RequestType, `"version":1`, `"version":1`),
		"another call":       as(ca, AnswerType, hexText(fill(16, 1)), hexText(fill(16, 2))),
		"another function":   as(ca, AnswerType, `"GetCertificateStatus"`, `"Revoke"`),
		"another recipient":  as(ca, AnswerType, `"sp-tsm.`, `"sp-tsm2.`),
		"another sender":     as(ca, AnswerType, `"ca.`, `"cb.`),
		"another digest":     as(ca, AnswerType, `"requestDigest":"`+string(digestStart(m.Payload)), `"requestDigest":"`+flipHex(digestStart(m.Payload))),
		"unknown member":     as(ca, AnswerType, `"version":1`, `"more":1,"version":1`),
		"unknown code":       as(ca, AnswerType, `"status":"Executed-Success"`, `"code":"oh-no","retry":"never","status":"Failed"`),
		"success and code":   as(ca, AnswerType, `"status":"Executed-Success"`, `"code":"rate-limited","retry":"new-call","status":"Executed-Success"`),
		"failure and body":   as(ca, AnswerType, `"status":"Executed-Success"`, `"code":"rate-limited","retry":"new-call","status":"Failed"`),
		"body of another":    as(ca, AnswerType, `"certificates"`, `"certs"`),
		"another version":    as(ca, AnswerType, `"version":1`, `"version":2`),
		"wrong signature":    append(bytes.Clone(good[:len(good)-4]), "AAAA"...),
		"nothing":            nil,
		"the request itself": sealed,
	} {
		if _, _, err := b.caller.Open(sealed, forged); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := b.seal(t, GetCertificateStatus, 2)
	if _, _, err := b.caller.Open(other, good); !errors.Is(err, ErrAnswer) {
		t.Errorf("another request: %v", err)
	}
}

func digestStart(payload []byte) []byte {
	i := bytes.Index(payload, []byte(`"requestDigest":"`)) + len(`"requestDigest":"`)
	return payload[i : i+8]
}

func flipHex(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r == '0' {
			return '1'
		}
		return '0'
	}, string(b))
}

func TestSealRefuses(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-012")
	b := newBench()
	good := &ActivateRequest{OrderID: id(1), Receipt: []byte{1}}
	for name, c := range map[string]struct {
		call Call
		body Body
	}{
		"another function's body": {Call{ID: id(1), Function: Issue, Sent: noon}, good},
		"no function":             {Call{ID: id(1), Function: "UpgradeService", Sent: noon}, good},
		"an answer":               {Call{ID: id(1), Function: Activate, Sent: noon}, &ActivateAnswer{ActivatedAt: noon}},
		"no identifier":           {Call{Function: Activate, Sent: noon}, good},
		"no time":                 {Call{ID: id(1), Function: Activate}, good},
		"too long":                {Call{ID: id(1), Function: Activate, Sent: noon, Validity: MaxValidity + time.Second}, good},
		"fraction":                {Call{ID: id(1), Function: Activate, Sent: noon, Validity: time.Second + 1}, good},
		"body":                    {Call{ID: id(1), Function: Activate, Sent: noon}, &ActivateRequest{OrderID: id(1)}},
	} {
		if _, err := b.caller.Seal(&c.call, c.body); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
}

// TestBadFunction: a function that answers what it may not is a failure of its
// own, not the caller's.
func TestBadFunction(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-012", "SPEC-TSM-PROTOCOL-046")
	b := newBench()
	b.handler.Service = Service{GetCertificateStatus: func(context.Context, *Call, Body) (Body, error) {
		return &StateAnswer{[]CertificateState{{State: certificate.Active}}}, nil
	}}
	b.wantCode(t, "unfit answer", b.seal(t, GetCertificateStatus, 1), CodeInternal)
	b.handler.Service = Service{GetCertificateStatus: func(context.Context, *Call, Body) (Body, error) { return nil, Refuse("own-code", "") }}
	b.wantCode(t, "unknown code", b.seal(t, GetCertificateStatus, 2), CodeInternal)
	b.handler.Service = Service{GetCertificateStatus: func(context.Context, *Call, Body) (Body, error) {
		return nil, fmt.Errorf("wrapped: %w", &Error{Code: CodeUnknownPhone, Detail: "電話\n" + strings.Repeat("x", 1000)})
	}}
	a, _ := b.handle(t, b.seal(t, GetCertificateStatus, 3))
	if a.Failure.Code != CodeUnknownPhone || len(a.Failure.Detail) != maxDetail || !errors.Is(a.Failure, Refuse(CodeUnknownPhone, "")) {
		t.Errorf("%+v", a.Failure)
	}
}

// TestNothingSecretIsPrinted: neither keys nor codes, whatever the verb.
func TestNothingSecretIsPrinted(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-046")
	b := newBench()
	application := sampleBodies[VerifyApplication][0].(*VerifyApplicationRequest)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		text := fmt.Sprintf(verb+verb+verb+verb, b.sp, b.caller, b.handler, application) + fmt.Sprintf(verb, []any{*application, b.caller.Identity})
		for _, secret := range []string{application.Code, fmt.Sprintf("%x", application.Code), fmt.Sprint(fill(32, 0x40)), fmt.Sprintf("%x", fill(32, 0x40)), fmt.Sprintf("%x", fill(32, 1))} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				t.Errorf("%s: printed: %s", verb, text)
			}
		}
	}
}
