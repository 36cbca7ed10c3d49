package gp_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type parametersVector struct {
	vectors.Header
	Kind        string      `json:"kind"`
	Bytes       vectors.Hex `json:"bytes"`
	NonVolatile uint32      `json:"nonvolatile"`
	Volatile    uint32      `json:"volatile"`
	Code        uint32      `json:"code"`
}

// parameterKinds decode and encode again. They are the kinds of the vectors.
var parameterKinds = map[string]func(b []byte) (again []byte, err error){
	"install": func(b []byte) ([]byte, error) {
		p, err := gp.DecodeInstallParameters(b)
		return encodeAfter(err, p.Append)
	},
	"toolkit": func(b []byte) ([]byte, error) {
		p, err := gp.DecodeUICCToolkit(b)
		return encodeAfter(err, p.AppendUICC)
	},
	"sim": func(b []byte) ([]byte, error) {
		p, err := gp.DecodeSIMParameters(b)
		return encodeAfter(err, p.Append)
	},
	"access": func(b []byte) ([]byte, error) {
		rules, err := gp.DecodeAccessRules(b)
		return encodeAfter(err, func(dst []byte) ([]byte, error) { return gp.AppendAccessRules(dst, rules) })
	},
	"sd": func(b []byte) ([]byte, error) {
		p, err := gp.DecodeSecurityDomainParameters(b)
		return encodeAfter(err, p.Append)
	},
	"control": func(b []byte) ([]byte, error) {
		c, err := gp.DecodeConfidentialControl(b)
		return encodeAfter(err, c.Append)
	},
	"point": func(b []byte) ([]byte, error) {
		k, err := gp.DecodeEphemeralPublicKey(b)
		return encodeAfter(err, k.Append)
	},
	"response": func(b []byte) ([]byte, error) {
		c, err := gp.DecodeConfidentialResponse(b)
		return encodeAfter(err, c.Append)
	},
}

func encodeAfter(err error, encode func([]byte) ([]byte, error)) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return encode(nil)
}

