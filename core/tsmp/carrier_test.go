package tsmp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inkan/core/tsmp/jws"
	"inkan/spec/req"
)

func sealAs(t *testing.T, c *Caller, f Function, b Body) ([]byte, error) {
	t.Helper()
	return c.Seal(&Call{ID: id(1), Function: f, Sent: noon}, b)
}

// TestProtectedScripts: a command that a carrier could read is neither sealed nor
// executed.
func TestProtectedScripts(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-086", "SPEC-TSM-PROTOCOL-087")
	c := callerTo(t, RoleSPTSM, RoleMNOTSM, sampling(t))
	script := func(form ScriptForm, commands ...[]byte) *SendScriptRequest {
		return &SendScriptRequest{Conversation: id(40), Script: 1, AID: sampleAID, Form: form, Commands: commands}
	}
	for name, b := range map[string]*SendScriptRequest{
		"select":           script(FormCommands, []byte{0x00, 0xA4, 4, 0}),
		"initialize":       script(FormCommands, []byte{0x80, 0x50, 0x30, 0, 0}),
		"get data":         script(FormCommands, []byte{0x80, 0xCA, 0, 0x66}),
		"authenticate":     script(FormCommands, []byte{0x84, 0x82, 0x33, 0, 0}),
		"interindustry":    script(FormCommands, []byte{0x0C, 0xD6, 0, 0}),
		"channel 4":        script(FormCommands, []byte{0xE0, 0xE2, 0, 0}),
		"packet":           script(FormPackets, []byte{0x80, 0xE2, 0, 0}),
		"longest":          script(FormCommands, append([]byte{0x84, 0xE2, 0x80, 0, 255}, fill(256, 0)...)),
		"as much as fits":  script(FormPackets, splitOf(MaxScriptLen, MaxPacket)...),
		"response of 61xx": script(FormCommands, []byte{0x00, 0xC0, 0, 0, 0}),
	} {
		if _, err := sealAs(t, c, SendScript, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, cse := range map[string]struct {
		b    *SendScriptRequest
		path string
	}{
		"store data in plain": {script(FormCommands, []byte{0x00, 0xA4, 4, 0}, []byte{0x80, 0xE2, 0x80, 0, 0}), "commands/1"},
		"put key in plain":    {script(FormCommands, []byte{0x80, 0xD8, 0, 0x81, 0}), "commands/0"},
		"channel 1 in plain":  {script(FormCommands, []byte{0x81, 0xE2, 0x80, 0, 0}), "commands/0"},
		"channel 4 in plain":  {script(FormCommands, []byte{0xC0, 0xE2, 0, 0}), "commands/0"},
		"too long":            {script(FormCommands, append([]byte{0x84, 0xE2, 0x80, 0, 255}, fill(257, 0)...)), "commands/0"},
		"too much":            {script(FormPackets, append(splitOf(MaxScriptLen, MaxPacket), fill(4, 0))...), "commands"},
	} {
		var refusal *Error
		if _, err := sealAs(t, c, SendScript, cse.b); !errors.As(err, &refusal) || refusal.Code != CodeMalformed || refusal.Path != cse.path {
			t.Errorf("%s: %v", name, err)
		}
		wantRefusedBody(t, RoleSPTSM, RoleMNOTSM, SendScript, cse.b, "body/"+cse.path)
	}
}

func splitOf(total, each int) (list [][]byte) {
	for ; total > 0; total -= each {
		list = append(list, make([]byte, min(each, total)))
	}
	return list
}

// wantRefusedBody sends a body that no Caller seals.
func wantRefusedBody(t *testing.T, from, to Role, f Function, b Body, path string) {
	t.Helper()
	executed := false
	serving := sampling(t)
	inner := serving[f]
	serving[f] = func(ctx context.Context, c *Call, b Body) (Body, error) { executed = true; return inner(ctx, c, b) }
	c := callerTo(t, from, to, serving)
	r := Request{ID: id(1), Function: f, Sender: c.Identity.Party, Recipient: c.Peer, Sent: noon, Validity: DefaultValidity}
	payload, err := r.payload(b)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := jws.Sign(c.Identity.Signer, c.Identity.KeyID, RequestType, payload)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), sealed)
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Code != CodeMalformed || refusal.Path != path || executed {
		t.Errorf("%s: %v, executed %v", f, err, executed)
	}
}

// TestOperations: each operation has its own members.
func TestOperations(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-089")
	c := callerTo(t, RoleSPTSM, RoleMNOTSM, sampling(t))
	aid := sampleAID
	for path, o := range map[string]SEOperation{
		"packageAid": {Kind: OperationInstall, AID: aid, ModuleAID: aid},
		"moduleAid":  {Kind: OperationDelete, AID: aid, ModuleAID: aid},
		"privileges": {Kind: OperationLock, AID: aid, Privileges: fill(3, 0)},
		"parameters": {Kind: OperationMakeSelectable, AID: aid, Parameters: fill(3, 0)},
		"data":       {Kind: OperationPersonalise, AID: aid},
	} {
		b := &SECommandsGenerationAndRemoteExecutionRequest{Reference: reference(1), Bearers: both, Operations: []SEOperation{{Kind: OperationUnlock, AID: aid}, o}}
		var refusal *Error
		if _, err := sealAs(t, c, SECommandsGenerationAndRemoteExecution, b); !errors.As(err, &refusal) || refusal.Path != "operations/1/"+path {
			t.Errorf("%s: %v", path, err)
		}
		wantRefusedBody(t, RoleSPTSM, RoleMNOTSM, SECommandsGenerationAndRemoteExecution, b, "body/operations/1/"+path)
	}
}

