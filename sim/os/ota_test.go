package os

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/core/uicc"
	"inkan/sim/applets/aram"
	"inkan/sim/usim"
	"inkan/spec/req"
)

// memoryCounter is a server's counter.
type memoryCounter uint64

func (c *memoryCounter) Load() uint64         { return uint64(*c) }
func (c *memoryCounter) Store(v uint64) error { *c = memoryCounter(v); return nil }

const fullSPI = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

// server is the sending end of keys under a version.
func server(t testing.TB, set *scp.KeySet, spi scp80.SPI, algorithm scp80.Algorithm, counter scp80.Counter) *scp80.Host {
	t.Helper()
	k, err := scp80.NewKeySet(scp80.KeySetConfig{Version: set.Version, KIc: scp80.Key{Algorithm: algorithm, Value: set.Enc},
		KID: scp80.Key{Algorithm: algorithm, Value: set.MAC}, Counter: counter})
	if err != nil {
		t.Fatal(err)
	}
	h, err := scp80.NewHost(scp80.HostConfig{SPI: spi, Cipher: k, Integrity: k})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// expanded is a script in the expanded format.
func expanded(t testing.TB, commands ...gp.Command) []byte {
	t.Helper()
	var s remote.Script
	b := s.Begin(nil, remote.Definite)
	for _, c := range commands {
		a, err := c.APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		a.Data = append([]byte(nil), a.Data...)
		raw, err := a.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		b = s.Command(b, raw)
	}
	return s.End(b)
}

// run sends a script and gives the response data.
func run(t testing.TB, card *Card, h *scp80.Host, tar scp80.TAR, script []byte) []byte {
	t.Helper()
	packet, ticket, err := h.Seal(nil, tar, script)
	if err != nil {
		t.Fatal(err)
	}
	out, err := card.Receive(packet)
	if err != nil || out.Status != scp80.StatusOK {
		t.Fatalf("%v: %+v, %v", tar, out, err)
	}
	data, r, err := h.Open(nil, ticket, out.Packet)
	if err != nil || !r.Fresh || r.Status != scp80.StatusOK {
		t.Fatalf("%v: %+v, %v", tar, r, err)
	}
	return data
}

// results are the R-APDUs of an expanded response, in hex.
func results(t testing.TB, b []byte) (all []string) {
	t.Helper()
	e, err := remote.DecodeExpandedResponse(b)
	if err != nil {
		t.Fatalf("%X: %v", b, err)
	}
	for r := range e.Responses() {
		all = append(all, fmt.Sprintf("%X %04X", r.Data, uint16(r.SW)))
	}
	return all
}

// withOTA is a card whose issuer has keys for packets.
func withOTA(t testing.TB, set *scp.KeySet, kind keys.Type, cfg Config) *Card {
	t.Helper()
	test := testKeySet()
	test.Version = 0x30
	cfg.Issuer.Keys = append(KeySet(keys.AES, test), KeySet(kind, set)...)
	return newCard(t, cfg)
}

// TestContentByPackets loads, installs, puts keys and deletes by packets alone.
func TestContentByPackets(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-092", "SPEC-UICC-OS-093", "SPEC-UICC-OS-095", "SPEC-UICC-OS-096")
	for algorithm, kind := range map[scp80.Algorithm]keys.Type{scp80.AES: keys.AES, scp80.TDES2: keys.DES} {
		set := keySet(1, 0x51)
		card := withOTA(t, set, kind, Config{})
		counter := new(memoryCounter)
		h := server(t, set, fullSPI, algorithm, counter)
		send := func(commands ...gp.Command) []string {
			t.Helper()
			return results(t, run(t, card, h, scp80.TARIssuerSD, expanded(t, commands...)))
		}
		if got := send(gp.GetData{Tag: gp.TagDiversificationData}, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}); len(got) != 2 || got[1] != "00 9000" {
			t.Fatalf("%q", got)
		}
		file := gp.LoadFile{Content: corpus(t, "pin")}
		b, err := file.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := gp.LoadBlocks(b, 100)
		if err != nil {
			t.Fatal(err)
		}
		for block := range blocks { // each in a packet of its own
			if got := send(block); len(got) != 1 || got[0] != "00 9000" {
				t.Fatalf("%q", got)
			}
		}
		send(gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: pinModule, Parameters: []byte{0xC9, 0}})
		do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
		do(t, card, gp.Select{}, iso7816.OK)
		secret := keySet(0, 0xA0).Enc
		k := gp.Key{Components: []gp.KeyValue{{Type: keys.AES, Value: secret}}}
		block := gp.DEKBlockAES
		if kind == keys.DES {
			block = gp.DEKBlockDES
		}
		f, err := k.Seal(sealer(t, card, set.DEK, kind), block, true)
		if err != nil {
			t.Fatal(err)
		}
		kcv, _ := keys.CheckValue(keys.AES, secret)
		got := send(gp.PutKey{KeyID: 1, NewKeyVersion: 0x71, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}, gp.Delete{AID: pinPackage, Related: true},
			gp.StoreData{Last: true, Data: unhex(t, "420177")})
		if want := fmt.Sprintf("71%X 9000", kcv); len(got) != 3 || got[0] != want || got[1] != "00 9000" || got[2] != " 9000" {
			t.Fatalf("%q, want %s", got, want)
		}
		if card.Applet(pinModule.Append(nil)) != nil {
			t.Error("the application is there")
		}
		if c := (otaCounter{card, issuerID, 1}).Load(); c != uint64(*counter) {
			t.Errorf("counter %d, the server's %d", c, *counter)
		}
	}
}

