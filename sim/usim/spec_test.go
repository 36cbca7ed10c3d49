package usim

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"inkan/bazel/tree"
	"inkan/core/uicc"
	"inkan/spec/req"
)

var fileNames = map[uicc.FileID]string{
	uicc.EFDIR: "EF DIR", uicc.EFPL: "EF PL", uicc.EFARR: "EF ARR", uicc.EFICCID: "EF ICCID", uicc.EFADN: "EF ADN",
	uicc.EFARRLocal: "EF ARR", uicc.EFLI: "EF LI", uicc.EFIMSI: "EF IMSI", uicc.EFKeys: "EF Keys", uicc.EFKeysPS: "EF KeysPS",
	uicc.EFHPPLMN: "EF HPPLMN", uicc.EFUST: "EF UST", uicc.EFACM: "EF ACM", uicc.EFSMS: "EF SMS", uicc.EFMSISDN: "EF MSISDN",
	uicc.EFSMSP: "EF SMSP", uicc.EFSMSS: "EF SMSS", uicc.EFSPN: "EF SPN", uicc.EFEST: "EF EST", uicc.EFSTARTHFN: "EF START-HFN",
	uicc.EFTHRESHOLD: "EF THRESHOLD", uicc.EFPSLOCI: "EF PSLOCI", uicc.EFACC: "EF ACC", uicc.EFFPLMN: "EF FPLMN",
	uicc.EFLOCI: "EF LOCI", uicc.EFAD: "EF AD", uicc.EFECC: "EF ECC",
}

func conditionName(c uicc.Condition) string {
	switch {
	case c.Kind == uicc.Always:
		return "ALW"
	case c.Kind == uicc.Never:
		return "NEV"
	}
	return map[uicc.KeyReference]string{uicc.PIN1: "PIN1", uicc.PIN2: "PIN2", uicc.ADM1: "ADM1"}[c.Key]
}

// tableRow is a file's row in spec/USIM.md.
func tableRow(t *testing.T, f *File) string {
	rules, err := uicc.DecodeRules(ruleContent[f.Rule.Record-1])
	if err != nil {
		t.Fatal(err)
	}
	var read, update string
	for _, r := range rules {
		switch r.Operation {
		case uicc.OpRead:
			read = conditionName(r.Condition)
		case uicc.OpUpdate:
			update = conditionName(r.Condition)
		}
	}
	size := fmt.Sprint(f.Size)
	switch f.Structure {
	case uicc.LinearFixed:
		size = fmt.Sprintf("%d × %d", f.Records, f.RecordBytes)
	case uicc.Cyclic:
		size = fmt.Sprintf("%d × %d ∘", f.Records, f.RecordBytes)
	}
	sfi := "none"
	if f.SFI > 0 {
		sfi = fmt.Sprintf("%02X", byte(f.SFI))
	}
	where := []string{atMF: "MF", atTelecom: "DF TELECOM 7F10", atUSIM: "ADF USIM"}[f.Parent]
	return fmt.Sprintf("| %s | %s | %v | %s | %s | %s | %s |", where, fileNames[f.ID], f.ID, sfi, size, read, update)
}

func specText(t *testing.T) string {
	t.Helper()
	b, err := fs.ReadFile(os.DirFS(tree.Root(t)), "spec/USIM.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestFileTable: the table of spec/USIM.md is what a profile makes.
func TestFileTable(t *testing.T) {
	req.Covers(t, "SPEC-USIM-190")
	files, _, err := testProfile().Build()
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range files {
		if files[i].Structure != uicc.Directory {
			rows = append(rows, tableRow(t, &files[i]))
		}
	}
	if want := strings.Join(rows, "\n"); !strings.Contains(specText(t), "|---|---|---|---|---|---|---|\n"+want+"\n\n") {
		t.Errorf("spec/USIM.md lacks the table\n%s", want)
	}
}

// TestOverview: the exchange of spec/USIM.md is what the test card answers.
func TestOverview(t *testing.T) {
	text := specText(t)
	_, text, _ = strings.Cut(text, "## Overview")
	_, text, _ = strings.Cut(text, "```\n")
	text, _, _ = strings.Cut(text, "```")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) < 5 {
		t.Fatalf("%d lines", len(lines))
	}
	newCard(t, options{}).send(lines...)
}
