package store

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// tables are all tables, for Check. Filled while the package starts.
var tables []checked

// The tables of an SP-TSM.
var (
	Applications = newTable(codeApplications, "applications", appendID[row.ApplicationID], func(a *row.Application) row.ApplicationID { return a.ID })

	// ApplicationsByVerified finds an application by the authority's name of it.
	ApplicationsByVerified = newIndex(Applications, codeByVerified, "verified", true, appendID[tsmp.ApplicationID],
		func(a *row.Application) (tsmp.ApplicationID, bool) {
			return a.Verified, a.Verified != tsmp.ApplicationID{}
		})
	// ApplicationsOfPseudonym finds an applicant's applications.
	ApplicationsOfPseudonym = newIndex(Applications, codeOfPseudonym, "pseudonym", false, appendID[tsmp.Pseudonym],
		func(a *row.Application) (tsmp.Pseudonym, bool) { return a.Pseudonym, a.Pseudonym != tsmp.Pseudonym{} })
	// ApplicationsOpenUntil finds the open applications by their deadlines.
	ApplicationsOpenUntil = newIndex(Applications, codeOpenUntil, "open until", false, appendTime,
		func(a *row.Application) (time.Time, bool) { return a.Deadline, a.Progress.Open() })
	// ApplicationsOfSE finds the applications for a SIM.
	ApplicationsOfSE = newIndex(Applications, codeApplicationOf, "SE", false, appendID[tsmp.SEID],
		func(a *row.Application) (tsmp.SEID, bool) { return a.SE, a.SE != tsmp.SEID{} })
)

// The tables of both service managers.
var (
	Services = newTable(codeServices, "services", appendID[tsmp.ServiceReference], func(s *row.Service) tsmp.ServiceReference { return s.Reference })

	// ServicesOfSE finds the service instances on a SIM.
	ServicesOfSE = newIndex(Services, codeOfSE, "SE", false, appendID[tsmp.SEID], func(s *row.Service) (tsmp.SEID, bool) { return s.SE, true })
	// ServicesByPhone finds a service instance by the authority's name of it.
	ServicesByPhone = newIndex(Services, codeByPhone, "phone", true, appendID[tsmp.PhoneID],
		func(s *row.Service) (tsmp.PhoneID, bool) { return s.Phone, s.Phone != tsmp.PhoneID{} })
	// ServicesOfSubscriber finds the service instances of a contract.
	ServicesOfSubscriber = newIndex(Services, codeOfSubscriber, "subscriber", false, appendID[tsmp.Subscriber],
		func(s *row.Service) (tsmp.Subscriber, bool) { return s.Subscriber, s.Subscriber != tsmp.Subscriber{} })
	// ServicesInState finds the service instances in a state.
	ServicesInState = newIndex(Services, codeInState, "state", false,
		func(dst []byte, s tsmp.ServiceState) []byte { return append(dst, byte(s)) }, func(s *row.Service) (tsmp.ServiceState, bool) { return s.State, true })

	Workflows = newTable(codeWorkflows, "workflows", appendID[row.WorkflowID], func(w *row.Workflow) row.WorkflowID { return w.ID })

	// WorkflowsDue finds the live workflows by their next times.
	WorkflowsDue = newIndex(Workflows, codeWorkflowsDue, "due", false, appendTime,
		func(w *row.Workflow) (time.Time, bool) { return w.Next, w.State.Live() })
	// WorkflowsOf finds the workflows about something.
	WorkflowsOf = newIndex(Workflows, codeWorkflowsOf, "subject", false, appendID[row.SubjectID],
		func(w *row.Workflow) (row.SubjectID, bool) { return w.Subject, w.Subject != row.SubjectID{} })

	// Programs are what of live workflows stays the same, which SetProgram writes.
	Programs = &programs.Rows

	// Calls are the calls that a Journal was told of.
	Calls = &calls.Rows

	// Messages are the messages of the outbox, which alone changes them.
	Messages = &messages.Rows
	// MessagesByCall finds a message by its call.
	MessagesByCall = newIndex(messages, codeByCall, "call", true, appendID[tsmp.CallID], func(m *row.Message) (tsmp.CallID, bool) { return m.Call, true })
	// MessagesOfWorkflow finds the messages that a workflow waits for.
	MessagesOfWorkflow = newIndex(messages, codeOfWorkflow, "workflow", false, appendID[row.WorkflowID],
		func(m *row.Message) (row.WorkflowID, bool) { return m.Workflow, m.Workflow != row.WorkflowID{} })

	// Lanes are the queues of the outbox.
	Lanes = &lanes.Rows
	// LanesDue finds the lanes in which a message waits by its next time.
	LanesDue = newIndex(lanes, codeLanesDue, "due", false, appendTime,
		func(l *row.Lane) (time.Time, bool) { return l.Next, l.Waiting > 0 && l.Next.Before(row.Never) })

	programs = newTable(codePrograms, "programs", appendProgramKey, func(p *row.Program) row.ProgramKey { return p.Key })
	calls    = newTable(codeCalls, "calls", appendCallKey, func(c *row.Call) tsmp.CallKey { return c.Key })
	messages = newTable(codeMessages, "messages", appendMessageKey, func(m *row.Message) row.MessageKey { return m.Key })
	lanes    = newTable(codeLanes, "lanes", appendText[string], func(l *row.Lane) string { return l.Destination })
)