// sealer enciphers under KIK.
func sealer(t testing.TB, card *Card, key []byte, kind keys.Type) gp.SensitiveCipher {
	return func(dst, src []byte) ([]byte, error) {
		if kind == keys.AES {
			return append(dst, encryptCBC(t, key, make([]byte, 16), src)...), nil
		}
		block, err := card.Engines().TDES(key)
		if err != nil {
			return nil, err
		}
		out := make([]byte, len(src))
		for i := 0; i < len(src); i += 8 {
			block.Encrypt(out[i:], src[i:])
		}
		return append(dst, out...), nil
	}
}

// TestCompact runs compact scripts, whose last response comes back.
func TestCompact(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-093")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{Issuer: Issuer{IIN: []byte{0x77}}})
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	got := run(t, card, h, scp80.TARIssuerSD, unhex(t, "80CA004203"))
	if !bytes.Equal(got, unhex(t, "019000420177")) {
		t.Errorf("%X", got)
	}
	got = run(t, card, h, scp80.TARIssuerSDRAM, unhex(t, "80F28002024F00"+"00C0000000"))
	if r, err := remote.DecodeCompactResponse(got); err != nil || r.Executed != 2 || r.SW != iso7816.OK || len(r.Data) < 20 {
		t.Errorf("%X, %v", got, err)
	}
	if got = run(t, card, h, scp80.TARIssuerSD, unhex(t, "80E40000094F07A0000000AABBCC")); !bytes.Equal(got, unhex(t, "016A88")) {
		t.Errorf("%X", got)
	}
}

// TestPacketsRefused: what is not protected as the domain asks does nothing.
func TestPacketsRefused(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-091", "SPEC-UICC-OS-092", "SPEC-UICC-OS-094", "SPEC-UICC-OS-095")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{Policy: Policy{PoR: scp80.PoRPlain}})
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	script := expanded(t, ssd(ssdAID, 0))
	for name, c := range map[string]struct {
		h    *scp80.Host
		tar  scp80.TAR
		want scp80.Status
	}{
		"no protection": {server(t, set, scp80.PoR, scp80.AES, nil), scp80.TARIssuerSD, scp80.StatusInsufficientSecurity},
		"other keys":    {server(t, keySet(1, 0x61), fullSPI, scp80.AES, new(memoryCounter)), scp80.TARIssuerSD, scp80.StatusCheckFailed},
		"no such TAR":   {h, scp80.TAR{1, 2, 3}, scp80.StatusTARUnknown},
	} {
		packet, _, err := c.h.Seal(nil, c.tar, script)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := card.Receive(packet); err != nil || out.Status != c.want {
			t.Errorf("%s: %v, %v", name, out.Status, err)
		}
		if _, ok := card.entry(ssdAID); ok {
			t.Fatalf("%s: executed", name)
		}
	}
	packet, _, err := h.Seal(nil, scp80.TARIssuerSD, script)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []scp80.Status{scp80.StatusOK, scp80.StatusCounterLow} { // the same one again, after a reset
		if out, err := card.Receive(packet); err != nil || out.Status != want {
			t.Errorf("%d: %v, %v", i, out.Status, err)
		}
		if _, err := card.Reset(ctx, false); err != nil {
			t.Fatal(err)
		}
	}
	open := withOTA(t, set, keys.AES, Config{Policy: Policy{MinimumSPI: scp80.CounterUnchecked}})
	packet, _, err = server(t, set, scp80.PoR|scp80.CounterUnchecked, scp80.AES, new(memoryCounter)).Seal(nil, scp80.TARIssuerSD, script)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := open.Receive(packet); err != nil || out.Status != scp80.StatusOK {
		t.Errorf("%v, %v", out.Status, err)
	}
	if _, ok := open.entry(ssdAID); ok {
		t.Error("executed without a cryptographic checksum")
	}
}

