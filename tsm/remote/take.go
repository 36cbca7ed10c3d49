package remote

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/tsm/hsm"
)

// Take takes the answer to the script that Next gave. An error, and the run as it was:
// the answer is none of this script, and it still waits for one. Spec: SPEC-SCRIPTS-020.
func (r *Run) Take(ctx context.Context, m hsm.Module, a Answer) error {
	switch r.flight.kind {
	case packet:
		return r.takePacket(ctx, m, &a)
	case greeting:
		return r.takeGreeting(ctx, m, &a)
	case exchange:
		return r.takeExchange(ctx, m, &a)
	}
	return ErrNoScript
}

// takePacket takes the proof of a packet. Spec: SPEC-SCRIPTS-015, SPEC-SCRIPTS-016,
// SPEC-SCRIPTS-021.
func (r *Run) takePacket(ctx context.Context, m hsm.Module, a *Answer) error {
	if len(a.Responses) > 0 {
		return errors.New("remote: responses to commands, of a packet")
	}
	if len(a.Proofs) == 0 {
		if r.flight.put == 0 { // the kept one stays while the card is asked about it
			r.kept = r.flight
		}
		r.flight = flight{}
		return nil
	}
	data, status, err := r.proof(ctx, m, a.Proofs)
	if err != nil {
		return err
	}
	defer clear(data)
	f := r.flight
	if f.put > 0 { // the packet that was silent has been executed, to some command
		r.doubtful(r.kept.to, inPackets)
	}
	r.flight, r.kept, r.asked = flight{}, flight{}, false
	switch {
	case status == scp80.StatusCounterLow:
		r.low++
		if !f.audit {
			r.doubtful(f.to, inPackets)
		}
		return nil
	case status.Err() != nil:
		r.end(Outcome{State: Lost, Index: r.next, Packet: status})
		return nil
	}
	r.low = 0
	answers, err := r.answersOf(&f, data)
	if err != nil {
		r.doubtful(f.to, inPackets)
		r.setback(Outcome{State: Interrupted, Index: r.next})
		return nil
	}
	r.took(&f, answers)
	return nil
}

// proof finds the proof of the packet on its way among response packets. A packet that
// puts keys in the place of its own may be answered under those.
// Spec: SPEC-SCRIPTS-021, SPEC-SCRIPTS-037.
func (r *Run) proof(ctx context.Context, m hsm.Module, proofs [][]byte) (data []byte, status scp80.Status, err error) {
	under := []hsm.KeyRef{r.packetKeys()}
	if p := r.superseding(r.flight.from, r.flight.to, forPackets); p >= 0 && r.flight.put == 0 {
		under = append(under, r.commands[p].Put.Keys)
	}
	for _, k := range under {
		var found bool
		if data, status, found, err = r.openProof(ctx, m, k, proofs); err != nil || found {
			return data, status, err
		}
	}
	return nil, 0, fmt.Errorf("remote: none of %d proofs is that of the packet: %w", len(proofs), scp80.ErrProof)
}

func (r *Run) openProof(ctx context.Context, m hsm.Module, k hsm.KeyRef, proofs [][]byte) (data []byte, status scp80.Status, found bool, err error) {
	p, err := m.Packets(ctx, k, r.domain.SPI)
	if err != nil {
		return nil, 0, false, err
	}
	defer p.Close()
	for _, proof := range proofs {
		data, response, err := p.Open(nil, r.domain.TAR, r.flight.counter, proof)
		if err == nil {
			return data, response.Status, true, nil
		}
	}
	return nil, 0, false, nil
}

// Proof is what a response packet says of the packet on its way, if it is the proof of
// it, without taking it: scp80.StatusCounterLow is that the card has had the packet, and
// that a better proof may still come. Errors are ErrNoScript and scp80.ErrProof.
// Spec: SPEC-SCRIPTS-021.
func (r *Run) Proof(ctx context.Context, m hsm.Module, proof []byte) (scp80.Status, error) {
	if r.flight.kind != packet {
		return 0, ErrNoScript
	}
	data, status, err := r.proof(ctx, m, [][]byte{proof})
	clear(data)
	return status, err
}

