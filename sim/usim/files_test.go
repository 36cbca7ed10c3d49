package usim

import (
	"bytes"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/spec/req"
)

func TestClasses(t *testing.T) {
	req.Covers(t, "SPEC-USIM-006", "SPEC-USIM-009")
	c := newCard(t, options{})
	c.send("A0A40000023F00 -> 6E00", "A020000108FFFFFFFFFFFFFFFF -> 6E00", "80A40004023F0000 -> 6E00", "00F2000000 -> 6E00",
		"0010000001FF -> 6E00", "0032000001 01 -> 6E00", "80B0000001 -> 6E00", "00E0000000 -> 6D00", "80EE0000 -> 6D00", "04A4000C023F00 -> 6882",
		"84F2000000 -> 6882", "10A4000C023F00 -> 6884", "20A4000C023F00 -> 6E00", "80AA0000 -> 9000", "80AA0100 -> 6A86", "A0C0000000 -> 6E00")
	c.want(uicc.MF)
	c.selected(uicc.EFICCID)
	c.send("00B00000 -> 6700", "00B000000100 -> 6700")
}

func TestBinary(t *testing.T) {
	req.Covers(t, "SPEC-USIM-060", "SPEC-USIM-061", "SPEC-USIM-065", "SPEC-USIM-066", "SPEC-USIM-067", "SPEC-USIM-068", "SPEC-USIM-030")
	c := newCard(t, options{})
	c.send("00A4000C022FE2 -> 9000", "00B0000000 -> 981801000000000010F89000", "00B0000400 -> 0000000010F89000", "00B0000203 -> 0100009000",
		"00B000090A -> F86282", "00B000000B -> 981801000000000010F86282", "00B0000A01 -> 6B00", "00B07FFF01 -> 6B00", "00D600000101 -> 6982",
		"00B0820902 -> F86282", "00B0820A01 -> 6B00", "00B0830001 -> 6A82", "00B0800001 -> 6A86", "00B09F0001 -> 6A86", "00B0A20001 -> 6A86")
	c.usim(uicc.PIN1)
	c.send("00B08D0000 -> FFFFFFFFFFFFFFFFFFFFFFFF9000", "00D6000904010203 04 -> 6700", "00D60009 -> 6700", "00D6000C01AA -> 6B00",
		"00D60009030102 03 -> 9000", "00B0000000 -> FFFFFFFFFFFFFFFFFF0102039000", "00D68D00 0144 F010 -> 6700")
	c.send("00D68D000144 -> 9000", "00B0000001 -> 449000")
	c.send("00B0810001 -> 6981", "00B0000001 -> 449000") // the SFI of a record-oriented file: nothing is selected
}

func TestStructures(t *testing.T) {
	req.Covers(t, "SPEC-USIM-063", "SPEC-USIM-062")
	c := newCard(t, options{})
	c.send("00B2010426 -> 6986", "00DC010401 00 -> 6986", "00A2010401 00 -> 6986", "8032000001 00 -> 6986", "00D600000100 -> 6986")
	c.usim(uicc.PIN1, uicc.ADM1)
	c.selected(uicc.EFIMSI)
	c.send("00B2010409 -> 6981", "00DC01040100 -> 6981", "00A20104010000 -> 6981", "80320000010000 -> 6981")
	c.selected(uicc.EFSMSP)
	c.send("00B0000000 -> 6981", "00D600000100 -> 6981", "80320000010000 -> 6981")
}

