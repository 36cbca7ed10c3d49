package sms

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

// tpduVector is a vector of sms_tpdu.json.
type tpduVector struct {
	vectors.Header
	Kind  string      `json:"kind"` // what Bytes is
	Bytes vectors.Hex `json:"bytes"`
	Path  string      `json:"path,omitempty"` // of the DecodeError
	Want  want        `json:"want"`
}

// want is what the bytes say.
type want struct {
	Address  string      `json:"address,omitempty"`
	Type     byte        `json:"type,omitempty"`
	PID      byte        `json:"pid,omitempty"`
	DCS      byte        `json:"dcs,omitempty"`
	UDL      byte        `json:"udl,omitempty"`
	UDHI     bool        `json:"udhi,omitempty"`
	Concat   []int       `json:"concat,omitempty"` // reference, total, sequence
	CPI      bool        `json:"cpi,omitempty"`
	Elements []string    `json:"elements,omitempty"` // "71:FF"
	Body     vectors.Hex `json:"body,omitempty"`
	TPDU     vectors.Hex `json:"tpdu,omitempty"`
	SC       vectors.Hex `json:"sc,omitempty"`
}

// codec decodes one kind and encodes what it decoded.
type codec func(b []byte) (want, []byte, error)

var codecs = map[string]codec{
	"deliver": func(b []byte) (want, []byte, error) {
		d, err := DecodeDeliver(b)
		if err != nil {
			return want{}, nil, err
		}
		w := want{Address: d.OA.String(), PID: d.PID, DCS: d.DCS, UDL: d.UDL, UDHI: d.UDHI}
		w.header(d.UDHI, d.UD)
		out, err := d.Append(nil)
		return w, out, err
	},
	"submit": func(b []byte) (want, []byte, error) {
		s, err := DecodeSubmit(b)
		if err != nil {
			return want{}, nil, err
		}
		w := want{Address: s.DA.String(), PID: s.PID, DCS: s.DCS, UDL: s.UDL, UDHI: s.UDHI}
		w.header(s.UDHI, s.UD)
		out, err := s.Append(nil)
		return w, out, err
	},
	"report":      func(b []byte) (want, []byte, error) { return report(b, false) },
	"reportError": func(b []byte) (want, []byte, error) { return report(b, true) },
	"userData": func(b []byte) (w want, out []byte, err error) {
		h, body, err := DecodeUserData(b)
		if err != nil {
			return want{}, nil, err
		}
		var again Header
		for e, rest, ok := h.Next(); ok; e, rest, ok = rest.Next() {
			w.Elements = append(w.Elements, fmt.Sprintf("%02X:%X", byte(e.ID), e.Data))
			again = again.AppendElement(e.ID, e.Data)
		}
		w.Body = body
		out, err = AppendUserData(nil, again, body, MaxUserData)
		return w, out, err
	},
	"address": func(b []byte) (want, []byte, error) {
		a, rest, err := DecodeAddress(b)
		if err != nil {
			return want{}, nil, err
		}
		again, err := NewAddress(a.Type, a.String())
		if again != a {
			return want{}, nil, fmt.Errorf("NewAddress: %v", again)
		}
		return want{Address: a.String(), Type: a.Type, Body: rest}, append(again.Append(nil), rest...), err
	},
	"download": func(b []byte) (want, []byte, error) {
		d, err := DecodeDownload(b)
		return want{TPDU: d.TPDU, SC: d.Address}, d.Append(nil), err
	},
	"proactive": func(b []byte) (want, []byte, error) {
		s, err := DecodeSendShortMessage(b)
		return want{TPDU: s.TPDU, SC: s.Address}, s.Append(nil), err
	},
}

func report(b []byte, rpError bool) (want, []byte, error) {
	d, err := DecodeDeliverReport(b, rpError)
	if err != nil {
		return want{}, nil, err
	}
	out, err := d.Append(nil)
	return want{PID: d.PID, DCS: d.DCS, UDL: d.UDL, UDHI: d.UDHI}, out, err
}

func (w *want) header(udhi bool, ud []byte) {
	h, _, err := DecodeUserData(ud)
	if !udhi || err != nil {
		return
	}
	if c, ok := h.Concat(); ok {
		w.Concat = []int{int(c.Reference), int(c.Total), int(c.Sequence)}
	}
	w.CPI = h.Has(IEICommandPacket)
}

var hexEqual = cmp.Transformer("hex", func(h vectors.Hex) string { return fmt.Sprintf("%X", []byte(h)) })

func TestVectors(t *testing.T) {
	for _, v := range vectors.Load[tpduVector](t, "sms_tpdu.json") {
		t.Run(v.Name, func(t *testing.T) {
			decode := codecs[v.Kind]
			got, again, err := decode(v.Bytes)
			if v.Fail != "" {
				var de *wire.DecodeError
				if !errors.As(err, &de) || de.Want != v.Fail || v.Path != "" && de.Path != v.Path {
					t.Fatalf("%v, want %s at %s", err, v.Fail, v.Path)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(v.Want, got, hexEqual); d != "" {
				t.Errorf("decoded (-want +got):\n%s", d)
			}
			if v.Note == "" {
				if d := cmp.Diff(v.Bytes, vectors.Hex(again), hexEqual); d != "" && v.Kind != "download" {
					t.Errorf("encoded again (-want +got):\n%s", d)
				}
			}
			cut(t, &v, decode)
		})
	}
}

// cut truncates at every byte and adds one: each is a DecodeError, but where
// the format ends with data of any length.
func cut(t *testing.T, v *tpduVector, decode codec) {
	t.Helper()
	open := v.Kind == "userData" || v.Kind == "address"
	end := len(v.Bytes) - len(v.Want.Body)
	for n := range end {
		var de *wire.DecodeError
		if _, _, err := decode(v.Bytes[:n]); !errors.As(err, &de) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if _, _, err := decode(append(append([]byte(nil), v.Bytes...), 0)); err == nil && !open {
		t.Error("a trailing byte was accepted")
	}
}

func TestErrorNamesNoContent(t *testing.T) {
	_, err := DecodeDeliver([]byte(strings.Repeat("\x5A", 200)))
	if err == nil || strings.Contains(strings.ToLower(err.Error()), "5a5a") {
		t.Errorf("%v", err)
	}
}
