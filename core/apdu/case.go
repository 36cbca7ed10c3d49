package apdu

// Case is the form of a command APDU (ISO/IEC 7816-3:2006 §12.1.3): whether it
// has data, whether it expects data, short or extended.
type Case uint8

// The seven forms. Case 1 has neither Lc nor Le and so no extended form.
const (
	Case1 Case = iota + 1
	Case2S
	Case3S
	Case4S
	Case2E
	Case3E
	Case4E
)

var caseNames = [...]string{Case1: "1", Case2S: "2S", Case3S: "3S", Case4S: "4S", Case2E: "2E", Case3E: "3E", Case4E: "4E"}

// String is the standard's name: "4S".
func (c Case) String() string {
	if int(c) < len(caseNames) {
		return caseNames[c]
	}
	return ""
}

// Case is the form in which Append writes the command.
func (c *Command) Case() Case {
	k := Case1
	if len(c.Data) > 0 {
		k = Case3S
	}
	if c.Ne > 0 {
		k++
	}
	if c.Extended && k > Case1 {
		k += Case2E - Case2S
	}
	return k
}