func TestParameterVectors(t *testing.T) {
	for _, v := range vectors.Load[parametersVector](t, "gp-content-parameters.json") {
		t.Run(v.Name, func(t *testing.T) {
			checkParameters(t, v)
			if v.Fail != "" || v.Kind != "install" {
				return
			}
			p, err := gp.DecodeInstallParameters(v.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if s := p.System; s != nil && (s.NonVolatile.Bytes != v.NonVolatile || s.Volatile.Bytes != v.Volatile || s.NonVolatileCode.Bytes != v.Code) {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestConfidentialVectors(t *testing.T) {
	for _, v := range vectors.Load[parametersVector](t, "gp-content-confidential.json") {
		t.Run(v.Name, func(t *testing.T) { checkParameters(t, v) })
	}
}

func checkParameters(t *testing.T, v parametersVector) {
	t.Helper()
	again, err := parameterKinds[v.Kind](v.Bytes)
	if v.Fail != "" {
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || fault.Path != v.Fail {
			t.Fatalf("%v, want a fault at %q", err, v.Fail)
		}
		return
	}
	if err != nil || !bytes.Equal(again, v.Bytes) {
		t.Fatalf("%X → %X, %v", v.Bytes, again, err)
	}
	for n := range v.Bytes {
		if out, err := parameterKinds[v.Kind](v.Bytes[:n]); err == nil && !bytes.Equal(out, v.Bytes[:n]) {
			t.Errorf("cut at %d: %X", n, out)
		}
	}
	if _, err := parameterKinds[v.Kind](append(bytes.Clone(v.Bytes), 0x9F)); err == nil {
		t.Error("a trailing byte is accepted")
	}
}

func TestParametersTyped(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-080", "SPEC-GP-CONTENT-082", "SPEC-GP-CONTENT-086", "SPEC-GP-CONTENT-087", "SPEC-GP-CONTENT-088", "SPEC-GP-CONTENT-089")
	all := vectors.Load[parametersVector](t, "gp-content-parameters.json")
	named := func(name string) []byte {
		for _, v := range all {
			if v.Name == name {
				return v.Bytes
			}
		}
		t.Fatal(name)
		return nil
	}
	p, _ := gp.DecodeInstallParameters(named("kaoh/uicc"))
	if p.UICC == nil || p.ApplicationSpecific == nil || len(p.ApplicationSpecific) != 0 {
		t.Fatalf("%+v", p)
	}
	k, err := gp.DecodeUICCToolkit(p.UICC.Toolkit)
	if err != nil || k.Priority != 1 || k.MaxTextLen != 0x14 || k.MaxChannels != 2 || !bytes.Equal(k.SecurityLevel, []byte{1, 0x1E}) || len(k.TARs) != 1 || k.TARs[0] != [3]byte{0xD5, 1, 3} {
		t.Errorf("%+v, %v", k, err)
	}
	rules, err := gp.DecodeAccessRules(p.UICC.Access)
	if err != nil || len(rules) != 2 || !rules[0].ADF.IsZero() || rules[1].ADF != gp.MustAID("A0000000871002FFFFFFFF8900000100") {
		t.Errorf("%+v, %v", rules, err)
	}
	s, err := gp.DecodeSIMParameters(named("kaoh/sim"))
	if err != nil || !bytes.Equal(s.AccessDomain, []byte{0}) || s.MaxTimers != 1 || s.MaxTextLen != 0x10 || s.MaxChannels != 1 || len(s.TARs) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	sd, err := gp.DecodeSecurityDomainParameters(named("kaoh/sd"))
	if err != nil || len(sd.SecureChannels) != 1 || sd.SecureChannels[0] != (gp.SCPOption{Protocol: 2, I: 0x15}) || !sd.Personalized || !bytes.Equal(sd.AcceptExtraditionOut, []byte{0x80, 0}) {
		t.Errorf("%+v, %v", sd, err)
	}
}

func TestParametersFromFields(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-081", "SPEC-GP-CONTENT-083", "SPEC-GP-CONTENT-084", "SPEC-GP-CONTENT-085")
	p := gp.InstallParameters{
		ApplicationSpecific: []byte{},
		System:              &gp.SystemParameters{Volatile: gp.NewMemorySize(0x7FFF), NonVolatile: gp.NewMemorySize(0x8000)},
	}
	b, err := p.Append(nil)
	if want := []byte{0xC9, 0, 0xEF, 10, 0xC7, 2, 0x7F, 0xFF, 0xC8, 4, 0, 0, 0x80, 0}; err != nil || !bytes.Equal(b, want) {
		t.Fatalf("%X, %v", b, err)
	}
	// A field that is added to what was decoded comes after it, unknown last.
	d, err := gp.DecodeInstallParameters([]byte{0xA1, 0, 0xC9, 0})
	if err != nil {
		t.Fatal(err)
	}
	d.System = &gp.SystemParameters{GlobalService: []byte{1, 2}}
	d.Unknown = append(d.Unknown, gp.Object{Tag: 0xA2, Value: []byte{3}})
	b, err = d.Append(nil)
	if want := []byte{0xA1, 0, 0xC9, 0, 0xEF, 4, 0xCB, 2, 1, 2, 0xA2, 1, 3}; err != nil || !bytes.Equal(b, want) {
		t.Fatalf("%X, %v", b, err)
	}
	d.ApplicationSpecific = nil
	d.Unknown[1].Tag = 0
	if out, err := d.Append([]byte{7}); err == nil || len(out) != 1 {
		t.Fatal("tag 0 encoded")
	}
}

func TestToolkitRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := gp.ToolkitParameters{
			Priority: rapid.Byte().Draw(t, "priority"), MaxTimers: rapid.Byte().Draw(t, "timers"),
			MaxTextLen: rapid.Byte().Draw(t, "text"), MaxChannels: rapid.Byte().Draw(t, "channels"),
			SecurityLevel: rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "level"), MaxServices: rapid.Byte().Draw(t, "services"),
		}
		for range rapid.IntRange(0, 5).Draw(t, "menu") {
			p.Menu = append(p.Menu, gp.MenuEntry{Position: rapid.Byte().Draw(t, "position"), ID: rapid.Byte().Draw(t, "id")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "TARs") {
			p.TARs = append(p.TARs, [3]byte(rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, "TAR")))
		}
		b, err := p.AppendUICC(nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := gp.DecodeUICCToolkit(b)
		again, err2 := d.AppendUICC(nil)
		if err != nil || err2 != nil || !bytes.Equal(again, b) || d.MaxServices != p.MaxServices || len(d.TARs) != len(p.TARs) {
			t.Fatalf("%X → %X", b, again)
		}
	})
}

func FuzzInstallParameters(f *testing.F) {
	kinds := strings.Fields("install toolkit sim access sd control point response")
	seeds := append(vectors.Load[parametersVector](f, "gp-content-parameters.json"), vectors.Load[parametersVector](f, "gp-content-confidential.json")...)
	for _, v := range seeds {
		for i, kind := range kinds {
			if kind == v.Kind {
				f.Add(byte(i), []byte(v.Bytes))
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		again := parameterKinds[kinds[int(kind)%len(kinds)]]
		once, err := again(b)
		if err != nil {
			var fault *wire.DecodeError
			if errors.As(err, &fault) && fault.Offset > len(b) {
				t.Fatalf("%v in %d bytes", err, len(b))
			}
			return
		}
		twice, err := again(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%X → %X → %X, %v", b, once, twice, err)
		}
	})
}
