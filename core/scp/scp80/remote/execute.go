package remote

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// Executor runs scripts on a card: the on-card side of remote management. Its
// buffers are kept between scripts. Not for concurrent use.
type Executor struct {
	// Card gets the C-APDUs; on a real card it is the dispatcher.
	Card apdu.Card
	// MaxResponse is the most bytes of response data; 0: 65535. An expanded
	// response that would be longer is cut, with status word Truncated.
	MaxResponse int
	// Immediate does an immediate action; nil, or false: suspension error.
	Immediate func(action []byte) bool
	// OnError does the last error action when a command fails; may be nil.
	OnError func(action []byte)

	response []byte
	command  []byte
}

// Continues reports whether a script goes on after a command with this status
// word: success, proactive command pending, more data, and warnings, but not
// Truncated. Spec: SPEC-SCP80-093.
func Continues(sw iso7816.SW) bool {
	switch sw >> 8 {
	case 0x90, 0x91, 0x92, 0x61, 0x9F, 0x62, 0x63:
		return sw != Truncated
	}
	return false
}

// Compact runs a compact script and appends the compact response to dst. A
// script that cannot be read to its end is not begun: the error is then a
// *wire.DecodeError. Other errors are the card transport's.
// Spec: SPEC-SCP80-084, SPEC-SCP80-085, SPEC-SCP80-093.
func (x *Executor) Compact(ctx context.Context, dst, script []byte, outgoing Outgoing) ([]byte, error) {
	check := NewCompactReader(script, outgoing)
	for check.Next() {
	}
	if err := check.Err(); err != nil {
		return dst, err
	}
	var last apdu.Response
	r := NewCompactReader(script, outgoing)
	for r.Next() {
		var err error
		if last, err = x.transmit(ctx, r.Command()); err != nil {
			return dst, err
		}
		if !Continues(last.SW) {
			break
		}
	}
	c := CompactResponse{Executed: byte(r.Count()), SW: last.SW, Data: last.Data}
	return c.Append(dst), nil
}

func (x *Executor) transmit(ctx context.Context, command []byte) (apdu.Response, error) {
	var err error
	if x.response, err = x.Card.Transmit(ctx, command, x.response[:0]); err != nil {
		return apdu.Response{}, err
	}
	return apdu.DecodeResponse(x.response)
}

// Expanded runs an expanded script and appends the expanded response, in the
// script's own form, to dst. A fault of the script ends it with a bad-format
// object; the commands before the fault have been executed. Errors are the
// card transport's. Spec: SPEC-SCP80-089 to SPEC-SCP80-095.
func (x *Executor) Expanded(ctx context.Context, dst, script []byte) ([]byte, error) {
	in := NewScriptReader(script)
	out := expandedWriter{form: in.Form(), limit: x.MaxResponse}
	dst = out.begin(dst)
	var onError []byte
	for in.Next() {
		switch v := in.Value(); in.Tag() {
		case TagErrorAction:
			onError = v
		case TagScriptChaining:
			return out.fail(dst, TagScriptChaining, ChainingNotSupported), nil
		case TagImmediateAction:
			if x.Immediate == nil || !x.Immediate(v) {
				return out.fail(dst, TagImmediateAction, SuspensionError), nil
			}
		case TagCommand:
			resp, err := x.whole(ctx, v)
			if err != nil {
				return dst, err
			}
			var sw iso7816.SW
			if dst, sw = out.response(dst, resp); !Continues(sw) {
				if x.OnError != nil && len(onError) > 0 {
					x.OnError(onError)
				}
				return out.end(dst), nil
			}
		}
	}
	if err := in.Err(); err != nil {
		return out.fail(dst, tagBadFormat, badFormat(err)), nil
	}
	return out.end(dst), nil
}

