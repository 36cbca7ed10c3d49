package usim

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
)

// testKind is the kind of the UICC's record.
const testKind = runtime.FirstPlatformRecord + 5

// platform is the smallest operating system around a UICC.
type platform struct {
	u    *UICC
	card *runtime.Card
	err  error // of the last boot
}

func (p *platform) Attach(c *runtime.Card)                                        { p.card = c }
func (p *platform) Booted()                                                       { p.err = p.u.Boot(p.card) }
func (p *platform) Resident(aid []byte) runtime.Resident                          { return p.u.Resident(aid) }
func (p *platform) Default() ([]byte, runtime.Resident)                           { return nil, p.u.Default() }
func (p *platform) MaySelect(*runtime.Applet) bool                                { return true }
func (p *platform) Deselected(*runtime.Applet, int)                               {}
func (p *platform) SecureChannel(*runtime.Applet) runtime.SecureChannel           { return nil }
func (p *platform) Privileges(*runtime.Applet) [3]byte                            { return [3]byte{} }
func (p *platform) LifeCycle(*runtime.Applet) byte                                { return 7 }
func (p *platform) SetLifeCycle(_, _ *runtime.Applet, _ byte) bool                { return false }
func (p *platform) CardState() byte                                               { return 1 }
func (p *platform) SetCardState(*runtime.Applet, byte) bool                       { return false }
func (p *platform) SetHistoricalBytes(*runtime.Applet, []byte) bool               { return false }
func (p *platform) CVM(byte) runtime.CVM                                          { return nil }
func (p *platform) Service(*runtime.Applet, []byte, uint16) runtime.GlobalService { return nil }

// Secrets of the test card, which no response may show.
var (
	testPIN1 = mustPIN("1234")
	testPIN2 = mustPIN("56789")
	testADM  = uicc.PIN{0xC0, 0xDE, 0xAD, 0x31, 0x41, 0x59, 0x26, 0x53}
	testPUK1 = mustPIN("87654321")
	testPUK2 = mustPIN("13572468")
	testAuth = Authentication{
		K:   [16]byte{0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f, 0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc},
		OPc: [16]byte{0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e, 0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf},
	}
	testUSIM = []byte{0xA0, 0, 0, 0, 0x87, 0x10, 0x02, 0xFF, 0x49, 0xFF, 0x05, 0x89}
)

func mustPIN(s string) uicc.PIN {
	p, err := uicc.NewPIN(s)
	if err != nil {
		panic(err)
	}
	return p
}

func testProfile() *Profile {
	return &Profile{
		ICCID: "8981100000000000018", IMSI: "440101234567890", MNCDigits: 2, MSISDN: "819012345678", SPN: "inkan",
		SMSC: "81903101652", Languages: []string{"ja", "en"}, Access: 1 << 3, USIM: testUSIM, Label: "USIM",
		Emergency: []uicc.EmergencyCode{{Digits: "110", Category: 1}, {Digits: "118", Category: 8}, {Digits: "119", Category: 6}},
		PINs: []PINConfig{
			{Key: uicc.PIN1, Value: testPIN1, Tries: 3, PUK: testPUK1, PUKTries: 10},
			{Key: uicc.PIN2, Value: testPIN2, Tries: 3, PUK: testPUK2, PUKTries: 10, Fixed: true},
			{Key: uicc.ADM1, Value: testADM, Tries: 5, Fixed: true, Free: true},
		},
	}
}

// card is a card under test.
type card struct {
	t testing.TB
	*runtime.Card
	u     *UICC
	k     *clock.Clock
	p     *platform
	flash *nvm.Flash
}

type options struct {
	profile *Profile
	ota     OTA
	flash   *nvm.Flash
}

