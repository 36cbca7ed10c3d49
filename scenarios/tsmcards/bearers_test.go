package tsmcards

import (
	"fmt"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/sim/profile"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/remote"
)

// TestBearers: each card is given the provider's domain, what is in it, and keys that are
// agreed on, by an action that goes from one bearer to the other, and loses it by one that does: by the relay until
// the app is gone with the responses to its n-th script, then by short messages; and by
// short messages that the network gives up, then by relay.
func TestBearers(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-078", "SPEC-SCRIPTS-014", "SPEC-MNO-TSM-037")
	for _, p := range profile.All() {
		for gone := range 4 {
			t.Run(fmt.Sprint(p.Name, " ", gone), func(t *testing.T) {
				c := newCarrier(t, p, tsmp.BearerRelay)
				relayFirst, smsFirst := []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS}, []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}
				deployment := c.deployment(relayFirst)
				ephemeral := c.owner(deployment)
				a, err := c.mno.DeployService(t.Context(), c.call(), deployment)
				b := c.along(a, err, gone, tsmp.ServiceDeployed)
				c.agreed(ephemeral, deployment.Owner.Control, b)
				c.unreached = 1
				a, err = c.mno.TerminateService(t.Context(), c.call(), &tsmp.TerminateServiceRequest{Reference: c.ref, Bearers: smsFirst})
				c.along(a, err, 1000, tsmp.ServiceTerminated)
				if _, err := c.store.Check(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// deployment is the deployment of the JPKI application, in the model of the card's profile.
func (c *carrier) deployment(bearers []tsmp.Bearer) *tsmp.DeployServiceRequest {
	c.t.Helper()
	b := &tsmp.DeployServiceRequest{Reference: c.ref, Bearers: bearers, Domain: tsmp.DomainSpec{AID: jpki.AIDProviderDomain.Append(nil), TAR: jpki.TARProviderDomain[:]}}
	if c.card.Profile.Model != profile.Simple {
		return b
	}
	install := jpki.Defaults(jpki.FormSIM)
	parameters, err := install.Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	raw, err := (&gp.LoadFile{Content: c.content()}).Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	b.Software = &tsmp.Software{PackageAID: jpki.AIDPackage.Append(nil), LoadFileHash: c.software0(), LoadFile: raw, ModuleAID: jpki.AIDModule.Append(nil),
		InstanceAID: jpki.AIDInstance.Append(nil), Parameters: parameters}
	return b
}

// along carries an action to its end: the app is gone with the responses to a script.
func (c *carrier) along(a *tsmp.ActionAnswer, err error, gone int, want tsmp.ServiceState) *tsmp.HandleActionDoneOnServiceNotificationRequest {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	before, done := len(c.told), uint64(0)
	for range 4000 {
		if _, err := c.mno.Work(c.t.Context(), c.now); err != nil {
			c.t.Fatal(err)
		}
		if len(c.told) > before {
			b := c.told[before]
			if b.Outcome != tsmp.OutcomeDone || b.State != want {
				c.t.Fatalf("%v by %v, %X, state %v", b.Outcome, b.Bearer, b.StatusWord, b.State)
			}
			return b
		}
		carried := false
		if len(c.air) > 0 {
			in := c.air[0]
			c.air, carried = c.air[1:], true
			if err := c.mno.Deliver(c.t.Context(), in); err != nil {
				c.t.Fatal(err)
			}
		}
		if gone > 0 {
			var lost bool
			if done, lost = c.carry(a.Relay.Ticket, done, gone == 1); lost {
				gone--
				carried = true
			}
		}
		if !carried {
			c.now = c.now.Add(time.Minute)
		}
	}
	c.t.Fatal("no end")
	return nil
}

// carry fetches a script and carries it out; the last one's responses are lost with the app.
func (c *carrier) carry(ticket tsmp.Ticket, done uint64, last bool) (uint64, bool) {
	c.t.Helper()
	app := &tsmp.Call{Sender: "app-1", Role: tsmp.RoleUIApp}
	x, err := c.mno.Relay()[tsmp.FetchScript](c.t.Context(), app, &tsmp.FetchScriptRequest{Ticket: ticket, Done: done})
	if err != nil {
		c.t.Fatal(err)
	}
	f := x.(*tsmp.FetchScriptAnswer)
	if f.State != tsmp.RelayScript {
		return done, false
	}
	r := c.relay(remote.Script{Form: tsmp.FormCommands, AID: f.AID, Items: f.Commands}, fine)
	if !last {
		_, err = c.mno.Relay()[tsmp.ReturnResponses](c.t.Context(), app, &tsmp.ReturnResponsesRequest{Ticket: ticket, Script: f.Script, Responses: r.Responses, Interrupted: r.Interrupted})
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return f.Script, true
}

// givenUp is the network's word about a message that it does not bring to the SIM.
func (c *carrier) givenUp(id uint64) {
	c.unreached--
	c.air = append(c.air, mno.Inbound{From: c.iccid, Message: id})
}
