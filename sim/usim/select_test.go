package usim

import (
	"bytes"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/uicc"
	"inkan/spec/req"
)

// fcp selects a file and gives its FCP.
func (c *card) fcp(s uicc.Select, sw iso7816.SW) uicc.FCP {
	c.t.Helper()
	f, err := uicc.DecodeFCP(c.do(s, sw))
	if err != nil {
		c.t.Fatal(err)
	}
	return f
}

// current is the identifier of the current directory.
func (c *card) current() uicc.FileID {
	c.t.Helper()
	f, err := uicc.DecodeFCP(c.do(uicc.Status{}, iso7816.OK))
	if err != nil {
		c.t.Fatal(err)
	}
	return f.ID
}

func (c *card) want(id uicc.FileID) {
	c.t.Helper()
	if got := c.current(); got != id {
		c.t.Fatalf("the current directory is %v, want %v", got, id)
	}
}

func byID(id uicc.FileID) uicc.Select { return uicc.Select{Path: []uicc.FileID{id}} }

func TestSelectByFileID(t *testing.T) {
	req.Covers(t, "SPEC-USIM-044", "SPEC-USIM-050", "SPEC-USIM-051", "SPEC-USIM-055", "SPEC-USIM-062")
	c := newCard(t, options{})
	c.want(uicc.MF)
	c.do(byID(uicc.EFIMSI), iso7816.FileNotFound) // not below the MF
	c.do(byID(uicc.ADF), iso7816.FileNotFound)    // none is active
	c.do(byID(usimFileID), iso7816.FileNotFound)  // an ADF has no identifier
	c.do(byID(uicc.EFICCID), iso7816.OK)
	c.do(uicc.ReadBinary{}, iso7816.OK)
	c.do(byID(uicc.DFTELECOM), iso7816.OK) // a child of the current directory, with an EF selected
	c.want(uicc.DFTELECOM)
	c.do(uicc.ReadBinary{}, iso7816.NoCurrentFile)
	c.do(byID(uicc.EFADN), iso7816.OK)
	c.do(byID(uicc.DFTELECOM), iso7816.OK) // the current directory itself
	c.do(byID(uicc.EFICCID), iso7816.FileNotFound)
	c.want(uicc.DFTELECOM)
	c.do(byID(uicc.MF), iso7816.OK)
	c.usim()
	c.want(usimFileID)
	c.do(byID(uicc.EFIMSI), iso7816.OK)
	c.do(byID(uicc.DFTELECOM), iso7816.OK) // a directory beside the ADF
	c.do(byID(uicc.ADF), iso7816.OK)       // still active
	c.want(usimFileID)
	c.do(uicc.Select{By: uicc.ByParent}, iso7816.OK)
	c.want(uicc.MF)
	c.do(uicc.Select{By: uicc.ByParent}, iso7816.FileNotFound)
	c.do(uicc.Select{By: uicc.ByChild, Path: []uicc.FileID{uicc.DFTELECOM}}, iso7816.OK)
	c.want(uicc.DFTELECOM)
	c.do(uicc.Select{By: uicc.ByChild, Path: []uicc.FileID{uicc.EFADN}}, iso7816.FileNotFound)
	c.send("00A4000C -> 9000") // the MF
	c.want(uicc.MF)
	c.send("00A40004013F -> 6700", "00A40304023F00 -> 6700", "00A4040400 -> 6700", "00A4050400 -> 6A86")
}

func TestSelectByPath(t *testing.T) {
	req.Covers(t, "SPEC-USIM-045")
	c := newCard(t, options{})
	path := func(by uicc.SelectBy, ids ...uicc.FileID) uicc.Select { return uicc.Select{By: by, Path: ids} }
	c.do(path(uicc.ByPath, uicc.DFTELECOM, uicc.EFADN), iso7816.OK)
	c.do(path(uicc.ByPath, uicc.ADF, uicc.EFIMSI), iso7816.FileNotFound)
	c.want(uicc.DFTELECOM)
	c.usim()
	c.do(path(uicc.ByPath, uicc.DFTELECOM), iso7816.OK)
	c.do(path(uicc.ByPathFromHere, uicc.EFADN), iso7816.OK)
	c.do(path(uicc.ByPath, uicc.ADF, uicc.EFIMSI), iso7816.OK)
	c.want(usimFileID)
	c.do(path(uicc.ByPathFromHere, uicc.EFIMSI), iso7816.OK)
	for _, p := range [][]uicc.FileID{{uicc.EFICCID, uicc.EFICCID}, {uicc.DFTELECOM, uicc.ADF}, {uicc.MF}, {0x1234}} {
		c.do(path(uicc.ByPath, p...), iso7816.FileNotFound)
	}
	c.want(usimFileID)
	c.send("00A40804037F1000 -> 6700")
}