// TestDomainByPackets addresses a supplementary domain with keys of its own.
func TestDomainByPackets(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-091", "SPEC-UICC-OS-092", "SPEC-UICC-OS-093")
	set := keySet(2, 0x51)
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	install := ssd(ssdAID, 0)
	install.Parameters = append(install.Parameters, unhex(t, "EA11800F01000000000000 0216 1603B00FFF00")...)
	toolkit := gp.ToolkitParameters{Priority: 1, SecurityLevel: []byte{1, 0x16}, TARs: [][3]byte{{0xB2, 0x0F, 0x01}}}
	value, err := toolkit.AppendUICC(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := gp.InstallParameters{ApplicationSpecific: []byte{}, UICC: &gp.UICCParameters{Toolkit: value}}
	if install.Parameters, err = p.Append(nil); err != nil {
		t.Fatal(err)
	}
	do(t, host, install, iso7816.OK)
	again := install
	again.Application = gp.MustAID("A0000001515350AA02")
	do(t, host, again, iso7816.WrongData) // the TAR is taken
	mine := open(t, card, ssdAID, channelOf{})
	putKeys(t, mine, keys.AES, 0, set, iso7816.OK)
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	got := results(t, run(t, card, h, scp80.TAR{0xB2, 0x0F, 0x01}, expanded(t, gp.StoreData{Last: true, Data: unhex(t, "450133")},
		gp.GetData{Tag: gp.TagCIN}, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage})))
	if len(got) != 3 || got[1] != "450133 9000" || got[2] != " 6985" {
		t.Errorf("%q", got)
	}
	packet, _, err := server(t, set, scp80.CC|scp80.CounterHigher|scp80.PoR|scp80.PoRCC, scp80.AES, new(memoryCounter)).Seal(nil, scp80.TAR{0xB2, 0x0F, 0x01}, expanded(t, gp.GetData{Tag: gp.TagCIN}))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := card.Receive(packet); err != nil || out.Status != scp80.StatusInsufficientSecurity {
		t.Errorf("%v, %v: its minimum is ciphered", out.Status, err)
	}
}

