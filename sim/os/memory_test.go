package os

import (
	"encoding/binary"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/tlv"
	"inkan/sim/applets/hoard"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// hoardAID is an instance of the hoard.
func hoardAID(n byte) gp.AID { return gp.MustAID(fmt.Sprintf("F0696E6B616E4844AA%02X", n)) }

// limit is an object of EF, in two bytes or, when wide, in four.
type limit struct {
	tag   tlv.Tag
	bytes uint32
	wide  bool
}

// within is installation parameters with the application data data.
func within(data []byte, limits ...limit) []byte {
	var ef []byte
	for _, l := range limits {
		b := binary.BigEndian.AppendUint32(nil, l.bytes)
		if !l.wide {
			b = b[2:]
		}
		ef = tlv.Append(ef, l.tag, b)
	}
	return tlv.Append(tlv.Append(nil, 0xC9, data), gp.TagSystemParameters, ef)
}

func installHoard(parameters []byte, aid gp.AID) gp.Install {
	return gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: hoard.PackageAID, Module: hoard.ModuleAID, Application: aid, Parameters: parameters}
}

// loadHoard makes a card with the package loaded.
func loadHoard(t testing.TB) *Card {
	t.Helper()
	cfg, _ := onFlash(t)
	card := newCard(t, cfg)
	if err := card.Load(hoard.CAP); err != nil {
		t.Fatal(err)
	}
	return card
}

// hoarder sends commands to instances of the hoard; SELECT precedes each.
type hoarder struct {
	testing.TB
	card *Card
}

func (h hoarder) say(n byte, want iso7816.SW, ins, slot, units byte) []byte {
	h.Helper()
	do(h, h.card, gp.Select{Name: hoardAID(n).Append(nil)}, iso7816.OK)
	return say(h, h.card, fmt.Sprintf("80%02X%02X%02X", ins, slot, units), want)
}

// usage is what an instance has.
func (h hoarder) usage(n byte) vm.Usage {
	h.Helper()
	if err := h.card.Machine().Audit(); err != nil {
		h.Fatal(err)
	}
	a := h.card.Applet(hoardAID(n).Append(nil))
	if a == nil || a.Account == 0 {
		h.Fatalf("instance %d has no account", n)
	}
	return h.card.Machine().Usage(a.Account)
}

// resources is what GET DATA FF21 says.
func resources(t testing.TB, card apdu.Card) gp.Resources {
	t.Helper()
	r, err := gp.DecodeResources(do(t, card, gp.GetData{Tag: gp.TagExtendedResources}, iso7816.OK))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	noResource = iso7816.SW(0x6205)
	noRAM      = iso7816.SW(0x6202)
)

// An applet stays within its C8 for its whole life, and another instance of the same
// package has its own.
func TestQuotaForLife(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-130", "SPEC-RUNTIME-170", "SPEC-RUNTIME-172", "SPEC-JCVM-085")
	card := loadHoard(t)
	h := hoarder{t, card}
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, installHoard(within(nil, limit{0xC8, 1000, false}), hoardAID(1)), iso7816.OK)
	do(t, host, installHoard(within(nil, limit{0xC8, 3000, true}), hoardAID(2)), iso7816.OK)
	do(t, host, installHoard(within(nil), hoardAID(3)), iso7816.OK)
	base := h.usage(1)
	if base == (vm.Usage{}) || h.usage(2) != base || h.usage(3) != base {
		t.Fatalf("instances have %+v, %+v and %+v", base, h.usage(2), h.usage(3))
	}
	room := func(n byte, quota int) byte { return byte((quota - int(h.usage(n).NonVolatile) - 12) / 16) }
	check := func() {
		t.Helper()
		h.say(1, noResource, hoard.Array, 1, room(1, 1000)+1)
		if got := h.say(1, iso7816.OK, hoard.Available, 0, 0); int(binary.BigEndian.Uint16(got)) != max(0, 1000-int(h.usage(1).NonVolatile)-12) {
			t.Errorf("%X bytes available, %+v used", got, h.usage(1))
		}
		before := h.usage(1)
		h.say(1, noResource, hoard.Committed, 1, room(1, 1000)+1)
		if before.NonVolatile <= 1000-12 {
			h.say(1, iso7816.OK, hoard.Aborted, 1, room(1, 1000))
		}
		if h.usage(1) != before {
			t.Errorf("refused and aborted arrays leave %+v, before %+v", h.usage(1), before)
		}
	}
	check()
	h.say(1, iso7816.OK, hoard.Array, 0, room(1, 1000))
	check()
	h.say(2, iso7816.OK, hoard.Array, 0, 100)
	h.say(2, noResource, hoard.Array, 1, room(2, 3000)+1)
	h.say(3, iso7816.OK, hoard.Array, 0, 255)
	h.say(3, iso7816.OK, hoard.Array, 0, 255)
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	check()
	card = revive(t, card.cfg.Flash)
	h.card = card
	check()
	h.say(1, iso7816.OK, hoard.Drop, 0, 0)
	if h.usage(1) != base {
		t.Errorf("after object deletion %+v, before %+v", h.usage(1), base)
	}
	h.say(1, iso7816.OK, hoard.Committed, 0, room(1, 1000))
	check()
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Delete{AID: hoardAID(1)}, iso7816.OK)
	do(t, host, installHoard(within(nil), hoardAID(1)), iso7816.OK)
	h.say(1, iso7816.OK, hoard.Array, 0, 200)
}

