package pcsc

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// piped is an apdu.Card at the far end of the reader's protocol.
type piped struct{ *daemon }

// opening is what a kind of host sends first: command, blank, and what the answer
// ends with, x standing for any digit.
type opening struct {
	host string
	t0   bool
	says string
}

// openings are the sequences as host programs send them to any card, before they
// know what it is.
var openings = []opening{
	{"GlobalPlatform host that asks for the default application, all data objects", false, `
		00A4040000 9000
		80CA9F7F00 9000
		80CA004200 9000
		80CA004500 9000
		80CA006600 9000
		80CA006700 9000
		80CA00CF00 9000
		80CA00E000 9000
		80CA00C100 9000`},
	{"GlobalPlatform host that knows names of the issuer's domain", false, `
		00A4040008A00000015100000000 9000
		00A4040008A00000000300000000 9000
		00A4040007A000000018434D00 6A82`},
	{"host of an older kind, by T=0 without Le, which fetches what is not there", true, `
		00A4040008A000000003000000 9000
		00C0000020 6D00
		80CA9F7F 9000`},
	{"telephone", false, `
		00A40004023F0000 9000
		00A40004022FE200 9000
		00B000000A 9000
		00A40004022F0000 9000
		00B2010426 9000
		00A4040407A000000087100200 9000
		00A40004026F0700 9000
		00B0000009 9000
		00A40004026F4600 9000
		00B0000011 9000
		80F2000000 9000
		80100000140102030405060708090A0B0C0D0E0F1011121314 9xxx`},
	{"SIM of the second generation", false, `
		A0A40000023F00 6E00
		A0B000000A 6E00`},
	{"OpenSC's drivers", false, `
		00A4040007627601FF00000000 6A82
		00A4040C06A00000000101 6A82
		00A404000BE82B0601040181C31F020100 6A82
		00A404000FD2330000004573744549442076333500 6A82
		00CADF3005 6xxx
		00CB3FFF035C017E08 6xxx
		00A4040009A0000003080000100000 6A82
		00A4040007A000000116DB0000 6A82
		00A4040007A000000079100000 6A82
		00A404000CF276A288BCFBA69D34F3100100 6A82
		00A4040009A0000003974254465900 6A82
		00A4040006D2760001240100 6A82
		00A4040C0AD392F000260100000001 9000`},
	{"Windows, which looks for a driver", false, `
		00A4040009A0000003974254465900 6A82
		00CA7F6800 6xxx
		00A404000BA00000030800001000010000 6A82`},
}

// The openings of other people's hosts are answered through the whole pipe.
func TestOpenings(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-008", "SPEC-PCSC-014")
	for _, o := range openings {
		t.Run(o.host, func(t *testing.T) {
			d := cardInPipe(t, Options{Demo: true, T0: o.t0})
			for line := range strings.Lines(strings.TrimSpace(o.says)) {
				words := strings.Fields(line)
				command, err := hex.DecodeString(words[0])
				if err != nil {
					t.Fatal(err)
				}
				answer := d.ask(command...)
				got := fmt.Sprintf("%X", answer[len(answer)-2:])
				for i, x := range words[1] {
					if x != 'x' && rune(got[i]) != x {
						t.Fatalf("%s: %X, want …%s", words[0], answer, words[1])
					}
				}
			}
		})
	}
}

// cardInPipe serves a card over a pipe, with power.
func cardInPipe(t *testing.T, o Options) *daemon {
	t.Helper()
	seed := uint64(1)
	o.Seed = &seed
	s := open(t, o)
	ours, theirs := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(t.Context(), ours, s.Card, s.Note) }()
	t.Cleanup(func() {
		theirs.Close()
		if err := <-done; err != nil && err != io.ErrClosedPipe {
			t.Error(err)
		}
	})
	d := newDaemon(t, theirs)
	d.tell(byte(PowerOn))
	return d
}

// Transmit implements apdu.Card.
func (p piped) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	p.tell(cmd...)
	answer, err := p.frames.Next()
	return append(dst, answer...), err
}

// A host opens a secure channel through the pipe; switching the power off and on
// ends it, and a verified PIN, and nothing else.
func TestPowerCycle(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-014", "SPEC-PCSC-015")
	for _, name := range []string{"test", "akebono"} {
		p := profile.Named(name)
		t0 := p.Channel.Protocol == gp.SCP02
		d := cardInPipe(t, Options{Demo: true, Profile: name, T0: t0})
		host := channelThrough(t, p, d)
		list := func() (n int, err error) {
			err = gp.Status(t.Context(), host, gp.GetStatus{Subset: gp.SubsetApplications}, func(*gp.Entry) error { n++; return nil })
			return n, err
		}
		before, err := list()
		if err != nil || before == 0 {
			t.Fatalf("%s: %d applications, %v", name, before, err)
		}
		d.tell(byte(PowerOff))
		d.tell(byte(PowerOn))
		if _, err := list(); err == nil {
			t.Errorf("%s: the channel outlives the power", name)
		}
		host = channelThrough(t, p, d)
		if after, err := list(); err != nil || after != before {
			t.Errorf("%s: %d applications, %v; %d before", name, after, err, before)
		}
		verified(t, d, t0)
	}
}

// verified verifies a PIN, has something signed, and looks what is left of it
// without power. By T=0 the command has no Le, and the signature comes all the same.
func verified(t *testing.T, d *daemon, t0 bool) {
	t.Helper()
	ask := func(command, want string) []byte {
		t.Helper()
		raw, err := hex.DecodeString(command)
		if err != nil {
			t.Fatal(err)
		}
		got := d.ask(raw...)
		if !bytes.HasSuffix(got, mustHex(want)) {
			t.Errorf("%s: %X, want …%s", command, got, want)
		}
		return got
	}
	const application, key = "00A4040C0AD392F000260100000001", "00A4020C020017"
	sign := "802A008033" + "3031300D060960864801650304020105000420" + strings.Repeat("5A", 32)
	retries := "00200080"
	if t0 {
		retries += "00" // P3
	} else {
		sign += "00" // Le
	}
	for _, command := range []string{application, "00A4020C020018", "002000800431323334", key} {
		ask(command, "9000")
	}
	if signature := ask(sign, "9000"); len(signature) != 258 {
		t.Errorf("a signature of %d bytes", len(signature)-2)
	}
	ask("00A4020C020018", "9000")
	ask(retries, "63C3")
	d.tell(byte(PowerOff))
	d.tell(byte(PowerOn))
	ask(key, "6A86") // the file system's answer: the application is not selected
	ask(application, "9000")
	ask(key, "9000")
	ask(sign, "6982")
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// channelThrough opens the issuer's channel with card 0.
func channelThrough(t *testing.T, p *profile.Profile, d *daemon) *scp.Secured {
	t.Helper()
	card := piped{d}
	if _, err := gp.Exchange(t.Context(), card, gp.Select{}, nil); err != nil {
		t.Fatal(err)
	}
	set, err := p.Keys(0)
	if err != nil {
		t.Fatal(err)
	}
	source := entropy.Seeded(1, "host")
	var host scp.Host
	if p.Channel.Protocol == gp.SCP02 {
		host, err = scp02.Open(t.Context(), card, scp02.HostConfig{Options: scp02.Options(p.Channel.I), Keys: scp02.FixedKeys(&set), Level: p.Level(), Entropy: source})
	} else {
		host, err = scp03.Open(t.Context(), card, scp03.HostConfig{Keys: scp03.FixedKeys(&set), Level: p.Level(), Entropy: source})
	}
	if err != nil {
		t.Fatal(err)
	}
	return &scp.Secured{Host: host, Card: card}
}