// twoUSIMs is a profile's files with a second ADF, whose AID has the same
// beginning.
func twoUSIMs(t *testing.T) (files []File, pins []PINConfig, second []byte) {
	files, pins, err := testProfile().Build()
	if err != nil {
		t.Fatal(err)
	}
	second = append(bytes.Clone(testUSIM[:7]), 0x99, 0x99)
	return append(files, directory(0x7FD1, atMF, second)), pins, second
}

func TestSelectByName(t *testing.T) {
	req.Covers(t, "SPEC-USIM-046", "SPEC-USIM-047", "SPEC-USIM-048", "SPEC-USIM-049", "SPEC-USIM-054")
	files, pins, second := twoUSIMs(t)
	c := cardOf(t, Config{Files: files, PINs: pins}, erased(t))
	name := func(b []byte, p2 byte) uicc.Select {
		return uicc.Select{By: uicc.ByName, Name: b, P2: uicc.SelectFCP | p2}
	}
	c.do(uicc.Status{Return: uicc.StatusName}, iso7816.ConditionsNotSatisfied)
	for _, s := range []struct {
		name []byte
		p2   byte
		want []byte // nil: none
	}{
		{testUSIM[:7], 0, testUSIM}, {testUSIM[:5], uicc.SelectNext, second}, {testUSIM[:5], uicc.SelectNext, nil},
		{testUSIM[:5], uicc.SelectPrevious, testUSIM}, {testUSIM[:5], uicc.SelectLast, second}, {testUSIM, 0, testUSIM},
		{second, 0, second}, {append(bytes.Clone(second), 1), 0, nil}, {uicc.AIDPrefixISIM, 0, nil},
	} {
		if s.want == nil {
			c.do(name(s.name, s.p2), iso7816.FileNotFound)
			continue
		}
		if f := c.fcp(name(s.name, s.p2), iso7816.OK); !bytes.Equal(f.AID, s.want) {
			t.Errorf("%X P2 %02X: %X", s.name, s.p2, f.AID)
		}
		if got := c.do(uicc.Status{Return: uicc.StatusName}, iso7816.OK); !bytes.Equal(got, tlv.Append(nil, 0x84, s.want)) {
			t.Errorf("STATUS: %X", got)
		}
	}
	c.do(name(testUSIM, uicc.SelectTerminate), iso7816.FileNotFound) // not the active one
	c.want(0x7FD1)
	if got := c.do(name(second, uicc.SelectTerminate), iso7816.OK); len(got) > 0 {
		t.Errorf("%X", got)
	}
	c.want(uicc.MF)
	c.do(byID(uicc.ADF), iso7816.FileNotFound)
}

func TestSelectReturns(t *testing.T) {
	req.Covers(t, "SPEC-USIM-056", "SPEC-USIM-008")
	c := newCard(t, options{})
	a := c.do(uicc.Select{Path: []uicc.FileID{uicc.EFICCID}}, iso7816.OK)
	c.send("00A40000022FE2 -> 62…9000", "00A4000C022FE2 -> 9000", "00A40008022FE2 -> 6A86", "00A40084022FE2 -> 6A86",
		"00A40014022FE2 -> 6A86", "00A40005022FE2 -> 6A86", "00A40044022FE2 -> 6A86", "00A4002402 2FE2 -> 6A86", "00A40004026FFF -> 6A82")
	if _, err := uicc.DecodeFCP(a); err != nil {
		t.Error(err)
	}
	byName := uicc.Select{By: uicc.ByName, Name: testUSIM, P2: uicc.SelectNoData}
	if got := c.do(byName, iso7816.OK); len(got) > 0 {
		t.Errorf("by name: %X", got)
	}
	c.want(usimFileID)
	byName.P2 = 0x08
	c.do(byName, iso7816.IncorrectP1P2)
}

