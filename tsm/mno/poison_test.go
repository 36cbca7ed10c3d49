package mno_test

import (
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// A workflow that cannot go on keeps no other from its turn, nor notifications.
func TestOneThatCannotGoOn(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-017")
	w := newWorld(t)
	c := w.customer(1)
	who := w.subscriber(spName, c)
	for n := range byte(70) { // more than one round
		must(t, w.tenant.Step(ctx, func(tx *store.Tx) error {
			return store.Workflows.Insert(tx, &row.Workflow{ID: row.WorkflowID{n + 1}, Kind: "code", State: row.WorkflowRunning, Begun: w.now, Changed: w.now,
				Next: w.now, Deadline: w.now.Add(time.Minute), Data: []byte("none")})
		}))
	}
	w.now = w.now.Add(time.Second)
	_, err := w.as(spName).DeliverOneTimeCode(ctx, w.call(), &tsmp.DeliverOneTimeCodeRequest{SE: c.se, Subscriber: who, Code: "ABCDEFGHJKMN", Language: tsmp.English,
		Until: w.now.Add(time.Minute)})
	must(t, err)
	must(t, w.mno.Desk("shop").BlockSIM(ctx, c.se))
	must(t, w.mno.Desk("shop").FreeSIM(ctx, c.se))
	failed := false
	for range 10 {
		more, err := w.mno.Work(ctx, w.now)
		if failed = failed || err != nil; !more {
			break
		}
	}
	if !failed || len(w.sent) != 1 || len(w.told[spName]) != 2 {
		t.Errorf("failed %v, %d messages, told %d", failed, len(w.sent), len(w.told[spName]))
	}
	if more, err := w.mno.Work(ctx, w.now); more || err != nil {
		t.Errorf("at once again: %v, %v", more, err)
	}
}
