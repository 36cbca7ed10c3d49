package tsmp_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"inkan/core/tsmp"
)

// carrier is an MNO-TSM that accepts a deployment.
type carrier struct{ tsmp.MNO }

func (carrier) DeployService(_ context.Context, c *tsmp.Call, _ *tsmp.DeployServiceRequest) (*tsmp.ActionAnswer, error) {
	return &tsmp.ActionAnswer{ExpectedBy: c.Sent.Add(10 * time.Minute)}, nil
}

// provider is an SP-TSM that hears how it ended.
type provider struct{ tsmp.SPNotified }

func (provider) HandleActionDoneOnServiceNotification(_ context.Context, _ *tsmp.Call, b *tsmp.HandleActionDoneOnServiceNotificationRequest) (*tsmp.Acknowledgement, error) {
	fmt.Printf("%d: action %s…: %s by %s, the service is %s\n", b.Notice.Sequence, b.Action.String()[:4], b.Outcome, b.Bearer, b.State)
	return &tsmp.Acknowledgement{}, nil
}

// A card answers in minutes: the answer to DeployService says that it was
// accepted, and a notification of the other direction how it ended.
func Example_action() {
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	spKey, mnoKey := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(append(make([]byte, 31), 1))
	keys := tsmp.Keys{
		"sp-1":  {ID: "sp-1", Party: "sp.example", Role: tsmp.RoleSPTSM, Public: spKey.Public()},
		"mno-1": {ID: "mno-1", Party: "mno.example", Role: tsmp.RoleMNOTSM, Public: mnoKey.Public()},
	}
	sp := tsmp.Identity{Party: "sp.example", KeyID: "sp-1", Signer: spKey}
	mno := tsmp.Identity{Party: "mno.example", KeyID: "mno-1", Signer: mnoKey}
	serve := func(who tsmp.Identity, s tsmp.Service) tsmp.Exchange {
		h := &tsmp.Handler{Identity: who, Keys: keys, Journal: &tsmp.MemoryJournal{}, Service: s, Now: func() time.Time { return now }}
		return h.Handle
	}
	toMNO := tsmp.RemoteMNO{Caller: &tsmp.Caller{Identity: sp, Peer: "mno.example", Keys: keys, Exchange: serve(mno, tsmp.MNOService(carrier{}))}}
	toSP := tsmp.RemoteSPNotified{Caller: &tsmp.Caller{Identity: mno, Peer: "sp.example", Keys: keys, Exchange: serve(sp, tsmp.SPNotifiedService(provider{}))}}

	reference := tsmp.ServiceReference{1}
	deploy := &tsmp.Call{ID: tsmp.CallID{0xC0, 0x01}, Sent: now}
	accepted, err := toMNO.DeployService(context.Background(), deploy, &tsmp.DeployServiceRequest{
		Reference: reference, Bearers: []tsmp.Bearer{tsmp.BearerSMS}, Domain: tsmp.DomainSpec{AID: []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x02}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("expected by", accepted.ExpectedBy.Format(time.TimeOnly))

	now = now.Add(3 * time.Minute)
	_, err = toSP.HandleActionDoneOnServiceNotification(context.Background(), &tsmp.Call{ID: tsmp.CallID{1}, Sent: now}, &tsmp.HandleActionDoneOnServiceNotificationRequest{
		Notice: tsmp.Notice{Sequence: 1, At: now}, Reference: reference, Action: deploy.ID, Outcome: tsmp.OutcomeDone, State: tsmp.ServiceDeployed, Bearer: tsmp.BearerSMS})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// expected by 03:10:00
	// 1: action C001…: done by sms, the service is deployed
}
