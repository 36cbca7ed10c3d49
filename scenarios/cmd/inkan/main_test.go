package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

// output runs a command line in this process.
func output(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var b bytes.Buffer
	cmd := newRoot()
	cmd.SetArgs(args)
	cmd.SetOut(&b)
	cmd.SetErr(io.Discard)
	err := cmd.Execute()
	return b.String(), err
}

func TestAllChannelsAreShown(t *testing.T) {
	got, err := output(t, "channel")
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"SCP02, i=55", "SCP03, i=70", "SCP80, AES-128"} {
		if strings.Count(got, title) != 1 {
			t.Errorf("%q is not there once", title)
		}
	}
}

func TestChannelJSON(t *testing.T) {
	got, err := output(t, "channel", "scp03", "--seed", "7", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []struct {
		Title string
		Steps []struct{ Fields []struct{ Bytes string } }
	}
	if err := json.Unmarshal([]byte(got), &exchanges); err != nil {
		t.Fatal(err)
	}
	if len(exchanges) != 1 || len(exchanges[0].Steps) < 8 || !strings.HasPrefix(exchanges[0].Steps[0].Fields[0].Bytes, "80503000") {
		t.Errorf("%s", got)
	}
	again, _ := output(t, "channel", "scp03", "--seed", "7", "--json")
	other, _ := output(t, "channel", "scp03", "--seed", "8", "--json")
	if got != again || got == other {
		t.Error("the seed does not decide the bytes")
	}
}

// A number that is none is told without the words of the Go library.
func TestFlagErrors(t *testing.T) {
	for line, want := range map[string]string{
		"run --seed -1":                   `"-1" for "--seed" flag: want a whole number from 0 on`,
		"run --seed 18446744073709551616": `"18446744073709551616" for "--seed" flag: want a whole number from 0 on`,
		"fleet --phones x":                `"x" for "--phones" flag: want a whole number`,
		"run --json=maybe":                `"maybe" for "--json" flag: want true or false`,
		"run --sed 1":                     "unknown flag: --sed",
	} {
		if _, err := output(t, strings.Fields(line)...); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "strconv") {
			t.Errorf("inkan %s: %v, want %s", line, err, want)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for line, want := range map[string]int{
		"channel scp80": 0, "--help": 0, "channel --help": 0,
		"fleet x": 2, "cap run": 2, "tsm list x": 2, "phone --dir /tmp --pin 12345": 2, "phone --dir /tmp --profile x": 2, "ota --profile x": 2,
		"chanel": 2, "channel scp99": 2, "--sed 3": 2, "channel --seed x": 2,
	} {
		if got := run(strings.Fields(line)); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}