func TestRecords(t *testing.T) {
	req.Covers(t, "SPEC-USIM-070", "SPEC-USIM-071", "SPEC-USIM-072", "SPEC-USIM-073", "SPEC-USIM-074", "SPEC-USIM-076")
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	c.send("00B2010C0E -> 11F0FFFFFFFFFFFFFFFFFFFFFF019000", // SFI 01: EF ECC
		"00B200040E -> 6A83", // no current record yet
		"00B200020E -> 11F0FFFFFFFFFFFFFFFFFFFFFF019000",
		"00B200020E -> 11F8FFFFFFFFFFFFFFFFFFFFFF089000",
		"00B203040E -> 11F9FFFFFFFFFFFFFFFFFFFFFF069000", // absolute leaves the current record
		"00B200040E -> 11F8FFFFFFFFFFFFFFFFFFFFFF089000",
		"00B200030E -> 11F0FFFFFFFFFFFFFFFFFFFFFF019000",
		"00B200030E -> 6A83", "00B200040E -> 11F0FFFFFFFFFFFFFFFFFFFFFF019000",
		"00B200020E -> …9000", "00B200020E -> …9000", "00B200020E -> 6A83", "00B200040E -> 11F9FFFFFFFFFFFFFFFFFFFFFF069000",
		"00B204040E -> 6A83", "00B2FF040E -> 6A83", "00B2010500 -> 6A86", "00B201020E -> 6A86", "00B201FC0E -> 6A86", "00B2010100 -> 6A86",
		"00B2010401 -> 6C0E", "00B2010400 -> …9000", "00B20104 -> 6700", "00B201040100 -> 6700",
		"00A4000C026FB7 -> 9000", "00B200030E -> 11F9FFFFFFFFFFFFFFFFFFFFFF069000") // previous without a current one: the last
	c.selected(uicc.EFSMSP)
	c.send("00DC01040100 -> 6700", "00DC020401 00 -> 6A83", "00DC01010100 -> 6A86")
	data := bytes.Repeat([]byte{0x5A}, smspBytes)
	c.do(uicc.UpdateRecord{Mode: uicc.NextRecord, Data: data}, iso7816.OK)
	if got := c.do(uicc.ReadRecord{Length: smspBytes}, iso7816.OK); !bytes.Equal(got, data) {
		t.Errorf("%X", got)
	}
}

// TestShared: DF TELECOM shows the content of the ADF's files.
func TestShared(t *testing.T) {
	req.Covers(t, "SPEC-USIM-190", "SPEC-USIM-033")
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	c.selected(uicc.EFMSISDN)
	n := uicc.Number{Text: []byte("me"), TONNPI: 0x81, Digits: "0312345678", Configuration: 0xFF, Extension: 0xFF}
	record, err := n.Append(nil, numberBytes)
	if err != nil {
		t.Fatal(err)
	}
	c.do(uicc.UpdateRecord{Number: 1, Data: record}, iso7816.OK)
	c.selected(uicc.DFTELECOM, uicc.EFMSISDN)
	if got := c.do(uicc.ReadRecord{Number: 1, Length: numberBytes}, iso7816.OK); !bytes.Equal(got, record) {
		t.Errorf("%X", got)
	}
}

func TestCyclic(t *testing.T) {
	req.Covers(t, "SPEC-USIM-072", "SPEC-USIM-075", "SPEC-USIM-077", "SPEC-USIM-078", "SPEC-USIM-084", "SPEC-USIM-085", "SPEC-USIM-086")
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	c.selected(uicc.EFACM)
	c.send("80320000 03 000005 00 -> 000005 000005 9000", "8032000001 07 00 -> 00000C 07 9000", "00B2010403 -> 00000C9000", "00B2020403 -> 0000059000",
		"00B2000403 -> 00000C9000", // the sum is the current record
		"00B2000203 -> 0000059000", "00B2000203 -> 00000C9000", "00B2000303 -> 0000059000", "00B2030403 -> 6A83",
		"8032000003 FFFFF4 00 -> 9850", "00B2010403 -> 00000C9000", "803200000400000001 -> 6700", "80320000 -> 6700", "80320001 -> 6A86", "80324000 -> 6A86",
		"8032800001 01 -> 6A86", "80329F0001 01 -> 6A86", "8032810001 01 -> 6981",
		"00DC000303000001 -> 6982")
	c.verify(uicc.PIN2, iso7816.OK)
	c.send("00DC010403000001 -> 6A86", "00DC000203000001 -> 6A86", "00DC010303000001 -> 6A86", "00DC00030200 01 -> 6700",
		"00DC000303000001 -> 9000", "00B2010403 -> 0000019000", "00B2020403 -> 00000C9000", "80320000 03 FFFFFE 00 -> FFFFFF FFFFFE 9000")
}

