package sp

import (
	"context"
	"errors"
	"slices"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/tsm/remote"
	"inkan/tsm/sp/instance"
	"inkan/tsm/store/codec"
)

// cardState is a program under way, and the commands of it that are on their way.
type cardState struct {
	Program []byte
	Run     []byte // nil: none are
	Script  bool   // its script has left, and was not answered
	Lost    byte   // runs in a row of which nothing got through
	Of      uint32 // commands of the run; 0: it is over, and its session may go on
}

// idle reports whether no commands are on their way.
func (s *cardState) idle() bool { return s.Run == nil || s.Of == 0 }

// Format implements codec.Row.
func (*cardState) Format() string { return "card's program" }

// Version implements codec.Row.
func (*cardState) Version() byte { return 1 }

// Fields implements codec.Row.
func (s *cardState) Fields(f *codec.Fields) {
	f.Bytes("program", &s.Program)
	f.Bytes("run", &s.Run)
	f.Bool("script", &s.Script)
	f.Byte("lost", &s.Lost)
	f.Uint32("of", &s.Of)
}

// maxLost ends a program whose domain takes nothing.
const maxLost = 6

// Begin implements Cards.
func (c *cards) Begin(ctx context.Context, p *Program, d *Domain) (state []byte, err error) {
	program, err := c.make(p, d)
	if err != nil {
		return nil, cardError(err)
	}
	return c.encode(&cardState{Run: d.Session}, program)
}

func (c *cards) make(p *Program, d *Domain) (instance.Program, error) {
	if p.Kind == ProgramTakeOver {
		return instance.NewTakeOver(instance.Handover{Reference: p.Reference, SE: d.SE, Sets: c.sets(d), Bearers: d.Bearers}, c.resources())
	}
	size, err := c.dataBytes(d)
	if err != nil {
		return nil, err
	}
	if p.Kind == ProgramLoad {
		content, err := contentOf(p, d, size)
		if err != nil {
			return nil, err
		}
		return instance.NewDeployment(content, c.resources())
	}
	aid, err := gp.NewAID(p.Software.InstanceAID)
	if err != nil {
		return nil, err
	}
	issue, err := orderID(p.Issued)
	if err != nil {
		return nil, err
	}
	t := instance.Target{Instance: aid, BlockBytes: min(size, maxStoreData), Attested: c.config.Profiles[d.Profile].Attested}
	switch p.Kind {
	case ProgramIssue:
		return instance.NewIssue(t, p.Order)
	case ProgramReset:
		return instance.NewPINReset(t, p.Order)
	case ProgramSuspend:
		return instance.NewSuspend(t, issue, p.Issued)
	case ProgramResume:
		return instance.NewResume(t, issue, p.Issued)
	}
	return instance.NewErase(t, issue, p.Issued, p.Phone)
}

// Next implements Cards.
func (c *cards) Next(ctx context.Context, state []byte, d *Domain, bearer tsmp.Bearer, most uint64) ([]byte, Move, error) {
	s, p, err := c.decode(state)
	if err != nil {
		return nil, Move{}, err
	}
	for {
		keep(d, p)
		if s.idle() {
			m, commands, err := c.need(p)
			if m.Done {
				d.Session = s.Run
			}
			if err != nil || commands == nil {
				return c.moved(s, p, m, err)
			}
			if err := c.start(s, d, commands, most); err != nil {
				return nil, m, err
			}
		}
		m, over, err := c.script(ctx, s, d, bearer)
		if err != nil || !over {
			return c.moved(s, p, m, err)
		}
		if err := c.over(ctx, s, p); err != nil {
			return nil, m, cardError(err)
		}
	}
}

func (c *cards) moved(s *cardState, p instance.Program, m Move, err error) ([]byte, Move, error) {
	if err != nil {
		return nil, m, cardError(err)
	}
	after, err := c.encode(s, p)
	return after, m, err
}

