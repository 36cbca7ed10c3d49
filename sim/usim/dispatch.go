package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// handler executes a command: it appends response data to dst.
type handler func(u *UICC, s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW)

// instruction is a command of the UICC.
type instruction struct {
	proprietary bool // class 80 and its like; else interindustry
	basic       bool // only on channel 0: of the toolkit
	remote      bool // also by remote file management (ETSI TS 102 226 §7.1)
	run         handler
}

// instructions are the commands by their instruction byte.
// Spec: SPEC-USIM-006, SPEC-USIM-007.
var instructions map[byte]instruction

func init() {
	instructions = map[byte]instruction{
		uicc.InsSelect:             {remote: true, run: (*UICC).selectFile},
		uicc.InsStatus:             {proprietary: true, remote: true, run: (*UICC).status},
		uicc.InsReadBinary:         {remote: true, run: (*UICC).readBinary},
		uicc.InsUpdateBinary:       {remote: true, run: (*UICC).updateBinary},
		uicc.InsReadRecord:         {remote: true, run: (*UICC).readRecord},
		uicc.InsUpdateRecord:       {remote: true, run: (*UICC).updateRecord},
		uicc.InsSearchRecord:       {remote: true, run: (*UICC).searchRecord},
		uicc.InsIncrease:           {proprietary: true, remote: true, run: (*UICC).increase},
		uicc.InsActivateFile:       {remote: true, run: (*UICC).activate},
		uicc.InsDeactivateFile:     {remote: true, run: (*UICC).activate},
		uicc.InsVerifyPIN:          {remote: true, run: (*UICC).verifyPIN},
		uicc.InsChangePIN:          {remote: true, run: (*UICC).changePIN},
		uicc.InsDisablePIN:         {remote: true, run: (*UICC).disablePIN},
		uicc.InsEnablePIN:          {remote: true, run: (*UICC).disablePIN},
		uicc.InsUnblockPIN:         {remote: true, run: (*UICC).unblockPIN},
		uicc.InsAuthenticate:       {run: (*UICC).authenticate},
		uicc.InsTerminalCapability: {proprietary: true, run: (*UICC).terminalCapability},
		uicc.InsTerminalProfile:    {proprietary: true, basic: true, run: (*UICC).terminalProfile},
		uicc.InsEnvelope:           {proprietary: true, basic: true, run: (*UICC).envelope},
		uicc.InsFetch:              {proprietary: true, basic: true, run: (*UICC).fetch},
		uicc.InsTerminalResponse:   {proprietary: true, basic: true, run: (*UICC).terminalResponse},
	}
}

// Process answers a command on a logical channel: response data appended to dst,
// and the status word, 91xx when a proactive command waits.
// Spec: SPEC-USIM-006, SPEC-USIM-007, SPEC-USIM-008.
func (u *UICC) Process(dst []byte, cmd *apdu.Command, channel int) ([]byte, iso7816.SW) {
	i, sw := u.find(cmd)
	if sw == iso7816.OK && i.basic && channel != 0 {
		sw = iso7816.LogicalChannelNotSupported
	}
	if sw != iso7816.OK {
		return dst, sw
	}
	dst, sw = u.run(i, u.on(channel), dst, cmd)
	return dst, u.Status(sw)
}

// find finds a command's instruction, or why there is none.
func (u *UICC) find(cmd *apdu.Command) (instruction, iso7816.SW) {
	u.work(commandCalls, len(cmd.Data))
	class := cmd.Class()
	if !class.Valid() || cmd.CLA&0xE0 == 0xA0 {
		return instruction{}, iso7816.CLANotSupported
	}
	i, ok := instructions[cmd.INS]
	switch {
	case !ok || i.run == nil:
		return i, iso7816.INSNotSupported
	case i.proprietary != class.Proprietary():
		return i, iso7816.CLANotSupported
	case class.SecureMessaging() != apdu.NoSecureMessaging:
		return i, iso7816.SecureMessagingNotSupported
	case class.Chained():
		return i, iso7816.ChainingNotSupported
	}
	return i, iso7816.OK
}

// run executes an instruction; a refused command has no response data, and its
// scratch is wiped.
func (u *UICC) run(i instruction, s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	n := len(dst)
	out, sw := i.run(u, s, dst, cmd)
	clear(u.record[:])
	clear(u.spare[:])
	u.settle()
	if !sw.Normal() && !sw.Warning() {
		return out[:n], sw
	}
	u.work(0, len(out)-n)
	return out, sw
}

// settle charges what the machine has put by for reading its memory: an empty
// transaction makes it do so.
func (u *UICC) settle() {
	if u.machine.TransactionDepth() == 0 {
		u.machine.Begin()
		u.machine.Commit()
	}
}

// fits tells how many bytes of response data a reading command gets: what there
// is, if Le asks for all of it, for 256, or for the beginning with part; else
// 6Cxx. Spec: SPEC-USIM-009.
func fits(cmd *apdu.Command, have int) iso7816.SW {
	switch {
	case cmd.Ne == 0:
		return iso7816.WrongLength
	case cmd.Ne < have:
		return iso7816.WithAvailable(have)
	}
	return iso7816.OK
}

// terminalCapability takes what the terminal can, which changes nothing here.
func (u *UICC) terminalCapability(_ *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	if cmd.P1 != 0 || cmd.P2 != 0 {
		return dst, iso7816.IncorrectP1P2
	}
	return dst, iso7816.OK
}