// badFormat is the code that tells a reader's fault to the other side.
func badFormat(err error) byte {
	var e *wire.DecodeError
	switch {
	case errors.As(err, &e) && e.Format == "expanded script" && e.Want == "tag 22, 81, 82 or 83":
		return BadFormatUnknownTag
	case e != nil && (e.Want == "a length" || e.Want == "end of contents"):
		return BadFormatNoLength
	}
	return BadFormatLength
}

// whole transmits a C-APDU and fetches all of its response: after 61xx by GET
// RESPONSE when the command has an Le, after 6Cxx by the command again.
// Spec: SPEC-SCP80-094.
func (x *Executor) whole(ctx context.Context, command []byte) (apdu.Response, error) {
	cmd, err := apdu.DecodeCommand(command)
	if err != nil {
		return apdu.Response{SW: iso7816.WrongLength}, nil
	}
	resp, err := x.transmit(ctx, command)
	if err != nil || cmd.Ne == 0 {
		return resp, err
	}
	if resp.SW>>8 == 0x6C {
		cmd.Ne = max(int(resp.SW&0xFF), 1)
		if x.command, err = cmd.Append(x.command[:0]); err != nil {
			return resp, err
		}
		return x.transmit(ctx, x.command)
	}
	for resp.SW>>8 == 0x61 && len(resp.Data) < apdu.MaxExtendedNe {
		n := len(resp.Data)
		x.command = append(x.command[:0], getResponseCLA(cmd.CLA), 0xC0, 0, 0, byte(resp.SW))
		if x.response, err = x.Card.Transmit(ctx, x.command, x.response[:n]); err != nil {
			return resp, err
		}
		if resp, err = apdu.DecodeResponse(x.response); err != nil || len(resp.Data) == n {
			return resp, err
		}
	}
	return resp, nil
}

// getResponseCLA is the interindustry class on the command's logical channel.
func getResponseCLA(cla byte) byte {
	if cla&0x40 != 0 {
		return 0x40 | cla&0x0F
	}
	return cla & 0x03
}

// expandedWriter builds a response template.
type expandedWriter struct {
	form     Form
	limit    int
	start    int
	mark     int
	executed int
}

func (w *expandedWriter) begin(dst []byte) []byte {
	w.start = len(dst)
	if w.limit <= 0 || w.limit > 65535 {
		w.limit = 65535
	}
	if w.form == Indefinite {
		return append(dst, tagResponseIndefinite, 0x80)
	}
	dst, w.mark = tlv.Begin(dst, tagResponse)
	return append(dst, byte(tagExecuted), 1, 0)
}

// response appends an R-APDU, cut when it does not fit. The number of executed
// commands is put in at the end. Spec: SPEC-SCP80-095.
func (w *expandedWriter) response(dst []byte, r apdu.Response) ([]byte, iso7816.SW) {
	const overhead = 16 // template length, R-APDU header, status word, end of contents
	if room := w.limit - (len(dst) - w.start) - overhead; len(r.Data) > room {
		// Also when there is no room for the next status word: it ends here.
		r.Data, r.SW = r.Data[:max(room, 0)], Truncated
	}
	dst = tlv.AppendHeader(dst, tagRAPDU, len(r.Data)+2)
	w.executed++
	return r.Append(dst), r.SW
}

func (w *expandedWriter) fail(dst []byte, tag tlv.Tag, code byte) []byte {
	return w.end(tlv.Append(dst, tag, []byte{code}))
}

func (w *expandedWriter) end(dst []byte) []byte {
	if w.form == Indefinite {
		return append(dst, 0, 0)
	}
	if w.executed > 255 { // the number needs a second byte
		dst = append(dst, 0)
		copy(dst[w.mark+3:], dst[w.mark+2:])
		dst[w.mark+1], dst[w.mark+2] = 2, byte(w.executed>>8)
		dst[w.mark+3] = byte(w.executed)
		return tlv.End(dst, w.mark)
	}
	dst[w.mark+2] = byte(w.executed)
	return tlv.End(dst, w.mark)
}
