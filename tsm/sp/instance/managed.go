package instance

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tsmp"
)

// take takes what came of the commands of operations, or of the question.
func (m *Management) take(outcome *Outcome) error {
	o := m.current()
	switch {
	case o == nil || o.state != operationReady && o.state != operationAsk:
		return ErrNotNeeded
	case o.state == operationAsk:
		return m.takeAnswer(o, outcome)
	}
	list := m.at(operationReady)
	counts, total := make([]int, len(list)), 0
	for i, o := range list {
		commands, err := m.commands(o)
		if err != nil {
			return err
		}
		counts[i] = len(commands)
		total += len(commands)
	}
	responses, err := responsesOf(outcome, total)
	if err != nil {
		return err
	}
	for i, o := range list {
		own := responses[:min(counts[i], len(responses))]
		responses = responses[len(own):]
		if more, err := m.taken(o, own, counts[i], outcome.Unknown); err != nil || !more {
			return err
		}
	}
	return nil
}

// taken takes the responses to so many commands of one operation; more: the next one was
// done, or begun, behind it. After an unknown outcome that is not known of any one behind
// it either, and each is asked for. Spec: SPEC-INSTANCE-072.
func (m *Management) taken(o *operation, responses []apdu.Response, commands int, unknown bool) (more bool, err error) {
	for i := range responses {
		if sw := responses[i].SW; sw != iso7816.OK && !(o.kind >= operationDelete && sw == iso7816.ReferencedDataNotFound) {
			return false, m.refused(o, sw)
		}
	}
	if len(responses) == commands {
		return true, m.confirmed(o, &responses[len(responses)-1])
	}
	if !unknown {
		return false, fmt.Errorf("instance: %s: %d responses to %d commands, the last of them no refusal", operationNames[o.kind], len(responses), commands)
	}
	o.state = operationAsk
	return true, nil
}

// refused asks the registry, once in a row: a command that was executed, and whose
// answer was lost, is refused the second time. Spec: SPEC-INSTANCE-072.
func (m *Management) refused(o *operation, sw iso7816.SW) error {
	if m.refusals++; m.refusals > maxRefusals {
		return &RefusedError{operationNames[o.kind], sw}
	}
	o.state = operationAsk
	return nil
}

// confirmed takes the response to the last command of an operation that was done. In
// the delegated model it has the receipt, unless the answer itself was lost and the run
// has found out. Spec: SPEC-INSTANCE-072, SPEC-INSTANCE-074.
func (m *Management) confirmed(o *operation, last *apdu.Response) error {
	m.refusals = 0
	o.state = operationDone
	if m.content.Model != tsmp.ModelDelegated || last.SW != iso7816.OK {
		return nil // 6A88 to a deletion: there was nothing
	}
	if len(last.Data) == 0 {
		m.lost++
		return nil
	}
	o.receipt, o.state = append([]byte(nil), last.Data...), operationReceipt
	if err := o.unconfirmed(); err != nil {
		o.state = operationFailed
		if m.current() == o { // nothing is to be brought to the carrier first
			return err
		}
	}
	return nil
}

// unconfirmed tells why what the card gave does not confirm an operation.
// Spec: SPEC-INSTANCE-074.
func (o *operation) unconfirmed() error {
	c, there, err := gp.DecodeConfirmation(o.receipt)
	switch {
	case err != nil:
		return fmt.Errorf("instance: %s: %w", operationNames[o.kind], err)
	case !there || len(c.Receipt) == 0:
		return fmt.Errorf("instance: %s: the card gives no receipt", operationNames[o.kind])
	}
	return nil
}

// takeAnswer takes what the registry says. Spec: SPEC-INSTANCE-072.
func (m *Management) takeAnswer(o *operation, outcome *Outcome) error {
	responses, err := responsesOf(outcome, 1)
	if err != nil || len(responses) == 0 {
		return err // asked again
	}
	there := false
	switch sw := responses[0].SW; sw {
	case iso7816.OK:
		there = true
	case iso7816.ReferencedDataNotFound:
	default:
		return &RefusedError{"GET STATUS", sw}
	}
	if there != (o.kind >= operationDelete) { // as it is after the operation
		m.refusals = 0
		o.state = operationDone
		if m.content.Model == tsmp.ModelDelegated {
			m.lost++
		}
		return nil
	}
	o.state = operationReady
	return nil
}