// answersOf are the answers, data‖SW, to the commands of a packet. A compact script has
// that of the last one alone.
func (r *Run) answersOf(f *flight, data []byte) ([][]byte, error) {
	n := len(f.lines())
	result, err := r.domain.Format.Decode(data, n)
	if err != nil {
		return nil, err
	}
	var answers [][]byte
	if r.domain.Format == scripts.Compact {
		for range result.Executed - 1 {
			answers = append(answers, okAnswer)
		}
		return append(answers, result.Last.Append(nil)), nil
	}
	if len(result.Responses) != result.Executed {
		return nil, fmt.Errorf("remote: the card executed %d commands and answers %d", result.Executed, len(result.Responses))
	}
	for i := range result.Responses {
		answers = append(answers, result.Responses[i].Append(nil))
	}
	return answers, nil
}

// doubtful notes that commands up to an index may have been executed.
func (r *Run) doubtful(to int, by place) {
	if to > r.next {
		r.redo = 0
		if to >= r.unknown {
			r.unknown, r.doubt = to, by
		}
	}
}

// took takes the verified answers to a script, the naming command's first.
func (r *Run) took(f *flight, answers [][]byte) {
	if f.audit && f.from == len(r.commands) {
		if len(answers) > 0 && r.owed() < r.next { // the card's own refusal, or somebody else's
			r.drop()
			r.setback(Outcome{State: Interrupted, Index: r.next})
		}
		return
	}
	if f.audit {
		if len(answers) > 0 {
			r.judge(f, answers[0])
		}
		return
	}
	for k, i := range f.indexes() {
		if k == len(answers) {
			return
		}
		response, err := apdu.DecodeResponse(answers[k])
		if err != nil {
			r.end(Outcome{State: Interrupted, Index: r.next})
			return
		}
		if !scripts.Continues(response.SW) && !r.accepts(i, response.SW) {
			r.refused(i, response.SW)
			return
		}
		if i >= f.from {
			r.executed(answers[k])
		}
	}
}

// accepts tells whether a status word counts as success of a command.
func (r *Run) accepts(i int, sw iso7816.SW) bool {
	for _, a := range r.commands[i].Accept {
		if a == sw {
			return true
		}
	}
	return false
}

// maxAgain is how often a load or a sequence of STORE DATA begins again without getting
// further.
const maxAgain = 8

// refused takes a status word that is no success. A load that the card has lost begins
// again, and so does a sequence of STORE DATA that it may have lost the target of, when
// that may be executed twice. Commands behind it that are in doubt stay so.
// Spec: SPEC-SCRIPTS-022, SPEC-SCRIPTS-032, SPEC-SCRIPTS-033, SPEC-SCRIPTS-046.
func (r *Run) refused(i int, sw iso7816.SW) {
	s := &r.steps[i]
	lost := s.kind == loadPart || s.kind == loadEnd
	lost = lost && (sw == iso7816.ConditionsNotSatisfied || sw == iso7816.IncorrectP1P2)
	lost = lost || s.kind == stores && lostTarget(sw) && r.repeats(s.first, i+1)
	if !lost || r.setbacks >= maxAgain {
		r.end(Outcome{State: Refused, Index: i, SW: sw})
		return
	}
	r.setbacks++
	behind := i + 1
	for behind < r.unknown && r.steps[behind].first == s.first {
		behind++
	}
	r.back(s.first)
	if behind < r.unknown { // what comes after the sequence is as much in doubt as before
		r.redo = behind
		return
	}
	r.unknown = r.next
}

// lostTarget tells whether a status word can mean that STORE DATA went to the domain
// itself, which has forgotten whom it was for.
func lostTarget(sw iso7816.SW) bool {
	return sw == iso7816.ReferencedDataNotFound || sw == iso7816.WrongData || sw == iso7816.IncorrectP1P2 || sw == iso7816.ConditionsNotSatisfied
}

