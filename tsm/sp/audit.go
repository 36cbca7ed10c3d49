package sp

import (
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// applicant is who is responsible for what an app sends: its holder.
const applicant = "applicant"

// answerEvents name what a call was for, when its answer comes in.
var answerEvents = map[tsmp.Function]string{
	tsmp.GetSECapabilityProfileId:        "profile-told",
	tsmp.DeclareServiceInstanceReference: "service-declared",
	tsmp.GetCAInformation:                "card-authority-told",
	tsmp.DeployService:                   "deployment",
	tsmp.EnrollSSDOwnerCertificate:       "key-agreement",
	tsmp.BeginConversation:               "conversation-begun",
	tsmp.SendScript:                      "script",
	tsmp.EndConversation:                 "conversation-ended",
	tsmp.GenerateDMToken:                 "token-given",
	tsmp.VerifyDMReceipt:                 "receipt-verified",
	tsmp.TerminateService:                "termination",
	tsmp.NotifyHolder:                    "holder-notified",
	tsmp.GetServiceState:                 "service-state-told",
	tsmp.PlaceOrder:                      "order-placed",
	tsmp.OrderPINReset:                   "reset-ordered",
	tsmp.SealPINReset:                    "reset-sealed",
	tsmp.Issue:                           "certificate-issued",
	tsmp.Activate:                        "certificate-activated",
	tsmp.Revoke:                          "certificate-revoked",
	tsmp.Suspend:                         "certificate-suspended",
	tsmp.Resume:                          "certificate-resumed",
	tsmp.ReportErase:                     "erasure-recorded",

	tsmp.HandleStartServiceStateChangeNotification: "carrier-told",
	tsmp.HandleEndServiceStateChangeNotification:   "carrier-told",
}

// by makes the caller the actor of what follows, with the signed request as evidence.
func (f *flow) by(call *tsmp.Call) {
	f.actor, f.evidence = string(call.Sender), evidenceOf(call)
	f.responsible = call.Role.String()
	if call.Role == tsmp.RoleUIApp {
		f.responsible = applicant
	}
}

func evidenceOf(call *tsmp.Call) []store.Evidence {
	if call.Evidence == nil {
		return nil
	}
	return []store.Evidence{{Name: string(call.Function) + "-request", Bytes: call.Evidence}}
}

// audit puts an event of the workflow into the trail. With a function, its recipient is
// who did it and on whose responsibility.
func (f *flow) audit(event, refused string, fn tsmp.Function) error {
	e := store.Event{Event: event, Refused: clip(refused), Actor: f.actor, Responsible: f.responsible, Evidence: f.evidence,
		Subject: row.Subject{Application: f.job.Application, Service: f.job.Reference, Workflow: f.row.ID, Call: f.job.Call}}
	if f.service != nil {
		e.Subject.SE = f.service.SE
	} else if f.app != nil {
		e.Subject.SE = f.app.SE
	}
	if d, ok := tsmp.Lookup(fn); ok && f.actor == string(f.m.config.Party) {
		e.Actor, e.Responsible = string(f.job.Carrier), tsmp.RoleMNOTSM.String()
		if d.Recipients&tsmp.RoleCA != 0 {
			e.Actor, e.Responsible = string(f.m.config.Authority), tsmp.RoleCA.String()
		}
	}
	f.evidence = nil
	return f.tx.Audit(e)
}

// clip keeps a reason within what the trail takes.
func clip(s string) string { return s[:min(len(s), row.MaxReason)] }
