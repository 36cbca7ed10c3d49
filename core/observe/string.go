package observe

import (
	"fmt"
	"strconv"
)

// String is "contact", "contactless" or "over the air".
func (i Interface) String() string {
	switch i {
	case Contact:
		return "contact"
	case Contactless:
		return "contactless"
	case OverTheAir:
		return "over the air"
	}
	return "interface " + strconv.Itoa(int(i))
}

// String is "to card" or "from card".
func (d Direction) String() string {
	switch d {
	case ToCard:
		return "to card"
	case FromCard:
		return "from card"
	}
	return "direction " + strconv.Itoa(int(d))
}

// String shows header, sizes and status word, never data, which may be a PIN
// or a key: "412: 00200080 and 5 bytes -> 0 bytes, 63C2 (contact)". The bytes
// after the header are Lc, data and Le.
func (e APDUEvent) String() string {
	head := min(4, len(e.Command))
	s := fmt.Sprintf("%d: %X and %s -> ", e.Cycle, e.Command[:head], bytesCount(len(e.Command)-head))
	if n := len(e.Response) - 2; n >= 0 {
		s += fmt.Sprintf("%s, %X", bytesCount(n), e.Response[n:])
	} else {
		s += "no answer"
	}
	s += " (" + e.Interface.String()
	if e.Channel != 0 {
		s += ", channel " + strconv.Itoa(int(e.Channel))
	}
	return s + ")"
}

// Format keeps every fmt verb from showing the data.
func (e APDUEvent) Format(s fmt.State, _ rune) { fmt.Fprint(s, e.String()) }

// String has the form "412: package 3 PC 01F2 opcode 7B".
func (e Step) String() string {
	return fmt.Sprintf("%d: package %d PC %04X opcode %02X", e.Cycle, e.Package, e.PC, e.Opcode)
}

// String has the form "412: 16 bytes at 00001F20, erased, for journal".
func (e NVMWrite) String() string {
	s := fmt.Sprintf("%d: %s at %08X", e.Cycle, bytesCount(int(e.Size)), e.Offset)
	if e.Erased {
		s += ", erased"
	}
	if e.Cause != "" {
		s += ", for " + e.Cause
	}
	return s
}

// String has the form "412: A0 to card". The line carries PINs in the clear, so
// a listener that prints line bytes prints secrets.
func (e LineByte) String() string {
	s := fmt.Sprintf("%d: %02X %s", e.Cycle, e.Value, e.Direction)
	if e.Error {
		s += ", parity error"
	}
	return s
}

// String has the form "412: scp03/card: C-MAC differs (6982)".
func (e Trap) String() string {
	s := fmt.Sprintf("%d: %s: %s", e.Cycle, e.Where, e.Cause)
	if e.SW != 0 {
		s += fmt.Sprintf(" (%04X)", e.SW)
	}
	return s
}

func bytesCount(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}