// takeGreeting takes the answer to INITIALIZE UPDATE. Spec: SPEC-SCRIPTS-042.
func (r *Run) takeGreeting(ctx context.Context, m hsm.Module, a *Answer) error {
	if len(a.Proofs) > 0 || len(a.Responses) > 1 {
		return errors.New("remote: want one response, to INITIALIZE UPDATE")
	}
	if len(a.Responses) == 0 {
		r.flight, r.session = flight{}, session{}
		return nil
	}
	c, _, err := r.open(ctx, m, a.Responses[0])
	if errors.Is(err, hsm.ErrUnknownKey) || errors.Is(err, hsm.ErrUse) || errors.Is(err, hsm.ErrWrapped) {
		return err
	}
	r.flight = flight{}
	if err != nil {
		r.strange(err)
		return nil
	}
	c.Close()
	if p := r.try - 1; p >= 0 { // the card has these keys: they were put
		r.try = 0
		for r.next <= p {
			r.executed(okAnswer)
		}
	}
	if !a.Interrupted {
		r.session.greeting = append([]byte(nil), a.Responses[0]...)
	} else {
		r.session = session{}
	}
	return nil
}

// strange is about a card that does not open a session: with the domain's keys, or with
// those that it may have got in their place. Spec: SPEC-SCRIPTS-037, SPEC-SCRIPTS-042.
func (r *Run) strange(err error) {
	r.session = session{}
	if p := r.superseding(r.next, r.unknown, forChannels); p >= 0 && r.try == 0 {
		r.try = p + 1
		return
	}
	r.try = 0
	o := Outcome{State: Lost, Index: r.next}
	errors.As(err, &o.SW)
	r.setback(o)
}

// takeExchange takes the answers to commands of a session. Spec: SPEC-SCRIPTS-023,
// SPEC-SCRIPTS-043, SPEC-SCRIPTS-044.
func (r *Run) takeExchange(ctx context.Context, m hsm.Module, a *Answer) error {
	lines := r.flight.lines()
	responses := a.Responses
	first := 0
	if !r.session.authenticated {
		first = 1
	}
	if len(a.Proofs) > 0 || len(responses) > len(lines)+first {
		return fmt.Errorf("remote: %d responses to %d commands", len(responses), len(lines)+first)
	}
	c, _, err := r.resume(ctx, m)
	if err != nil {
		return err
	}
	defer c.Close()
	f := r.flight
	r.flight = flight{}
	if first == 1 && len(responses) > 0 {
		response, err := apdu.DecodeResponse(responses[0])
		if err != nil || response.SW != iso7816.OK {
			r.session = session{}
			r.setback(Outcome{State: Lost, Index: r.next, SW: response.SW})
			return nil
		}
		r.session.authenticated, responses = true, responses[1:]
	}
	answers, sound := r.verify(ctx, c, lines, responses)
	// An interruption at EXTERNAL AUTHENTICATE was before all commands.
	before := a.Interrupted && !r.session.authenticated
	r.took(&f, answers)
	r.broken(&f, answers, a.Interrupted, sound, before)
	return nil
}

// broken looks at what is missing of the answers to a script of a session.
// Spec: SPEC-SCRIPTS-043, SPEC-SCRIPTS-044.
func (r *Run) broken(f *flight, answers [][]byte, interrupted, sound, before bool) {
	if r.outcome.State != Running {
		return
	}
	all := sound && len(answers) == len(f.lines())
	stopped := sound && len(answers) > 0 && failed(answers[len(answers)-1])
	switch {
	case all || stopped || before || f.audit && f.from == len(r.commands):
	case interrupted && sound:
		r.doubtful(min(r.next+1, f.to), inSession)
	default:
		r.doubtful(f.to, inSession)
	}
	if !all && !stopped || interrupted {
		r.drop()
	}
	if !sound {
		r.setback(Outcome{State: Interrupted, Index: r.next})
	}
}

// failed tells whether an answer ends a script.
func failed(answer []byte) bool {
	response, err := apdu.DecodeResponse(answer)
	return err != nil || !scripts.Continues(response.SW)
}

// verify verifies answers one after the other, as far as they are the session's.
func (r *Run) verify(ctx context.Context, c hsm.Channel, lines []logged, responses [][]byte) (answers [][]byte, sound bool) {
	for k, raw := range responses {
		l := lines[k]
		_, plain, err := r.say(ctx, c, l.audit, l.index, raw)
		gone := len(plain) == 2 && iso7816.SW(plain[0])<<8|iso7816.SW(plain[1]) == iso7816.SecurityStatusNotSatisfied
		if err != nil || gone || r.stale(&l, plain) {
			return answers, false
		}
		l.answer = append([]byte(nil), raw...)
		r.session.log = append(r.session.log, l)
		answers = append(answers, plain)
	}
	return answers, true
}
