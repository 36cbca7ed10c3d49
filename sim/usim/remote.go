package usim

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
)

// Domain is the access domain of remote file management (ETSI TS 102 226
// §8.2.1.3.2.4): what its commands may do without presenting a PIN.
type Domain struct {
	Full bool                // whatever is not forbidden for all
	Keys []uicc.KeyReference // as if these were verified
}

// maxRemoteResponse is the response data that can wait for GET RESPONSE.
const maxRemoteResponse = 256

// Remote executes the commands of a script of remote file management: an
// apdu.Card with a current file, verified PINs and rights of its own. Commands are
// executed within one of the card's, as that of an OTA. Not for concurrent use.
type Remote struct {
	u        *UICC
	s        session
	domain   Domain
	verified uint32
	aid      []byte // of the ADF where a script begins
	waiting  [maxRemoteResponse]byte
	pending  []byte // in waiting
}

// NewRemote makes remote file management with an access domain. Scripts begin at
// the MF, the shared file system, or at the ADF with an AID.
func (u *UICC) NewRemote(d Domain, aid []byte) *Remote {
	return &Remote{u: u, domain: d, aid: aid}
}

// Begin begins a script: nothing of the one before is left. It fails when there
// is no ADF with the AID. Spec: SPEC-USIM-170.
func (r *Remote) Begin() error {
	directory, application := int16(root), int16(none)
	if len(r.aid) > 0 {
		application = r.u.byName(r.aid, 0, none)
		if directory = application; directory == none {
			return fmt.Errorf("usim: remote file management of an application: %w", iso7816.FileNotFound)
		}
	}
	r.s = session{rights: r}
	r.s.begin(directory, application)
	r.verified = 0
	r.end()
	return nil
}

// Verified implements uicc.Keys for the script. Spec: SPEC-USIM-172.
func (r *Remote) Verified(reference uicc.KeyReference) bool {
	if r.domain.Full {
		return true
	}
	for _, k := range r.domain.Keys {
		if k == reference {
			return true
		}
	}
	i := r.u.key(reference)
	return i >= 0 && (r.verified>>i&1 != 0 || !r.u.pin(i).enabled())
}

func (r *Remote) setVerified(reference uicc.KeyReference, verified bool) {
	i := r.u.key(reference)
	if r.verified &^= 1 << i; verified {
		r.verified |= 1 << i
	}
}

// Transmit implements apdu.Card. Response data to a command that has data and no
// Le waits for GET RESPONSE: 61xx. Begin comes before the first command.
// Spec: SPEC-USIM-171, SPEC-USIM-173.
func (r *Remote) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := apdu.DecodeCommand(cmd)
	n := len(dst)
	sw := iso7816.WrongLength
	switch {
	case err != nil || !r.s.used:
	case c.INS == uicc.InsGetResponse:
		dst, sw = r.getResponse(dst, &c)
	default:
		r.end()
		dst, sw = r.execute(dst, &c)
		if data := dst[n:]; len(data) > 0 && c.Ne == 0 && len(data) <= maxRemoteResponse {
			r.pending = r.waiting[:copy(r.waiting[:], data)]
			dst, sw = dst[:n], iso7816.WithRemaining(len(r.pending))
		}
	}
	return append(dst, sw.SW1(), sw.SW2()), nil
}

func (r *Remote) execute(dst []byte, c *apdu.Command) ([]byte, iso7816.SW) {
	i, sw := r.u.find(c)
	switch {
	case sw != iso7816.OK:
		return dst, sw
	case !i.remote:
		return dst, iso7816.INSNotSupported
	case c.Class().Channel() != 0:
		return dst, iso7816.LogicalChannelNotSupported
	}
	return r.u.run(i, &r.s, dst, c)
}

func (r *Remote) getResponse(dst []byte, c *apdu.Command) ([]byte, iso7816.SW) {
	if len(r.pending) == 0 {
		return dst, iso7816.ConditionsNotSatisfied
	}
	n := min(c.Ne, len(r.pending))
	dst = append(dst, r.pending[:n]...)
	if r.pending = r.pending[n:]; len(r.pending) > 0 {
		return dst, iso7816.WithRemaining(len(r.pending))
	}
	r.end()
	return dst, iso7816.OK
}

// end forgets response data that waits.
func (r *Remote) end() {
	clear(r.waiting[:])
	r.pending = nil
}
