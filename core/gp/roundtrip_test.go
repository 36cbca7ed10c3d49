package gp

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/core/tlv"
	"inkan/spec/req"
)

func drawBytes(t *rapid.T, label string, min, max int) []byte {
	return rapid.SliceOfN(rapid.Byte(), min, max).Draw(t, label)
}

func drawBool(t *rapid.T, label string) bool { return rapid.Bool().Draw(t, label) }

func drawByte(t *rapid.T, label string, max byte) byte {
	return rapid.ByteRange(0, max).Draw(t, label)
}

// drawInstall draws a valid INSTALL of any purpose.
func drawInstall(t *rapid.T) Install {
	i := Install{Purpose: rapid.SampledFrom([]InstallPurpose{ForLoad, ForInstall, ForMakeSelectable, ForInstallAndMakeSelectable,
		ForLoadInstallSelectable, ForExtradition, ForPersonalization, ForRegistryUpdate}).Draw(t, "purpose")}
	if i.Purpose == ForLoadInstallSelectable {
		i.Stage = rapid.SampledFrom([]InstallStage{CombinedBegin, CombinedEnd}).Draw(t, "stage")
	}
	for _, f := range i.Purpose.layout(i.Stage) {
		switch f {
		case fieldLoadFile:
			i.LoadFile = drawAID(t, "load file")
		case fieldOptionalLoadFile:
			i.LoadFile = drawOptionalAID(t, "load file")
		case fieldOptionalModule:
			i.Module = drawOptionalAID(t, "module")
		case fieldSecurityDomain:
			i.SecurityDomain = drawAID(t, "security domain")
		case fieldOptionalSecurityDomain:
			i.SecurityDomain = drawOptionalAID(t, "security domain")
		case fieldApplication:
			i.Application = drawAID(t, "application")
		case fieldOptionalApplication:
			i.Application = drawOptionalAID(t, "application")
		case fieldHash:
			n := rapid.SampledFrom([]int{0, 20, 32, 48, 64}).Draw(t, "hash")
			i.Hash = drawBytes(t, "hash", n, n)
		case fieldPrivileges:
			i.HasPrivileges = drawBool(t, "has privileges")
			if i.HasPrivileges {
				i.Privileges = Privileges(rapid.Uint32Range(0, 0xFFFFFF).Draw(t, "privileges"))
			}
		case fieldParameters:
			i.Parameters = drawBytes(t, "parameters", 0, 300)
		case fieldToken:
			i.Token = drawBytes(t, "token", 0, 300)
		}
	}
	return i
}

func drawCommand(t *rapid.T) Command {
	switch rapid.IntRange(0, 13).Draw(t, "instruction") {
	case 0:
		return Select{drawBytes(t, "name", 0, 16), Occurrence(drawByte(t, "occurrence", 3)), SelectReturn(drawByte(t, "return", 3) << 2)}
	case 1:
		return InitializeUpdate{drawByte(t, "kvn", 255), drawByte(t, "kid", 255), drawBytes(t, "challenge", 8, 8)}
	case 2:
		return ExternalAuthenticate{scp.Level(drawByte(t, "level", 255)), drawBytes(t, "cryptogram", 16, 16), drawBytes(t, "mac", 16, 16)}
	case 3:
		return ManageChannel{drawBool(t, "close"), drawByte(t, "channel", MaxChannel)}
	case 4:
		return BeginRMACSession{scp.Level(rapid.SampledFrom([]byte{0, 0x10, 0x30}).Draw(t, "level")), drawBytes(t, "data", 0, 24)}
	case 5:
		return EndRMACSession{drawBool(t, "keep")}
	case 6:
		return GetData{tlv.Tag(rapid.Uint16().Draw(t, "tag")), drawBytes(t, "data", 0, 255), drawBool(t, "odd")}
	case 7:
		g := GetStatus{Subset: rapid.SampledFrom([]Subset{0x80, 0x40, 0x20, 0x10}).Draw(t, "subset"), Next: drawBool(t, "next"),
			Legacy: drawBool(t, "legacy"), AID: drawBytes(t, "aid", 0, 16)}
		if drawBool(t, "tags?") {
			g.Tags = rapid.SampledFrom([]TagList{{}, {0x4F}, {0x4F, 0x9F, 0x70, 0xC5, 0xCC}}).Draw(t, "tags")
		}
		return g
	case 8:
		return SetStatus{rapid.SampledFrom([]StatusScope{0x80, 0x40, 0xC0}).Draw(t, "scope"), LifeCycle(drawByte(t, "state", 255)), drawAID(t, "aid")}
	case 9:
		return drawInstall(t)
	case 10:
		return Load{drawBool(t, "last"), drawByte(t, "number", 255), drawBytes(t, "data", 1, 255)}
	case 11:
		return drawDelete(t)
	case 12:
		return PutKey{drawByte(t, "kvn", 127), drawByte(t, "kid", 127), drawBool(t, "multiple"), 1 + drawByte(t, "new", 126), drawBytes(t, "blocks", 1, 600)}
	}
	return StoreData{Last: drawBool(t, "last"), Encryption: rapid.SampledFrom([]DataEncryption{0, 0x20, 0x60}).Draw(t, "encryption"),
		Structure: rapid.SampledFrom([]DataStructure{0, 8, 0x10}).Draw(t, "structure"), MayRespond: drawBool(t, "respond"),
		Number: drawByte(t, "number", 255), Data: drawBytes(t, "data", 1, 600)}
}