func TestVolatileQuota(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-130", "SPEC-UICC-OS-055", "SPEC-RUNTIME-172")
	card := loadHoard(t)
	h := hoarder{t, card}
	host := open(t, card, gp.AID{}, channelOf{})
	ram := resources(t, host).FreeVolatileBytes
	do(t, host, installHoard(within(nil, limit{0xC7, 64_000, false}), hoardAID(1)), iso7816.NotEnoughMemory)
	do(t, host, installHoard(within(nil, limit{0xC7, 160, true}), hoardAID(1)), iso7816.OK)
	if now := resources(t, host).FreeVolatileBytes; now != ram {
		t.Errorf("a quota takes %d bytes of RAM", ram-now)
	}
	h.say(1, iso7816.OK, hoard.ClearOnReset, 0, 6)
	h.say(1, noRAM, hoard.ClearOnDeselect, 1, 5)
	h.say(1, iso7816.OK, hoard.ClearOnDeselect, 1, 3)
	for _, memory := range []byte{1, 2} {
		if got := h.say(1, iso7816.OK, hoard.Available, memory, 0); binary.BigEndian.Uint16(got) != 16 {
			t.Errorf("%X bytes of memory %d available, want 16", got, memory)
		}
	}
	if u := h.usage(1); u.Reset != 96 || u.Deselect != 48 {
		t.Errorf("usage %+v", u)
	}
	h.say(1, noRAM, hoard.ClearOnReset, 2, 2)
	card = revive(t, card.cfg.Flash)
	h.card = card
	h.say(1, noRAM, hoard.ClearOnReset, 2, 2)
	h.say(1, iso7816.OK, hoard.Drop, 0, 0)
	h.say(1, iso7816.OK, hoard.ClearOnReset, 2, 7)
	h.say(1, noRAM, hoard.ClearOnReset, 3, 1)
}

