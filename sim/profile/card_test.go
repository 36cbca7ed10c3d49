package profile

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"inkan/core/apdu"
	answer "inkan/core/atr"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/spec/req"
)

func newCard(t testing.TB, p *Profile, parts Parts) *Card {
	t.Helper()
	c, err := New(p, parts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// say sends a command and returns its data; the status word has to be 9000.
func say(t testing.TB, c apdu.Card, command string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(command)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Transmit(context.Background(), raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := apdu.DecodeResponse(answer)
	if err != nil || r.SW != iso7816.OK {
		t.Fatalf("%s: %X %v", command, answer, err)
	}
	return r.Data
}

// The issuer's domain speaks its profile's protocol, with diversified keys.
func TestChannel(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-002", "SPEC-PROFILES-006", "SPEC-PROFILES-007")
	for _, p := range All() {
		c := newCard(t, p, Parts{Number: 0x01020304, Entropy: entropy.Seeded(1, "card")})
		say(t, c, "00A4040008A000000151000000")
		data := say(t, c, "805000000801020304050607080000"[:28])
		if kdd := p.KDD(0x01020304); !bytes.Equal(data[:10], kdd[:]) || binary.BigEndian.Uint32(kdd[4:]) != 0x01020304 || !bytes.Equal(kdd[2:4], []byte{0x47, 0x33}) {
			t.Errorf("%s: KDD %X", p.Name, data[:10])
		}
		if data[10] != p.KeyVersion || data[11] != p.Channel.Protocol || p.Channel.Protocol == gp.SCP03 && data[12] != p.Channel.I {
			t.Errorf("%s: %X", p.Name, data[10:13])
		}
		set, err := p.Keys(c.Number)
		if err != nil {
			t.Fatal(err)
		}
		if err := opens(c, p, &set); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		other, err := p.Keys(c.Number + 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := opens(c, p, &other); (err == nil) != (p.Method.Function == keys.NoDiversification) {
			t.Errorf("%s: with the keys of another card %v", p.Name, err)
		}
		if masters := p.Masters(); len(masters.Enc) != p.KeyBytes || len(set.Enc) != p.KeyBytes {
			t.Errorf("%s: keys of %d and %d bytes", p.Name, len(masters.Enc), len(set.Enc))
		}
	}
}

// opens opens a channel at the highest level.
func opens(c apdu.Card, p *Profile, set *scp.KeySet) error {
	ctx, source := context.Background(), entropy.Seeded(1, "host")
	if _, err := gp.Exchange(ctx, c, gp.Select{}, nil); err != nil {
		return err
	}
	if p.Channel.Protocol == gp.SCP02 {
		_, err := scp02.Open(ctx, c, scp02.HostConfig{Options: scp02.Options(p.Channel.I), Keys: scp02.FixedKeys(set), Level: p.Level(),
			AID: gp.AIDIssuerSecurityDomain.Append(nil), Entropy: source})
		return err
	}
	_, err := scp03.Open(ctx, c, scp03.HostConfig{Keys: scp03.FixedKeys(set), Level: p.Level(), AID: gp.AIDIssuerSecurityDomain.Append(nil), Entropy: source})
	return err
}

// The exchange of the document's overview is what a card says.
func TestOverview(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-013")
	raw, err := os.ReadFile(specification)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\n   ", ""), "\n", " ")
	c := newCard(t, suzume, Parts{Number: 1, Entropy: entropy.Seeded(1, "card")})
	atr, err := c.Reset(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	set, err := suzume.Keys(1)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{fmt.Sprintf("<- %X ", atr), suzume.ICCID(1), suzume.IMSI(1), fmt.Sprintf("`%X`", set.Enc)}
	for _, command := range []string{"00A4040000", "80CA004500", "8050000008000102030405060700"} {
		want = append(want, fmt.Sprintf("-> %s <- %X 9000", command, say(t, c, command)))
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the overview lacks %s", w)
		}
	}
}

// A carrier without network has its host's keys and its own name.
func TestWithoutNetwork(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-012")
	guest := *suzume
	guest.KeyVersion, guest.Method, guest.KeyBytes = akebono.KeyVersion, akebono.Method, akebono.KeyBytes
	one, err := guest.Keys(5)
	if err != nil {
		t.Fatal(err)
	}
	two, err := akebono.Keys(5)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Enc, two.Enc) || !bytes.Equal(one.MAC, two.MAC) || !bytes.Equal(one.DEK, two.DEK) {
		t.Error("the issuer's keys are not its host's")
	}
	if stranger, err := minato.Keys(5); err != nil || bytes.Equal(stranger.Enc[:16], two.Enc) {
		t.Errorf("two carriers have the same keys: %v", err)
	}
	c := newCard(t, suzume, Parts{})
	say(t, c, "00A4040407A0000000871002")
	say(t, c, "00A4000C026F46")
	if spn := say(t, c, "00B0000011"); !strings.Contains(string(spn), "Suzume SIM") {
		t.Errorf("service provider %q", spn)
	}
}

// A telephone reads ICCID and IMSI; the IMSI without a PIN, as nobody has set one.
func TestNumbers(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-008")
	seen := map[string]string{}
	for _, p := range All() {
		for _, number := range []uint32{0, 1, MaxNumber} {
			iccid, imsi := p.ICCID(number), p.IMSI(number)
			if len(iccid) != 19 || len(imsi) != 15 || seen[iccid] != "" || seen[imsi] != "" {
				t.Errorf("%s: ICCID %s, IMSI %s: %q %q", p.Name, iccid, imsi, seen[iccid], seen[imsi])
			}
			seen[iccid], seen[imsi] = p.Name, p.Name
		}
	}
	if got := akebono.ICCID(1); got != "8981110000000000018" {
		t.Error(got)
	}
	if got := suzume.IMSI(1); got != "001119000000001" {
		t.Error(got)
	}
	for digits, want := range map[string]int{"7992739871": 3, "0": 0, "1": 8} {
		if got := luhn(digits); got != want {
			t.Errorf("check digit of %s: %d", digits, got)
		}
	}
	c := newCard(t, hayate, Parts{Number: 12345678})
	say(t, c, "00A4000C022FE2")
	if got, want := say(t, c, "00B000000A"), "981821000021436587"; !strings.HasPrefix(strings.ToUpper(hex.EncodeToString(got)), want) {
		t.Errorf("EF ICCID %X, want %s…", got, want)
	}
	say(t, c, "00A4040407A0000000871002")
	say(t, c, "00A4000C026F07")
	if got, want := say(t, c, "00B0000009"), "080910210021436587"; strings.ToUpper(hex.EncodeToString(got)) != want {
		t.Errorf("EF IMSI %X, want %s", got, want)
	}
}

func TestATR(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-009")
	for t0, want := range map[bool]string{
		false: "3B9D9681B1FE451FC78031E073FE211365696E6B616EB0",
		true:  "3B9D96801FC78031E073FE211365696E6B616EBB",
	} {
		c := newCard(t, minato, Parts{T0: t0})
		atr, err := c.Reset(context.Background(), true)
		if err != nil || strings.ToUpper(hex.EncodeToString(atr)) != want {
			t.Errorf("T=0 %v: %X, %v", t0, atr, err)
		}
		decoded, err := answer.Decode(atr)
		if err != nil {
			t.Fatal(err)
		}
		p, err := decoded.Params()
		if err != nil || p.FI != 9 || p.DI != 6 || len(p.Protocols) != 1 || (p.Protocols[0] == 0) != t0 || p.Supply != answer.Some(0xC7) || !t0 && p.IFSC != 254 {
			t.Errorf("%X: %+v, %v", atr, p, err)
		}
	}
}
