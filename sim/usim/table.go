package usim

import (
	"bytes"

	"inkan/core/uicc"
)

// Rules of EF ARR, by record number. The same records stand in the EF ARR of the
// MF and in that of the ADF.
const (
	ruleReadOnly  byte = iota + 1 // read always, update never
	ruleOpen                      // read always, update ADM1
	ruleOpenUser                  // read always, update PIN1
	ruleUser                      // read and update PIN1
	ruleUserADM                   // read PIN1, update ADM1
	ruleUserPIN2                  // read PIN1, update PIN2
	ruleMeter                     // read PIN1, update PIN2, increase PIN1
	ruleDirectory                 // of directories
	ruleCount     = ruleDirectory
)

const arrBytes = 52

var (
	opLifeCycle   = uicc.Operation{Mode: uicc.OpActivate.Mode | uicc.OpDeactivate.Mode}
	ruleContent   = buildRules()
	startHFN      = uicc.HyperframeStart{CS: 0xF00000, PS: 0xF00000}
	threshold     = []byte{0xF0, 0x10, 0x00}
	noKeys        = append([]byte{0x07}, bytes.Repeat([]byte{0xFF}, 32)...)
	searchMinutes = []byte{5} // EF HPPLMN: units of six minutes
)

// buildRules makes the records of EF ARR.
func buildRules() [][]byte {
	conditions := [ruleCount + 1][2]uicc.Condition{ // read, update
		ruleReadOnly: {uicc.CondAlways, uicc.CondNever},
		ruleOpen:     {uicc.CondAlways, uicc.CondADM1},
		ruleOpenUser: {uicc.CondAlways, uicc.CondPIN1},
		ruleUser:     {uicc.CondPIN1, uicc.CondPIN1},
		ruleUserADM:  {uicc.CondPIN1, uicc.CondADM1},
		ruleUserPIN2: {uicc.CondPIN1, uicc.CondPIN2},
		ruleMeter:    {uicc.CondPIN1, uicc.CondPIN2},
	}
	records := make([][]byte, ruleCount)
	for n := ruleReadOnly; n <= ruleCount; n++ {
		var b []byte
		if n != ruleDirectory {
			b = uicc.AppendRule(b, uicc.OpRead, conditions[n][0])
			b = uicc.AppendRule(b, uicc.OpUpdate, conditions[n][1])
		}
		if n == ruleMeter {
			b = uicc.AppendRule(b, uicc.OpIncrease, uicc.CondPIN1)
		}
		records[n-1] = uicc.AppendRule(b, opLifeCycle, uicc.CondADM1)
	}
	return records
}

// Places of directories in the table.
const (
	atMF      = 0
	atTelecom = 1
	atUSIM    = 2
)

func transparent(id uicc.FileID, sfi uicc.SFI, rule byte, content []byte) File {
	return File{ID: id, SFI: sfi, Structure: uicc.Transparent, Rule: uicc.RuleReference{Record: rule},
		Size: len(content), Content: [][]byte{content}}
}

func linear(id uicc.FileID, sfi uicc.SFI, rule byte, recordBytes, records int, content [][]byte) File {
	return File{ID: id, SFI: sfi, Structure: uicc.LinearFixed, Rule: uicc.RuleReference{Record: rule},
		RecordBytes: recordBytes, Records: records, Content: content}
}

func directory(id uicc.FileID, parent int, aid []byte) File {
	return File{ID: id, Parent: parent, AID: aid, Structure: uicc.Directory,
		Rule: uicc.RuleReference{File: uicc.EFARR, Record: ruleDirectory}}
}

// filesMF are the files of the MF (ETSI TS 102 221 §13).
func filesMF(c *contents) []File {
	return []File{
		linear(uicc.EFDIR, 30, ruleOpen, applicationBytes, 2, c.dir),
		transparent(uicc.EFPL, 5, ruleOpenUser, c.languages),
		linear(uicc.EFARR, 6, ruleOpen, arrBytes, int(ruleCount), ruleContent),
		transparent(uicc.EFICCID, 2, ruleReadOnly, c.iccid),
	}
}