// What is reserved no other instance takes, nor the card, and the owner always has.
func TestReservedMemory(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-055", "SPEC-UICC-OS-132", "SPEC-UICC-OS-133", "SPEC-RUNTIME-171", "SPEC-RUNTIME-170")
	card := loadHoard(t)
	h := hoarder{t, card}
	host := open(t, card, gp.AID{}, channelOf{})
	before := resources(t, host)
	for _, l := range [][]limit{{{0xD8, before.FreeNonVolatileBytes + 1, true}}, {{0xD7, before.FreeVolatileBytes + 1, true}}, {{0xD8, before.FreeNonVolatileBytes, true}}} {
		do(t, host, installHoard(within(nil, l...), hoardAID(1)), iso7816.NotEnoughMemory)
	}
	do(t, host, installHoard(within(nil, limit{0xC8, 1000, false}, limit{0xD8, 1001, false}), hoardAID(1)), iso7816.WrongData)
	do(t, host, installHoard(within(nil, limit{0xC7, 99, false}, limit{0xD7, 100, false}), hoardAID(1)), iso7816.WrongData)
	do(t, host, ssd(ssdAID, 0), iso7816.OK) // so that its later names are taken from the same memory
	do(t, host, gp.Delete{AID: ssdAID}, iso7816.OK)
	card.Machine().Collect()
	if now := resources(t, host); now != before {
		t.Fatalf("refused installations leave %+v, before %+v", now, before)
	}
	do(t, host, installHoard(within(nil, limit{0xD8, 5000, true}, limit{0xD7, 1000, false}), hoardAID(1)), iso7816.OK)
	after := resources(t, host)
	if n := before.FreeNonVolatileBytes - after.FreeNonVolatileBytes; n < 5000 || n > 5400 || before.FreeVolatileBytes-after.FreeVolatileBytes != 1000 {
		t.Errorf("%+v before, %+v after reserving 5000 and 1000", before, after)
	}
	do(t, host, installHoard(within(nil), hoardAID(2)), iso7816.OK)
	do(t, host, installHoard(within(nil), hoardAID(3)), iso7816.OK)
	h.fill(2, hoard.ClearOnReset, noRAM)
	h.fill(2, hoard.ClearOnDeselect, noRAM)
	for n := byte(2); n <= 3; n++ {
		h.say(n, iso7816.OK, hoard.Drop, 0, 0)
	}
	// one after another, more instances fill the memory
	for n := byte(3); h.card.free() > 5000; n++ {
		if n > 3 {
			do(t, open(t, card, gp.AID{}, channelOf{}), installHoard(within(nil), hoardAID(n)), iso7816.OK)
		}
		h.fill(n, hoard.Array, noResource)
	}
	h.fill(2, hoard.Array, noResource)
	if now := resources(t, open(t, card, gp.AID{}, channelOf{})); now.FreeNonVolatileBytes > 300 {
		t.Errorf("%d bytes free that are not kept", now.FreeNonVolatileBytes)
	}
	h.card = revive(t, card.cfg.Flash)
	h.say(2, noResource, hoard.Array, 0, 100)
	h.say(1, iso7816.OK, hoard.ClearOnReset, 0, 31)
	h.say(1, iso7816.OK, hoard.ClearOnDeselect, 1, 62)
	for slot := byte(2); h.usage(1).NonVolatile+12+512 <= 5000; slot++ {
		h.say(1, iso7816.OK, hoard.Array, slot, 32)
	}
	used := h.usage(1)
	h.say(1, iso7816.OK, hoard.Drop, 5, 0)
	h.say(2, noResource, hoard.Array, 0, 10)
	h.say(1, iso7816.OK, hoard.Array, 5, 32)
	if h.usage(1) != used {
		t.Errorf("%+v, before %+v", h.usage(1), used)
	}
	do(t, open(t, h.card, gp.AID{}, channelOf{}), gp.Delete{AID: hoardAID(1)}, iso7816.OK)
	h.say(2, iso7816.OK, hoard.Array, 0, 100)
}

// fill takes memory of a kind until that is refused.
func (h hoarder) fill(n, ins byte, refused iso7816.SW) {
	h.Helper()
	do(h, h.card, gp.Select{Name: hoardAID(n).Append(nil)}, iso7816.OK)
	units := byte(255)
	for slot := byte(0); slot < 16; slot++ {
		for {
			b, err := h.card.Transmit(ctx, []byte{0x80, ins, slot, units}, nil)
			if err != nil {
				h.Fatal(err)
			}
			if sw := iso7816.SW(b[0])<<8 | iso7816.SW(b[1]); sw == iso7816.OK {
				break
			} else if sw != refused {
				h.Fatalf("%v, want %v", sw, refused)
			}
			if units == 0 {
				return
			}
			units /= 2
		}
	}
	if err := h.card.Machine().Audit(); err != nil {
		h.Fatal(err)
	}
}

// An install method that takes too much is undone: 6A84, and nothing is left.
func TestQuotaInInstall(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-056", "SPEC-RUNTIME-043")
	card := loadHoard(t)
	host := open(t, card, gp.AID{}, channelOf{})
	before := resources(t, host)
	do(t, host, installHoard(within([]byte{60}, limit{0xC8, 1000, false}), hoardAID(1)), iso7816.NotEnoughMemory)
	card.Machine().Collect()
	if now := resources(t, host); now != before || card.Machine().FreeAccount() != 1 {
		t.Errorf("%+v, before %+v; free account %d", now, before, card.Machine().FreeAccount())
	}
	do(t, host, installHoard(within([]byte{50}, limit{0xC8, 1000, false}), hoardAID(1)), iso7816.OK)
}

