package delivery_test

import (
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// app is a UI app that carries scripts of an owner to a card that counts commands.
type app struct {
	w        *world
	name     tsmp.PartyID
	ticket   tsmp.Ticket
	done     uint64
	executed []string
	forgets  int // of 100: answers to FetchScript that get lost
	over     bool
}

var aid = []byte{0xA0, 0, 0, 0, 0x15, 1}

// relayJob is a job with a command for each text.
func (s *sim) relayJob(texts ...string) delivery.Job {
	j := delivery.Job{SE: s.se, Bearers: []tsmp.Bearer{tsmp.BearerRelay}, Script: delivery.Script{Form: tsmp.FormCommands, AID: aid}, Deadline: s.w.now.Add(20 * time.Hour)}
	for _, text := range texts {
		j.Script.Items = append(j.Script.Items, append([]byte{0x84, 0xE2, 0, 0, byte(len(text))}, text...))
	}
	return j
}

func (a *app) call(f tsmp.Function) *tsmp.Call {
	return &tsmp.Call{ID: tsmp.CallID{1, byte(len(a.name)), byte(a.done)}, Function: f, Sender: a.name, Role: tsmp.RoleUIApp, Sent: a.w.now, Evidence: []byte("signed by " + a.name)}
}

// poll asks for a script, carries it out, and asks again, until nothing more comes.
func (a *app) poll() {
	a.w.t.Helper()
	var answer *tsmp.FetchScriptAnswer
	var err error
	if !a.w.alive(func() error {
		answer, err = a.w.engine.FetchScript(ctx, a.call(tsmp.FetchScript), &tsmp.FetchScriptRequest{Ticket: a.ticket, Done: a.done})
		var refusal *tsmp.Error
		if errors.As(err, &refusal) {
			return nil
		}
		return err
	}) || err != nil || a.w.air.chance(a.forgets) {
		a.w.after(2*time.Second, a.poll)
		return
	}
	switch answer.State {
	case tsmp.RelayEnd:
		a.over = true
	case tsmp.RelayWait:
		a.w.after(time.Duration(answer.Pause)*time.Second, a.poll)
	default:
		b := &tsmp.ReturnResponsesRequest{Ticket: a.ticket, Script: answer.Script}
		for _, c := range answer.Commands {
			a.executed = append(a.executed, string(c[5:]))
			b.Responses = append(b.Responses, append(c[5:len(c):len(c)], 0x90, 0))
		}
		a.w.after(time.Second, func() { a.give(b) })
	}
}

// give returns responses, again until that is acknowledged.
func (a *app) give(b *tsmp.ReturnResponsesRequest) {
	call := a.call(tsmp.ReturnResponses)
	var err error
	if !a.w.alive(func() error {
		_, err = a.w.engine.ReturnResponses(ctx, call, b)
		return err
	}) {
		a.w.after(time.Second, func() { a.give(b) })
		return
	}
	a.done = b.Script
	a.w.after(time.Second, a.poll)
}

func (w *world) access(id row.WorkflowID) (access *tsmp.RelayAccess) {
	must(w.t, w.tenant.View(ctx, func(s *store.Snapshot) (err error) {
		access, _, err = w.engine.Access(s, id)
		return err
	}))
	return access
}

func (w *world) code(err error) string {
	var refusal *tsmp.Error
	if errors.As(err, &refusal) {
		return string(refusal.Code)
	}
	return fmt.Sprint(err)
}
