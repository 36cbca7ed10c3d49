package aram_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/applets/aram"
	"inkan/sim/runtime/bare"
)

var ctx = context.Background()

// testing1 is what both *testing.T and *rapid.T are.
type testing1 interface {
	Helper()
	Fatalf(string, ...any)
}

func unhex(t testing1, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return b
}

// bench is a bare card with an ARA-M, and how to write to it.
type bench struct {
	testing1
	card *bare.Card
	at   route
}

// route is how STORE DATA gets to the applet.
type route struct {
	forwarded bool // by the security domain
	level     scp.Level
	size      int  // bytes of data of a block
	protocol  byte // T=0 or T=1
	scp       byte // 0: SCP03
}

var routes = map[string]route{
	"channel":       {false, 1, 200, 1, 0},
	"channel, T=0":  {false, 1, 200, 0, 0},
	"channel, all":  {false, 0x33, 60, 1, 0},
	"domain":        {true, 1, 200, 1, 0},
	"domain, T=0":   {true, 0x33, 200, 0, 0},
	"domain, all":   {true, 0x33, 100, 1, 0},
	"small blocks":  {false, 3, 7, 1, 0},
	"domain, small": {true, 3, 13, 1, 0},
	"SCP02":         {false, 3, 100, 1, gp.SCP02},
	"domain, SCP02": {true, 1, 100, 1, gp.SCP02},
}

// config is a card with T=1 and three logical channels beside the basic one.
func config() bare.Config { return bare.Config{Channels: 3, Protocol: 1} }

// newBench makes a card and installs an ARA-M with install parameters.
func newBench(t testing1, parameters ...byte) *bench {
	t.Helper()
	return benchOf(t, config(), parameters...)
}

func benchOf(t testing1, cfg bare.Config, parameters ...byte) *bench {
	t.Helper()
	card, err := bare.New(cfg)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if _, err := card.Load(aram.CAP); err != nil {
		t.Fatalf("%v", err)
	}
	if _, err := card.Install(aram.PackageAID.Append(nil), aram.ModuleAID.Append(nil), ara.AIDMaster.Append(nil), parameters); err != nil {
		t.Fatalf("%v", err)
	}
	return &bench{t, card, routes["channel"]}
}

// send sends a command in hex.
func (b *bench) send(command string) ([]byte, iso7816.SW) {
	b.Helper()
	out, err := b.card.Transmit(ctx, unhex(b, command), nil)
	if err != nil {
		b.Fatalf("%s: %v", command, err)
	}
	r, err := apdu.DecodeResponse(out)
	if err != nil {
		b.Fatalf("%s: %v", command, err)
	}
	return r.Data, r.SW
}

// want sends a command and compares the answer, in hex.
func (b *bench) want(command, answer string) {
	b.Helper()
	data, sw := b.send(command)
	if got := hex.EncodeToString(append(data, sw.SW1(), sw.SW2())); got != answer {
		b.Fatalf("%s: %s, want %s", command, got, answer)
	}
}

const selectMaster = "00a4040009a00000015141434c0000"

// open opens a secure channel with who is selected.
func (b *bench) open(level scp.Level) apdu.Card {
	b.Helper()
	var host scp.Host
	var err error
	aid, seed := gp.AIDIssuerSecurityDomain.Append(nil), entropy.Seeded(1, "host")
	if b.at.scp == gp.SCP02 {
		host, err = scp02.Open(ctx, b.card, scp02.HostConfig{Level: level, AID: aid, Entropy: seed,
			Options: scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.PseudoRandom,
			Keys:    func(*scp02.InitializeUpdateResponse) (*scp.KeySet, error) { return testKeys(0x20), nil }})
	} else {
		host, err = scp03.Open(ctx, b.card, scp03.HostConfig{Level: level, AID: aid, Entropy: seed,
			Keys: func(*scp03.InitializeUpdateResponse) (*scp.KeySet, error) { return testKeys(0x30), nil }})
	}
	if err != nil {
		b.Fatalf("open: %v", err)
	}
	return &scp.Secured{Host: host, Card: b.card}
}

