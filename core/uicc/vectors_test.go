package uicc

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

type fields = map[string]string

// codec decodes one kind of content and encodes what it decoded.
type codec func(b []byte) (fields, []byte, error)

var codecs = map[string]codec{
	"iccid": func(b []byte) (fields, []byte, error) {
		s, err := DecodeICCID(b)
		return again(fields{"digits": s}, err, func() ([]byte, error) { return AppendICCID(nil, s) })
	},
	"imsi": func(b []byte) (fields, []byte, error) {
		s, err := DecodeIMSI(b)
		return again(fields{"digits": s}, err, func() ([]byte, error) { return AppendIMSI(nil, s) })
	},
	"plmn": func(b []byte) (fields, []byte, error) {
		mcc, mnc, err := DecodePLMN(b)
		return again(fields{"mcc": mcc, "mnc": mnc}, err, func() ([]byte, error) { return AppendPLMN(nil, mcc, mnc) })
	},
	"spn": func(b []byte) (fields, []byte, error) {
		s, err := DecodeServiceName(b)
		return again(fields{"show": fmt.Sprint(s.ShowPLMN), "hide": fmt.Sprint(s.HideSPN), "text": string(s.Text)}, err,
			func() ([]byte, error) { return s.Append(nil) })
	},
	"acc": func(b []byte) (fields, []byte, error) {
		a, err := DecodeAccessClasses(b)
		var classes []string
		for i := range 16 {
			if a>>i&1 != 0 {
				classes = append(classes, fmt.Sprint(i))
			}
		}
		return again(fields{"classes": strings.Join(classes, " ")}, err, func() ([]byte, error) { return a.Append(nil), nil })
	},
	"loci": func(b []byte) (fields, []byte, error) {
		l, err := DecodeLocation(b)
		mcc, mnc, _ := DecodePLMN(l.PLMN[:])
		return again(fields{"tmsi": fmt.Sprintf("%X", l.TMSI), "mcc": mcc, "mnc": mnc, "lac": fmt.Sprintf("%04X", l.LAC),
			"reserved": fmt.Sprintf("%02X", l.Reserved), "status": fmt.Sprint(l.Status)}, err, func() ([]byte, error) { return l.Append(nil), nil })
	},
	"psloci": func(b []byte) (fields, []byte, error) {
		l, err := DecodePacketLocation(b)
		return again(fields{"ptmsi": fmt.Sprintf("%X", l.PTMSI), "signature": fmt.Sprintf("%X", l.Signature), "rai": fmt.Sprintf("%X", l.RAI),
			"status": fmt.Sprint(l.Status)}, err, func() ([]byte, error) { return l.Append(nil), nil })
	},
	"ad": func(b []byte) (fields, []byte, error) {
		a, err := DecodeAdministrativeData(b)
		f := fields{"operation": fmt.Sprintf("%02X", a.Operation), "additional": fmt.Sprintf("%04X", a.Additional)}
		if a.HasMNC {
			f["mnc"] = fmt.Sprint(a.MNCDigits)
		}
		return again(f, err, func() ([]byte, error) { return a.Append(nil), nil })
	},
	"ecc": func(b []byte) (fields, []byte, error) {
		e, _, err := DecodeEmergencyCode(b)
		return again(fields{"digits": e.Digits, "category": fmt.Sprintf("%02X", e.Category), "text": string(e.Text)}, err,
			func() ([]byte, error) { return e.Append(nil, len(b)) })
	},
	"number": func(b []byte) (fields, []byte, error) {
		n, _, err := DecodeNumber(b)
		return again(fields{"text": string(n.Text), "type": fmt.Sprintf("%02X", n.TONNPI), "digits": n.Digits}, err,
			func() ([]byte, error) { return n.Append(nil, len(b)) })
	},
	"smsp": func(b []byte) (fields, []byte, error) {
		p, err := DecodeParameters(b)
		f := fields{"text": string(p.Text), "destination": fmt.Sprintf("%X", p.Destination), "centre": fmt.Sprintf("%X", p.ServiceCentre)}
		for name, o := range map[string]Optional{"pid": p.PID, "dcs": p.DCS, "validity": p.Validity} {
			if o.Present {
				f[name] = fmt.Sprintf("%02X", o.Value)
			}
		}
		return again(f, err, func() ([]byte, error) { return p.Append(nil, len(b)) })
	},
	"hfn": func(b []byte) (fields, []byte, error) {
		h, err := DecodeHyperframeStart(b)
		return again(fields{"cs": fmt.Sprintf("%06X", h.CS), "ps": fmt.Sprintf("%06X", h.PS)}, err, func() ([]byte, error) { return h.Append(nil), nil })
	},
	"dir": func(b []byte) (fields, []byte, error) {
		a, _, err := DecodeApplication(b)
		return again(fields{"aid": fmt.Sprintf("%X", a.AID), "label": string(a.Label), "rest": fmt.Sprintf("%X", a.Rest)}, err,
			func() ([]byte, error) { return a.Append(nil, len(b)) })
	},
	"arr": func(b []byte) (fields, []byte, error) {
		rules, err := DecodeRules(b)
		var names []string
		var out []byte
		for _, r := range rules {
			c := map[ConditionKind]string{Always: "always", Never: "never", Verify: fmt.Sprintf("%02X", byte(r.Condition.Key))}[r.Condition.Kind]
			names = append(names, fmt.Sprintf("%02X/%02X %s", r.Operation.Mode, r.Operation.INS, c))
			out = AppendRule(out, r.Operation, r.Condition)
		}
		return fields{"rules": strings.Join(names, ", ")}, out, err
	},
}

