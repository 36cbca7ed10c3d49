package tsmp

// Limits of content management.
const (
	MaxOperations = 16
	MaxData       = 64 // blocks of one operation
	MaxBlock      = 255
	MaxToken      = 512
	MaxResponse   = 258 // bytes of one response, status word included
	MaxCommand    = 261 // bytes of one command
)

// SECommandsGenerationAndRemoteExecutionRequest has the MNO-TSM make commands of
// content management and send them. Simple mode only.
type SECommandsGenerationAndRemoteExecutionRequest struct {
	Reference  ServiceReference
	Operations []SEOperation // in this order, until one fails
	Bearers    []Bearer
}

func (b *SECommandsGenerationAndRemoteExecutionRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	list(m, "operations", &b.Operations, 1, MaxOperations, func(m *members, o *SEOperation) { o.visit(m) })
	visitBearers(m, &b.Bearers)
}

// check: each operation has what it needs and nothing else.
// Spec: SPEC-TSM-PROTOCOL-089.
func (b *SECommandsGenerationAndRemoteExecutionRequest) check() *Error {
	for i := range b.Operations {
		if name := b.Operations[i].misfit(); name != "" {
			return malformedAt("operations", i, name, "the members of its operation")
		}
	}
	return nil
}

// SEOperationKind is what is done.
type SEOperationKind byte

// Operations.
const (
	OperationInstall        SEOperationKind = iota + 1 // one more instance of what is loaded
	OperationMakeSelectable                            // of an instance
	OperationPersonalise                               // STORE DATA to an instance
	OperationLock                                      // an instance
	OperationUnlock
	OperationDelete // an instance or load file
)

var operationWords = []named[SEOperationKind]{
	{OperationInstall, "install"}, {OperationMakeSelectable, "make-selectable"}, {OperationPersonalise, "personalise"},
	{OperationLock, "lock"}, {OperationUnlock, "unlock"}, {OperationDelete, "delete"},
}

// String is the operation's word in messages.
func (k SEOperationKind) String() string { return wordOf(operationWords, k) }

// SEOperation is one operation.
type SEOperation struct {
	Kind       SEOperationKind
	AID        []byte
	PackageAID []byte   // OperationInstall
	ModuleAID  []byte   // OperationInstall
	Privileges []byte   // OperationInstall, 3 bytes; nil: none
	Parameters []byte   // OperationInstall, the value of C9; nil: none
	Data       [][]byte // OperationPersonalise: data fields of STORE DATA, in which every secret is enciphered for the applet
}

func (o *SEOperation) visit(m *members) {
	word(m, "operation", &o.Kind, operationWords)
	m.aid("aid", &o.AID)
	m.optional().aid("packageAid", &o.PackageAID)
	m.optional().aid("moduleAid", &o.ModuleAID)
	m.optional().hex("privileges", &o.Privileges, 3, 3)
	m.optional().bytes("parameters", &o.Parameters, 1, MaxParameters)
	m.optional().byteStrings("data", &o.Data, 1, MaxData, 1, MaxBlock)
}

// misfit is a member that the operation lacks or does not have; "" is none.
func (o *SEOperation) misfit() string {
	install, personalise := o.Kind == OperationInstall, o.Kind == OperationPersonalise
	switch {
	case (o.PackageAID != nil) != install:
		return "packageAid"
	case (o.ModuleAID != nil) != install:
		return "moduleAid"
	case o.Privileges != nil && !install:
		return "privileges"
	case o.Parameters != nil && !install:
		return "parameters"
	case (o.Data != nil) != personalise:
		return "data"
	}
	return ""
}

// GenerateDMTokenRequest asks for the tokens of commands of delegated management.
type GenerateDMTokenRequest struct {
	Reference ServiceReference
	Commands  [][]byte // each without its token: header, length, data
}

func (b *GenerateDMTokenRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	m.byteStrings("commands", &b.Commands, 1, MaxOperations, 5, MaxCommand)
}

// GenerateDMTokenAnswer is the tokens, one for each command.
type GenerateDMTokenAnswer struct{ Tokens [][]byte }

func (b *GenerateDMTokenAnswer) visit(m *members) {
	m.byteStrings("tokens", &b.Tokens, 1, MaxOperations, 1, MaxToken)
}

// VerifyDMReceiptRequest brings what the card answered to commands with tokens.
type VerifyDMReceiptRequest struct {
	Reference ServiceReference
	Receipts  []DMReceipt // in the order of the commands
}

func (b *VerifyDMReceiptRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	list(m, "receipts", &b.Receipts, 1, MaxOperations, func(m *members, r *DMReceipt) { r.visit(m) })
}

// DMReceipt is what a card answered to a command with a token.
type DMReceipt struct {
	Command  []byte // as in GenerateDMToken
	Response []byte // data field of the response: the confirmation with its receipt
}

func (r *DMReceipt) visit(m *members) {
	m.bytes("command", &r.Command, 5, MaxCommand)
	m.bytes("response", &r.Response, 1, MaxResponse-2)
}
