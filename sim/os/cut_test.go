package os

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/spec/req"
)

// cutParts is a command as a host protects it as a whole and then cuts it.
func cutParts(t *testing.T, host *scp.Secured, cmd gp.Command, size int) (parts []apdu.Command) {
	t.Helper()
	plain, err := cmd.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := plain.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := host.Host.Wrap(nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := apdu.DecodeCommand(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	for rest := whole.Data; len(rest) > 0; {
		n := min(size, len(rest))
		part := apdu.Command{CLA: whole.CLA, INS: whole.INS, P1: whole.P1 | 0x80, P2: whole.P2, Data: rest[:n:n], Ne: apdu.MaxShortNe}
		if rest = rest[n:]; len(rest) == 0 {
			part.P1 = whole.P1
		}
		parts = append(parts, part)
	}
	return parts
}

// sendPart sends a part as it is and gives the response.
func sendPart(t *testing.T, card *Card, part apdu.Command) apdu.Response {
	t.Helper()
	raw, err := part.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := card.Transmit(ctx, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := apdu.DecodeResponse(out)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// longKey is PUT KEY of an RSA key of 2048 bits, in one field as hosts send it.
func longKey(t *testing.T) gp.PutKey {
	t.Helper()
	f, err := (&gp.Key{Components: rsaSigning(t, 2048).values}).Seal(nil, gp.DEKBlockAES, false)
	if err != nil {
		t.Fatal(err)
	}
	return gp.PutKey{KeyID: 1, NewKeyVersion: 0x73, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}
}

// TestCutCommand sends a long PUT KEY protected as a whole, at all levels of SCP03.
func TestCutCommand(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-138", "SPEC-SCP03-088")
	for _, level := range []scp.Level{0x01, 0x03, 0x11, 0x13, 0x33} {
		for _, size := range []int{100, 255} {
			card := newCard(t, Config{})
			host := open(t, card, gp.AID{}, channelOf{level: level})
			parts := cutParts(t, host, longKey(t), size)
			var last apdu.Response
			for i, part := range parts {
				if last = sendPart(t, card, part); i < len(parts)-1 && (last.SW != iso7816.OK || len(last.Data) > 0) {
					t.Fatalf("level %02X, part %d: %X %v", level, i, last.Data, last.SW)
				}
			}
			plain, err := host.Host.Unwrap(nil, last.Append(nil))
			if err != nil || !bytes.Equal(plain, []byte{0x73, 0x90, 0x00}) {
				t.Fatalf("level %02X, %d bytes: %X, %v", level, size, plain, err)
			}
			if k := card.key(issuerID, 0x73, 1); k == nil || len(k.value(keys.RSAPublicModulus)) != 256 {
				t.Errorf("level %02X: the key is not there", level)
			}
			do(t, host, gp.GetStatus{Subset: gp.SubsetIssuerSecurityDomain}, iso7816.OK) // both ends are in step
			put(t, host, 0x74, 1, rsaSigning(t, 1024).values, iso7816.OK)                // parts with C-MACs of their own
		}
	}
}

// sessionEnded wants the session over and the key not there.
func sessionEnded(t *testing.T, card *Card, host *scp.Secured) {
	t.Helper()
	if _, err := gp.Exchange(ctx, host, gp.GetStatus{Subset: gp.SubsetIssuerSecurityDomain}, nil); err == nil {
		t.Error("the session goes on")
	}
	if card.key(issuerID, 0x73, 1) != nil {
		t.Error("the key is there")
	}
}

// cutAttacks do something else with parts than to send them in their order.
var cutAttacks = map[string]func(t *testing.T, card *Card, parts []apdu.Command){
	"spoilt": func(t *testing.T, card *Card, parts []apdu.Command) {
		parts[0].Data[9] ^= 1
		for i, part := range parts {
			if r := sendPart(t, card, part); i == len(parts)-1 && r.SW != iso7816.SecurityStatusNotSatisfied {
				t.Errorf("%v", r.SW)
			}
		}
	},
	"missing": func(t *testing.T, card *Card, parts []apdu.Command) {
		for _, i := range []int{0, len(parts) - 1} {
			if r := sendPart(t, card, parts[i]); i > 0 && r.SW != iso7816.SecurityStatusNotSatisfied {
				t.Errorf("%v", r.SW)
			}
		}
	},
	"read between": func(t *testing.T, card *Card, parts []apdu.Command) {
		sendPart(t, card, parts[0])
		say(t, card, "80CA006600", iso7816.OK)
	},
	"response between": func(t *testing.T, card *Card, parts []apdu.Command) {
		sendPart(t, card, parts[0])
		say(t, card, "80C0000000", iso7816.INSNotSupported)
	},
	"another P2": func(t *testing.T, card *Card, parts []apdu.Command) {
		sendPart(t, card, parts[0])
		parts[1].P2 ^= 2
		if r := sendPart(t, card, parts[1]); r.SW != iso7816.SecurityStatusNotSatisfied {
			t.Errorf("%v", r.SW)
		}
	},
	"nothing": func(t *testing.T, card *Card, parts []apdu.Command) {
		sendPart(t, card, parts[0])
		parts[1].Data = nil
		if r := sendPart(t, card, parts[1]); r.SW != iso7816.SecurityStatusNotSatisfied {
			t.Errorf("%v", r.SW)
		}
	},
	"without end": func(t *testing.T, card *Card, parts []apdu.Command) {
		for i := range maxCut/100 + 2 {
			r := sendPart(t, card, parts[0])
			if want := i < maxCut/100; (r.SW == iso7816.OK) != want {
				t.Fatalf("part %d: %v", i, r.SW)
			}
		}
	},
}

// TestCutRefused: a part that is nothing of that kind was a command with a wrong C-MAC.
func TestCutRefused(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-139", "SPEC-UICC-OS-031")
	for name, attack := range cutAttacks {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{})
			host := open(t, card, gp.AID{}, channelOf{})
			attack(t, card, cutParts(t, host, longKey(t), 100))
			sessionEnded(t, card, host)
		})
	}
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{protocol: gp.SCP02})
	r := sendPart(t, card, apdu.Command{CLA: 0x84, INS: gp.InsPutKey, P1: 0x80, P2: 1, Data: make([]byte, 100)})
	if r.SW != iso7816.SecurityStatusNotSatisfied {
		t.Errorf("SCP02: %v", r.SW)
	}
	sessionEnded(t, card, host)
}
