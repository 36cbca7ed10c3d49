package tsmp

// FetchScriptRequest asks for the next script of a relay channel.
type FetchScriptRequest struct {
	Ticket Ticket
	Done   uint64 // the last script whose responses were returned; 0: none
}

func (b *FetchScriptRequest) visit(m *members) {
	m.id("ticket", b.Ticket[:])
	m.number("done", &b.Done, 0, MaxScript)
}

// RelayState is what the app does next.
type RelayState byte

// States.
const (
	RelayScript RelayState = iota + 1 // carry out the script
	RelayWait                         // ask again after the pause
	RelayEnd                          // nothing more comes with this ticket
)

var relayWords = []named[RelayState]{{RelayScript, "script"}, {RelayWait, "wait"}, {RelayEnd, "end"}}

// String is the state's word in messages.
func (s RelayState) String() string { return wordOf(relayWords, s) }

// FetchScriptAnswer is the script after the last one done, as often as it is
// asked for.
type FetchScriptAnswer struct {
	State    RelayState
	Pause    uint64   // seconds, with RelayWait
	Script   uint64   // with RelayScript: one more than the last one done
	AID      []byte   // with RelayScript: what to select, unless the channel is open on it
	Commands [][]byte // with RelayScript
}

func (b *FetchScriptAnswer) visit(m *members) {
	word(m, "state", &b.State, relayWords)
	m.optional().number("pause", &b.Pause, 1, MaxPause)
	m.optional().number("script", &b.Script, 1, MaxScript)
	m.optional().aid("aid", &b.AID)
	m.optional().byteStrings("commands", &b.Commands, 1, MaxCommands, 4, MaxCommand)
	script := b.State == RelayScript
	m.demand((b.Pause != 0) == (b.State == RelayWait), "pause", "it with the state wait only")
	m.demand((b.Script != 0) == script, "script", "it with the state script only")
	m.demand((b.AID != nil) == script, "aid", "it with the state script only")
	m.demand((b.Commands != nil) == script, "commands", "it with the state script only")
}

// ReturnResponsesRequest brings what the card answered to a script.
type ReturnResponsesRequest struct {
	Ticket      Ticket
	Script      uint64
	Responses   [][]byte // one a command, data and status word, until one failed
	Interrupted bool     // the channel to the card was lost after them: what the next command did is not known
}

func (b *ReturnResponsesRequest) visit(m *members) {
	m.id("ticket", b.Ticket[:])
	m.number("script", &b.Script, 1, MaxScript)
	m.byteStrings("responses", &b.Responses, 0, MaxCommands, 2, MaxResponse)
	m.flag("interrupted", &b.Interrupted)
	m.demand(b.Interrupted || len(b.Responses) > 0, "responses", "it with one unless interrupted")
}

// ReturnResponsesAnswer acknowledges responses, with the script after theirs where there
// is one already, or the end where it has come: what FetchScript gives as well.
type ReturnResponsesAnswer struct {
	Script   uint64 // 0: there is none yet, ask FetchScript
	AID      []byte // with Script: what to select, unless the channel is open on it
	Commands [][]byte
	End      bool // nothing more comes with this ticket: FetchScript would say so
}

func (b *ReturnResponsesAnswer) visit(m *members) {
	m.optional().number("script", &b.Script, 1, MaxScript)
	m.optional().aid("aid", &b.AID)
	m.optional().byteStrings("commands", &b.Commands, 1, MaxCommands, 4, MaxCommand)
	m.flag("end", &b.End)
	m.demand((b.AID != nil) == (b.Script != 0), "aid", "it with a script only")
	m.demand((b.Commands != nil) == (b.Script != 0), "commands", "it with a script only")
	m.demand(!b.End || b.Script == 0, "end", "false unless there is no script")
}
