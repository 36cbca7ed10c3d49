package os

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/observe"
	"inkan/core/scp"
)

// session is a security domain on a logical channel, or at work on scripts over
// the air.
type session struct {
	d       *domain
	channel int
	secure  secure
	remote  *packet // the secured packet whose script is executed; nil: none

	loading  *loading
	target   gp.AID // application that STORE DATA goes to; zero: the domain itself
	combined *combined
	joiner   *gp.Joiner
	cut      cut
	sequence *gp.StoreDataSequence
	status   statusCursor
	pending  []byte // response data that waits for GET RESPONSE

	plain, answer []byte // scratch: command and response without secure messaging
}

// Limits of what is put together in RAM, bytes.
const (
	maxJoined   = 4096
	maxSequence = 4096
)

// end ends the secure channel and what hangs on it.
func (s *session) end() {
	s.secure.Close()
	s.quit()
	s.unchain()
	clear(s.pending)
	clear(s.cut.data)
	s.pending, s.status, s.cut = nil, statusCursor{}, cut{}
}

// unchain ends a chain of commands. The data of one that is executed is the
// joiner's.
func (s *session) unchain() {
	if s.joiner != nil {
		s.joiner.Reset()
	}
}

// quit ends a load, a personalisation and a sequence.
func (s *session) quit() {
	s.loading, s.target, s.combined = nil, gp.AID{}, nil
	if s.sequence != nil {
		s.sequence.Reset()
	}
}

// Process implements runtime.Resident. Spec: SPEC-UICC-OS-128, SPEC-UICC-OS-129,
// SPEC-UICC-OS-031.
func (d *domain) Process(dst []byte, cmd *apdu.Command, raw []byte, channel int) ([]byte, iso7816.SW) {
	return d.session(channel).process(dst, cmd, raw)
}

func (s *session) process(dst []byte, cmd *apdu.Command, raw []byte) ([]byte, iso7816.SW) {
	if !gp.IsGlobalPlatformClass(cmd.CLA) && !gp.IsInterindustryClass(cmd.CLA) {
		return dst, iso7816.CLANotSupported
	}
	if s.cut.active() && !s.cut.continues(cmd) {
		s.end()
	}
	if cmd.INS == gp.InsGetResponse {
		return s.getResponse(dst, cmd)
	}
	s.pending = nil
	if s.protected(cmd) {
		whole, sw, held := s.uncut(cmd, raw)
		if held {
			return dst, sw
		}
		return s.secured(dst, whole)
	}
	if sw := s.d.refuses(cmd.INS); sw != iso7816.OK {
		return dst, sw
	}
	switch cmd.INS {
	case gp.InsInitializeUpdate, gp.InsExternalAuthenticate:
		s.quit()
		s.unchain()
		return split(dst, s.secure.Handshake(s.answer[:0], raw))
	case gp.InsSelect:
		return dst, iso7816.FileNotFound
	case gp.InsGetData, gp.InsGetDataOdd:
		if !s.secure.IsOpen() {
			data, sw := s.getData(s.answer[:0], cmd)
			s.answer = data
			return s.deliver(dst, data, sw, cmd)
		}
	case gp.InsBeginRMACSession, gp.InsEndRMACSession:
		if !s.secure.IsOpen() {
			return dst, iso7816.ConditionsNotSatisfied
		}
	default:
		if !commands[cmd.INS] {
			return dst, iso7816.INSNotSupported
		}
		if !s.secure.IsOpen() || s.secure.Level()&scp.CMAC == 0 && !s.d.card.cfg.Policy.PlainSessions {
			return dst, iso7816.SecurityStatusNotSatisfied
		}
	}
	return s.secured(dst, raw)
}

// protected tells whether a command belongs to the open channel, so that it is
// unwrapped before anything else is looked at: both ends count every one of them.
// Spec: SPEC-UICC-OS-098.
func (s *session) protected(cmd *apdu.Command) bool {
	handshake := cmd.INS == gp.InsInitializeUpdate || cmd.INS == gp.InsExternalAuthenticate
	return !handshake && cmd.INS != gp.InsSelect && cmd.Class().SecureMessaging() != apdu.NoSecureMessaging &&
		s.secure.IsOpen() && s.secure.Level()&scp.CMAC != 0
}

// commands are the instructions that need an authenticated host.
var commands = map[byte]bool{gp.InsInstall: true, gp.InsLoad: true, gp.InsDelete: true, gp.InsGetStatus: true,
	gp.InsStoreData: true, gp.InsPutKey: true, gp.InsSetStatus: true}

// refuses is what the life cycle of the card or the domain does not allow.
// Spec: SPEC-UICC-OS-071, SPEC-UICC-OS-077.
func (d *domain) refuses(ins byte) iso7816.SW {
	read := ins == gp.InsGetData || ins == gp.InsGetDataOdd || ins == gp.InsSelect
	switch d.card.state() {
	case gp.CardTerminated:
		if !read {
			return iso7816.ConditionsNotSatisfied
		}
	case gp.CardLocked:
		handshake := ins == gp.InsInitializeUpdate || ins == gp.InsExternalAuthenticate
		if !read && !handshake && ins != gp.InsSetStatus && ins != gp.InsGetStatus {
			return iso7816.ConditionsNotSatisfied
		}
	}
	if e, _ := d.card.domainEntry(d.id); e.state.Locked() && d.id != issuerID && !read {
		return iso7816.ConditionsNotSatisfied
	}
	return iso7816.OK
}

