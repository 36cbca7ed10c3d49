package tsmp

import (
	"fmt"
	"time"
)

// Limits of a deployment in bytes.
const (
	MaxLoadFile   = 65536
	MaxParameters = 255
)

// DeclareServiceInstanceReferenceRequest binds a reference to a service, a SIM and
// its subscription. Nothing is done on the card.
type DeclareServiceInstanceReferenceRequest struct {
	Reference  ServiceReference
	Service    string
	SE         SEID
	Subscriber Subscriber
	Model      Model
}

func (b *DeclareServiceInstanceReferenceRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	visitService(m, &b.Service)
	m.id("seId", b.SE[:])
	m.id("subscriber", b.Subscriber[:])
	word(m, "model", &b.Model, modelWords)
}

// DeclareServiceInstanceReferenceAnswer is where the instance is, and what the SP-TSM
// asks next of its SIM: what it lacks GetSECapabilityProfileId and GetCAInformation say.
type DeclareServiceInstanceReferenceAnswer struct {
	ServiceStateAnswer
	ProfileID string                  // of the SIM; empty: not told
	Authority *GetCAInformationAnswer // nil: none, or not told
}

func (b *DeclareServiceInstanceReferenceAnswer) visit(m *members) {
	b.ServiceStateAnswer.visit(m)
	m.optional().text("profileId", &b.ProfileID, 1, MaxProfileID)
	optionalObject(m, "authority", &b.Authority, (*GetCAInformationAnswer).visit)
}

// ServiceStateAnswer is where a service instance is: the answer to GetServiceState.
type ServiceStateAnswer struct {
	State      ServiceState
	Since      time.Time
	Model      Model
	Domain     DomainState
	Action     CallID // under way; zero: none
	LastAction CallID // the last that ended; zero: none
	Outcome    Outcome
}

func (b *ServiceStateAnswer) visit(m *members) {
	word(m, "state", &b.State, serviceStateWords)
	m.time("since", &b.Since)
	word(m, "model", &b.Model, modelWords)
	word(m, "domain", &b.Domain, domainStateWords)
	m.optional().id("action", b.Action[:])
	m.optional().id("lastAction", b.LastAction[:])
	word(m.optional(), "outcome", &b.Outcome, outcomeWords)
	m.demand((b.LastAction == CallID{}) == (b.Outcome == 0), "outcome", "it with lastAction only")
}

// GetServiceStateRequest asks where a service instance is.
type GetServiceStateRequest struct{ Reference ServiceReference }

func (b *GetServiceStateRequest) visit(m *members) { visitReference(m, &b.Reference) }

// DeployServiceRequest has the MNO-TSM make the provider's domain; in simple mode
// also load the load file and install the application. With an owner the key agreement
// of EnrollSSDOwnerCertificate follows at once.
type DeployServiceRequest struct {
	Reference ServiceReference
	Bearers   []Bearer
	Domain    DomainSpec
	Software  *Software // in simple mode, else nil
	Owner     *Owner    // nil: the agreement is an action of its own
}

func (b *DeployServiceRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	visitBearers(m, &b.Bearers)
	m.object("domain", true, b.Domain.visit)
	optionalObject(m, "software", &b.Software, (*Software).visit)
	optionalObject(m, "owner", &b.Owner, (*Owner).visit)
}

// Owner is what the domain's owner sends to it for the key agreement with the controlling
// authority's domain: the templates of EnrollSSDOwnerCertificateRequest.
type Owner struct {
	Control   []byte
	PublicKey []byte
}

func (o *Owner) visit(m *members) { visitTemplates(m, &o.Control, &o.PublicKey) }

// optionalObject is an object that may be absent: nil is absence.
func optionalObject[T any](m *members, name string, p **T, visit func(*T, *members)) {
	value := *p
	if value == nil {
		value = new(T)
	}
	found := m.mode == reading && m.node.Member(name) != nil
	m.optional().object(name, *p != nil, func(m *members) { visit(value, m) })
	if found {
		*p = value
	}
}

// DomainSpec is the provider's security domain. Its privileges follow from the
// model.
type DomainSpec struct {
	AID         []byte
	TAR         []byte // 3 bytes for its over-the-air packets; nil: those of the AID
	NonVolatile uint64 // bytes reserved for it and what is below; 0: no quota
	Volatile    uint64
}

func (d *DomainSpec) visit(m *members) {
	m.aid("aid", &d.AID)
	m.optional().hex("tar", &d.TAR, 3, 3)
	m.optional().number("nonVolatile", &d.NonVolatile, 1, MaxMemory)
	m.optional().number("volatile", &d.Volatile, 1, MaxMemory)
}

// Software is a load file and the application of it that is wanted.
type Software struct {
	PackageAID   []byte
	LoadFileHash [32]byte // SHA-256 of the load file data block
	LoadFile     []byte   // with its DAP blocks; nil: the MNO-TSM has it under that hash
	ModuleAID    []byte
	InstanceAID  []byte
	Privileges   []byte // 3 bytes; nil: none
	Parameters   []byte // of INSTALL, the value of C9; nil: none
}

func (s *Software) visit(m *members) {
	m.aid("packageAid", &s.PackageAID)
	m.id("loadFileHash", s.LoadFileHash[:])
	m.optional().bytes("loadFile", &s.LoadFile, 1, MaxLoadFile)
	m.aid("moduleAid", &s.ModuleAID)
	m.aid("instanceAid", &s.InstanceAID)
	m.optional().hex("privileges", &s.Privileges, 3, 3)
	m.optional().bytes("parameters", &s.Parameters, 1, MaxParameters)
}

// ActionAnswer says that an action was accepted. How it ends comes by
// HandleActionDoneOnServiceNotification, under the identifier of the call.
// Spec: SPEC-TSM-PROTOCOL-083.
type ActionAnswer struct {
	ExpectedBy time.Time    // how long the MNO-TSM tries
	Relay      *RelayAccess // when the UI app has to fetch; else nil
}

func (b *ActionAnswer) visit(m *members) {
	m.time("expectedBy", &b.ExpectedBy)
	optionalObject(m, "relay", &b.Relay, (*RelayAccess).visit)
}

// RelayAccess is where the UI app fetches scripts, and what lets it.
type RelayAccess struct {
	Party  PartyID // who serves FetchScript and ReturnResponses
	Ticket Ticket
	Until  time.Time
}

// Format prints no ticket, whatever the verb.
func (r RelayAccess) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "relay at %s", r.Party) }

// MarshalText is what Format prints.
func (r RelayAccess) MarshalText() ([]byte, error) { return fmt.Append(nil, r), nil }

func (r *RelayAccess) visit(m *members) {
	m.party("party", &r.Party)
	m.id("ticket", r.Ticket[:])
	m.time("until", &r.Until)
}

// SuspendOrResumeServiceRequest locks the application on the card, or frees it.
type SuspendOrResumeServiceRequest struct {
	Reference ServiceReference
	Resume    bool
	Bearers   []Bearer
}

func (b *SuspendOrResumeServiceRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	m.flag("resume", &b.Resume)
	visitBearers(m, &b.Bearers)
}

// TerminateServiceRequest removes application, load file if nothing else uses it,
// and domain. An action under way is cancelled.
type TerminateServiceRequest struct {
	Reference ServiceReference
	Bearers   []Bearer
}

func (b *TerminateServiceRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	visitBearers(m, &b.Bearers)
}