func drawDelete(t *rapid.T) Delete {
	d := Delete{Related: drawBool(t, "related")}
	if drawBool(t, "content") {
		d.AID = drawAID(t, "aid")
		if drawBool(t, "token?") {
			d.CRT, d.Token = drawBytes(t, "crt", 0, 40), drawBytes(t, "token", 0, 300)
		}
		return d
	}
	d.HasKeyID = drawBool(t, "kid?")
	d.HasKeyVersion = !d.HasKeyID || drawBool(t, "kvn?")
	if d.HasKeyID {
		d.KeyID = drawByte(t, "kid", 255)
	}
	if d.HasKeyVersion {
		d.KeyVersion = drawByte(t, "kvn", 255)
	}
	return d
}

// TestCommandRoundTrip encodes, transmits as bytes, decodes.
func TestCommandRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-GP-100", "SPEC-GP-101", "SPEC-GP-110", "SPEC-GP-115", "SPEC-GP-116", "SPEC-GP-120", "SPEC-GP-125")
	rapid.Check(t, func(t *rapid.T) {
		in := drawCommand(t)
		c, err := in.APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		received, err := apdu.DecodeCommand(raw)
		if err != nil {
			t.Fatal(err)
		}
		out, err := decodeCommand(&received)
		if d := cmp.Diff(in, out, cmp.AllowUnexported(AID{}), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("%X: %v %s", raw, err, d)
		}
	})
}

// TestInstallForeignField expects the encoder to refuse a field that the
// purpose does not have, rather than to drop it.
func TestInstallForeignField(t *testing.T) {
	req.Covers(t, "SPEC-GP-106")
	aid := AIDCASD
	for name, i := range map[string]Install{
		"hash in install":           {Purpose: ForInstall, Application: aid, Hash: make([]byte, 20)},
		"module in load":            {Purpose: ForLoad, LoadFile: aid, Module: aid},
		"token in personalization":  {Purpose: ForPersonalization, Application: aid, Token: []byte{1}},
		"privileges in extradition": {Purpose: ForExtradition, SecurityDomain: aid, Application: aid, Privileges: CardLock},
		"no application":            {Purpose: ForInstall, LoadFile: aid, Module: aid},
		"no security domain":        {Purpose: ForExtradition, Application: aid},
		"no load file":              {Purpose: ForLoad},
		"hash of 19 bytes":          {Purpose: ForLoad, LoadFile: aid, Hash: make([]byte, 19)},
		"purpose 06":                {Purpose: 0x06, Application: aid},
		"stage":                     {Purpose: ForInstall, Stage: CombinedEnd, Application: aid},
	} {
		if c, err := i.APDU(nil); err == nil {
			t.Errorf("%s: %X", name, c.Data)
		}
	}
}

// TestEncodersRefuse expects errors for values that do not fit.
func TestEncodersRefuse(t *testing.T) {
	for _, cmd := range []Command{
		Select{Name: make([]byte, 17)}, Select{Occurrence: 4}, Select{Return: 1},
		InitializeUpdate{HostChallenge: make([]byte, 7)},
		ExternalAuthenticate{HostCryptogram: make([]byte, 8)},
		ExternalAuthenticate{HostCryptogram: make([]byte, 16), MAC: make([]byte, 8)},
		ManageChannel{Channel: 20}, BeginRMACSession{Level: 1}, BeginRMACSession{Data: make([]byte, 25)},
		GetResponse{}, GetResponse{Ne: 65537}, GetData{Tag: 0x10000},
		GetStatus{}, GetStatus{Subset: 0x80, AID: make([]byte, 17)},
		SetStatus{Scope: 0x20, AID: AIDCASD}, SetStatus{Scope: 0x40},
		Load{}, Load{Data: make([]byte, 256)},
		Delete{}, Delete{AID: AIDCASD, HasKeyID: true}, Delete{HasKeyVersion: true, Token: []byte{1}},
		PutKey{}, PutKey{NewKeyVersion: 1}, PutKey{NewKeyVersion: 0x80, Blocks: []byte{1}}, PutKey{NewKeyVersion: 1, KeyID: 0x80, Blocks: []byte{1}},
		StoreData{}, StoreData{Data: []byte{1}, Encryption: 0x40}, StoreData{Data: []byte{1}, Structure: 0x18},
		StoreData{Data: []byte{1}, Structure: 1},
	} {
		if c, err := cmd.APDU(nil); err == nil {
			t.Errorf("%T%+v: %+v", cmd, cmd, c)
		}
	}
}

func TestEntryRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-GP-088", "SPEC-GP-089", "SPEC-GP-091")
	rapid.Check(t, func(t *rapid.T) {
		g := GetStatus{Subset: rapid.SampledFrom([]Subset{0x80, 0x40, 0x20, 0x10}).Draw(t, "subset"), Legacy: drawBool(t, "legacy")}
		var in []Entry
		for range rapid.IntRange(0, 5).Draw(t, "entries") {
			in = append(in, drawEntry(t, &g))
		}
		out, err := readStatus(&g, encodeStatusIn(t, &g, in))
		if d := cmp.Diff(in, out, cmp.AllowUnexported(AID{}), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Error(err, d)
		}
	})
}

func encodeStatusIn(t *rapid.T, g *GetStatus, entries []Entry) (b []byte) {
	for i := range entries {
		var err error
		if b, err = g.AppendEntry(b, &entries[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// drawEntry draws an entry that the response to g can carry whole.
func drawEntry(t *rapid.T, g *GetStatus) Entry {
	e := Entry{AID: drawAID(t, "aid"), LifeCycle: LifeCycle(drawByte(t, "life cycle", 255))}
	isFile := g.Subset == SubsetLoadFiles || g.Subset == SubsetLoadFilesAndModules
	if !isFile {
		e.Privileges = Privileges(rapid.Uint32Range(0, 0xFFFFFF).Draw(t, "privileges"))
		if g.Legacy {
			e.Privileges &= 0xFF0000
		}
	}
	r := NewStatusReader(g, nil)
	e.Kind = r.kind(e.Privileges)
	if g.Subset == SubsetLoadFilesAndModules {
		for range rapid.IntRange(0, 4).Draw(t, "modules") {
			e.Modules = append(e.Modules, drawAID(t, "module"))
		}
	}
	if g.Legacy {
		return e
	}
	e.Version = drawBytes(t, "version", 0, 4)
	e.SecurityDomain = drawOptionalAID(t, "security domain")
	e.LoadFile = drawOptionalAID(t, "load file")
	e.ImplicitSelection = drawBytes(t, "implicit selection", 0, 4)
	if e.HasContactless = drawBool(t, "contactless?"); e.HasContactless {
		e.Contactless = drawByte(t, "contactless", 255)
	}
	return e
}

// TestTagList expects exactly the objects that the tag list names.
func TestTagList(t *testing.T) {
	req.Covers(t, "SPEC-GP-090")
	all := map[tlv.Tag][]byte{0x4F: {0x4F}, 0x9F70: {0x9F, 0x70}, 0xC5: {0xC5}, 0xC4: {0xC4}, 0xCE: {0xCE}, 0xCC: {0xCC}, 0xCF: {0xCF}}
	e := Entry{Kind: KindApplication, AID: AIDCASD, LifeCycle: 7, LoadFile: AIDCardManager, Version: []byte{1, 0},
		SecurityDomain: AIDIssuerSecurityDomain, ImplicitSelection: []byte{0x80}}
	rapid.Check(t, func(t *rapid.T) {
		g := GetStatus{Subset: SubsetApplications, Tags: TagList{}}
		want := map[tlv.Tag]bool{}
		for _, tag := range []tlv.Tag{0x4F, 0x9F70, 0xC5, 0xC4, 0xCE, 0xCC, 0xCF} {
			if drawBool(t, tag.String()) {
				want[tag] = true
				g.Tags = append(g.Tags, all[tag]...)
			}
		}
		got := map[tlv.Tag]bool{}
		r := tlv.NewReader(encodeStatusIn(t, &g, []Entry{e}))
		r.Next()
		for c := r.Children(); c.Next(); {
			got[c.Tag()] = true
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// TestUnsignedIsWhatTheCardSplits expects host and card to agree on the bytes
// that a token signs, for every purpose and for DELETE.
func TestUnsignedIsWhatTheCardSplits(t *testing.T) {
	req.Covers(t, "SPEC-GP-104")
	rapid.Check(t, func(t *rapid.T) {
		var cmd Command
		var unsigned, token []byte
		var err error
		if drawBool(t, "delete") {
			d := Delete{AID: drawAID(t, "aid"), Token: drawBytes(t, "token", 1, 300)}
			cmd, token = d, d.Token
			unsigned, err = d.AppendWithoutToken(nil)
		} else {
			i := drawInstall(t)
			if i.Purpose == ForPersonalization {
				return
			}
			cmd, token = i, i.Token
			unsigned, err = i.AppendWithoutToken(nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := cmd.APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		body, got, err := SplitToken(&c)
		if err != nil || !bytes.Equal(body, unsigned) || !bytes.Equal(got, token) {
			t.Errorf("%+v: card splits %X, %X (%v)", cmd, body, got, err)
		}
	})
}
