package usim

import (
	"strings"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/uicc"
	"inkan/sim/engine"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// TestProfile: the contents say what the profile says.
func TestProfile(t *testing.T) {
	req.Covers(t, "SPEC-USIM-190", "SPEC-USIM-030", "SPEC-USIM-031", "SPEC-USIM-034", "SPEC-USIM-037", "SPEC-USIM-040")
	c, p := newCard(t, options{}), testProfile()
	c.selected(uicc.EFICCID)
	if s, err := uicc.DecodeICCID(c.do(uicc.ReadBinary{}, iso7816.OK)); err != nil || s != p.ICCID {
		t.Errorf("ICCID %s, %v", s, err)
	}
	a, ok, err := uicc.DecodeApplication(c.do(uicc.ReadRecord{SFI: 30, Number: 1, Length: applicationBytes}, iso7816.OK))
	if err != nil || !ok || string(a.AID) != string(p.USIM) || string(a.Label) != p.Label {
		t.Errorf("EF DIR: %+v, %v", a, err)
	}
	if _, ok, err := uicc.DecodeApplication(c.do(uicc.ReadRecord{SFI: 30, Number: 2, Length: applicationBytes}, iso7816.OK)); ok || err != nil {
		t.Errorf("second record of EF DIR: %v, %v", ok, err)
	}
	c.usim(uicc.PIN1)
	if s, err := uicc.DecodeIMSI(c.do(uicc.ReadBinary{SFI: 7}, iso7816.OK)); err != nil || s != p.IMSI {
		t.Errorf("IMSI %s, %v", s, err)
	}
	if l, err := uicc.DecodeLocation(c.do(uicc.ReadBinary{SFI: 0x0B}, iso7816.OK)); err != nil || l.PLMN != [3]byte{0x44, 0xF0, 0x01} {
		t.Errorf("EF LOCI %+v, %v", l, err)
	}
	if ad, err := uicc.DecodeAdministrativeData(c.do(uicc.ReadBinary{SFI: 3}, iso7816.OK)); err != nil || ad.MNCDigits != 2 {
		t.Errorf("EF AD %+v, %v", ad, err)
	}
	c.selected(uicc.EFSPN)
	if s, err := uicc.DecodeServiceName(c.do(uicc.ReadBinary{}, iso7816.OK)); err != nil || string(s.Text) != p.SPN {
		t.Errorf("EF SPN %+v, %v", s, err)
	}
	c.selected(uicc.EFMSISDN)
	if n, ok, err := uicc.DecodeNumber(c.do(uicc.ReadRecord{Number: 1, Length: numberBytes}, iso7816.OK)); err != nil || !ok || n.Digits != p.MSISDN {
		t.Errorf("EF MSISDN %+v, %v", n, err)
	}
	c.selected(uicc.EFSMSP)
	if s, err := uicc.DecodeParameters(c.do(uicc.ReadRecord{Number: 1, Length: smspBytes}, iso7816.OK)); err != nil || len(s.ServiceCentre) != 8 || s.ServiceCentre[1] != 0x91 {
		t.Errorf("EF SMSP %+v, %v", s, err)
	}
	ust := c.do(uicc.ReadBinary{SFI: 4}, iso7816.OK)
	if !uicc.HasService(ust, uicc.ServiceSMSPPDownload) || !uicc.HasService(ust, uicc.ServiceAlwaysOne) || uicc.HasService(ust, 2) {
		t.Errorf("EF UST %X", ust)
	}
}

func TestProfileErrors(t *testing.T) {
	req.Covers(t, "SPEC-USIM-190", "SPEC-USIM-191")
	for name, spoil := range map[string]func(*Profile){
		"ICCID":       func(p *Profile) { p.ICCID = "89x" },
		"IMSI":        func(p *Profile) { p.IMSI = "44010123456789012" },
		"short IMSI":  func(p *Profile) { p.IMSI = "44" },
		"IMSI letter": func(p *Profile) { p.IMSI = "44010a" },
		"MNC":         func(p *Profile) { p.MNCDigits = 1 },
		"SPN":         func(p *Profile) { p.SPN = strings.Repeat("x", 17) },
		"SPN letter":  func(p *Profile) { p.SPN = "😀" },
		"label":       func(p *Profile) { p.Label = strings.Repeat("x", 30) },
		"MSISDN":      func(p *Profile) { p.MSISDN = strings.Repeat("1", 21) },
		"SMSC":        func(p *Profile) { p.SMSC = strings.Repeat("1", 21) },
		"language":    func(p *Profile) { p.Languages = []string{"jpn"} },
		"emergency":   func(p *Profile) { p.Emergency = []uicc.EmergencyCode{{Digits: "1234567"}} },
		"no PIN1":     func(p *Profile) { p.PINs = p.PINs[1:] },
		"no ADM1":     func(p *Profile) { p.PINs = p.PINs[:2] },
		"no PIN2":     func(p *Profile) { p.PINs[1].Key = uicc.ADM2 },
	} {
		p := testProfile()
		spoil(p)
		if _, _, err := p.Build(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p := testProfile()
	p.SPN, p.Label, p.MSISDN, p.SMSC, p.Languages, p.Emergency = "印鑑", "", "", "", nil, nil
	newCard(t, options{profile: p})
}

func TestConfigErrors(t *testing.T) {
	mf := directory(uicc.MF, -1, nil)
	ef := func(change func(*File)) []File {
		f := transparent(0x6F01, 0, ruleOpen, []byte{1})
		change(&f)
		return []File{mf, f}
	}
	good := Config{Chip: engine.Reference(), RecordKind: testKind, Files: []File{mf}}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Config)) Config {
		c := good
		change(&c)
		return c
	}
	for name, c := range map[string]Config{
		"no chip":       with(func(c *Config) { c.Chip = nil }),
		"the runtime's": with(func(c *Config) { c.RecordKind = runtime.FirstPlatformRecord - 1 }),
		"reassembly":    with(func(c *Config) { c.Reassembly = sms.ReassemblerConfig{Sets: -1, Parts: 1} }),
		"no files":      with(func(c *Config) { c.Files = nil }),
		"no MF":         with(func(c *Config) { c.Files = []File{directory(uicc.DFTELECOM, -1, nil)} }),
		"parent":        with(func(c *Config) { c.Files = ef(func(f *File) { f.Parent = 1 }) }),
		"parent of MF":  with(func(c *Config) { c.Files = ef(func(f *File) { f.Parent = -1 }) }),
		"SFI":           with(func(c *Config) { c.Files = ef(func(f *File) { f.SFI = 31 }) }),
		"AID of an EF":  with(func(c *Config) { c.Files = ef(func(f *File) { f.AID = testUSIM }) }),
		"too large":     with(func(c *Config) { c.Files = ef(func(f *File) { f.Size = MaxFileBytes + 1 }) }),
		"empty":         with(func(c *Config) { c.Files = ef(func(f *File) { f.Size = 0 }) }),
		"content":       with(func(c *Config) { c.Files = ef(func(f *File) { f.Content = [][]byte{{1, 2}} }) }),
		"two contents":  with(func(c *Config) { c.Files = ef(func(f *File) { f.Content = [][]byte{{1}, {2}} }) }),
		"record length": with(func(c *Config) {
			c.Files = ef(func(f *File) { f.Structure, f.RecordBytes, f.Records = uicc.LinearFixed, 256, 1 })
		}),
		"records": with(func(c *Config) {
			c.Files = ef(func(f *File) { f.Structure, f.RecordBytes, f.Records = uicc.Cyclic, 1, 255 })
		}),
		"shared with later": with(func(c *Config) { c.Files = ef(func(f *File) { f.SameAs = 1 }) }),
		"twice":             with(func(c *Config) { c.Files = append(ef(func(*File) {}), ef(func(*File) {})[1]) }),
		"tries":             with(func(c *Config) { c.PINs = []PINConfig{{Key: 1, Tries: 16}} }),
		"no tries":          with(func(c *Config) { c.PINs = []PINConfig{{Key: 1}} }),
		"fixed, disabled":   with(func(c *Config) { c.PINs = []PINConfig{{Key: 1, Tries: 3, Fixed: true, Disabled: true}} }),
		"PIN twice":         with(func(c *Config) { c.PINs = []PINConfig{{Key: 1, Tries: 3}, {Key: 1, Tries: 3}} }),
		"PINs":              with(func(c *Config) { c.PINs = make([]PINConfig, maxKeys+1) }),
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
