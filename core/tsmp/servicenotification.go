package tsmp

// Phase is where a service instance is at the SP-TSM, in the words that it tells
// the MNO-TSM.
type Phase byte

// Phases.
const (
	PhasePersonalised Phase = iota + 1 // key and certificate are on the card, not active
	PhaseOperational                   // in use
	PhaseHeld                          // suspended
	PhaseErased                        // the applet is empty
	PhaseDeployed                      // of the MNO-TSM: what it has to put on the card is there
	PhaseRemoved                       // of the MNO-TSM: nothing is on the card
)

var phaseWords = []named[Phase]{
	{PhasePersonalised, "personalised"}, {PhaseOperational, "operational"}, {PhaseHeld, "held"}, {PhaseErased, "erased"},
	{PhaseDeployed, "deployed"}, {PhaseRemoved, "removed"},
}

// String is the phase's word in messages.
func (p Phase) String() string { return wordOf(phaseWords, p) }

// HandleStartServiceStateChangeNotificationRequest: the sender begins to bring an
// instance into a phase. The recipient begins nothing with the same instance
// until the end is told.
type HandleStartServiceStateChangeNotificationRequest struct {
	Notice    Notice
	Reference ServiceReference
	Phase     Phase
}

func (b *HandleStartServiceStateChangeNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	visitReference(m, &b.Reference)
	word(m, "phase", &b.Phase, phaseWords)
}

// HandleEndServiceStateChangeNotificationRequest: it is in that phase, or that
// failed and it is where it was.
type HandleEndServiceStateChangeNotificationRequest struct {
	Notice    Notice
	Reference ServiceReference
	Phase     Phase
	Succeeded bool
}

func (b *HandleEndServiceStateChangeNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	visitReference(m, &b.Reference)
	word(m, "phase", &b.Phase, phaseWords)
	m.flag("succeeded", &b.Succeeded)
}

// EnvironmentChange is what changed around a service instance.
type EnvironmentChange byte

// Changes.
const (
	ChangeMemory  EnvironmentChange = iota + 1 // room on the card
	ChangeProfile                              // the SIM can do more or less after an update
	ChangeBearers                              // a bearer came or went
	ChangeKeys                                 // the carrier changed keys that the MNO-TSM sends with
)

var changeWords = []named[EnvironmentChange]{
	{ChangeMemory, "memory"}, {ChangeProfile, "se-profile"}, {ChangeBearers, "bearers"}, {ChangeKeys, "keys"},
}

// String is the change's word in messages.
func (c EnvironmentChange) String() string { return wordOf(changeWords, c) }

// HandleServiceEnvironmentChangeNotificationRequest: what was asked about the
// card before may have another answer now.
type HandleServiceEnvironmentChangeNotificationRequest struct {
	Notice    Notice
	Reference ServiceReference
	Change    EnvironmentChange
}

func (b *HandleServiceEnvironmentChangeNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	visitReference(m, &b.Reference)
	word(m, "change", &b.Change, changeWords)
}

// HandleActionDoneOnServiceNotificationRequest: an action that was accepted has
// ended.
type HandleActionDoneOnServiceNotificationRequest struct {
	Notice     Notice
	Reference  ServiceReference
	Action     CallID // of the call that began it
	Outcome    Outcome
	State      ServiceState // after it
	StatusWord []byte       // 2 bytes, with OutcomeRefused
	// Responses are data and status word of each command that the card executed, or
	// its response packets: of SendScript, EnrollSSDOwnerCertificate,
	// SECommandsGenerationAndRemoteExecution, and of DeployService those to the commands of
	// its owner's key agreement. The last one is the one that failed.
	Responses [][]byte
	// Proofs are the proofs of receipt of the bearer's packets.
	Proofs [][]byte
	Bearer Bearer // that was used; 0: none was
}

func (b *HandleActionDoneOnServiceNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	visitReference(m, &b.Reference)
	m.id("action", b.Action[:])
	word(m, "outcome", &b.Outcome, outcomeWords)
	word(m, "state", &b.State, serviceStateWords)
	m.optional().hex("statusWord", &b.StatusWord, 2, 2)
	m.optional().byteStrings("responses", &b.Responses, 1, MaxCommands, 2, MaxPacket)
	m.optional().byteStrings("proofs", &b.Proofs, 1, MaxCommands, 2, MaxPacket)
	word(m.optional(), "bearer", &b.Bearer, bearerWords)
	m.demand((b.StatusWord != nil) == (b.Outcome == OutcomeRefused), "statusWord", "it with the outcome refused-by-card only")
}
