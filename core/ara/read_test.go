package ara_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/spec/req"
)

// script is a card that gives fixed answers to fixed commands.
type script [][2]string

func (s *script) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if len(*s) == 0 {
		return dst, errors.New("script: a command too many")
	}
	step := (*s)[0]
	*s = (*s)[1:]
	if got := hex.EncodeToString(cmd); got != step[0] {
		return dst, errors.New("script: " + got + ", want " + step[0])
	}
	b, err := hex.DecodeString(step[1])
	return append(dst, b...), err
}

const (
	all   = "80caff4000"
	next  = "80caff6000"
	rules = "ff400de20be1044f00c100e303d00100"
)

// TestReadAll reads in pieces, begins again after 6984, and gives up.
func TestReadAll(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-030")
	changed := [2]string{next, "6984"}
	part := [2]string{all, rules[:20] + "9000"}
	for name, c := range map[string]struct {
		steps script
		rules int
		err   error
	}{
		"none":        {script{{all, "ff40009000"}}, 0, nil},
		"one":         {script{{all, rules + "9000"}}, 1, nil},
		"pieces":      {script{{all, rules[:10] + "9000"}, {next, rules[10:12] + "9000"}, {next, rules[12:] + "9000"}}, 1, nil},
		"again":       {script{part, changed, {all, rules + "9000"}}, 1, nil},
		"unsettled":   {script{part, changed, part, changed, part, changed, part, changed}, 0, ara.ErrUnsettled},
		"no progress": {script{part, {next, "9000"}}, 0, ara.ErrNoProgress},
		"no file":     {script{{all, "6a82"}}, 0, iso7816.FileNotFound},
		"long form":   {script{{all, "ff408201009000"}, {next, "6a88"}}, 0, ara.ReferenceNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ara.ReadAll(context.Background(), &c.steps)
			if !errors.Is(err, c.err) || len(got) != c.rules || len(c.steps) != 0 {
				t.Fatalf("%v, %v, %d steps left", got, err, len(c.steps))
			}
		})
	}
	for _, answer := range []string{"9000", "ff9000", "ff409000", "df40009000", "ff40819000", "ff4083000000009000", "ff40019000", rules + "009000"} {
		steps := script{{all, answer}, {next, rules + "9000"}}
		_, err := ara.ReadAll(context.Background(), &steps)
		malformed(t, err)
	}
}

// TestCommands compares the commands with their bytes.
func TestCommands(t *testing.T) {
	other := ara.Target{AIDRef: ara.OtherApplications}
	specific, err := ara.GetSpecific(other)
	if err != nil {
		t.Fatal(err)
	}
	for want, cmd := range map[string]gp.Command{
		"80caff4000":                      ara.GetAll(),
		"80caff6000":                      ara.GetNext(),
		"80cadf2000":                      ara.GetRefreshTag(),
		"80cadf2107e405e603010100" + "00": ara.GetConfig(ara.Version{Major: 1, Minor: 1}),
		"80caff5006e1044f00c10000":        specific,
	} {
		c, err := cmd.APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Append(nil)
		if err != nil || hex.EncodeToString(b) != want {
			t.Errorf("%x, %v, want %s", b, err, want)
		}
	}
}

// TestObjects compares the command data objects with their bytes.
func TestObjects(t *testing.T) {
	other := ara.Target{AIDRef: ara.OtherApplications}
	rule := ara.Rule{Target: other, Rights: ara.Rights{APDU: ara.Never}}
	object := func(b []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for want, got := range map[string][]byte{
		"f00de20be1044f00c100e303d00100": object(ara.Store(rule)),
		"f100":                           ara.DeleteAll(),
		"f1024f00":                       object(ara.DeleteApplication(other)),
		"f106e1044f00c100":               object(ara.DeleteTarget(other)),
		"f10de20be1044f00c100e303d00100": object(ara.DeleteRule(rule)),
		"f200":                           ara.UpdateRefreshTag(),
	} {
		if hex.EncodeToString(got) != want {
			t.Errorf("%x, want %s", got, want)
		}
	}
	if _, err := ara.DeleteApplication(ara.Target{}); err == nil {
		t.Error("DeleteApplication without AID-REF-DO")
	}
	blocks, err := ara.Blocks([]byte{1, 2, 3}, 2)
	if err != nil {
		t.Fatal(err)
	}
	var p1 []byte
	for b := range blocks {
		p1 = append(p1, b.P1(), b.Number)
	}
	if !slices.Equal(p1, []byte{0x10, 0, 0x90, 1}) {
		t.Errorf("P1, P2: %X", p1)
	}
}

// TestResponses reads the fixed responses and refuses what is near them.
func TestResponses(t *testing.T) {
	tag, err := ara.DecodeRefreshTag([]byte("\xDF\x20\x0812345678"))
	if err != nil || !bytes.Equal(tag[:], []byte("12345678")) {
		t.Errorf("%X, %v", tag, err)
	}
	v, err := ara.DecodeConfig([]byte{0xDF, 0x21, 7, 0xE5, 5, 0xE6, 3, 1, 1, 0})
	if err != nil || v.String() != "1.1.0" {
		t.Errorf("%v, %v", v, err)
	}
	rights, err := ara.DecodeResponseRights([]byte{0xFF, 0x50, 5, 0xE3, 3, 0xD0, 1, 1})
	if err != nil || rights.APDU != ara.Always {
		t.Errorf("%v, %v", rights, err)
	}
	for _, b := range []string{"\xDF\x20\x071234567", "\xDF\x21\x07\xE5\x05\xE6\x03\x01\x01", "\xDF\x21\x00", "\xDF\x21\x06\xE5\x04\xE6\x02\x01\x01",
		"\xFF\x50\x00", "\xFF\x50\x07\xE3\x03\xD0\x01\x01\xE3\x00", "\xFF\x40\x02\xE3\x00", ""} {
		_, err := ara.DecodeRefreshTag([]byte(b))
		malformed(t, err)
		_, err = ara.DecodeConfig([]byte(b))
		malformed(t, err)
		_, err = ara.DecodeResponseRights([]byte(b))
		malformed(t, err)
		_, err = ara.DecodeAll([]byte(b))
		malformed(t, err)
	}
}
