package os

import (
	"bytes"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/spec/req"
)

func TestSelectIssuer(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-001", "SPEC-UICC-OS-010", "SPEC-UICC-OS-012", "SPEC-UICC-OS-014")
	card := newCard(t, Config{})
	say(t, card, "80CA006600", iso7816.OK) // selected by the reset
	for _, name := range []string{"", "A000000151000000", "A000000003000000", "A000000151", "A00000000300"} {
		b := do(t, card, gp.Select{Name: unhex(t, name)}, iso7816.OK)
		f, err := gp.DecodeFCI(b)
		if err != nil || f.AID != gp.AIDIssuerSecurityDomain || f.MaxCommandData != 255 {
			t.Errorf("%q: %+v, %v", name, f, err)
		}
		r, err := gp.DecodeRecognition(f.Recognition)
		if err != nil || len(r.Channels) != 2 || r.Channels[0].Protocol != gp.SCP03 || r.Channels[0].I() != 0x70 || r.Channels[1].I() != 0x55 {
			t.Errorf("%q: recognition %+v, %v", name, r, err)
		}
	}
	do(t, card, gp.Select{Name: unhex(t, "A0000001520000")}, iso7816.FileNotFound)
	if b := say(t, card, "00A4040C08A000000151000000", iso7816.OK); len(b) != 0 {
		t.Errorf("P2 0C: %X", b)
	}
}

// TestProtocols opens every protocol option and key length.
func TestProtocols(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-020", "SPEC-UICC-OS-022")
	for _, i := range []byte{0x00, 0x10, 0x20, 0x30, 0x60, 0x70, 0x01, 0x11, 0x71} {
		for _, n := range []int{16, 24, 32} {
			key := bytes.Repeat([]byte{0x5A, byte(n)}, n/2)
			set := &scp.KeySet{Version: 0x33, Enc: key, MAC: key, DEK: key}
			card := newCard(t, Config{Protocols: []gp.SCPOption{{Protocol: gp.SCP03, I: i}}, Issuer: Issuer{Keys: KeySet(keys.AES, set)}})
			level := scp.Level(0x03)
			if i&0x20 != 0 {
				level = 0x13
			}
			if i&0x40 != 0 {
				level = 0x33
			}
			for range 2 {
				host := open(t, card, gp.AID{}, channelOf{keys: set, level: level, s16: i&1 != 0})
				if len(statusOf(t, host, gp.SubsetIssuerSecurityDomain)) != 1 {
					t.Errorf("i %02X", i)
				}
			}
			if _, err := card.Reset(ctx, false); err != nil {
				t.Fatal(err)
			}
			c, err := gp.DecodeCounter(do(t, card, gp.GetData{Tag: gp.TagSequenceCounter}, iso7816.OK), gp.TagSequenceCounter)
			if err != nil || i&0x10 != 0 && c != 2 {
				t.Errorf("i %02X: counter %d, %v", i, c, err)
			}
		}
	}
	for _, i := range []byte{0x05, 0x15, 0x25, 0x35, 0x45, 0x55, 0x75} {
		card := newCard(t, Config{Protocols: []gp.SCPOption{{Protocol: gp.SCP02, I: i}}})
		host := open(t, card, gp.AID{}, channelOf{protocol: gp.SCP02, level: 3, i: i})
		if len(statusOf(t, host, gp.SubsetIssuerSecurityDomain)) != 1 {
			t.Errorf("i %02X", i)
		}
	}
	card := newCard(t, Config{})
	say(t, card, "8050310008000000000000000000", iso7816.ReferencedDataNotFound)
	if _, err := New(Config{Protocols: []gp.SCPOption{{Protocol: gp.SCP03, I: 0x40}}}); err == nil {
		t.Error("R-ENC without R-MAC")
	}
}

// TestPolicy refuses weak levels and protocols.
func TestPolicy(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-020", "SPEC-UICC-OS-023")
	card := newCard(t, Config{Policy: Policy{Level: scp.CMAC | scp.CDecryption, Refused: []byte{gp.SCP02}}})
	if _, err := tryOpen(card, channelOf{level: 1}); err == nil {
		t.Error("C-MAC alone")
	}
	say(t, card, "80F28002024F00", iso7816.SecurityStatusNotSatisfied)
	say(t, card, "8050200008000000000000000000", iso7816.ReferencedDataNotFound)
	open(t, card, gp.AID{}, channelOf{level: 3})
}

