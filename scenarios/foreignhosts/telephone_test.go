package foreignhosts

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"inkan/sim/profile"
	"inkan/sim/transport"
	"inkan/spec/req"
)

// lines are a new card of the test profile, reached directly and over both
// protocols of a reader.
func lines(t *testing.T, run func(t *testing.T, l *line)) {
	for _, how := range []string{"direct", "T=1", "T=0"} {
		t.Run(how, func(t *testing.T) {
			card, err := profile.New(profile.Test(), profile.Parts{T0: how == "T=0"})
			if err != nil {
				t.Fatal(err)
			}
			if how == "direct" {
				run(t, &line{card: card.Card})
				return
			}
			reader, err := transport.New(transport.Config{Card: card.Card, Clock: card.Clock,
				Rate: transport.Rate{CPUHz: card.Chip.ClockHz, LineHz: 4_000_000}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := reader.Reset(context.Background(), false); err != nil {
				t.Fatal(err)
			}
			run(t, &line{card: reader})
		})
	}
}

// pySimFile is what pySim reads of an FCP: file descriptor, with 21 as its second
// byte, size, state of life.
type pySimFile struct {
	kind                  byte // of the descriptor
	size, record, records int
}

func (l *line) pySimSelect(t testing.TB, id string, le bool) pySimFile {
	t.Helper()
	command := "00A4000402" + id
	if le {
		command += "00"
	}
	return pySimFCP(t, l.say(t, command, 0x9000))
}

func pySimFCP(t testing.TB, fcp []byte) (f pySimFile) {
	t.Helper()
	if len(fcp) < 2 || fcp[0] != 0x62 || int(fcp[1]) != len(fcp)-2 {
		t.Fatalf("FCP %X", fcp)
	}
	d := find(t, fcp, 0x62, 0x82)
	if len(d) != 2 && len(d) != 5 || d[1] != 0x21 {
		t.Fatalf("descriptor %X", d)
	}
	if s := find(t, fcp, 0x62, 0x8A); len(s) != 1 || s[0] != 0x05 {
		t.Errorf("life cycle %X", s)
	}
	f.kind = d[0]
	if len(d) == 5 {
		f.record, f.records = int(d[2])<<8|int(d[3]), int(d[4])
	}
	for _, b := range find(t, fcp, 0x62, 0x80) {
		f.size = f.size<<8 | int(b)
	}
	return f
}

// dump reads a file as pySim's fsdump does.
func (l *line) dump(t testing.TB, id string) (content []byte) {
	t.Helper()
	f := l.pySimSelect(t, id, true)
	if f.record == 0 {
		if f.size == 0 {
			t.Fatalf("%s has no size", id)
		}
		return l.say(t, fmt.Sprintf("00B00000%02X", min(f.size, 255)), 0x9000)
	}
	if f.record*f.records != f.size {
		t.Errorf("%s: %+v", id, f)
	}
	for n := range f.records {
		content = append(content, l.say(t, fmt.Sprintf("00B2%02X04%02X", n+1, f.record), 0x9000)...)
	}
	return content
}

// TestPySimStart is pySim-shell's beginning: it looks for a UICC, for the SIM and
// other additions, reads EF DIR, tries the names of all applications that it knows,
// and comes back to the file system.
func TestPySimStart(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-011", "SPEC-UICC-OS-014", "SPEC-USIM-006", "SPEC-USIM-010", "SPEC-USIM-044")
	lines(t, func(t *testing.T, l *line) {
		l.say(t, "A0A40000023F00", 0x6E00) // no SIM
		l.pySimSelect(t, "3F00", true)
		l.pySimSelect(t, "3F00", false)
		for _, id := range []string{"7F20", "7F25", "7F23"} { // GSM, CDMA, GSM-R
			l.say(t, "00A4000402"+id+"00", 0x6A82)
		}
		l.pySimSelect(t, "3F00", true)
		dir := l.dump(t, "2F00")
		aid := find(t, dir, 0x61, 0x4F)
		if !bytes.HasPrefix(aid, unhex(t, "A0000000871002")) {
			t.Fatalf("EF DIR %X", dir)
		}
		for name, want := range map[string]uint16{"A0000000871004": 0x6A82, "A0000005591010FFFFFFFF8900000100": 0x6A82, "A00000015141434C00": 0x6A82,
			"A0000000871002": 0x9000, "A000000003000000": 0x9000} {
			l.say(t, fmt.Sprintf("00A40404%02X%s00", len(name)/2, name), want)
		}
		l.say(t, "00A40404"+hexByte(byte(len(aid)))+fmt.Sprintf("%X", aid)+"00", 0x9000)
		l.pySimSelect(t, "3F00", true)
		if id := l.dump(t, "2FE2"); len(id) != 10 || id[0] != 0x98 {
			t.Errorf("ICCID %X", id)
		}
	})
}

// TestPySimFiles is pySim-shell's work in ADF.USIM: files with their values, PINs
// and the administrator's key, AUTHENTICATE, STATUS, logical channels.
func TestPySimFiles(t *testing.T) {
	req.Covers(t, "SPEC-USIM-009", "SPEC-USIM-044", "SPEC-USIM-053", "SPEC-USIM-065")
	lines(t, func(t *testing.T, l *line) {
		for _, id := range []string{"2F05", "2F06", "2FE2"} {
			l.dump(t, id)
		}
		l.say(t, "00A40404 07 A0000000871002 00", 0x9000)
		for id, size := range map[string]int{"6F07": 9, "6F38": 17, "6F46": 17, "6F78": 2, "6FAD": 4, "6F7E": 11, "6F42": 40, "6F40": 28, "6F06": 0, "6FB7": 0, "6F3C": 0} {
			if b := l.dump(t, id); size != 0 && len(b) != size {
				t.Errorf("%s: %X", id, b)
			}
		}
		l.pySimSelect(t, "7FFF", true)
		l.say(t, "80F2000000", 0x9000)
		l.say(t, "80F2000C00", 0x9000)
		l.say(t, "00A40304", 0x9000) // the parent
		l.say(t, "0020000A", 0x63CA)
		l.say(t, "0020000A08"+"3030303030303030", 0x63C9)
		l.say(t, "0020000A08"+fmt.Sprintf("%X", []byte(profile.ADM1)), 0x9000)
		l.say(t, "00A40404 07 A0000000871002 00", 0x9000)
		l.pySimSelect(t, "6F46", true)
		l.say(t, "00D6000011"+"0174657374FFFFFFFFFFFFFFFFFFFFFFFF", 0x9000)
		if b := l.say(t, "00B0000011", 0x9000); b[1] != 't' {
			t.Errorf("EF SPN %X", b)
		}
		if b := l.say(t, "00700000", 0x9000); !bytes.Equal(b, []byte{1}) {
			t.Errorf("channel %X", b)
		}
		l.say(t, "01A40404 07 A0000000871002 00", 0x9000)
		l.say(t, "01A40004026F0700", 0x9000)
		l.say(t, "01B0000009", 0x9000)
		l.say(t, "00708001", 0x9000)
	})
}

// TestPySimTrap: from a security domain, which has no files, a selection by file
// identifier fails politely, and one by name leads out.
func TestPySimTrap(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010")
	lines(t, func(t *testing.T, l *line) {
		l.say(t, "00A4040408A00000000300000000", 0x9000)
		l.say(t, "00A40004023F0000", 0x6A82)
		l.say(t, "80F28002024F0000", 0x6982)
		l.say(t, "00A40404 07 A0000000871002 00", 0x9000)
		l.pySimSelect(t, "3F00", true)
	})
}

// TestAndroid is a telephone's access to applications: a logical channel, SELECT on
// it, the access rules' application, which is not there, and the end of the channel.
func TestAndroid(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-011", "SPEC-UICC-OS-015")
	lines(t, func(t *testing.T, l *line) {
		l.say(t, "80100000 0F FFFFFFFF7F0F00DFFF00001FE20000", 0x9000)
		for n := range 3 {
			channel := l.say(t, "0070000001", 0x9000)
			if !bytes.Equal(channel, []byte{byte(n + 1)}) {
				t.Fatalf("channel %X", channel)
			}
		}
		l.say(t, "0070000001", 0x6A81) // no more
		l.say(t, "01A4040009A00000015141434C0000", 0x6A82)
		l.say(t, "02A4040408"+issuerAID+"00", 0x9000)
		l.say(t, "82CA006600", 0x9000)
		l.say(t, "02A4040008"+issuerAID+"00", 0x9000)
		for n := range 3 {
			l.say(t, fmt.Sprintf("007080%02X", n+1), 0x9000)
		}
		l.say(t, "0070000001", 0x9000)
		l.say(t, "0070800100", 0x9000) // with Le
	})
}