// secured unwraps a command, executes it and wraps the response.
func (s *session) secured(dst, raw []byte) ([]byte, iso7816.SW) {
	plain, err := s.secure.Unwrap(s.plain[:0], raw)
	if err != nil {
		s.end()
		return dst, iso7816.SecurityStatusNotSatisfied
	}
	s.plain = plain
	defer func() { clear(s.plain[:cap(s.plain)]) }()
	cmd, err := apdu.DecodeCommand(plain)
	if err != nil {
		return dst, iso7816.WrongLength
	}
	if cmd.INS == gp.InsBeginRMACSession || cmd.INS == gp.InsEndRMACSession {
		if sw := s.d.refuses(cmd.INS); sw != iso7816.OK {
			return s.wrap(dst, status(nil, sw))
		}
		return s.wrap(dst, s.responseSession(&cmd, plain))
	}
	data, sw := s.execute(s.answer[:0], &cmd)
	if !s.secure.IsOpen() { // an applet that was called has ended the session
		s.end()
		return dst, sw
	}
	if len(data) > s.secure.room() {
		if s.secure.Level()&scp.RMAC == 0 {
			return s.deliver(dst, data, sw, &cmd)
		}
		data, sw = data[:0], iso7816.NoPreciseDiagnosis
	}
	s.answer = append(data, sw.SW1(), sw.SW2())
	return s.wrap(dst, s.answer)
}

func (s *session) wrap(dst, response []byte) ([]byte, iso7816.SW) {
	wrapped, err := s.secure.Wrap(nil, response)
	if err != nil {
		return dst, iso7816.SecurityStatusNotSatisfied
	}
	return split(dst, wrapped)
}

// responseSession is BEGIN and END R-MAC SESSION, of protocols that have them.
func (s *session) responseSession(cmd *apdu.Command, plain []byte) []byte {
	r, ok := s.secure.open.(interface {
		BeginRMACSession(dst, cmd []byte) []byte
		EndRMACSession(dst, cmd []byte) []byte
	})
	switch {
	case !ok:
		return status(nil, iso7816.INSNotSupported)
	case cmd.INS == gp.InsBeginRMACSession:
		return r.BeginRMACSession(nil, plain)
	}
	return r.EndRMACSession(nil, plain)
}

// split takes a response APDU apart.
func split(dst, response []byte) ([]byte, iso7816.SW) {
	n := len(response) - 2
	return append(dst, response[:n]...), iso7816.SW(response[n])<<8 | iso7816.SW(response[n+1])
}

// deliver answers response data, or keeps what does not fit a short response for
// GET RESPONSE. Spec: SPEC-UICC-OS-062.
func (s *session) deliver(dst, data []byte, sw iso7816.SW, cmd *apdu.Command) ([]byte, iso7816.SW) {
	limit := apdu.MaxShortNe
	if cmd.Extended {
		limit = max(cmd.Ne, apdu.MaxShortNe)
	}
	if len(data) <= limit || sw != iso7816.OK {
		return append(dst, data...), sw
	}
	s.pending = append([]byte(nil), data[limit:]...)
	return append(dst, data[:limit]...), available(len(s.pending))
}

// available is 61xx for a number of bytes.
func available(n int) iso7816.SW {
	if n >= apdu.MaxShortNe {
		return 0x6100
	}
	return 0x6100 | iso7816.SW(n)
}

func (s *session) getResponse(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	if len(s.pending) == 0 {
		return dst, iso7816.INSNotSupported
	}
	n := min(max(cmd.Ne, 1), len(s.pending))
	dst = append(dst, s.pending[:n]...)
	if s.pending = s.pending[n:]; len(s.pending) > 0 {
		return dst, available(len(s.pending))
	}
	return dst, iso7816.OK
}

// execute executes a command of an authenticated host.
func (s *session) execute(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	if sw := s.d.refuses(cmd.INS); sw != iso7816.OK {
		return dst, sw
	}
	cmd, more, err := s.join(cmd)
	if err != nil {
		return dst, errorStatus(err)
	}
	if more {
		return dst, iso7816.OK
	}
	defer s.unchain()
	switch cmd.INS {
	case gp.InsGetData, gp.InsGetDataOdd:
		return s.getData(dst, cmd)
	case gp.InsGetStatus:
		return s.getStatus(dst, cmd)
	case gp.InsStoreData:
		return s.storeData(dst, cmd)
	}
	n := len(dst)
	switch cmd.INS {
	case gp.InsInstall:
		dst, err = s.install(dst, cmd)
	case gp.InsLoad:
		dst, err = s.load(dst, cmd)
	case gp.InsDelete:
		dst, err = s.delete(dst, cmd)
	case gp.InsPutKey:
		dst, err = s.putKey(dst, cmd)
	case gp.InsSetStatus:
		err = s.setStatus(cmd)
	default:
		err = iso7816.INSNotSupported
	}
	if err != nil {
		s.trap(cmd.INS, err)
		return dst[:n], errorStatus(err)
	}
	return dst, iso7816.OK
}

// trap tells the observer why a command is refused.
func (s *session) trap(ins byte, err error) {
	if o := s.d.card.cfg.Observer; o != nil {
		o.Trap(&observe.Trap{Cycle: s.d.card.Clock().Now(), Where: fmt.Sprintf("os/%02X", ins), Cause: err.Error(), SW: uint16(errorStatus(err))})
	}
}

// join joins the chains of INSTALL, DELETE and PUT KEY. Spec: SPEC-GP-108.
func (s *session) join(cmd *apdu.Command) (whole *apdu.Command, more bool, err error) {
	if s.joiner == nil {
		s.joiner = gp.NewJoiner(maxJoined)
	}
	if cmd.INS != gp.InsInstall && cmd.INS != gp.InsDelete && cmd.INS != gp.InsPutKey {
		s.joiner.Reset()
		return cmd, false, nil
	}
	joined, done, err := s.joiner.Add(cmd)
	if err != nil || !done {
		return cmd, true, err
	}
	return &joined, false, nil
}