// TestFailures slows down, and blocks, resets or not.
func TestFailures(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-127", "SPEC-UICC-OS-025", "SPEC-UICC-OS-026")
	card := newCard(t, Config{Policy: Policy{SlowAfter: 2, SlowCycles: 5_000_000, FailureLimit: 6}})
	wrong := keySet(0x30, 1)
	fail := func() {
		// the host has other keys: it sends what it has nevertheless
		say(t, card, "8050300008000000000000000000", iso7816.OK)
		say(t, card, "8482010010"+"00000000000000000000000000000000", scp.ErrAuthentication)
	}
	var last uint64
	for i := range 5 {
		if _, err := card.Reset(ctx, false); err != nil {
			t.Fatal(err)
		}
		start := card.Clock().Now()
		fail()
		took := card.Clock().Now() - start
		if i >= 3 && (took < 2*last-1_000_000 || took < 5_000_000) {
			t.Errorf("failure %d takes %d cycles, the one before %d", i, took, last)
		}
		last = took
	}
	if _, err := tryOpen(card, channelOf{keys: wrong}); err == nil {
		t.Error("wrong keys")
	}
	open(t, card, gp.AID{}, channelOf{}) // clears the count
	for range 6 {
		fail()
	}
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	say(t, card, "8050300008000000000000000000", iso7816.AuthenticationBlocked)
	say(t, card, "8050200008000000000000000000", iso7816.AuthenticationBlocked)
}

// TestUnauthenticated sends every command that needs a session.
func TestUnauthenticated(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-128", "SPEC-UICC-OS-031", "SPEC-UICC-OS-062")
	commands := []string{"80E602000300000000", "80E880000100", "80E40000024F00", "80D80081023080", "80E280000100", "80F0800107", "80F28002024F00"}
	card := newCard(t, Config{})
	for _, c := range commands {
		say(t, card, c, iso7816.SecurityStatusNotSatisfied)
	}
	if _, err := tryOpen(card, channelOf{level: 0x33}); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		say(t, card, c, iso7816.SecurityStatusNotSatisfied)
	}
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.OK)
	say(t, card, "84F28002104F00000000000000000000000000000000", iso7816.SecurityStatusNotSatisfied)
	say(t, card, "80F28002024F00", iso7816.SecurityStatusNotSatisfied)
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Load{Last: true, Data: []byte{0xC4, 0}}, iso7816.ConditionsNotSatisfied)
	say(t, card, "00C0000000", iso7816.INSNotSupported)
	say(t, card, "80FE000000", iso7816.INSNotSupported)
	say(t, card, "A0A4000000", iso7816.CLANotSupported)
}

// TestChannels has independent sessions on logical channels.
func TestChannels(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-012", "SPEC-UICC-OS-128")
	card := newCard(t, Config{Channels: 19})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	host = open(t, card, gp.AID{}, channelOf{level: 0x33})
	say(t, card, "0070000500", iso7816.OK)
	on := &gp.OnChannel{Card: card, Channel: 5}
	do(t, on, gp.Select{Name: ssdAID.Append(nil)}, iso7816.OK)
	second, err := tryOpen(card, channelOf{channel: 5})
	if err != nil {
		t.Fatal(err)
	}
	fifth := &gp.OnChannel{Card: second, Channel: 5}
	if n := len(statusOf(t, fifth, gp.SubsetApplications)); n != 1 {
		t.Errorf("%d applications on the fifth channel", n)
	}
	if n := len(statusOf(t, host, gp.SubsetIssuerSecurityDomain)); n != 1 {
		t.Error("the first channel's session is gone")
	}
	say(t, card, "00708005", iso7816.OK)
	if n := len(statusOf(t, host, gp.SubsetIssuerSecurityDomain)); n != 1 {
		t.Error("closing a channel ended another's session")
	}
}