func TestFCPs(t *testing.T) {
	req.Covers(t, "SPEC-USIM-014", "SPEC-USIM-015", "SPEC-USIM-052", "SPEC-USIM-053")
	c := newCard(t, options{})
	mf := c.fcp(byID(uicc.MF), iso7816.OK)
	if len(mf.PINs) != 2 || mf.PINs[0] != (uicc.PINStatus{Key: uicc.PIN1, Enabled: true}) || mf.PINs[1].Key != uicc.ADM1 || mf.AID != nil || mf.Size != -1 {
		t.Errorf("MF: %+v", mf)
	}
	if df := c.fcp(byID(uicc.DFTELECOM), iso7816.OK); len(df.PINs) != 2 {
		t.Errorf("DF TELECOM: %+v", df)
	}
	adf := c.fcp(uicc.Select{By: uicc.ByName, Name: testUSIM}, iso7816.OK)
	if len(adf.PINs) != 3 || adf.PINs[1].Key != uicc.PIN2 || !bytes.Equal(adf.AID, testUSIM) {
		t.Errorf("ADF: %+v", adf)
	}
	acm := c.fcp(byID(uicc.EFACM), iso7816.OK)
	if acm.Descriptor != (uicc.Descriptor{Structure: uicc.Cyclic, RecordBytes: 3, RecordCount: 2}) || acm.Size != 6 || acm.SFI != uicc.NoSFI || acm.LifeCycle != uicc.Activated {
		t.Errorf("EF ACM: %+v", acm)
	}
	c.verify(uicc.ADM1, iso7816.OK)
	c.do(uicc.ActivateFile{Off: true}, iso7816.OK)
	if f := c.fcp(byID(uicc.EFACM), iso7816.FileDeactivated); f.LifeCycle != uicc.Deactivated {
		t.Errorf("EF ACM: %+v", f)
	}
	c.send("80F2000000 -> 62…9000", "80F2010C -> 9000", "80F2000101 -> 6C0E", "80F2000001 -> 6C39", "80F20000 -> 6700", "80F2030000 -> 6A86",
		"80F2000200 -> 6A86", "80F200000101 -> 6700", "80F2020C -> 9000")
}

// TestChannels: each logical channel has a selection of its own, PINs are common.
func TestChannels(t *testing.T) {
	req.Covers(t, "SPEC-USIM-005", "SPEC-USIM-114", "SPEC-USIM-007")
	c := newCard(t, options{})
	c.usim()
	c.selected(uicc.EFIMSI)
	c.send("0070000001 -> 019000")
	f, err := uicc.DecodeFCP(c.on(1, uicc.Status{}, iso7816.OK))
	if err != nil || f.ID != uicc.MF {
		t.Fatalf("channel 1 begins at %v, %v", f.ID, err)
	}
	c.on(1, uicc.ReadBinary{}, iso7816.NoCurrentFile)
	c.on(1, uicc.Select{By: uicc.ByName, Name: testUSIM}, iso7816.OK)
	c.on(1, byID(uicc.EFAD), iso7816.OK)
	c.verify(uicc.PIN1, iso7816.OK)
	if n := len(c.do(uicc.ReadBinary{}, iso7816.OK)); n != 9 {
		t.Errorf("%d bytes of EF IMSI on channel 0", n)
	}
	if n := len(c.on(1, uicc.ReadBinary{}, iso7816.OK)); n != 4 {
		t.Errorf("%d bytes of EF AD on channel 1", n)
	}
	c.on(1, byID(uicc.EFIMSI), iso7816.OK)
	c.on(1, uicc.ReadBinary{}, iso7816.OK) // PIN1 was verified on channel 0
	c.send("81100000020102 -> 6881", "8112000001 -> 6881", "00708001 -> 9000", "0070000001 -> 019000", "01B0000001 -> 6986")
	c.u.OpenChannel(1, 2)
	c.u.OpenChannel(0, 3)
	if c.u.channels[2].directory != root || c.u.channels[3].directory != root {
		t.Error("channels opened from the MF")
	}
	c.on(1, uicc.Select{By: uicc.ByName, Name: testUSIM}, iso7816.OK)
	c.on(1, byID(uicc.EFIMSI), iso7816.OK)
	c.u.OpenChannel(1, 2)
	c.u.OpenChannel(0, 3)
	if s := c.u.channels[2]; s.directory != atUSIM || s.application != atUSIM || s.file != none || c.u.channels[3].directory != root {
		t.Errorf("%+v", s)
	}
}
