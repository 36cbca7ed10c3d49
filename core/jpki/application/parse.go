package application

import (
	"strconv"

	"inkan/core/cms/der"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

const format = "application"

// Parse reads the DER of an application. Malformed bytes are a
// *wire.DecodeError; contradictions and a text that is not that of the fields
// wrap ErrInconsistent. Spec: SPEC-APPLICATION-020, SPEC-APPLICATION-021,
// SPEC-APPLICATION-023.
func Parse(b []byte) (*Application, error) {
	outer := der.New(format, b)
	if len(b) > MaxLen {
		outer.Fail(MaxLen, "", "at most 4096 bytes", "more")
	}
	c := outer.Enter(der.Sequence, "")
	outer.End()
	a := new(Application)
	text := a.read(c)
	if err := c.End(); err != nil {
		return nil, err
	}
	if err := a.Check(); err != nil {
		return nil, err
	}
	if text != a.Text(a.Language) {
		return nil, inconsistent("text", "that of the fields")
	}
	return a, nil
}

// read reads the fields and returns the text.
func (a *Application) read(c *der.Cursor) string {
	at := c.Offset()
	if string(c.Octets(der.PrintableString, 0, 64, "label")) != label {
		c.Fail(at, "label", label, "another")
	}
	at = c.Offset()
	if v := c.Small(der.IntegerTag, "version"); v != version {
		c.Fail(at, "version", strconv.Itoa(version), strconv.Itoa(v))
	}
	a.Purpose = Purpose(c.Small(der.Enumerated, "purpose"))
	copy(a.Nonce[:], c.Octets(der.OctetString, IDLen, IDLen, "nonce"))
	at = c.Offset()
	if c.More() && c.Peek() != der.GeneralizedTime {
		c.Fail(at, "time", "tag 18", "another")
	}
	a.Time = c.Time("time")
	for _, f := range fields {
		if t := c.Peek(); t == der.Context(f.tag, f.tag >= 6) {
			a.readField(c, f, t)
		}
	}
	display := c.Enter(der.Sequence, "display")
	a.Language = Language(display.Octets(der.PrintableString, 2, 2, "language"))
	text := display.Octets(der.UTF8String, 1, MaxTextLen, "text")
	display.End()
	return string(text)
}

// readField reads one field; absence is encoded by leaving it out, not by zeros.
func (a *Application) readField(c *der.Cursor, f field, t byte) {
	at := c.Offset()
	fixed := func(dst []byte) { copy(dst, c.Octets(t, len(dst), len(dst), f.name)) }
	switch f.tag {
	case 0:
		fixed(a.SIM[:])
	case 1:
		a.Roles = jpki.Role(c.Small(t, f.name))
	case 2:
		a.Origin = jpki.Origin(c.Small(t, f.name))
	case 3:
		fixed(a.Instance[:])
	case 4:
		fixed(a.Commitment[:])
	case 5:
		fixed(a.ReplyKey[:])
	case 6:
		in := c.Enter(t, f.name)
		copy(a.Order.Hash[:], in.Octets(der.OctetString, len(a.Order.Hash), len(a.Order.Hash), "hash"))
		copy(a.Order.Challenge[:], in.Octets(der.OctetString, perso.ChallengeLen, perso.ChallengeLen, "challenge"))
		in.End()
	case 7:
		p := new(Presence)
		in := c.Enter(t, f.name)
		p.AID = in.Octets(der.OctetString, 5, 16, "aid")
		copy(p.LoadFile[:], in.Octets(der.OctetString, len(p.LoadFile), len(p.LoadFile), "loadFile"))
		copy(p.Authority[:], in.Octets(der.OctetString, len(p.Authority), len(p.Authority), "authority"))
		p.Attestation = in.Octets(der.OctetString, 1, maxAttestation, "attestation")
		in.End()
		a.Presence = p
	}
	if c.Err() == nil && !f.has(a) {
		c.Fail(at, f.name, "a value that is not zero", "zeros")
	}
}
