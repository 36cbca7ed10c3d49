package usim

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/core/uicc"
	"inkan/spec/req"
)

// counter is a replay counter.
type counter uint64

func (c *counter) Load() uint64         { return uint64(*c) }
func (c *counter) Store(v uint64) error { *c = counter(v); return nil }

// keys is a key set of test keys.
func keys(t *testing.T) *scp80.KeySet {
	t.Helper()
	k, err := scp80.NewKeySet(scp80.KeySetConfig{Version: 3, KIc: scp80.Key{Algorithm: scp80.AES, Value: bytes.Repeat([]byte{0x11}, 16)},
		KID: scp80.Key{Algorithm: scp80.AES, Value: bytes.Repeat([]byte{0x22}, 16)}, Counter: new(counter)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// ota is the smallest operating system's end of secured packets: remote file
// management of the shared file system and of ADF USIM.
type ota struct {
	channel *scp80.Card
	set     *scp80.KeySet
	remotes map[scp80.TAR]*Remote
	script  []byte
	answer  []byte
}

func (o *ota) KeySet(version byte) *scp80.KeySet {
	if version != 3 {
		return nil
	}
	return o.set
}

func (o *ota) MinimumSecurity(tar scp80.TAR) (scp80.SPI, bool) {
	return scp80.CC | scp80.CounterHigher, o.remotes[tar] != nil
}

func (o *ota) Deliver(dst []byte, m *Message) ([]byte, Receipt) {
	script, cmd, err := o.channel.Open(o.script[:0], m.Body)
	o.script = script
	status := scp80.StatusOK
	o.answer = o.answer[:0]
	if err == nil {
		r := o.remotes[cmd.TAR]
		x := remote.Executor{Card: r}
		if err = r.Begin(); err == nil {
			o.answer, err = x.Compact(context.Background(), o.answer, script, remote.FileCommands)
		}
	}
	if err != nil {
		status = scp80.StatusSecurityError
	}
	out, due, err := o.channel.Respond(dst, status, o.answer)
	if err != nil || !due {
		return dst, Receipt{Outcome: Refused}
	}
	return out, Receipt{Submit: cmd.SPI&scp80.PoRSubmit != 0}
}

// TestSecuredPackets: a server reads and writes files over the air, through short
// messages, and gets its proof of receipt in the acknowledgement or by SMS-SUBMIT.
func TestSecuredPackets(t *testing.T) {
	req.Covers(t, "SPEC-USIM-154", "SPEC-USIM-155", "SPEC-USIM-157", "SPEC-USIM-170", "SPEC-USIM-172")
	end := &ota{set: keys(t)}
	end.channel = scp80.NewCard(scp80.CardConfig{Keys: end, Applications: end})
	c := newCard(t, options{ota: end})
	end.remotes = map[scp80.TAR]*Remote{
		scp80.TARFilesUICC: c.u.NewRemote(Domain{Full: true}, nil), scp80.TARFilesADF0: c.u.NewRemote(Domain{Full: true}, testUSIM),
	}
	c.do(uicc.TerminalProfile{Profile: profileWithSMS}, iso7816.OK)
	for _, submit := range []scp80.SPI{0, scp80.PoRSubmit} {
		set := keys(t)
		server, err := scp80.NewHost(scp80.HostConfig{SPI: scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher | submit,
			Cipher: set, Integrity: set})
		if err != nil {
			t.Fatal(err)
		}
		if submit != 0 { // the first server's counter went up to 3
			for range 3 {
				if _, _, err := server.Seal(nil, scp80.TARFilesUICC, []byte{0}); err != nil {
					t.Fatal(err)
				}
			}
		}
		long := append(unhex(t, "00D6870009"), bytes.Repeat([]byte{0x08}, 9)...)
		for len(long) < 300 { // in several messages
			long = append(long, unhex(t, "00A40804047FFF6F07")...)
		}
		for _, s := range []struct {
			tar    scp80.TAR
			script []byte
			want   string
		}{
			{scp80.TARFilesUICC, unhex(t, "00B0820000"), "019000981801000000000010F8"},
			{scp80.TARFilesADF0, append(long, unhex(t, "00B0870000")...), "*9000080808080808080808"},
			{scp80.TARFilesADF0, unhex(t, "00B0820002"), "0190006A61"}, // the ADF's file with this SFI
		} {
			packet, ticket, err := server.Seal(nil, s.tar, s.script)
			if err != nil {
				t.Fatal(err)
			}
			proof := c.overTheAir(packet, submit != 0)
			h, body, err := sms.DecodeUserData(proof)
			if err != nil || !h.Has(sms.IEIResponsePacket) {
				t.Fatalf("%X: %v", proof, err)
			}
			data, r, err := server.Open(nil, ticket, body)
			if err != nil || r.Status != scp80.StatusOK || !r.Fresh {
				t.Fatalf("%v: %+v, %v", s.tar, r, err)
			}
			if got := fmt.Sprintf("%X", data); got != s.want && (s.want[0] != '*' || got[2:] != s.want[1:]) {
				t.Errorf("%v: %s", s.tar, got)
			}
		}
	}
}

// overTheAir sends a packet in as many messages as it needs and gives the user
// data of the proof of receipt.
func (c *card) overTheAir(packet []byte, submit bool) []byte {
	c.t.Helper()
	var out []byte
	var sw iso7816.SW
	for _, ud := range secured(c.t, packet, 9) {
		a, err := uicc.Envelope{Data: download(c.t, ud)}.APDU(nil)
		if err != nil {
			c.t.Fatal(err)
		}
		b, err := a.Append(nil)
		if err != nil {
			c.t.Fatal(err)
		}
		out, sw = c.raw(b)
	}
	if !submit {
		return out
	}
	if sw>>8 != 0x91 || len(out) > 0 {
		c.t.Fatalf("%X %04X", out, uint16(sw))
	}
	return fetchSubmit(c, int(sw&0xFF))
}

// TestT0: over T=0 the response data of SELECT and of INCREASE come by GET
// RESPONSE, and reading commands are told the right length.
func TestT0(t *testing.T) {
	req.Covers(t, "SPEC-USIM-009")
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	t0 := apdu.T0Simulation{Card: c, T0: apdu.NewT0Card(nil, make([]byte, 512), nil)}
	tpdu := func(header, data string) string {
		b := unhex(t, header)
		out, err := t0.Exchange(context.Background(), apdu.TPDU{CLA: b[0], INS: b[1], P1: b[2], P2: b[3], P3: b[4], Data: unhex(t, data)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%X", out)
	}
	for _, x := range [][3]string{
		{"00A4000402", "6F07", "6119"}, {"00C0000019", "", "62178202412183026F078A01058B036F0605800200098801389000"},
		{"00B0000000", "", "6C09"}, {"00B0000009", "", "0849040121436587099000"}, {"00B2010C00", "", "6C0E"}, {"80F2000001", "", "6C39"},
		{"00A4000C02", "6F39", "9000"}, {"8032000003", "000001", "6106"}, {"00C0000006", "", "0000010000019000"},
	} {
		if got := tpdu(x[0], x[1]); got != x[2] {
			t.Errorf("%s %s: %s, want %s", x[0], x[1], got, x[2])
		}
	}
}