// The tables of an MNO-TSM.
var (
	SIMs = newTable(codeSIMs, "SIMs", appendID[tsmp.SEID], func(s *row.SIM) tsmp.SEID { return s.SE })

	// SIMsByICCID finds the SIM of an ICCID that is not retired.
	SIMsByICCID = newIndex(SIMs, codeByICCID, "ICCID", true, appendText[string], func(s *row.SIM) (string, bool) { return s.ICCID, s.State != row.SIMRetired })
	// SIMsOfSubscriber finds the SIMs of a contract.
	SIMsOfSubscriber = newIndex(SIMs, codeOfContract, "subscriber", false, appendID[row.SubscriberID],
		func(s *row.SIM) (row.SubscriberID, bool) { return s.Subscriber, s.Subscriber != row.SubscriberID{} })

	Subscribers = newTable(codeSubscribers, "subscribers", appendID[row.SubscriberID], func(s *row.Subscriber) row.SubscriberID { return s.ID })

	// SubscribersByMSISDN finds the contract that has a number now.
	SubscribersByMSISDN = newIndex(Subscribers, codeByMSISDN, "MSISDN", true, appendText[string],
		func(s *row.Subscriber) (string, bool) { return s.MSISDN, s.State != row.SubscriberEnded })
	// SubscribersByIMSI finds the contract that has an IMSI now.
	SubscribersByIMSI = newIndex(Subscribers, codeByIMSI, "IMSI", true, appendText[string],
		func(s *row.Subscriber) (string, bool) { return s.IMSI, s.State != row.SubscriberEnded })

	Pseudonyms = newTable(codePseudonyms, "pseudonyms", appendID[tsmp.Subscriber], func(p *row.Pseudonym) tsmp.Subscriber { return p.Pseudonym })

	// PseudonymsByContract finds the pseudonym that an SP-TSM has of a contract.
	PseudonymsByContract = newIndex(Pseudonyms, codeByContract, "contract", true, appendContract,
		func(p *row.Pseudonym) (Contract, bool) { return Contract{p.Provider, p.Subscriber}, !p.Ended })

	Devices = newTable(codeDevices, "devices", appendText[string], func(d *row.Device) string { return d.IMEI })

	// DevicesOfSE finds the devices that a SIM was last seen in.
	DevicesOfSE = newIndex(Devices, codeDevicesOfSE, "SE", false, appendID[tsmp.SEID], func(d *row.Device) (tsmp.SEID, bool) { return d.SE, d.SE != tsmp.SEID{} })
)

// What no step may undo. Spec: SPEC-STORE-013.
func init() {
	ApplicationsOpenUntil.entries.floor, WorkflowsDue.entries.floor, LanesDue.entries.floor = floorApplications, floorWorkflows, floorLanes
	Applications.follows = func(old, a *row.Application) error {
		return unless(old.Progress.Open() || a.Progress == old.Progress, "application that has ended takes another progress")
	}
	Services.follows = func(old, s *row.Service) error {
		return unless(old.State != tsmp.ServiceTerminated || s.State == tsmp.ServiceTerminated, "service instance that is terminated takes another state")
	}
	SIMs.follows = func(old, s *row.SIM) error {
		return errors.Join(unless(s.Counter >= old.Counter, "SIM whose counter falls"),
			unless(old.State != row.SIMRetired || s.State == row.SIMRetired, "SIM that is retired takes another state"))
	}
	Subscribers.follows = func(old, s *row.Subscriber) error {
		return unless(old.State != row.SubscriberEnded || s.State == row.SubscriberEnded, "subscriber that has ended takes another state")
	}
	Pseudonyms.follows = func(old, p *row.Pseudonym) error {
		return unless((!old.Ended || p.Ended) && old.Subscriber == p.Subscriber && old.Provider == p.Provider, "pseudonym that has ended, or another's")
	}
	Workflows.follows = func(old, w *row.Workflow) error {
		return unless(old.State.Live() || w.State == old.State, "workflow that has ended takes another state")
	}
	Workflows.free, Workflows.moves = workflowFree, workflowMoves
}

func unless(ok bool, text string) error {
	if ok {
		return nil
	}
	return errors.New(text)
}