// need is what the program needs besides commands, or the commands.
func (c *cards) need(p instance.Program) (m Move, commands []remote.Command, err error) {
	n, err := p.Need()
	if err != nil {
		return m, nil, err
	}
	switch n.Kind {
	case instance.NeedNothing:
		m.Done = true
	case instance.NeedCall, instance.NeedAction:
		m.Need = &Need{Carrier: n.To&tsmp.RoleMNOTSM != 0, Function: n.Function, Body: n.Request}
	case instance.NeedHolder:
		order := n.Order
		m.Holder = &order
	default:
		if commands = n.Commands; commands == nil {
			err = errors.New("sp: a program that needs no commands")
		}
	}
	return m, commands, err
}

// start begins with the program's commands, in the session of those before where it
// goes on. Spec: SPEC-SCRIPTS-047.
func (c *cards) start(s *cardState, d *Domain, commands []remote.Command, most uint64) error {
	domain, err := c.remote(d)
	if err != nil {
		return err
	}
	if most > 0 && most < remote.MaxBytes {
		domain.Bytes = int(most)
	}
	run, err := extended(s.Run, domain, commands)
	if err != nil {
		return err
	}
	if run == nil {
		if run, err = remote.New(domain, commands); err != nil {
			return err
		}
	}
	s.Run, err = run.Append(nil)
	s.Script, s.Of = false, uint32(len(commands))
	return err
}

// extended is a run that is over with more commands; nil: its session does not go on.
func extended(over []byte, d remote.Domain, commands []remote.Command) (*remote.Run, error) {
	if over == nil || len(commands) == 0 {
		return nil, nil
	}
	run, err := remote.Parse(over)
	if err != nil {
		return nil, err
	}
	if goesOn, err := run.Extend(d, commands); !goesOn {
		return nil, err
	}
	return run, nil
}

// script is the run's next script; over: there is none.
func (c *cards) script(ctx context.Context, s *cardState, d *Domain, bearer tsmp.Bearer) (m Move, over bool, err error) {
	domain, err := c.remote(d)
	if err != nil {
		return m, false, err
	}
	run, err := remote.Parse(s.Run)
	if err != nil {
		return m, false, err
	}
	if run.Outcome().State != remote.Running {
		return m, true, nil
	}
	m.Reach = reach(&domain, d.Bearers)
	if !slices.Contains(m.Reach, bearer) {
		return m, false, nil
	}
	script, done, err := run.Next(ctx, c.config.HSM, bearer, &d.Counter)
	if err != nil {
		return m, false, err
	}
	if s.Run, err = run.Append(nil); err != nil || done {
		return m, done, err
	}
	s.Script = true
	m.Steps, m.Of = uint64(len(run.Responses())), uint64(s.Of)
	m.Reach, m.Script = nil, &Script{AID: script.AID, Form: script.Form, Items: script.Items}
	return m, false, nil
}

// over hands the responses of a run that has ended to the program.
func (c *cards) over(ctx context.Context, s *cardState, p instance.Program) error {
	run, err := remote.Parse(s.Run)
	if err != nil {
		return err
	}
	if s.Lost++; run.Outcome().State == remote.Done || run.Outcome().State == remote.Refused {
		s.Lost = 0
	}
	if s.Lost > maxLost {
		return &CardError{Code: tsmp.CodeNoBearer, Err: errors.New("the domain takes nothing")}
	}
	s.Script, s.Of = false, 0
	if !run.GoesOn() {
		s.Run = nil
	}
	return p.Take(ctx, instance.OutcomeOfRun(run))
}

// Take implements Cards.
func (c *cards) Take(ctx context.Context, state []byte, d *Domain, o *Outcome) ([]byte, error) {
	s, p, err := c.decode(state)
	if err != nil {
		return nil, err
	}
	switch {
	case s.idle():
		n := &tsmp.HandleActionDoneOnServiceNotificationRequest{Outcome: o.Outcome, Responses: o.Responses}
		result := instance.OutcomeOfAction(n)
		result.Unknown = result.Unknown || o.Interrupted
		err = p.Take(ctx, result)
		keep(d, p)
	case s.Script:
		err = c.answer(ctx, s, o)
	}
	if err != nil {
		return nil, cardError(err)
	}
	return c.encode(s, p)
}

