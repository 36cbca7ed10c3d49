package bare

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/spec/req"
)

var ctx = context.Background()

// open makes a card and opens a channel to its security domain.
func open(t *testing.T, cfg Config, level scp.Level) (*Card, apdu.Card) {
	t.Helper()
	card, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return card, reopen(t, card, level)
}

func reopen(t *testing.T, card *Card, level scp.Level) apdu.Card {
	t.Helper()
	send(t, card, "00A4040000")
	return handshakeWith(t, card, level)
}

// handshakeWith opens a channel to whatever is selected.
func handshakeWith(t *testing.T, card *Card, level scp.Level) apdu.Card {
	t.Helper()
	aid, seed := gp.AIDIssuerSecurityDomain.Append(nil), entropy.Seeded(1, "host")
	var host scp.Host
	var err error
	if card.cfg.SCP == gp.SCP02 {
		host, err = scp02.Open(ctx, card, scp02.HostConfig{Options: optionsSCP02, Level: level, AID: aid, Entropy: seed,
			Keys: func(*scp02.InitializeUpdateResponse) (*scp.KeySet, error) { return card.cfg.Keys, nil }})
	} else {
		host, err = scp03.Open(ctx, card, scp03.HostConfig{Level: level, AID: aid, Entropy: seed,
			Keys: func(*scp03.InitializeUpdateResponse) (*scp.KeySet, error) { return card.cfg.Keys, nil }})
	}
	if err != nil {
		t.Fatal(err)
	}
	return &scp.Secured{Host: host, Card: card}
}

func send(t *testing.T, card apdu.Card, command string) ([]byte, iso7816.SW) {
	t.Helper()
	b, err := card.Transmit(ctx, unhex(t, command), nil)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	r, err := apdu.DecodeResponse(b)
	if err != nil {
		t.Fatal(err)
	}
	return r.Data, r.SW
}

func exchange(t *testing.T, card apdu.Card, cmd gp.Command, want iso7816.SW) {
	t.Helper()
	_, err := gp.Exchange(ctx, card, cmd, nil)
	if want == iso7816.OK && err != nil || want != iso7816.OK && !errors.Is(err, want) {
		t.Fatalf("%T: %v, want %v", cmd, err, want)
	}
}

// loadFile is a corpus package as it is transferred.
func loadFile(t *testing.T, theme string) []byte {
	f, err := cap.Open(capFile(t, theme, "305"))
	if err != nil {
		t.Fatal(err)
	}
	content := f.LoadFile(nil, false)
	file := []byte{0xC4, 0x82, byte(len(content) >> 8), byte(len(content))}
	return append(file, content...)
}

func loadThrough(t *testing.T, card apdu.Card, theme string, aid gp.AID) {
	t.Helper()
	exchange(t, card, gp.Install{Purpose: gp.ForLoad, LoadFile: aid}, iso7816.OK)
	blocks, err := gp.LoadBlocks(loadFile(t, theme), 200)
	if err != nil {
		t.Fatal(err)
	}
	for block := range blocks {
		exchange(t, card, block, iso7816.OK)
	}
}

// multiAID is the package of theme multi; its applets are 01 and 02 behind it.
var multiAID = gp.MustAID("F0696E6B616E4312")

