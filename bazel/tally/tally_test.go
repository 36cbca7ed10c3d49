package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const (
	finishedGreen = `{"id":{"buildFinished":{}},"finished":{"exitCode":{"name":"SUCCESS"}}}`
	finishedRed   = `{"id":{"buildFinished":{}},"finished":{"exitCode":{"name":"TESTS_FAILED","code":3}}}`
)

func configured(label string) string {
	return fmt.Sprintf(`{"id":{"targetConfigured":{"label":%q}},"configured":{"targetKind":"go_test rule"}}`, label)
}

func built(label string) string {
	return fmt.Sprintf(`{"id":{"targetCompleted":{"label":%q}},"completed":{"success":true}}`, label)
}

func result(label, status, xml string, shard, attempt int) string {
	return fmt.Sprintf(`{"id":{"testResult":{"label":%q,"run":1,"shard":%d,"attempt":%d}},"testResult":{"status":%q,`+
		`"testActionOutput":[{"name":"test.log","uri":"file:///log"},{"name":"test.xml","uri":%q}]}}`, label, shard, attempt, status, xml)
}

var xmls = map[string]string{
	"green": `<testsuites><testsuite errors="0" failures="0" skipped="1" tests="5"></testsuite></testsuites>`,
	"red":   `<testsuites><testsuite errors="1" failures="2" skipped="0" tests="5"></testsuite></testsuites>`,
	"two":   `<testsuites><testsuite tests="2"></testsuite><testsuite tests="3"></testsuite></testsuites>`,
	"empty": `<testsuites></testsuites>`,
	"cut":   `<testsuites><testsuite tests="2">`,
}

func TestTally(t *testing.T) {
	const a, b = "//core/a:a_test", "//core/b:b_test"
	cases := []struct {
		name   string
		events []string
		want   Count
	}{
		{"nothing", nil, Count{}},
		{"green", []string{configured(a), built(a), result(a, "PASSED", "green", 1, 1), finishedGreen}, Count{4, 0, 1}},
		{"red", []string{configured(a), built(a), result(a, "FAILED", "red", 1, 1), finishedRed}, Count{2, 3, 0}},
		{"shards", []string{configured(a), built(a), result(a, "PASSED", "green", 1, 1), result(a, "PASSED", "two", 2, 1), finishedGreen}, Count{9, 0, 1}},
		{"second attempt", []string{configured(a), built(a), result(a, "FAILED", "red", 1, 1), result(a, "PASSED", "green", 1, 2), finishedGreen}, Count{4, 0, 1}},
		{"time-out", []string{configured(a), built(a), result(a, "TIMEOUT", "green", 1, 1), finishedRed}, Count{4, 1, 1}},
		{"crash without test.xml", []string{configured(a), built(a), result(a, "FAILED", "none", 1, 1), finishedRed}, Count{0, 1, 0}},
		{"crash with half a test.xml", []string{configured(a), built(a), result(a, "FAILED", "cut", 1, 1), finishedRed}, Count{0, 1, 0}},
		{"passed without test.xml", []string{configured(a), built(a), result(a, "PASSED", "none", 1, 1), finishedGreen}, Count{1, 0, 0}},
		{"passed with an empty test.xml", []string{configured(a), built(a), result(a, "PASSED", "empty", 1, 1), finishedGreen}, Count{1, 0, 0}},
		{"one not built", []string{configured(a), configured(b), `{"id":{"targetCompleted":{"label":"` + a + `"}},"completed":{"failureDetail":{}}}`,
			built(b), result(b, "PASSED", "two", 1, 1), finishedRed}, Count{5, 1, 0}},
		{"aborted", []string{configured(a), `{"id":{"targetCompleted":{"label":"` + a + `"}},"aborted":{"reason":"INTERNAL"}}`, finishedRed}, Count{0, 1, 0}},
		{"built, not run", []string{configured(a), built(a), finishedRed}, Count{0, 1, 0}},
		{"no target tells", []string{finishedRed}, Count{0, 1, 0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Tally(strings.NewReader(strings.Join(c.events, "\n")), func(uri string) ([]byte, error) {
				if text, ok := xmls[uri]; ok {
					return []byte(text), nil
				}
				return nil, os.ErrNotExist
			})
			if err != nil || got != c.want {
				t.Errorf("%v, %v; want %v", got, err, c.want)
			}
		})
	}
	if _, err := Tally(strings.NewReader("not JSON\n"), nil); err == nil {
		t.Error("no error for what is no event file")
	}
	if got, want := (Count{4, 0, 1}).String(), "4 passed, 0 failed, 1 skipped"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