// answer takes the answer to the script that has left. What is no answer to it is as if
// nothing had come.
func (c *cards) answer(ctx context.Context, s *cardState, o *Outcome) error {
	run, err := remote.Parse(s.Run)
	if err != nil {
		return err
	}
	a := remote.Answer{Responses: o.Responses, Proofs: o.Proofs, Interrupted: o.Interrupted}
	if err := run.Take(ctx, c.config.HSM, a); err != nil {
		if err := run.Take(ctx, c.config.HSM, remote.Answer{}); err != nil {
			return err
		}
	}
	s.Script = false
	s.Run, err = run.Append(nil)
	return err
}

// Supply implements Cards.
func (c *cards) Supply(ctx context.Context, state []byte, d *Domain, answer tsmp.Body) ([]byte, error) {
	s, p, err := c.decode(state)
	if err != nil {
		return nil, err
	}
	if answer == nil { // nothing but ReportErase can be done without
		answer = &tsmp.ReportEraseAnswer{RecordedAt: c.config.Now()}
	}
	if err := p.Answer(ctx, answer); err != nil {
		return nil, cardError(err)
	}
	keep(d, p)
	return c.encode(s, p)
}

func (c *cards) decode(state []byte) (*cardState, instance.Program, error) {
	s := new(cardState)
	if err := codec.Borrow(state, s); err != nil {
		return nil, nil, err
	}
	p, err := instance.Parse(s.Program, c.resources())
	return s, p, err
}

func (c *cards) encode(s *cardState, p instance.Program) (b []byte, err error) {
	if s.Program, err = instance.Append(nil, p); err != nil {
		return nil, err
	}
	return codec.Append(nil, s)
}

// maxStoreData is the most plain data of a STORE DATA that any channel protects.
const maxStoreData = 223

// orderID is the identifier of an order; of none it is zero.
func orderID(order []byte) (id perso.OrderID, err error) {
	if order == nil {
		return id, nil
	}
	o, err := perso.DecodeOrder(order)
	return o.ID, err
}

// contentOf is the load file and its application.
func contentOf(p *Program, d *Domain, size int) (content instance.Content, err error) {
	content = instance.Content{Reference: p.Reference, Model: p.Model, Parameters: p.Software.Parameters, Hash: p.Software.Hash, BlockBytes: size}
	for _, a := range []struct {
		into *gp.AID
		from []byte
	}{{&content.Domain, d.Spec.AID}, {&content.Package, p.Software.PackageAID}, {&content.Module, p.Software.ModuleAID},
		{&content.Instance, p.Software.InstanceAID}} {
		if *a.into, err = gp.NewAID(a.from); err != nil {
			return content, err
		}
	}
	if len(p.Software.Privileges) > 0 {
		content.Privileges, err = gp.DecodePrivileges(p.Software.Privileges)
	}
	return content, err
}

// cardCodes are the codes that the app is told of what a card said.
var cardCodes = []struct {
	err  error
	code tsmp.Code
}{
	{instance.ErrOccupied, tsmp.CodeServicePresent}, {instance.ErrSuperseded, tsmp.CodeOrderClosed}, {instance.ErrOrderGone, tsmp.CodeOrderClosed},
	{instance.ErrStatement, tsmp.CodeStatementMismatch}, {instance.ErrForeignKeys, tsmp.CodeUnknownAttestation},
	{instance.ErrCertificate, tsmp.CodeUnknownAttestation}, {instance.ErrHash, tsmp.CodeLoadFile},
	{iso7816.NotEnoughMemory, tsmp.CodeMemory},
}

// cardError gives an error of a card its code.
func cardError(err error) error {
	if err == nil || errors.As(err, new(*CardError)) {
		return err
	}
	for _, c := range cardCodes {
		if errors.Is(err, c.err) {
			return &CardError{Code: c.code, Err: err}
		}
	}
	if errors.As(err, new(*instance.RefusedError)) {
		return &CardError{Code: tsmp.CodeWrongState, Err: err}
	}
	return err
}