// TestContent loads, installs, lists, uses and deletes over both protocols.
func TestContent(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-112", "SPEC-RUNTIME-113", "SPEC-RUNTIME-040", "SPEC-RUNTIME-044", "SPEC-RUNTIME-047")
	for _, c := range []struct {
		name     string
		protocol byte
		level    scp.Level
	}{{"SCP02 MAC", 2, 1}, {"SCP02 MAC and encryption", 2, 3}, {"SCP03 MAC", 3, 1}, {"SCP03 all", 3, 0x33}} {
		t.Run(c.name, func(t *testing.T) {
			card, secured := open(t, Config{SCP: c.protocol}, c.level)
			loadThrough(t, secured, "multi", multiAID)
			module := gp.MustAID("F0696E6B616E431202")
			instance := gp.MustAID("F0696E6B616E4312AA")
			exchange(t, secured, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: multiAID, Module: module,
				Application: instance, HasPrivileges: true, Parameters: []byte{0xC9, 2, 3, 5}}, iso7816.OK)
			var listed []gp.Entry
			for _, subset := range []gp.Subset{gp.SubsetIssuerSecurityDomain, gp.SubsetApplications, gp.SubsetLoadFilesAndModules} {
				err := gp.Status(ctx, secured, gp.GetStatus{Subset: subset}, func(e *gp.Entry) error {
					listed = append(listed, *e)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if len(listed) != 3 || listed[0].AID != gp.AIDIssuerSecurityDomain || listed[1].AID != instance ||
				listed[1].LifeCycle != gp.Selectable || listed[2].AID != multiAID {
				t.Fatalf("registry: %+v", listed)
			}
			data, sw := send(t, card, "00A4040009F0696E6B616E4312AA")
			if sw != iso7816.OK || !bytes.Equal(data, unhex(t, "09F0696E6B616E4312AA")) {
				t.Fatalf("select: %X %v", data, sw)
			}
			// Beta adds the first two bytes that it is given: the length of the AID and its first byte.
			if data, _ = send(t, card, "8012000002"); !bytes.Equal(data, []byte{0xFF, 0xF9}) {
				t.Fatalf("install parameters: %X", data)
			}
			secured = reopen(t, card, c.level)
			exchange(t, secured, gp.Delete{AID: multiAID}, iso7816.ConditionsNotSatisfied)
			exchange(t, secured, gp.Delete{AID: instance}, iso7816.ConditionsNotSatisfied) // a static field holds it
			if _, sw := send(t, card, "00A4040009F0696E6B616E4312AA"); sw != iso7816.OK {
				t.Fatalf("after refused deletions: %v", sw)
			}
			secured = reopen(t, card, c.level)
			exchange(t, secured, gp.Delete{AID: multiAID, Related: true}, iso7816.OK)
			if _, sw := send(t, card, "00A4040009F0696E6B616E4312AA"); sw != iso7816.FileNotFound {
				t.Fatalf("after deletion: %v", sw)
			}
			if len(card.Machine().Packages()) != 0 || len(card.Applets()) != 0 {
				t.Fatal("something is left")
			}
			for kind := range 256 {
				if kind == recordCounter {
					continue
				}
				card.Machine().EachRecord(byte(kind), func(id, _ []byte) { t.Errorf("record %02X %X is left", kind, id) })
			}
		})
	}
}

// TestContentRefused checks what the security domain refuses.
func TestContentRefused(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-113", "SPEC-RUNTIME-114", "SPEC-RUNTIME-043")
	card, secured := open(t, Config{}, 1)
	ioAID := gp.MustAID("F0696E6B616E4310")
	module := gp.MustAID("F0696E6B616E431001")
	libAID, userAID := gp.MustAID("F0696E6B616E430B"), gp.MustAID("F0696E6B616E430C")
	// Without secure messaging, and while a channel is open without a MAC.
	if _, sw := send(t, card, "80E60200"+"0D08F0696E6B616E43100000000000"); sw != iso7816.SecurityStatusNotSatisfied {
		t.Errorf("plain INSTALL: %v", sw)
	}
	secured = reopen(t, card, 0)
	exchange(t, secured, gp.Install{Purpose: gp.ForLoad, LoadFile: ioAID}, iso7816.SecurityStatusNotSatisfied)
	secured = reopen(t, card, 1)
	exchange(t, secured, gp.Load{Last: true, Data: []byte{0}}, iso7816.ConditionsNotSatisfied)
	exchange(t, secured, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: ioAID, Module: module, Application: module,
		HasPrivileges: true}, iso7816.ReferencedDataNotFound)
	// A package whose import is missing does not link, and nothing of it stays.
	exchange(t, secured, gp.Install{Purpose: gp.ForLoad, LoadFile: userAID}, iso7816.OK)
	blocks, _ := gp.LoadBlocks(loadFile(t, "libuser"), 200)
	free := card.Machine().FreeBytes()
	for block := range blocks {
		want := iso7816.OK
		if block.Last {
			want = iso7816.WrongData
		}
		exchange(t, secured, block, want)
	}
	if card.Machine().FreeBytes() != free || len(card.Machine().Packages()) != 0 {
		t.Error("a refused package left something")
	}
	// A load file that is not the package announced.
	exchange(t, secured, gp.Install{Purpose: gp.ForLoad, LoadFile: ioAID}, iso7816.OK)
	blocks, _ = gp.LoadBlocks(loadFile(t, "lib"), 200)
	for block := range blocks {
		want := iso7816.OK
		if block.Last {
			want = iso7816.WrongData
		}
		exchange(t, secured, block, want)
	}
	loadThrough(t, secured, "lib", libAID)
	loadThrough(t, secured, "libuser", userAID)
	exchange(t, secured, gp.Delete{AID: libAID}, iso7816.ConditionsNotSatisfied)
	exchange(t, secured, gp.Delete{AID: userAID}, iso7816.OK)
	exchange(t, secured, gp.Delete{AID: libAID}, iso7816.OK)
	exchange(t, secured, gp.Delete{AID: libAID}, iso7816.ReferencedDataNotFound)
}

// TestChannelEnds: a secure channel ends with the selection it belongs to.
func TestChannelEnds(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-088")
	card := with(t, Config{}, "io")
	isOpen := func(what string, want bool) {
		t.Helper()
		if card.channel.IsOpen() != want {
			t.Errorf("%s: open is %v", what, !want)
		}
	}
	reopen(t, card, 1)
	isOpen("after the handshake", true)
	exchanges(t, card, selectIO+" -> 9000")
	isOpen("after SELECT of an applet", false)
	host, err := scp03.Open(ctx, handshake{card}, scp03.HostConfig{Level: 1, Entropy: entropy.Seeded(3, "host"),
		Keys: func(*scp03.InitializeUpdateResponse) (*scp.KeySet, error) { return card.cfg.Keys, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	isOpen("opened for the applet", true)
	exchanges(t, card, selectIO+" -> 9000")
	isOpen("after the applet's deselection", false)
}

// handshake is the card's channel as an applet uses it.
type handshake struct{ card *Card }

func (h handshake) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	return h.card.channel.Handshake(dst, cmd), nil
}
