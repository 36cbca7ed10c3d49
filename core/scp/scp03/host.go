package scp03

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/scp"
)

var errClass = errors.New("scp03: the plain command's class byte already claims secure messaging")

// Host is the off-card side of an open channel.
type Host struct {
	session     *session // nil when the session has ended
	outstanding bool     // a command was wrapped whose response has not come
}

var _ scp.Host = (*Host)(nil)

// Open opens a channel over a card: both commands of the handshake.
func Open(ctx context.Context, card apdu.Card, config HostConfig) (*Host, error) {
	h, err := NewHandshake(config)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	cmd, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, err
	}
	resp, err := card.Transmit(ctx, cmd, nil)
	if err != nil {
		return nil, err
	}
	if cmd, err = h.ExternalAuthenticate(nil, resp); err != nil {
		return nil, err
	}
	if resp, err = card.Transmit(ctx, cmd, nil); err != nil {
		return nil, err
	}
	return h.Open(resp)
}

// Level is the agreed security level; 0 when the session has ended.
func (h *Host) Level() scp.Level {
	if h.session == nil {
		return 0
	}
	return h.session.level
}

// Wrap appends the protected form of a plain command APDU to dst, short or
// extended as cmd is. A command that cannot be protected (*wire.DecodeError,
// ErrTooLong, a class that claims secure messaging) leaves the session as it
// was. A response that was never unwrapped is given up.
// Spec: SPEC-SCP03-040 to SPEC-SCP03-051, SPEC-SCP03-055.
func (h *Host) Wrap(dst, cmd []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	if h.session.level == 0 {
		h.outstanding = true
		return append(dst, cmd...), nil
	}
	out, err := h.session.protectCommand(dst, &c)
	if err != nil {
		return dst, err
	}
	h.outstanding = true
	return out, nil
}

// Unwrap verifies the response to the last wrapped command and appends the
// plain one to dst. Any error ends the session: ErrResponse, ErrSequence or
// *wire.DecodeError.
// Spec: SPEC-SCP03-060 to SPEC-SCP03-068.
func (h *Host) Unwrap(dst, resp []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	if !h.outstanding {
		h.Close()
		return dst, ErrSequence
	}
	h.outstanding = false
	ra, err := apdu.DecodeResponse(resp)
	if err == nil {
		var out []byte
		if out, err = h.session.unprotectResponse(dst, resp, ra.SW); err == nil {
			return out, nil
		}
	}
	h.Close()
	return dst, err
}

// EncryptSensitive appends plain, whole blocks of 16 bytes, under the static
// DEK: AES-CBC with a zero ICV. Other lengths, 0 too, are ErrSensitive and
// leave the session as it was.
// Spec: SPEC-SCP03-070, SPEC-SCP03-071.
func (h *Host) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	if len(plain) == 0 || len(plain)%blockSize != 0 {
		return dst, ErrSensitive
	}
	start := len(dst)
	dst = append(dst, plain...)
	h.session.dek.Encrypt(dst[start:], dst[start:], nil)
	return dst, nil
}

// Close ends the session and wipes its keys. It may be called again.
// Spec: SPEC-SCP03-080, SPEC-SCP03-081.
func (h *Host) Close() {
	if h.session != nil {
		h.session.wipe()
		h.session = nil
	}
	h.outstanding = false
}