// TestCarrierMembers: nothing in these messages could be a telephone number, an
// IMSI or a device's number, or the authority's name of an instance.
func TestCarrierMembers(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-080")
	for _, d := range carrierDefinitions {
		for _, r := range append(Rows(d.Request()), Rows(d.Answer())...) {
			name := strings.ToLower(r.Path[strings.LastIndexByte(r.Path, '/')+1:])
			for _, never := range []string{"msisdn", "imsi", "imei", "phone", "number", "pseudonym", "application", "iccid", "key"} {
				if strings.Contains(name, never) && name != "attestationkey" && name != "publickey" {
					t.Errorf("%s has %s", d.Function, r.Path)
				}
			}
		}
	}
}

// TestCarrierDemands: contradictions of the carrier's messages.
func TestCarrierDemands(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-010", "SPEC-TSM-PROTOCOL-082")
	for name, c := range map[string]struct {
		f        Function
		answer   int
		old, new string
		path     string
	}{
		"eligible with reasons":    {CheckMobileSubscriptionEligibility, 1, `"eligible":false`, `"eligible":true`, "reasons"},
		"not eligible without":     {CheckGlobalEligibility, 1, `"eligible":true`, `"eligible":false`, "reasons"},
		"a bearer twice":           {DeployService, 0, `["relay","sms"]`, `["sms","sms"]`, "bearers/1"},
		"no bearer":                {DeployService, 0, `["relay","sms"]`, `[]`, "bearers"},
		"another bearer":           {DeployService, 0, `["relay","sms"]`, `["bip"]`, "bearers/0"},
		"a number":                 {DeployService, 0, `["relay","sms"]`, `[1]`, "bearers/0"},
		"outcome alone":            {GetServiceState, 1, `"lastAction":"` + hexText(fill(16, 31)) + `",`, ``, "outcome"},
		"relay over sms":           {BeginConversation, 1, `"bearer":"relay"`, `"bearer":"sms"`, "relay"},
		"status word with success": {HandleActionDoneOnServiceNotification, 0, `"refused-by-card"`, `"done"`, "statusWord"},
		"software without module":  {DeployService, 0, `"moduleAid"`, `"moduleaid"`, "software/moduleAid"},
		"a ticket of zeros":        {DeployService, 1, hexText(fill(32, 0x70)), strings.Repeat("00", 32), "relay/ticket"},
		"sequence 0":               {HandleSEStatusChangeNotification, 0, `"sequence":17`, `"sequence":0`, "sequence"},
	} {
		d, _ := Lookup(c.f)
		into := []Body{d.Request(), d.Answer()}[c.answer]
		wantFault(t, name, DecodeBody(replaced(t, encoded(t, carrierSamples[c.f][c.answer]), c.old, c.new), into), c.path)
	}
}

// TestBothWays: either service manager announces a change to the other, and
// nobody to himself.
func TestBothWays(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-030")
	const f = HandleStartServiceStateChangeNotification
	for _, way := range [][2]Role{{RoleSPTSM, RoleMNOTSM}, {RoleMNOTSM, RoleSPTSM}} {
		c := callerTo(t, way[0], way[1], sampling(t))
		sealed, err := sealAs(t, c, f, carrierSamples[f][0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Send(t.Context(), sealed); err != nil {
			t.Errorf("%s to %s: %v", way[0], way[1], err)
		}
	}
	c := callerTo(t, RoleSPTSM, RoleMNOTSM, sampling(t))
	sealed, err := sealAs(t, c, HandleSERenewalNotification, carrierSamples[HandleSERenewalNotification][0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), sealed); !errors.Is(err, ErrAnswer) {
		t.Errorf("an SP-TSM renews a SIM: %v", err)
	}
}

func TestNoTicketIsPrinted(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-088")
	for _, f := range []Function{DeployService, BeginConversation, DeliverOneTimeCode} {
		for _, b := range carrierSamples[f] {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d"} {
				text := strings.ToLower(fmt.Sprintf(verb, b))
				for _, secret := range []string{fmt.Sprint(fill(8, 0x70))[1:20], fmt.Sprintf("%x", fill(8, 0x70)), "0x70, 0x71", "7k3m", fmt.Sprintf("%x", "7K3M")} {
					if strings.Contains(text, secret) {
						t.Errorf("%s %s: %s", f, verb, text)
					}
				}
			}
		}
	}
	if out, err := sampleRelay.Ticket.MarshalText(); err != nil || bytes.Contains(out, []byte("70")) {
		t.Errorf("%s, %v", out, err)
	}
}