// testKeys are the bare card's.
func testKeys(version byte) *scp.KeySet {
	key := make([]byte, 16)
	for i := range key {
		key[i] = 0x40 + byte(i)
	}
	return &scp.KeySet{Version: version, Enc: key, MAC: key, DEK: key}
}

// writer opens the route: a card that takes STORE DATA.
func (b *bench) writer() apdu.Card {
	b.Helper()
	if !b.at.forwarded {
		b.want(selectMaster, "9000")
		return b.open(b.at.level)
	}
	if _, sw := b.send("00a4040000"); sw != iso7816.OK {
		b.Fatalf("SELECT of the domain: %v", sw)
	}
	card := b.open(b.at.level)
	b.exchange(card, gp.Install{Purpose: gp.ForPersonalization, Application: ara.AIDMaster})
	return card
}

// exchange sends a command that has to succeed.
func (b *bench) exchange(card apdu.Card, cmd gp.Command) {
	b.Helper()
	if _, err := gp.Exchange(ctx, card, cmd, nil); err != nil {
		b.Fatalf("%v: %v", cmd, err)
	}
}

// write sends a command data object and gives the last status word.
func (b *bench) write(object []byte) iso7816.SW {
	b.Helper()
	return b.blocks(b.writer(), object)
}

func (b *bench) blocks(card apdu.Card, object []byte) iso7816.SW {
	b.Helper()
	blocks, err := ara.Blocks(object, b.at.size)
	if err != nil {
		b.Fatalf("%v", err)
	}
	sw := iso7816.OK
	for block := range blocks {
		if sw = status(b, card, block); sw != iso7816.OK {
			return sw
		}
	}
	return sw
}

// status sends a command and gives its status word.
func status(t testing1, card apdu.Card, cmd gp.Command) iso7816.SW {
	t.Helper()
	_, err := gp.Exchange(ctx, card, cmd, nil)
	var sw iso7816.SW
	if err != nil && !errors.As(err, &sw) {
		t.Fatalf("%v: %v", cmd, err)
	}
	if err == nil {
		return iso7816.OK
	}
	return sw
}

// wantWrite writes a command data object, in hex, and compares the status word.
func (b *bench) wantWrite(object string, want iso7816.SW) {
	b.Helper()
	if sw := b.write(unhex(b, object)); sw != want {
		b.Fatalf("%s: %v, want %v", object, sw, want)
	}
}

// state is what a phone sees: refresh tag and rules as they are coded.
type state struct {
	tag   ara.RefreshTag
	rules string
}

func (b *bench) state() state {
	b.Helper()
	b.want(selectMaster, "9000")
	data, sw := b.send("80cadf2000")
	tag, err := ara.DecodeRefreshTag(data)
	if sw != iso7816.OK || err != nil {
		b.Fatalf("refresh tag: %v, %v", sw, err)
	}
	rules, err := ara.ReadAll(ctx, b.card)
	if err != nil {
		b.Fatalf("rules: %v", err)
	}
	coded, err := ara.AppendAll(nil, rules)
	if err != nil {
		b.Fatalf("rules: %v", err)
	}
	return state{tag, hex.EncodeToString(coded)}
}

// unchanged compares the state with one before.
func (b *bench) unchanged(before state) {
	b.Helper()
	if now := b.state(); now != before {
		b.Fatalf("state changed\nfrom %v\nto   %v", before, now)
	}
}

// object gives the bytes of a coding that has to be possible.
func object(t testing1, b []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return b
}

// each runs a test by every route.
func each(t *testing.T, run func(b *bench)) {
	for name, at := range routes {
		t.Run(name, func(t *testing.T) {
			cfg := config()
			cfg.Protocol, cfg.SCP = at.protocol, at.scp
			b := benchOf(t, cfg)
			b.at = at
			run(b)
		})
	}
}

// do is a data object in hex, of a tag and the parts of its value, with the
// shortest length.
func do(tag string, parts ...string) string {
	value := strings.Join(parts, "")
	switch n := len(value) / 2; {
	case n < 128:
		return fmt.Sprintf("%s%02x%s", tag, n, value)
	case n < 256:
		return fmt.Sprintf("%s81%02x%s", tag, n, value)
	default:
		return fmt.Sprintf("%s82%04x%s", tag, n, value)
	}
}
