package oracle

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Instructions of the application.
const (
	insVerify      = 0x20
	insChange      = 0x24
	insSignature   = 0x2A
	insReset       = 0x2C
	insContactless = 0x44
	insInitialize  = 0x50
	insExternal    = 0x82
	insChallenge   = 0x84
	insReserved    = 0x88
	insSelect      = 0xA4
	insReadBinary  = 0xB0
	insGetData     = 0xCA
	insStoreData   = 0xE2
)

var interindustry = map[byte]func(*Model, *apdu.Command) *Expected{
	insSelect:     (*Model).selectFile,
	insReadBinary: (*Model).readBinary,
	insVerify:     (*Model).verify,
	insChange:     (*Model).change,
	insReset:      (*Model).resetRetry,
	insChallenge:  (*Model).getChallenge,
}

var proprietary = map[byte]func(*Model, *apdu.Command) *Expected{
	insSignature:   (*Model).signature,
	insContactless: (*Model).setContactless,
	insReserved:    (*Model).reserved,
	insGetData:     (*Model).getData,
	insInitialize:  (*Model).session,
	insExternal:    (*Model).session,
	insStoreData:   (*Model).noSession,
}

// Step is what a command APDU at the card's edge is answered, on a card with
// the basic channel only: SELECT by name, and what goes to the application
// while it is selected. The commands that open a session are expected as
// anything where they are not refused. STORE DATA is one without a session:
// those of a session go to Store. While another application is selected only
// SELECT by name of this one means anything.
func (m *Model) Step(raw []byte) *Expected {
	cmd, err := apdu.DecodeCommand(raw)
	class := apdu.Class(cmd.CLA)
	switch {
	case err != nil:
		return m.refuse(iso7816.WrongLength)
	case class == 0xFF:
		return m.refuse(iso7816.CLANotSupported)
	case class.Channel() != 0:
		return m.refuse(iso7816.LogicalChannelNotSupported)
	case !class.Proprietary() && class.SecureMessaging() == apdu.NoSecureMessaging && cmd.INS == iso7816.INSManageChannel:
		return m.refuse(iso7816.LogicalChannelNotSupported)
	case m.selects(&cmd):
		return m.selectApplication(&cmd)
	case m.selection == selectedNone:
		return m.refuse(iso7816.AppletSelectFailed)
	case cmd.Extended:
		return m.refuse(iso7816.WrongLength)
	}
	return m.dispatch(&cmd)
}

// dispatch checks class, instruction and interface. Spec: SPEC-JPKI-AP-004,
// SPEC-JPKI-AP-005, SPEC-JPKI-AP-021, SPEC-JPKI-AP-022.
func (m *Model) dispatch(cmd *apdu.Command) *Expected {
	_, inter := interindustry[cmd.INS]
	_, prop := proprietary[cmd.INS]
	var command func(*Model, *apdu.Command) *Expected
	switch cla := cmd.CLA; {
	case cla <= 0x03 || cla >= 0x40 && cla <= 0x4F:
		command = interindustry[cmd.INS]
	case cla >= 0x80 && cla <= 0x83 || cla >= 0xC0 && cla <= 0xCF || (cla >= 0x84 && cla <= 0x87 ||
		cla >= 0xE0 && cla <= 0xEF) && personalises(cmd.INS):
		command = proprietary[cmd.INS]
	default:
		return m.refuse(iso7816.CLANotSupported)
	}
	byName := cmd.INS == insSelect && cmd.P1 == 0x04
	switch {
	case command == nil && (inter || prop):
		return m.refuse(iso7816.CLANotSupported)
	case command == nil:
		return m.refuse(iso7816.INSNotSupported)
	case m.phone() && (m.state == 0 && !byName || contactOnly(cmd.INS)):
		e := m.refuse(iso7816.ConditionsNotSatisfied)
		if cmd.INS == insStoreData {
			e.Next.blocks = blocks{}
		}
		return e
	}
	return command(m, m.asReceived(cmd))
}

// asReceived is a command as the application sees it: under T=0 the third
// parameter byte is Le for some instructions, and a length of data for another.
func (m *Model) asReceived(cmd *apdu.Command) *apdu.Command {
	if !m.env.T0 || m.contactless {
		return cmd
	}
	c, p3 := *cmd, len(cmd.Data)
	if p3 == 0 {
		p3 = cmd.Ne & 0xFF
	}
	switch cmd.INS {
	case insReadBinary, insChallenge, insGetData:
		c.Data, c.Ne = nil, p3
	case insContactless:
		c.Data = make([]byte, p3)
	}
	return &c
}

func personalises(ins byte) bool {
	return ins == insInitialize || ins == insExternal || ins == insStoreData
}

func contactOnly(ins byte) bool {
	return personalises(ins) || ins == insChange || ins == insReset || ins == insContactless
}

// session leaves the handshake of a secure channel to who drives the model.
func (m *Model) session(*apdu.Command) *Expected {
	e := m.refuse(0)
	e.free = true
	return e
}

// reserved is INTERNAL AUTHENTICATE. Spec: SPEC-JPKI-AP-006.
func (m *Model) reserved(*apdu.Command) *Expected { return m.refuse(iso7816.FunctionNotSupported) }

// selects tells whether the card takes a command as the selection of this
// application: by its name or at least the first 5 bytes of it, first, next, or
// any; the next one behind itself there is not.
func (m *Model) selects(cmd *apdu.Command) bool {
	class, n := apdu.Class(cmd.CLA), len(cmd.Data)
	next := cmd.P2&0x03 == 0x02
	return cmd.CLA&0xFC == 0 && class.Channel() == 0 && cmd.INS == insSelect && cmd.P1 == 0x04 &&
		cmd.P2&0xF1 == 0 && (n >= 5 || next && n > 0) && n <= len(m.env.AID) && string(cmd.Data) == string(m.env.AID[:n]) &&
		!(next && m.selection == selectedThis)
}

// selectApplication is SELECT by name of this application. Spec:
// SPEC-JPKI-AP-001, SPEC-JPKI-AP-002, SPEC-JPKI-AP-003, SPEC-JPKI-AP-020.
func (m *Model) selectApplication(cmd *apdu.Command) *Expected {
	next := m.Clone()
	if next.selection == selectedThis {
		next.blocks = blocks{}
	}
	next.deselect(selectedThis)
	if next.phone() && next.state == 0 {
		next.selection = selectedNone
		return &Expected{SW: iso7816.AppletSelectFailed, Next: next}
	}
	next.blocks, next.answer = blocks{}, nil
	if cmd.P2&0x0C == 0x0C {
		return next.done(nil)
	}
	n := byte(len(m.env.AID))
	return next.done(append([]byte{0x6F, n + 2, 0x84, n}, m.env.AID...))
}