// testUICC is a file system.
func testUICC(t testing.TB) *usim.Config {
	t.Helper()
	pin := func(s string) uicc.PIN {
		p, err := uicc.NewPIN(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := usim.Profile{ICCID: "8981100000000000018", IMSI: "440101234567890", MNCDigits: 2, SMSC: "81903101652", Access: 1 << 3,
		USIM: unhex(t, "A0000000871002FF49FF0589"), Label: "USIM", Languages: []string{"ja"}, PINs: []usim.PINConfig{
			{Key: uicc.PIN1, Value: pin("1234"), Tries: 3, PUK: pin("87654321"), PUKTries: 10},
			{Key: uicc.PIN2, Value: pin("56789"), Tries: 3, PUK: pin("13572468"), PUKTries: 10, Fixed: true},
			{Key: uicc.ADM1, Value: pin("11111111"), Tries: 5, Fixed: true, Free: true}}}
	files, pins, err := p.Build()
	if err != nil {
		t.Fatal(err)
	}
	return &usim.Config{Files: files, PINs: pins}
}

// TestUICC: a card with files and security domains, managed by short messages.
func TestUICC(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-014", "SPEC-UICC-OS-090", "SPEC-UICC-OS-092")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{UICC: testUICC(t), Channels: 3, Remote: []RemoteFiles{{TAR: scp80.TARFilesUICC, Access: usim.Domain{Full: true}}}})
	say(t, card, "00A40004022FE2", iso7816.OK)
	say(t, card, "00B000000A", iso7816.OK)
	say(t, card, "00A4040C07A0000000871002", iso7816.OK)
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
	say(t, card, "801000000A"+"FFFFFFFF7F9D00DFBF00", iso7816.OK) // whatever is selected
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	for _, c := range []struct {
		tar    scp80.TAR
		script string
		want   string
	}{{scp80.TARFilesUICC, "00A40004022FE2" + "00B000000A", "029000981801000000000010F8"}, {scp80.TARIssuerSD, "80CA00C203", "019000C2020000"[:14]}} {
		packet, ticket, err := h.Seal(nil, c.tar, unhex(t, c.script))
		if err != nil {
			t.Fatal(err)
		}
		data, r, err := h.Open(nil, ticket, overTheAir(t, card, packet))
		if err != nil || r.Status != scp80.StatusOK {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := fmt.Sprintf("%X", data); len(got) < 14 || got[:14] != c.want[:14] {
			t.Errorf("%v: %s", c.tar, got)
		}
	}
	packet, _, err := server(t, keySet(1, 0x61), fullSPI, scp80.AES, new(memoryCounter)).Seal(nil, scp80.TARIssuerSD, unhex(t, "80CA00C203"))
	if err != nil {
		t.Fatal(err)
	}
	say(t, card, envelope(t, packet), iso7816.WarningStateChanged)
	do(t, card, gp.Select{}, iso7816.OK)
	say(t, card, "0070000101", iso7816.OK)
	say(t, card, "01A40004022FE2", iso7816.OK)
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	say(t, card, "00A40004022FE2", iso7816.OK)
}

// envelope is an ENVELOPE with a packet in one message, in hex.
func envelope(t testing.TB, packet []byte) string {
	t.Helper()
	s, err := sms.NewSplitter(packet, sms.IEICommandPacket, 1, false, sms.MaxUserData)
	if err != nil || s.Parts() != 1 {
		t.Fatalf("%d parts, %v", s.Parts(), err)
	}
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	if err != nil {
		t.Fatal(err)
	}
	d := sms.NewCommandDeliver(from, [7]byte{}, s.Append(nil, 0))
	tpdu, err := d.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	download := sms.Download{Address: []byte{0x91, 0x18, 0x09}, TPDU: tpdu}
	a, err := uicc.Envelope{Data: download.Append(nil)}.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%X", b)
}

func overTheAir(t testing.TB, card apdu.Card, packet []byte) []byte {
	t.Helper()
	h, body, err := sms.DecodeUserData(say(t, card, envelope(t, packet), iso7816.OK))
	if err != nil || !h.Has(sms.IEIResponsePacket) {
		t.Fatalf("%+v, %v", h, err)
	}
	return body
}

// TestPersonalizationByPackets forwards data to an applet that wants a channel.
func TestPersonalizationByPackets(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-093", "SPEC-UICC-OS-097")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{})
	if err := card.Load(aram.CAP); err != nil {
		t.Fatal(err)
	}
	if err := card.Install(aram.PackageAID, aram.ModuleAID, ara.AIDMaster, 0, []byte{0xC9, 0}); err != nil {
		t.Fatal(err)
	}
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	got := results(t, run(t, card, h, scp80.TARIssuerSD, expanded(t, gp.Install{Purpose: gp.ForPersonalization, Application: ara.AIDMaster},
		gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: unhex(t, storeRule)})))
	if len(got) != 2 || got[1] != " 9000" {
		t.Errorf("%q", got)
	}
	for spi, want := range map[scp80.SPI]scp.Level{fullSPI: 0x33, scp80.CC | scp80.PoR: 0x01, scp80.CC | scp80.PoR | scp80.PoRCC: 0x11, scp80.CC | scp80.Cipher: 0x03} {
		if l := levelOf(spi, true); l != want || levelOf(spi, false) != 0 {
			t.Errorf("%v: level %02X", spi, byte(l))
		}
	}
}

// TestProactive announces a proactive command whatever is selected, and not where
// an R-MAC says 9000.
func TestProactive(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-015", "SPEC-UICC-OS-016", "SPEC-RUNTIME-160")
	card := newCard(t, Config{UICC: testUICC(t)})
	plain := open(t, card, gp.AID{}, channelOf{level: 0x01})
	say(t, card, "801000000A"+"FFFFFFFF7F9D00DFBF00", iso7816.OK)
	if err := card.guarded(func() error { return card.uicc.Enqueue(unhex(t, "D009810301010082028182"), nil) }); err != nil {
		t.Fatal(err)
	}
	say(t, plain, "80CA004500", iso7816.ReferencedDataNotFound)
	say(t, plain, "80CA006600", 0x910B)
	strict := openQuietly(t, card)
	say(t, strict, "80CA006600", iso7816.OK)
	strict.Host.Close()
	say(t, card, "00A4040000", 0x910B)
	say(t, card, "801200000B", iso7816.OK)
	say(t, card, "801400000C"+"810301010002028281830100", iso7816.OK)
	say(t, card, "00A4040000", iso7816.OK)
}

// openQuietly opens a channel with R-MAC on a card where a proactive command waits.
func openQuietly(t testing.TB, card *Card) *scp.Secured {
	t.Helper()
	host, err := tryOpen(quiet{card}, channelOf{level: 0x11})
	if err != nil {
		t.Fatal(err)
	}
	host.Card = card
	return host
}

// quiet takes 91xx for 9000, as a terminal does.
type quiet struct{ apdu.Card }

func (q quiet) Transmit(c context.Context, cmd, dst []byte) ([]byte, error) {
	out, err := q.Card.Transmit(c, cmd, dst)
	if n := len(out); err == nil && out[n-2] == 0x91 {
		out[n-2], out[n-1] = 0x90, 0
	}
	return out, err
}