// A security domain's keys and data objects count, its counters do not.
func TestQuotaOfADomain(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-131", "SPEC-UICC-OS-132")
	cfg, _ := onFlash(t)
	card := newCard(t, cfg)
	host := open(t, card, gp.AID{}, channelOf{})
	install := func(limits ...limit) gp.Install {
		i := ssd(ssdAID, 0)
		i.Parameters = within(nil, limits...)
		return i
	}
	do(t, host, install(limit{0xC8, 300, false}, limit{0xD8, 301, false}), iso7816.WrongData)
	do(t, host, install(limit{0xD8, 300_000, true}), iso7816.NotEnoughMemory)
	do(t, host, install(limit{0xC8, 30, false}), iso7816.NotEnoughMemory)
	free := resources(t, host).FreeNonVolatileBytes
	do(t, host, install(limit{0xC8, 400, false}, limit{0xD8, 400, false}), iso7816.OK)
	usage := func() vm.Usage {
		t.Helper()
		if err := card.Machine().Audit(); err != nil {
			t.Fatal(err)
		}
		e, _ := card.entry(ssdAID)
		return card.Machine().Usage(e.account)
	}
	if now := resources(t, host).FreeNonVolatileBytes; free-now != 400 {
		t.Errorf("%d bytes kept, want 400", free-now)
	}
	own := open(t, card, ssdAID, channelOf{})
	entry := usage()
	putKeys(t, own, keys.AES, 0, keySet(0x31, 0x91), iso7816.OK)
	withKeys := usage()
	if withKeys.NonVolatile <= entry.NonVolatile {
		t.Errorf("%+v with keys, %+v without", withKeys, entry)
	}
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	own = open(t, card, ssdAID, channelOf{keys: keySet(0x31, 0x91)})
	putKeys(t, own, keys.AES, 0, keySet(0x32, 0x13), iso7816.OK)
	putKeys(t, own, keys.AES, 0, keySet(0x33, 0x14), iso7816.NotEnoughMemory)
	do(t, own, gp.StoreData{Last: true, Data: append([]byte{0x5F, 0x50, 120}, make([]byte, 120)...)}, iso7816.NotEnoughMemory)
	do(t, own, gp.StoreData{Last: true, Data: []byte{0x45, 1, 1}}, iso7816.OK)
	for range 5 { // counters rise
		own = open(t, card, ssdAID, channelOf{keys: keySet(0x31, 0x91)})
	}
	putKeys(t, own, keys.AES, 0x32, keySet(0x32, 0x55), iso7816.OK)
	if u := usage(); u.NonVolatile > 400 {
		t.Errorf("%+v", u)
	}
	do(t, open(t, card, gp.AID{}, channelOf{}), gp.Delete{AID: ssdAID}, iso7816.OK)
	if card.Machine().FreeAccount() != 1 {
		t.Error("the account of a domain that is gone is not free")
	}
	if err := card.Machine().Audit(); err != nil {
		t.Fatal(err)
	}
}

// A load file asks for what it needs in all three objects.
func TestMinimumOfALoadFile(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-055")
	cfg, _ := onFlash(t)
	card := newCard(t, cfg)
	host := open(t, card, gp.AID{}, channelOf{})
	r := resources(t, host)
	for _, l := range [][]limit{{{0xC6, r.FreeNonVolatileBytes + 1, true}}, {{0xC8, r.FreeNonVolatileBytes + 1, true}},
		{{0xC6, r.FreeNonVolatileBytes/2 + 1, true}, {0xC8, r.FreeNonVolatileBytes / 2, true}}, {{0xC7, 64_000, false}}} {
		do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: hoard.PackageAID, Parameters: within(nil, l...)[2:]}, iso7816.NotEnoughMemory)
	}
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: hoard.PackageAID,
		Parameters: within(nil, limit{0xC6, 4000, false}, limit{0xC8, 4000, true}, limit{0xC7, 1000, false})[2:]}, iso7816.OK)
}

// An application that takes all memory does not keep the issuer out.
func TestFullCardIsManaged(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-134")
	card := loadHoard(t)
	h := hoarder{t, card}
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	for n := byte(1); resources(t, host).FreeNonVolatileBytes > 600; n++ {
		do(t, host, installHoard(within(nil), hoardAID(n)), iso7816.OK)
		h.fill(n, hoard.Array, noResource)
		host = open(t, card, gp.AID{}, channelOf{})
	}
	h.fill(1, hoard.Array, noResource)
	h.card = revive(t, card.cfg.Flash)
	for range 20 {
		open(t, h.card, gp.AID{}, channelOf{protocol: gp.SCP02})
		open(t, h.card, ssdAID, channelOf{})
	}
	host = open(t, h.card, gp.AID{}, channelOf{})
	do(t, host, gp.Delete{AID: hoardAID(1)}, iso7816.OK)
	do(t, host, installHoard(within([]byte{100}, limit{0xC8, 2500, false}), hoardAID(1)), iso7816.OK)
	h.usage(1)
}