// filesUSIM are the files of ADF USIM (3GPP TS 31.102 §4.2); conditions are those
// of that clause.
func filesUSIM(p *Profile, c *contents) []File {
	fpf := bytes.Repeat([]byte{0xFF}, 12)
	acm := linear(uicc.EFACM, uicc.NoSFI, ruleMeter, 3, 2, [][]byte{{0, 0, 0}, {0, 0, 0}})
	acm.Structure = uicc.Cyclic
	return []File{
		linear(uicc.EFARRLocal, 0x17, ruleOpen, arrBytes, int(ruleCount), ruleContent),
		transparent(uicc.EFLI, 0x02, ruleOpenUser, c.languages),
		transparent(uicc.EFIMSI, 0x07, ruleUserADM, c.imsi),
		transparent(uicc.EFKeys, 0x08, ruleUser, noKeys),
		transparent(uicc.EFKeysPS, 0x09, ruleUser, noKeys),
		transparent(uicc.EFHPPLMN, 0x12, ruleUserADM, searchMinutes),
		transparent(uicc.EFUST, 0x04, ruleUserADM, c.ust),
		acm,
		linear(uicc.EFSMS, uicc.NoSFI, ruleUser, smsBytes, orTen(p.SMSStored), emptySMS(orTen(p.SMSStored))),
		linear(uicc.EFMSISDN, uicc.NoSFI, ruleUser, numberBytes, 1, c.msisdn),
		linear(uicc.EFSMSP, uicc.NoSFI, ruleUser, smspBytes, 1, c.smsp),
		transparent(uicc.EFSMSS, uicc.NoSFI, ruleUser, []byte{0xFF, 0xFF}),
		transparent(uicc.EFSPN, uicc.NoSFI, ruleOpen, c.spn),
		transparent(uicc.EFEST, 0x05, ruleUserPIN2, []byte{0}),
		transparent(uicc.EFSTARTHFN, 0x0F, ruleUser, startHFN.Append(nil)),
		transparent(uicc.EFTHRESHOLD, 0x10, ruleUserADM, threshold),
		transparent(uicc.EFPSLOCI, 0x0C, ruleUser, c.psloci),
		transparent(uicc.EFACC, 0x06, ruleUserADM, p.Access.Append(nil)),
		transparent(uicc.EFFPLMN, 0x0D, ruleUser, fpf),
		transparent(uicc.EFLOCI, 0x0B, ruleUser, c.loci),
		transparent(uicc.EFAD, 0x03, ruleOpen, c.ad),
		linear(uicc.EFECC, 0x01, ruleOpen, eccBytes, max(len(c.ecc), 1), c.ecc),
	}
}

// files puts the table together. An ADF ISIM comes behind ADF USIM, and its record
// of EF DIR behind that of the USIM.
func (p *Profile) files(c contents) []File {
	files := []File{
		directory(uicc.MF, -1, nil),
		directory(uicc.DFTELECOM, atMF, nil),
		directory(usimFileID, atMF, p.USIM),
	}
	add := func(parent int, arr uicc.FileID, more ...File) {
		for _, f := range more {
			f.Parent, f.Rule.File = parent, arr
			files = append(files, f)
		}
	}
	add(atMF, uicc.EFARR, filesMF(&c)...)
	add(atUSIM, uicc.EFARRLocal, filesUSIM(p, &c)...)
	add(atTelecom, uicc.EFARR, linear(uicc.EFADN, uicc.NoSFI, ruleUser, numberBytes, orTen(p.Contacts), nil))
	for i := range files {
		if f := files[i]; f.Parent == atUSIM && (f.ID == uicc.EFSMS || f.ID == uicc.EFMSISDN || f.ID == uicc.EFSMSP) {
			f.SameAs = i
			add(atTelecom, uicc.EFARR, f)
		}
	}
	return files
}

// usimFileID is the file identifier of ADF USIM, which no command uses.
const usimFileID uicc.FileID = 0x7FD0

func orTen(n int) int {
	if n == 0 {
		return 10
	}
	return n
}

// emptySMS are unused records of EF SMS: status 00.
func emptySMS(n int) [][]byte {
	records := make([][]byte, n)
	for i := range records {
		records[i] = []byte{0}
	}
	return records
}
