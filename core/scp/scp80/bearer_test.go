package scp80_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/core/scp/scp80"
	"inkan/core/sms"
	"inkan/spec/req"
)

type counter uint64

func (c *counter) Load() uint64         { return uint64(*c) }
func (c *counter) Store(v uint64) error { *c = counter(v); return nil }

type oneSet struct{ set *scp80.KeySet }

func (o oneSet) KeySet(version byte) *scp80.KeySet {
	if version == o.set.Version() {
		return o.set
	}
	return nil
}

type anyTAR scp80.SPI

func (a anyTAR) MinimumSecurity(scp80.TAR) (scp80.SPI, bool) { return scp80.SPI(a), true }

func keySet(t *testing.T) *scp80.KeySet {
	t.Helper()
	key := []byte("an AES key of 16")
	k, err := scp80.NewKeySet(scp80.KeySetConfig{
		Version: 1, KIc: scp80.Key{Algorithm: scp80.AES, Value: key}, KID: scp80.Key{Algorithm: scp80.AES, Value: key}, Counter: new(counter),
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestOverTheAir takes a command of 600 bytes through every layer: packet,
// short messages in reverse order, ENVELOPE, reassembly, card; and its proof of
// receipt back, as report and as SMS-SUBMIT.
func TestOverTheAir(t *testing.T) {
	req.Covers(t, "SPEC-SMS-010", "SPEC-SMS-022", "SPEC-SMS-023", "SPEC-SMS-040", "SPEC-SMS-043")
	hostKeys, cardKeys := keySet(t), keySet(t)
	host, err := scp80.NewHost(scp80.HostConfig{
		SPI:    scp80.CC | scp80.Cipher | scp80.CounterNext | scp80.PoR | scp80.PoRCC | scp80.PoRCipher,
		Cipher: hostKeys, Integrity: hostKeys,
	})
	if err != nil {
		t.Fatal(err)
	}
	card := scp80.NewCard(scp80.CardConfig{Keys: oneSet{cardKeys}, Applications: anyTAR(scp80.CC | scp80.Cipher)})
	script := bytes.Repeat([]byte("command "), 75)
	packet, ticket, err := host.Seal(nil, scp80.TARIssuerSD, script)
	if err != nil {
		t.Fatal(err)
	}
	command := throughEnvelope(t, toMessages(t, packet, sms.IEICommandPacket, sms.NewCommandDeliver))
	got, _, err := card.Open(nil, command)
	if err != nil || !bytes.Equal(got, script) {
		t.Fatalf("%q, %v", got, err)
	}
	por, due, err := card.Respond(nil, scp80.StatusOK, []byte{1, 0x90, 0})
	if err != nil || !due {
		t.Fatal(due, err)
	}
	viaReport, viaSubmit := backAsReport(t, por), backAsSubmit(t, por)
	for _, response := range [][]byte{viaReport, viaSubmit} {
		data, resp, err := host.Open(nil, ticket, response)
		if err != nil || resp.Status != scp80.StatusOK || !resp.Authenticated || !bytes.Equal(data, []byte{1, 0x90, 0}) {
			t.Errorf("%X, %+v, %v", data, resp, err)
		}
	}
}

type newDeliver func(sms.Address, [7]byte, []byte) sms.Deliver

func toMessages(t *testing.T, packet []byte, id sms.IEI, make newDeliver) (tpdus [][]byte) {
	t.Helper()
	from, err := sms.NewAddress(sms.TypeInternational, "81901234")
	if err != nil {
		t.Fatal(err)
	}
	s, err := sms.NewSplitter(packet, id, 9, false, sms.MaxUserData)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Parts() {
		d := make(from, [7]byte{}, s.Append(nil, i))
		tpdu, err := d.Append(nil)
		if err != nil || len(tpdu) > sms.MaxTPDU {
			t.Fatal(len(tpdu), err)
		}
		tpdus = append(tpdus, tpdu)
	}
	return tpdus
}

// throughEnvelope is the terminal and the card's toolkit: it returns the
// packet behind CPI.
func throughEnvelope(t *testing.T, tpdus [][]byte) []byte {
	t.Helper()
	r, err := sms.NewReassembler(sms.ReassemblerConfig{Sets: 2, Parts: 8})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tpdus {
		download := sms.Download{TPDU: tpdus[len(tpdus)-1-i]}
		in, err := sms.DecodeDownload(download.Append(nil))
		if err != nil {
			t.Fatal(err)
		}
		d, err := sms.DecodeDeliver(in.TPDU)
		if err != nil || !d.UDHI || !sms.IsDataDownload(d.PID, d.DCS) {
			t.Fatal(err)
		}
		message, done, err := r.Add(d.OA, d.UD)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			return body(t, message, sms.IEICommandPacket)
		}
	}
	t.Fatal("the message is not complete")
	return nil
}

func body(t *testing.T, ud []byte, id sms.IEI) []byte {
	t.Helper()
	h, packet, err := sms.DecodeUserData(ud)
	if err != nil || !h.Has(id) {
		t.Fatalf("%X: %v", ud, err)
	}
	return packet
}

func backAsReport(t *testing.T, por []byte) []byte {
	t.Helper()
	s, err := sms.NewSplitter(por, sms.IEIResponsePacket, 0, false, sms.MaxUserData)
	if err != nil || s.Parts() != 1 {
		t.Fatal(s.Parts(), err)
	}
	report := sms.NewResponseReport(s.Append(nil, 0))
	tpdu, err := report.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := sms.DecodeDeliverReport(tpdu, false)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, d.UD, sms.IEIResponsePacket)
}

func backAsSubmit(t *testing.T, por []byte) []byte {
	t.Helper()
	to, _ := sms.NewAddress(sms.TypeInternational, "81901234")
	submit := sms.NewResponseSubmit(to, append([]byte{2, 0x71, 0}, por...))
	tpdu, err := submit.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	proactive := sms.SendShortMessage{Number: 1, TPDU: tpdu}
	p, err := sms.DecodeSendShortMessage(proactive.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sms.DecodeSubmit(p.TPDU)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, s.UD, sms.IEIResponsePacket)
}

// TestOverviewOfSMS builds the exchange that spec/SMS.md begins with.
func TestOverviewOfSMS(t *testing.T) {
	packet, _ := hex.DecodeString("00201506193535B00011AE733256918D050B87C94FBFE12E4DC402F262C41CF67F2F")
	from, _ := sms.NewAddress(sms.TypeUnknown, "12345678")
	d := sms.NewCommandDeliver(from, [7]byte{0x22, 0x70, 0x52}, append([]byte{2, 0x70, 0}, packet...))
	tpdu, err := d.Append(nil)
	if err != nil || len(tpdu) != 54 || !strings.HasPrefix(hex.EncodeToString(tpdu), "4408812143658"+"77ff62270520000000025027000") {
		t.Errorf("%x, %v", tpdu, err)
	}
	download := sms.Download{TPDU: tpdu}
	envelope := sms.Envelope(download.Append(nil))
	if b, err := envelope.Append(nil); err != nil || !strings.HasPrefix(hex.EncodeToString(b), "80c200003ed13c820283818b36") {
		t.Errorf("%x, %v", b, err)
	}
}