func TestSearch(t *testing.T) {
	req.Covers(t, "SPEC-USIM-079", "SPEC-USIM-080", "SPEC-USIM-081", "SPEC-USIM-082", "SPEC-USIM-083")
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	c.send("00A40004027F10 -> …9000", "00A4000C026F3A -> 9000")
	for i, name := range []string{"anna", "hanna", "otto", "annaanna"} {
		n := uicc.Number{Text: []byte(name), TONNPI: 0x81, Digits: "1", Configuration: 0xFF, Extension: 0xFF}
		record, err := n.Append(nil, numberBytes)
		if err != nil {
			t.Fatal(err)
		}
		c.do(uicc.UpdateRecord{Number: byte(i + 1), Data: record}, iso7816.OK)
	}
	c.send("00A2010404 616E6E61 00 -> 010204 9000", "00B200041C -> 616E6E61FF…9000", // the first one found is current
		"00A2020404 616E6E61 00 -> 0204 9000", "00A2030504 616E6E61 00 -> 0201 9000", "00A2000404 616E6E61 00 -> 0204 9000",
		"00A2010402 7A7A 00 -> 6282", "00B200041C -> 68616E6E61FF…9000", "00A2010404 6F74746F 00 -> 03 9000",
		"00A2010606 0400 616E6E61 00 -> 010204 9000", "00A2010606 0401 616E6E61 00 -> 0204 9000", "00A2010606 0402 616E6E61 00 -> 04 9000",
		"00A2000606 0600 616E6E61 00 -> 6282", // from record 5 on
		"00A2040606 0500 616E6E61 00 -> 040201 9000", "00A2000606 0700 616E6E61 00 -> 0201 9000", "00A2000606 0600 616E6E61 00 -> 04 9000",
		"00A2010606 0C68 616E6E61 00 -> 02 9000", "00A2010606 0C7A 616E6E61 00 -> 6282",
		"00A2010400 -> 6700", "00A20104 -> 6700", "00A2010602 0400 -> 6700", "00A2010606 0300616E6E61 -> 6A80", "00A2010606 1000616E6E61 -> 6A80",
		"00A2010704 616E6E61 -> 6A86", "00A20B0404 616E6E61 -> 6A83")
	c.do(uicc.SearchRecord{Number: 1, Pattern: make([]byte, numberBytes+1)}, iso7816.WrongLength)
	c.send("00A4000C026F3A -> 9000", "00A2000404 616E6E61 00 -> 6A83", "00A2000606 0700 616E6E61 00 -> 040201 9000")
}

// access reads or updates a file with only some keys verified.
func TestAccess(t *testing.T) {
	req.Covers(t, "SPEC-USIM-023", "SPEC-USIM-024", "SPEC-USIM-115")
	files, _, err := testProfile().Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range [][]uicc.KeyReference{nil, {uicc.PIN1}, {uicc.PIN2}, {uicc.ADM1}} {
		c := newCard(t, options{})
		c.usim(keys...)
		for i := range files {
			if f := &files[i]; f.Structure == uicc.Transparent || f.Structure == uicc.LinearFixed {
				accessFile(c, f, keys)
			}
		}
	}
}

func accessFile(c *card, f *File, keys []uicc.KeyReference) {
	c.t.Helper()
	switch f.Parent {
	case atUSIM:
		c.selected(uicc.MF, uicc.ADF, f.ID)
	case atTelecom:
		c.selected(uicc.MF, uicc.DFTELECOM, f.ID)
	default:
		c.selected(uicc.MF, f.ID)
	}
	rules, err := uicc.DecodeRules(ruleContent[f.Rule.Record-1])
	if err != nil {
		c.t.Fatal(err)
	}
	may := func(op uicc.Operation) iso7816.SW {
		for _, r := range rules {
			if r.Operation.Mode&op.Mode == 0 {
				continue
			}
			if r.Condition.Kind == uicc.Always {
				return iso7816.OK
			}
			for _, k := range keys {
				if r.Condition == (uicc.Condition{Kind: uicc.Verify, Key: k}) {
					return iso7816.OK
				}
			}
		}
		return iso7816.SecurityStatusNotSatisfied
	}
	var read, update uicc.Command = uicc.ReadBinary{}, uicc.UpdateBinary{Data: []byte{0xFF}}
	if f.Structure == uicc.LinearFixed {
		read = uicc.ReadRecord{Number: 1}
		update = uicc.UpdateRecord{Number: 1, Data: bytes.Repeat([]byte{0xFF}, f.RecordBytes)}
	}
	if leaks(c.do(read, may(uicc.OpRead))) {
		c.t.Errorf("%v shows a secret", f.ID)
	}
	if f.ID == uicc.EFARR || f.ID == uicc.EFARRLocal { // an update would change the rules of what follows
		if may(uicc.OpUpdate) == iso7816.OK {
			return
		}
	}
	c.do(update, may(uicc.OpUpdate))
}

