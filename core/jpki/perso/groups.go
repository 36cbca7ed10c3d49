package perso

import (
	"errors"

	"inkan/core/jpki"
	"inkan/core/tlv"
)

// Groups is a sequence of data groups, to be sent in one sequence of STORE DATA.
// It may hold nothing secret but envelopes, which are encrypted. The zero value
// is empty; the first fault sticks and is Transfer's to report.
type Groups struct {
	data []byte
	last jpki.DGI
	from int // where the last one begins
	err  error
}

func (g *Groups) add(dgi jpki.DGI, value []byte) *Groups {
	if len(value) > tlv.MaxDGIData {
		g.fail(dgi, "value too long")
		return g
	}
	g.from = len(g.data)
	g.data, g.last = tlv.AppendDGI(g.data, uint16(dgi), value), dgi
	return g
}

func (g *Groups) fail(dgi jpki.DGI, what string) {
	if g.err == nil {
		g.err = errors.New("perso: " + dgi.String() + ": " + what)
	}
}

// Bytes are the groups and the first fault.
func (g *Groups) Bytes() ([]byte, error) { return g.data, g.err }

// Order adds ORDER; its answer is an OrderStatement.
func (g *Groups) Order(o *Order) *Groups {
	b, err := o.Append(nil)
	if err != nil && g.err == nil {
		g.err = err
	}
	return g.add(jpki.DGIOrder, b)
}

// Generate adds GENERATE of one role; its answer is a KeyStatement.
func (g *Groups) Generate(role jpki.Role) *Groups {
	if !role.Single() {
		g.fail(jpki.DGIGenerate, role.String())
	}
	return g.add(jpki.DGIGenerate, []byte{byte(role)})
}

// Envelope adds ENVELOPE with a sealed value.
func (g *Groups) Envelope(sealed []byte) *Groups {
	if _, err := DecodeEnvelope(sealed); err != nil && g.err == nil {
		g.err = err
	}
	return g.add(jpki.DGIEnvelope, sealed)
}

// CACertificate adds CA CERT of one role.
func (g *Groups) CACertificate(role jpki.Role, der []byte) *Groups {
	if !role.Single() || len(der) == 0 || len(der) > jpki.MaxCertificateBytes {
		g.fail(jpki.DGICACertificate, "role or length")
	}
	return g.add(jpki.DGICACertificate, append([]byte{byte(role)}, der...))
}

// Activate adds ACTIVATE; its answer is a Receipt.
func (g *Groups) Activate(id OrderID) *Groups { return g.add(jpki.DGIActivate, id[:]) }

// Suspend adds SUSPEND; its answer is a PhaseStatement.
func (g *Groups) Suspend(id OrderID) *Groups { return g.add(jpki.DGISuspend, id[:]) }

// Resume adds RESUME; its answer is a PhaseStatement.
func (g *Groups) Resume(id OrderID) *Groups { return g.add(jpki.DGIResume, id[:]) }

// Erase adds ERASE; its answer is an EraseStatement.
func (g *Groups) Erase(id OrderID) *Groups { return g.add(jpki.DGIErase, id[:]) }

// State adds STATE; its answer is a StateStatement.
func (g *Groups) State() *Groups { return g.add(jpki.DGIState, nil) }

// Answer adds ANSWER from an offset of the last answer.
func (g *Groups) Answer(offset uint16) *Groups {
	return g.add(jpki.DGIAnswer, []byte{byte(offset >> 8), byte(offset)})
}
