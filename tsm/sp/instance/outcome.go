package instance

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/tsmp"
	"inkan/tsm/remote"
)

// OutcomeOfRun is what became of a run's commands, once it is not running any more.
func OutcomeOfRun(r *remote.Run) Outcome {
	o, responses := r.Outcome(), r.Responses()
	switch o.State {
	case remote.Refused:
		responses = responses[:min(o.Index, len(responses))]
		refusal := []byte{byte(o.SW >> 8), byte(o.SW)}
		return Outcome{Responses: append(responses[:len(responses):len(responses)], refusal)}
	case remote.Done:
		return Outcome{Responses: responses}
	}
	return Outcome{Responses: responses[:min(o.Index, len(responses))], Unknown: true}
}

// OutcomeOfAction is what became of an action at the MNO-TSM: what it has no responses
// of, and did not fail at the card, may have been done.
func OutcomeOfAction(n *tsmp.HandleActionDoneOnServiceNotificationRequest) Outcome {
	return Outcome{Responses: n.Responses, Unknown: n.Outcome != tsmp.OutcomeDone && n.Outcome != tsmp.OutcomeRefused}
}

// responsesOf takes an outcome of so many commands apart.
func responsesOf(o *Outcome, commands int) ([]apdu.Response, error) {
	if len(o.Responses) > commands {
		return nil, fmt.Errorf("instance: %d responses to %d commands", len(o.Responses), commands)
	}
	var list []apdu.Response
	for _, b := range o.Responses {
		r, err := apdu.DecodeResponse(b)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}