// TestRulesFromFile: rules are what EF ARR says now.
func TestRulesFromFile(t *testing.T) {
	req.Covers(t, "SPEC-USIM-022", "SPEC-USIM-023", "SPEC-USIM-024")
	c := newCard(t, options{})
	c.usim(uicc.ADM1)
	c.selected(uicc.EFIMSI)
	c.do(uicc.ReadBinary{}, iso7816.SecurityStatusNotSatisfied)
	c.selected(uicc.EFARRLocal)
	record := bytes.Repeat([]byte{0xFF}, arrBytes)
	copy(record, uicc.AppendRule(nil, uicc.OpRead, uicc.CondAlways))
	c.do(uicc.UpdateRecord{Number: ruleUserADM, Data: record}, iso7816.OK)
	c.selected(uicc.EFIMSI)
	c.do(uicc.ReadBinary{}, iso7816.OK)
	c.selected(uicc.EFARRLocal)
	c.do(uicc.UpdateRecord{Number: ruleUserADM, Data: bytes.Repeat([]byte{0xFF}, arrBytes)}, iso7816.OK)
	c.selected(uicc.EFIMSI)
	c.do(uicc.ReadBinary{}, iso7816.SecurityStatusNotSatisfied)

	files, pins, err := testProfile().Build()
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		if files[i].ID == uicc.EFAD {
			files[i].Rule.File = 0x6F99 // no such EF ARR
		}
		if files[i].ID == uicc.EFSPN {
			files[i].Rule.Record = 200 // no such record
		}
		if files[i].ID == uicc.EFLI {
			files[i].Rule.File = uicc.EFARR // in the directory above
		}
	}
	c = cardOf(t, Config{Files: files, PINs: pins}, erased(t))
	c.usim(uicc.PIN1, uicc.ADM1)
	for id, want := range map[uicc.FileID]iso7816.SW{uicc.EFAD: 0x6982, uicc.EFSPN: 0x6982, uicc.EFLI: 0x9000} {
		c.selected(id)
		c.do(uicc.ReadBinary{}, want)
	}
}

func TestLifeCycle(t *testing.T) {
	req.Covers(t, "SPEC-USIM-064", "SPEC-USIM-090", "SPEC-USIM-091", "SPEC-USIM-092")
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	c.do(uicc.ActivateFile{Off: true}, iso7816.NoCurrentFile)
	c.selected(uicc.EFLOCI)
	c.do(uicc.ActivateFile{Off: true}, iso7816.SecurityStatusNotSatisfied)
	c.verify(uicc.ADM1, iso7816.OK)
	c.selected(uicc.EFAD)
	c.do(uicc.ActivateFile{Off: true, Path: []uicc.FileID{uicc.EFLOCI}}, iso7816.OK)
	c.send("00B0000001 -> 6984", "00D6000001FF -> 6984", "00B08B0001 -> 6984")
	c.do(byID(uicc.EFLOCI), iso7816.FileDeactivated)
	c.do(uicc.Select{Path: []uicc.FileID{uicc.EFLOCI}, P2: uicc.SelectNoData}, iso7816.FileDeactivated)
	c.reset()
	c.usim(uicc.ADM1)
	c.do(byID(uicc.EFLOCI), iso7816.FileDeactivated)
	c.send("00B0000001 -> 6982") // the rule comes first
	c.verify(uicc.PIN1, iso7816.OK)
	c.send("00B0000001 -> 6984")
	c.do(uicc.ActivateFile{By: uicc.ByPath, Path: []uicc.FileID{uicc.ADF, uicc.EFLOCI}}, iso7816.OK)
	c.send("00B0000001 -> FF9000")
	c.do(uicc.ActivateFile{}, iso7816.OK)
	c.do(uicc.ActivateFile{Off: true, Path: []uicc.FileID{uicc.DFTELECOM}}, iso7816.FunctionNotSupported)
	c.do(uicc.ActivateFile{Off: true, Path: []uicc.FileID{0x6FFF}}, iso7816.FileNotFound)
	c.send("00440001 -> 6A86", "00440300 -> 6A86", "0044000001 6F -> 6700")
}
