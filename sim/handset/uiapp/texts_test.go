package uiapp

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"inkan/core/iso7816"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

var place = regexp.MustCompile(`\{[a-z]+\}`)

func japanese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) })
}

func TestTextsInBothLanguages(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-120")
	if len(Keys()) != len(texts) {
		t.Errorf("%d keys, %d texts", len(Keys()), len(texts))
	}
	for _, k := range Keys() {
		p := texts[k]
		ja, en := place.FindAllString(p.ja, -1), place.FindAllString(p.en, -1)
		slices.Sort(ja)
		slices.Sort(en)
		if p.ja == "" || p.en == "" || !slices.Equal(ja, en) || !japanese(p.ja) || japanese(p.en) {
			t.Errorf("%s: %q and %q", k, p.ja, p.en)
		}
	}
}

func TestEveryErrorIsExplained(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-122")
	used := map[string]bool{}
	check := func(e Entry, id string) {
		t.Helper()
		used[e.what.en] = true
		if e.ID != id || e.what == (pair{explanations["unknown"].whatJa, explanations["unknown"].whatEn}) {
			t.Errorf("%s is not explained", id)
		}
		for _, l := range []application.Language{application.Japanese, application.English} {
			text := e.Text(l)
			if e.What(l) == "" || e.Do(l) == "" || japanese(text) != (l == application.Japanese) || !strings.Contains(text, id) || place.MatchString(text) {
				t.Errorf("%s, %s: %q", id, l, text)
			}
		}
	}
	for _, c := range fault.Codes() {
		check(ExplainFault(c), string(c))
	}
	for _, c := range tsmp.Catalogue() {
		check(ExplainCode(c.Code), "TSM-"+string(c.Code))
	}
	for _, r := range device.Reasons() {
		check(ExplainDevice(r), "DEV-"+string(r))
	}
	for r := range deviceReasons {
		check(ExplainDevice(device.Reason(r)), "DEV-"+r)
	}
	for sw := range 0x10000 {
		if sw := iso7816.SW(sw); sw.Valid() && !sw.Normal() {
			check(ExplainStatus(sw), fmt.Sprintf("SW-%04X", uint16(sw)))
		}
	}
	for r, x := range explanations {
		if r != "unknown" && !used[x.whatEn] {
			t.Errorf("nothing is explained by %s", r)
		}
	}
}

// What the status words of the application's specification mean is said by name.
func TestStatusWordsOfTheApplication(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-122")
	for sw, want := range map[iso7816.SW]reason{0x63C2: "pin-wrong", 0x6983: "pin-blocked", 0x6984: "pin-blocked", 0x6A82: "not-issued", 0x6A84: "sim-full", 0x6999: "channel-busy", 0x6F00: "card-failed"} {
		if got := ExplainStatus(sw); got.what.en != explanations[want].whatEn {
			t.Errorf("%v: %s", sw, got.what.en)
		}
	}
}

// A command that is wrong stays wrong when the phone was switched off: who to call is said,
// and that the application may be another one.
func TestWrongCommands(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-129")
	for _, sw := range []iso7816.SW{0x6700, 0x6A80, 0x6A85, 0x6A86, 0x6A87, 0x6B00} {
		e := ExplainStatus(sw)
		english, japanese := e.Text(application.English), e.Text(application.Japanese)
		for _, text := range []string{"off and on", "電源"} {
			if strings.Contains(english+japanese, text) {
				t.Errorf("%v: %s%s", sw, english, japanese)
			}
		}
		for _, want := range []string{"Update the app", "Call: " + Service.Name(application.English), "[SW-", "更新", "お問い合わせ先: " + Service.Name(application.Japanese)} {
			if !strings.Contains(english+japanese, want) {
				t.Errorf("%v: no %q in %s%s", sw, want, english, japanese)
			}
		}
	}
}

func TestWhichExplanation(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-123")
	for id, err := range map[string]error{
		"HS-513":           fault.Wrap(fault.ReplyRefused, "", iso7816.WrongData),
		"HS-518":           fmt.Errorf("x: %w", fault.Wrap(fault.ServerUnreached, "", tsmp.Refuse(tsmp.CodeInternal, ""))),
		"TSM-sim-mismatch": fmt.Errorf("x: %w", tsmp.Refuse(tsmp.CodeSIMMismatch, "")),
		"SW-6A84":          fmt.Errorf("x: %w", iso7816.NotEnoughMemory),
		"UI-000":           errors.New("anything"),
	} {
		if e := Explain(err); e.ID != id {
			t.Errorf("%v: %s, want %s", err, e.ID, id)
		}
	}
	b := newBench(t)
	if err := b.app.Fail(fault.New(fault.NoCoverage, "")); err == nil || len(b.shown) != 1 || b.shown[0].Error != "HS-202" {
		t.Errorf("shown %v", b.shown)
	}
}

func TestFaultsOfTheSpecification(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-122")
	text, err := os.ReadFile("../../../spec/HANDSET.md")
	if err != nil {
		t.Fatal(err)
	}
	ranges := regexp.MustCompile(`\| HS-(\d+) to HS-(\d+) \|`).FindAllStringSubmatch(string(text), -1)
	want := []string{}
	for _, r := range ranges {
		var from, to int
		fmt.Sscan(r[1], &from)
		fmt.Sscan(r[2], &to)
		for n := from; n <= to; n++ {
			want = append(want, fmt.Sprintf("HS-%d", n))
		}
	}
	got := []string{}
	for _, c := range fault.Codes() {
		got = append(got, string(c))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("faults %v, the specification has %v", got, want)
	}
}

// What is filled in stays as it is, whatever it says.
func TestFilledOnce(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-121")
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching(`[a-z{}]{0,12}`).Draw(t, "a"), rapid.StringMatching(`[a-z{}]{0,12}`).Draw(t, "b")
		got := fill("x{a}y{b}{c}z", Values{"a": a, "b": b})
		if want := "x" + a + "y" + b + "{c}z"; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}