func again(f fields, err error, encode func() ([]byte, error)) (fields, []byte, error) {
	if err != nil {
		return nil, nil, err
	}
	out, err := encode()
	return f, out, err
}

type fileVector struct {
	vectors.Header
	Kind   string      `json:"kind"`
	Bytes  vectors.Hex `json:"bytes"`
	Path   string      `json:"path,omitempty"` // of the DecodeError
	Want   fields      `json:"want,omitempty"`
	OneWay bool        `json:"oneWay,omitempty"` // written again, it differs
}

// TestFiles runs the vectors of contents of files; each codec has one, and refuses
// every truncation and one more byte where the content has a size.
func TestFiles(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors.Load[fileVector](t, "uicc-files.json") {
		t.Run(v.Name, func(t *testing.T) {
			f, out, err := codecs[v.Kind](v.Bytes)
			if v.Fail != "" {
				var d *wire.DecodeError
				if !errors.As(err, &d) || d.Path != v.Path {
					t.Fatalf("got %v, want a DecodeError with path %q", err, v.Path)
				}
				return
			}
			seen[v.Kind] = true
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.Want, f); diff != "" {
				t.Error(diff)
			}
			if !v.OneWay && !bytes.Equal(out, v.Bytes) {
				t.Errorf("written again: %X", out)
			}
			truncate(t, v)
		})
	}
	for kind := range codecs {
		if !seen[kind] {
			t.Errorf("no vector of %s", kind)
		}
	}
}

// truncate: a content cut short is an error or other content, never a panic; what
// has a fixed size is an error.
func truncate(t *testing.T, v fileVector) {
	t.Helper()
	fixed := !map[string]bool{"ad": true, "ecc": true, "number": true, "smsp": true, "arr": true, "dir": true}[v.Kind]
	for n := range len(v.Bytes) {
		if _, _, err := codecs[v.Kind](v.Bytes[:n]); err == nil && fixed {
			t.Errorf("the first %d bytes are accepted", n)
		}
	}
	if _, _, err := codecs[v.Kind](append(v.Bytes[:len(v.Bytes):len(v.Bytes)], 0)); err == nil && fixed {
		t.Error("one more byte is accepted")
	}
}

type fcpVector struct {
	vectors.Header
	Bytes vectors.Hex `json:"bytes"`
	Want  fields      `json:"want"`
}

func fcpFields(f *FCP) fields {
	out := fields{"structure": f.Descriptor.Structure.String(), "id": f.ID.String(), "state": fmt.Sprintf("%02X", byte(f.LifeCycle)),
		"rule": fmt.Sprintf("%v/%02X", f.Rule.File, f.Rule.Record)}
	set := func(name, value string, there bool) {
		if there {
			out[name] = value
		}
	}
	var pins []string
	for _, p := range f.PINs {
		pins = append(pins, fmt.Sprintf("%02X:%v", byte(p.Key), p.Enabled))
	}
	set("pins", strings.Join(pins, " "), pins != nil)
	set("aid", fmt.Sprintf("%X", f.AID), f.AID != nil)
	set("proprietary", fmt.Sprintf("%X", f.Proprietary), f.Proprietary != nil)
	set("size", fmt.Sprint(f.Size), f.Size >= 0)
	set("sfi", fmt.Sprint(f.SFI), f.SFI != 0)
	set("records", fmt.Sprintf("%d of %d", f.Descriptor.RecordCount, f.Descriptor.RecordBytes), f.Descriptor.RecordCount > 0)
	return out
}

func TestFCP(t *testing.T) {
	for _, v := range vectors.Load[fcpVector](t, "uicc-fcp.json") {
		t.Run(v.Name, func(t *testing.T) {
			f, err := DecodeFCP(v.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.Want, fcpFields(&f)); diff != "" {
				t.Error(diff)
			}
			if out := f.Append(nil); !bytes.Equal(out, v.Bytes) {
				t.Errorf("written again: %X", out)
			}
			for n := range len(v.Bytes) {
				if _, err := DecodeFCP(v.Bytes[:n]); err == nil {
					t.Errorf("the first %d bytes are accepted", n)
				}
			}
			if _, err := DecodeFCP(append(v.Bytes[:len(v.Bytes):len(v.Bytes)], 0)); err == nil {
				t.Error("one more byte is accepted")
			}
		})
	}
}
