package tsmp

import (
	"strconv"
	"time"
)

// Limits of scripts.
const (
	MaxCommands  = 128
	MaxPacket    = 1024 // bytes of one secured packet
	MaxScriptLen = 32768
	MaxScript    = 1<<32 - 1
)

// BeginConversationRequest opens a channel for the SP-TSM's own scripts to its
// domain.
type BeginConversationRequest struct {
	Reference ServiceReference
	Bearers   []Bearer
}

func (b *BeginConversationRequest) visit(m *members) {
	visitReference(m, &b.Reference)
	visitBearers(m, &b.Bearers)
}

// BeginConversationAnswer is what the channel can carry.
type BeginConversationAnswer struct {
	Conversation ConversationID
	Bearer       Bearer
	MaxBytes     uint64 // of the commands of one script together
	Until        time.Time
	Relay        *RelayAccess // with BearerRelay
}

func (b *BeginConversationAnswer) visit(m *members) {
	m.id("conversationId", b.Conversation[:])
	word(m, "bearer", &b.Bearer, bearerWords)
	m.number("maxBytes", &b.MaxBytes, 1, MaxScriptLen)
	m.time("until", &b.Until)
	optionalObject(m, "relay", &b.Relay, (*RelayAccess).visit)
	m.demand((b.Relay != nil) == (b.Bearer == BearerRelay), "relay", "it with the bearer relay only")
}

// ScriptForm is what a script's items are.
type ScriptForm byte

// Forms.
const (
	FormCommands ScriptForm = iota + 1 // commands, which the MNO-TSM packs for the bearer
	FormPackets                        // command packets of SCP80 under the provider's own keys
)

var formWords = []named[ScriptForm]{{FormCommands, "commands"}, {FormPackets, "secured-packets"}}

// String is the form's word in messages.
func (f ScriptForm) String() string { return wordOf(formWords, f) }

// SendScriptRequest is the next script of a conversation. The card executes it
// until a command fails.
type SendScriptRequest struct {
	Conversation ConversationID
	Script       uint64 // from 1 without gaps
	AID          []byte // of the domain or application that it is for
	Form         ScriptForm
	Commands     [][]byte // or packets
}

func (b *SendScriptRequest) visit(m *members) {
	m.id("conversationId", b.Conversation[:])
	m.number("script", &b.Script, 1, MaxScript)
	m.aid("aid", &b.AID)
	word(m, "form", &b.Form, formWords)
	m.byteStrings("commands", &b.Commands, 1, MaxCommands, 4, MaxPacket)
}

// check: the script fits, and a carrier cannot read its commands.
// Spec: SPEC-TSM-PROTOCOL-086, SPEC-TSM-PROTOCOL-087.
func (b *SendScriptRequest) check() *Error {
	if sizeOf(b.Commands) > MaxScriptLen {
		return &Error{Code: CodeMalformed, Path: "commands", Detail: "want at most " + strconv.Itoa(MaxScriptLen) + " bytes together"}
	}
	if b.Form != FormCommands {
		return nil
	}
	for i, c := range b.Commands {
		switch {
		case len(c) > MaxCommand:
			return malformedAt("commands", i, "", "a command of at most "+strconv.Itoa(MaxCommand)+" bytes")
		case !protected(c):
			return malformedAt("commands", i, "", "a command under secure messaging, or one that opens a session")
		}
	}
	return nil
}

func sizeOf(list [][]byte) (n int) {
	for _, b := range list {
		n += len(b)
	}
	return n
}

// malformedAt is a fault in an item of an array of the body.
func malformedAt(array string, i int, name, want string) *Error {
	path := array + "/" + strconv.Itoa(i)
	if name != "" {
		path += "/" + name
	}
	return &Error{Code: CodeMalformed, Path: path, Detail: "want " + want}
}

// Instructions of commands that open a session or only read what is public.
const (
	insSelect           = 0xA4
	insInitializeUpdate = 0x50
	insGetData          = 0xCA
	insGetResponse      = 0xC0
)

// protected reports whether a command's class says secure messaging
// (ISO 7816-4 §5.4.1, GP Card Specification §11.1.4), or it needs none.
func protected(c []byte) bool {
	const first, further = 0x0C, 0x20
	if c[0]&0x40 == 0 && c[0]&first != 0 || c[0]&0x40 != 0 && c[0]&further != 0 {
		return true
	}
	switch c[1] {
	case insSelect, insInitializeUpdate, insGetData, insGetResponse:
		return true
	}
	return false
}

// EndConversationRequest closes a conversation. A script that the card has not
// begun is cancelled.
type EndConversationRequest struct{ Conversation ConversationID }

func (b *EndConversationRequest) visit(m *members) { m.id("conversationId", b.Conversation[:]) }

// EndConversationAnswer says what was carried out.
type EndConversationAnswer struct {
	EndedAt time.Time
	Scripts uint64 // how many were executed to some end
}

func (b *EndConversationAnswer) visit(m *members) {
	m.time("endedAt", &b.EndedAt)
	m.number("scripts", &b.Scripts, 0, MaxScript)
}
