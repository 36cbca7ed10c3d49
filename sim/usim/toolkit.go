package usim

import (
	"errors"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/uicc"
)

// Limits of a toolkit session, all of it RAM.
const (
	queueLength     = 8   // proactive commands waiting or under way
	maxProactive    = 256 // bytes of one
	maxProfileBytes = 64  // of TERMINAL PROFILE that are kept
)

// Owner is who had a proactive command sent.
type Owner interface {
	// Responded gets the terminal's response; its slices are borrowed.
	Responded(r *uicc.TerminalResponse)
}

// Errors of Enqueue.
var (
	// ErrQueueFull: as many proactive commands wait as there is room for.
	ErrQueueFull = errors.New("usim: the queue of proactive commands is full")
	// ErrTooLong: a proactive command has at most 256 bytes.
	ErrTooLong = errors.New("usim: the proactive command is longer than 256 bytes")
)

// proactive is a command in the queue.
type proactive struct {
	command [maxProactive]byte
	length  int
	number  byte
	owner   Owner
}

// toolkit is the toolkit session.
type toolkit struct {
	profile  [maxProfileBytes]byte
	bytes    int // of the profile
	profiled bool

	queue   [queueLength]proactive // a ring
	first   int
	waiting int
	fetched bool // the first one was fetched, and its response is due
	number  byte // last command number

	reassembler *sms.Reassembler
	reference   uint16 // of the next concatenated message
	message     Message
	scratch     []byte
}

// resetToolkit begins a session: nothing of the last one is left.
func (u *UICC) resetToolkit() (err error) {
	scratch := u.kit.scratch[:0]
	u.kit = toolkit{scratch: scratch}
	u.kit.reassembler, err = sms.NewReassembler(u.cfg.Reassembly)
	return err
}

// Enqueue has a proactive command sent to the terminal: a template D0 that begins
// with command details, whose number is chosen here. owner, if not nil, gets the
// response. Other errors than those of Enqueue are *wire.DecodeError.
// Spec: SPEC-USIM-131, SPEC-USIM-132.
func (u *UICC) Enqueue(command []byte, owner Owner) error {
	if len(command) > maxProactive {
		return ErrTooLong
	}
	_, at, err := uicc.DecodeDetails(command)
	if err != nil {
		return err
	}
	k := &u.kit
	if k.waiting == queueLength {
		return ErrQueueFull
	}
	if k.number++; k.number == 0xFF {
		k.number = 1
	}
	p := &k.queue[(k.first+k.waiting)%queueLength]
	p.length, p.number, p.owner = copy(p.command[:], command), k.number, owner
	p.command[at] = k.number
	k.waiting++
	return nil
}

// Room is how many proactive commands can still be put into the queue.
func (u *UICC) Room() int { return queueLength - u.kit.waiting }

// Supports reports a bit of the terminal's profile: byte and bit count from 1, as
// ETSI TS 102 223 §5.2 counts them.
func (u *UICC) Supports(byteNumber, bit int) bool {
	return byteNumber >= 1 && byteNumber <= u.kit.bytes && bit >= 1 && bit <= 8 && u.kit.profile[byteNumber-1]>>(bit-1)&1 != 0
}

// Status is the status word to answer instead of 9000 while a proactive command
// waits: 91xx. It is for the commands of every application on the card.
// Spec: SPEC-USIM-133, SPEC-USIM-134.
func (u *UICC) Status(sw iso7816.SW) iso7816.SW {
	k := &u.kit
	if sw != iso7816.OK || !k.profiled || k.waiting == 0 || k.fetched {
		return sw
	}
	return iso7816.Proactive.Value | iso7816.SW(byte(k.queue[k.first].length))
}

// IsToolkit tells whether a command is one of the toolkit session, which the UICC
// gets whatever application is selected. Spec: SPEC-USIM-135.
func IsToolkit(cmd *apdu.Command) bool {
	return cmd.CLA == uicc.ClassUICC && (cmd.INS == uicc.InsTerminalProfile || cmd.INS == uicc.InsEnvelope ||
		cmd.INS == uicc.InsFetch || cmd.INS == uicc.InsTerminalResponse)
}

// terminalProfile is TERMINAL PROFILE (ETSI TS 102 221 §11.2.1).
// Spec: SPEC-USIM-136.
func (u *UICC) terminalProfile(_ *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	if cmd.P1 != 0 || cmd.P2 != 0 {
		return dst, iso7816.IncorrectP1P2
	}
	if len(cmd.Data) == 0 {
		return dst, iso7816.WrongLength
	}
	k := &u.kit
	clear(k.profile[:])
	k.bytes, k.profiled = copy(k.profile[:], cmd.Data), true
	return dst, iso7816.OK
}

// fetch is FETCH (ETSI TS 102 221 §11.2.3); the command may be fetched again until
// its response comes. Spec: SPEC-USIM-137, SPEC-USIM-138.
func (u *UICC) fetch(_ *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	k := &u.kit
	switch {
	case cmd.P1 != 0 || cmd.P2 != 0:
		return dst, iso7816.IncorrectP1P2
	case len(cmd.Data) > 0:
		return dst, iso7816.WrongLength
	case k.waiting == 0 || !k.profiled:
		return dst, iso7816.ConditionsNotSatisfied
	}
	p := &k.queue[k.first]
	if sw := fits(cmd, p.length); sw != iso7816.OK {
		return dst, sw
	}
	k.fetched = true
	return append(dst, p.command[:p.length]...), iso7816.OK
}

// terminalResponse is TERMINAL RESPONSE (ETSI TS 102 221 §11.2.4).
// Spec: SPEC-USIM-139, SPEC-USIM-140.
func (u *UICC) terminalResponse(_ *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	k := &u.kit
	if cmd.P1 != 0 || cmd.P2 != 0 {
		return dst, iso7816.IncorrectP1P2
	}
	if !k.fetched {
		return dst, iso7816.ConditionsNotSatisfied
	}
	r, err := uicc.DecodeTerminalResponse(cmd.Data)
	p := &k.queue[k.first]
	if d, _, _ := uicc.DecodeDetails(p.command[:p.length]); err != nil || r.Details != d {
		return dst, iso7816.WrongData
	}
	owner := p.owner
	clear(p.command[:])
	p.owner, p.length = nil, 0
	k.first, k.waiting, k.fetched = (k.first+1)%queueLength, k.waiting-1, false
	if owner != nil {
		owner.Responded(&r)
	}
	return dst, iso7816.OK
}