// erased is a memory of the reference chip.
func erased(t testing.TB) *nvm.Flash {
	t.Helper()
	f, err := nvm.NewFlash(engine.Reference().NVM, new(clock.Clock), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// newCard makes a card, or boots one on a fork of a memory.
func newCard(t testing.TB, o options) *card {
	t.Helper()
	c, err := tryCard(t, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryCard(t testing.TB, o options) (*card, error) {
	t.Helper()
	if o.profile == nil {
		o.profile = testProfile()
	}
	files, pins, err := o.profile.Build()
	if err != nil {
		t.Fatal(err)
	}
	if o.flash == nil {
		o.flash = erased(t)
	}
	return tryCardOf(t, Config{Files: files, PINs: pins, Authentication: &testAuth, OTA: o.ota}, o.flash)
}

// cardOf makes a card of a configuration on a fork of a memory.
func cardOf(t testing.TB, cfg Config, flash *nvm.Flash) *card {
	t.Helper()
	c, err := tryCardOf(t, cfg, flash)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryCardOf(t testing.TB, cfg Config, flash *nvm.Flash) (*card, error) {
	t.Helper()
	c := unbooted(t, cfg, flash)
	_, err := c.Reset(context.Background(), false)
	if err == nil {
		err = c.p.err
	}
	return c, err
}

// unbooted makes a card without power.
func unbooted(t testing.TB, cfg Config, flash *nvm.Flash) *card {
	t.Helper()
	cfg.Chip, cfg.RecordKind = engine.Reference(), testKind
	u, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	k := new(clock.Clock)
	p := &platform{u: u}
	fork := flash.ForkOn(k, nil)
	rc, err := runtime.New(runtime.Config{Chip: engine.Reference(), Flash: fork, Clock: k,
		Entropy: entropy.Seeded(1, "usim"), Platform: p, Channels: 3})
	if err != nil {
		t.Fatal(err)
	}
	return &card{t, rc, u, k, p, fork}
}

// reset is a cold reset.
func (c *card) reset() {
	c.t.Helper()
	if _, err := c.Reset(context.Background(), false); err != nil {
		c.t.Fatal(err)
	}
}

// raw sends bytes and gives response data and status word.
func (c *card) raw(b []byte) ([]byte, iso7816.SW) {
	c.t.Helper()
	out, err := c.Transmit(context.Background(), b, nil)
	if err != nil {
		c.t.Fatalf("%X: %v", b, err)
	}
	if c.k.Ledger().Sum() != c.k.Now() {
		c.t.Fatal("the ledger is not the clock")
	}
	n := len(out) - 2
	return out[:n], iso7816.SW(out[n])<<8 | iso7816.SW(out[n+1])
}

// do sends a typed command on a channel and wants a status word.
func (c *card) on(channel int, cmd uicc.Command, want iso7816.SW) []byte {
	c.t.Helper()
	a, err := cmd.APDU(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	class, err := a.Class().WithChannel(channel)
	if err != nil {
		c.t.Fatal(err)
	}
	a.CLA = byte(class)
	b, err := a.Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	out, sw := c.raw(b)
	if sw != want {
		c.t.Fatalf("%v on channel %d: %04X, want %04X", a, channel, uint16(sw), uint16(want))
	}
	return out
}

func (c *card) do(cmd uicc.Command, want iso7816.SW) []byte {
	c.t.Helper()
	return c.on(0, cmd, want)
}

// send sends hex with the expected answer behind it: "00B0000002 -> 0102 9000". A
// … in the answer is any bytes.
func (c *card) send(lines ...string) {
	c.t.Helper()
	for _, line := range lines {
		command, want, _ := strings.Cut(line, "->")
		data, sw := c.raw(unhex(c.t, command))
		got := fmt.Sprintf("%X%04X", data, uint16(sw))
		want = strings.ReplaceAll(want, " ", "")
		if head, tail, ok := strings.Cut(want, "…"); ok && strings.HasPrefix(got, head) && strings.HasSuffix(got, tail) {
			continue
		}
		if got != want {
			c.t.Fatalf("%s: got %s", line, got)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// usim selects ADF USIM and verifies the keys.
func (c *card) usim(keys ...uicc.KeyReference) {
	c.t.Helper()
	c.do(uicc.Select{By: uicc.ByName, Name: testUSIM}, iso7816.OK)
	for _, k := range keys {
		c.verify(k, iso7816.OK)
	}
}

func (c *card) verify(k uicc.KeyReference, want iso7816.SW) {
	c.t.Helper()
	value := map[uicc.KeyReference]uicc.PIN{uicc.PIN1: testPIN1, uicc.PIN2: testPIN2, uicc.ADM1: testADM}[k]
	c.do(uicc.VerifyPIN{Key: k, Value: &value}, want)
}

// selected selects a file by its identifier.
func (c *card) selected(ids ...uicc.FileID) {
	c.t.Helper()
	for _, id := range ids {
		c.do(uicc.Select{Path: []uicc.FileID{id}, P2: uicc.SelectNoData}, iso7816.OK)
	}
}

// canaries are the secrets that no response may contain.
func canaries() [][]byte {
	return [][]byte{testPIN1[:4], testPIN2[:5], testADM[:], testPUK1[:], testPUK2[:], testAuth.K[:8], testAuth.OPc[:8]}
}

// leaks tells whether a response has a secret in it.
func leaks(response []byte) bool {
	for _, s := range canaries() {
		if bytes.Contains(response, s) {
			return true
		}
	}
	return false
}

var _ apdu.Terminal = (*card)(nil)
