package mno

import (
	"context"
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// tell puts a notification to an SP-TSM into the outbox: with the next number of its
// queue, which has nothing but notifications. One that is none of this carrier's any
// more is told nothing: what happens to a SIM does not depend on it.
// Spec: SPEC-TSM-PROTOCOL-084, SPEC-TSM-PROTOCOL-093, SPEC-MNO-TSM-014, SPEC-MNO-TSM-018.
func (m *Manager) tell(tx *store.Tx, to tsmp.PartyID, f tsmp.Function, body func(n tsmp.Notice) tsmp.Body) error {
	if _, ours := m.c.Peer(to); !ours {
		return tx.Audit(store.Event{Event: "not-notified", Refused: string(f), Actor: string(m.c.Party), Responsible: m.answering()})
	}
	lane, _, err := store.Lanes.Get(tx, string(to))
	if err != nil {
		return err
	}
	epoch, err := store.Epoch(tx)
	if err != nil {
		return err
	}
	n := tsmp.Notice{Epoch: epoch, Sequence: lane.Last + 1, At: whole(tx.Now())}
	_, err = m.post.Put(tx, post.Letter{To: to, Function: f, Body: body(n)})
	return err
}

// told is the end of a notification: from here on the SP-TSM is responsible for what
// it was told. Spec: SPEC-MNO-TSM-015.
func (m *Manager) told(_ context.Context, tx *store.Tx, e *post.Ended) error {
	event := store.Event{Event: "notified", Actor: string(m.c.Party), Responsible: responsibleProvider + string(post.Party(e.Message.Key.Destination)),
		Subject: row.Subject{Call: e.Message.Call}}
	if e.Failure != nil {
		event.Refused = string(e.Failure.Code)
	}
	event.Evidence = []store.Evidence{{Name: "notification", Bytes: e.Message.Bytes}}
	if e.Evidence != nil {
		event.Evidence = append(event.Evidence, store.Evidence{Name: "answer", Bytes: e.Evidence})
	}
	return tx.Audit(event)
}

// tellDone is the one notification of an action's end. Spec: SPEC-TSM-PROTOCOL-083.
func (m *Manager) tellDone(tx *store.Tx, kind string, a *action, r *result, state tsmp.ServiceState) error {
	b := &tsmp.HandleActionDoneOnServiceNotificationRequest{Reference: a.Reference, Action: a.Call, Outcome: r.outcome, State: state, Bearer: a.Bearer}
	if r.outcome == tsmp.OutcomeRefused {
		b.StatusWord = []byte{byte(r.sw >> 8), byte(r.sw)}
	}
	switch kind {
	case kindScript:
		b.Responses, b.Proofs = r.responses, r.proofs
	case kindEnrol, kindOperations:
		b.Responses = r.responses
	case kindDeploy:
		b.Responses = a.Agreement.of(r.responses)
	}
	return m.tell(tx, a.Sender, tsmp.HandleActionDoneOnServiceNotification, func(n tsmp.Notice) tsmp.Body {
		b.Notice = n
		return b
	})
}

// tellState announces to the SP-TSM that the carrier brings an instance into a phase
// on its own, or that it has.
func (m *Manager) tellState(tx *store.Tx, s *row.Service, phase tsmp.Phase, ended, succeeded bool) error {
	f := tsmp.HandleStartServiceStateChangeNotification
	if ended {
		f = tsmp.HandleEndServiceStateChangeNotification
	}
	return m.tell(tx, s.Peer, f, func(n tsmp.Notice) tsmp.Body {
		if ended {
			return &tsmp.HandleEndServiceStateChangeNotificationRequest{Notice: n, Reference: s.Reference, Phase: phase, Succeeded: succeeded}
		}
		return &tsmp.HandleStartServiceStateChangeNotificationRequest{Notice: n, Reference: s.Reference, Phase: phase}
	})
}

// concerned are the SP-TSMs that a change of a SIM or its contract is told: those
// that have a name of the contract, and those with an instance on the SIM.
// Spec: SPEC-MNO-TSM-072.
func (m *Manager) concerned(r store.Reader, contract row.SubscriberID, se tsmp.SEID) (list []concern, err error) {
	names, err := providers(r)
	if err != nil {
		return nil, err
	}
	for _, provider := range names {
		p, found, err := store.PseudonymsByContract.First(r, store.Contract{Provider: provider, Subscriber: contract})
		if err != nil {
			return nil, err
		}
		if found {
			list = append(list, concern{provider, p.Pseudonym})
		}
	}
	err = store.ServicesOfSE.Scan(r, se, func(s *row.Service) error {
		known := slices.ContainsFunc(list, func(c concern) bool { return c.provider == s.Peer })
		if !known && s.State != tsmp.ServiceTerminated {
			list = append(list, concern{s.Peer, s.Subscriber})
		}
		return nil
	})
	return list, err
}

// concern is an SP-TSM and its name of the contract.
type concern struct {
	provider  tsmp.PartyID
	pseudonym tsmp.Subscriber
}
