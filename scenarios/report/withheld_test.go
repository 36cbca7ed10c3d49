package report_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"inkan/core/sms"
	"inkan/core/tsmp/jws"
	"inkan/scenarios/report"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
)

// signed is a signed message with a payload.
func signed(t testing.TB, payload string) []byte {
	t.Helper()
	b, err := jws.Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), "k-1", "test+json", []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const request = `{"function":"Ask","functionCallIdentifier":"0102","body":{"z":1,"code":"K7Q2M9X4TR5B","a":{"ticket":"00FF","name":["x"],"n":[1,2,{"holderCode":true}]},` +
	`"pin":4711,"password":null,"address":"y","birth":"19920401","attributes":{"sex":1},"nameSubstitutes":"0","addressSubstitutes":"0","b":[],"o":{},"t":true,"long":"`

// Secret members go, whatever their values are; the others stay in their order.
func TestMessageBody(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-010", "SPEC-REPORT-012")
	r, _ := recorder(report.Config{})
	r.Hide("ABCDEFGH")
	r.Hide("1234")
	long := strings.Repeat("L", 200)
	place := r.Sent("a", "b", signed(t, request+long+`","id":"1234ABCDEFGH"}}`))
	r.Answered(place, signed(t, `{"function":"Ask","executionStatus":{"status":"Failed","code":"sim-mismatch"}}`))
	run := r.Finish(report.Done, report.Text{})
	m := run.Messages[0]
	if m.Function != "Ask" || m.CallID != "0102" || m.Status != "Failed" || m.Code != "sim-mismatch" || m.Request.KeyID != "k-1" || m.Answer.Body != nil {
		t.Errorf("%+v", m)
	}
	const want = `{"z":1,"code":"••••","a":{"ticket":"••••","name":"••••","n":[1,2,{"holderCode":"••••"}]},"pin":"••••","password":"••••","address":"••••","birth":"••••",` +
		`"attributes":"••••","nameSubstitutes":"••••","addressSubstitutes":"••••","b":[],"o":{},"t":true,"long":"`
	if got := string(m.Request.Body); got != want+long[:64]+`… (200 characters)","id":"1234••••"}` {
		t.Error(got)
	}
}

// What is no signed message has size and digest, and nothing else.
func TestForeignMessages(t *testing.T) {
	r, _ := recorder(report.Config{})
	fault := errors.New("no route")
	for _, b := range [][]byte{nil, []byte("x"), signed(t, "no JSON"), signed(t, `{"function":1}`), signed(t, `{"body":{"a":`), signed(t, `{"body":[`+strings.Repeat("[", 40000))} {
		exchange := r.Exchange("a", "b", func(context.Context, []byte) ([]byte, error) { return b, nil })
		if _, err := exchange(t.Context(), b); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Exchange("a", "b", func(context.Context, []byte) ([]byte, error) { return nil, fault })(t.Context(), nil); err != fault {
		t.Error(err)
	}
	run := r.Finish(report.Done, report.Text{})
	for _, m := range run.Messages {
		if m.Request == nil || len(m.Request.SHA256) != 64 || m.Request.Body != nil || m.Function != "unsigned" {
			t.Errorf("%+v", m.Request)
		}
	}
	if m := run.Messages[len(run.Messages)-1]; m.Fault != "no route" || m.Answer != nil || m.Answered != 0 {
		t.Errorf("%+v", m)
	}
}

// A request stands before what its recipient does, and its answer after.
func TestOrder(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-005")
	r, _ := recorder(report.Config{})
	outer := r.Exchange("a", "b", func(ctx context.Context, q []byte) ([]byte, error) {
		inner := r.Exchange("b", "c", func(context.Context, []byte) ([]byte, error) { return []byte("y"), nil })
		r.Shown("phone", report.Text{English: "s"}, "")
		return inner(ctx, q)
	})
	if _, err := outer(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	run := r.Finish(report.Done, report.Text{})
	m, s := run.Messages, run.Screens[0]
	if m[0].From != "a" || m[1].From != "b" || !(m[0].Seq < s.Seq && s.Seq < m[1].Seq && m[1].Seq < m[1].Answered && m[1].Answered < m[0].Answered) {
		t.Errorf("%+v\n%+v", m, s)
	}
}

func TestScreens(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-011", "SPEC-REPORT-012")
	r, _ := recorder(report.Config{})
	r.Screen("phone", uiapp.Message{Key: uiapp.KeyCode, Text: "確認コード: K7Q2M9X4TR5B"})
	r.Hide("4711")
	r.Hide("abc")
	r.Screen("phone", uiapp.Message{Key: uiapp.KeyDone, Text: "Your PIN is 4711, abc", Error: "HS-1"})
	run := r.Finish(report.Done, report.Text{})
	if s := run.Screens[0].Text; strings.Contains(s.Japanese+s.English, "K7Q2") || !strings.Contains(s.Japanese, "••••") || !strings.Contains(s.English, "••••") {
		t.Error(s)
	}
	if s := run.Screens[1]; s.Text != (report.Text{English: "Your PIN is ••••, abc"}) || s.Error != "HS-1" {
		t.Error(s)
	}
}

func TestShortMessages(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-014")
	r, _ := recorder(report.Config{})
	from, err := sms.NewAddress(sms.TypeInternational, "818012345678")
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("K7Q2M9X4TR5B")
	text := sms.Deliver{OA: from, DCS: 4, UD: secret}
	sent := sms.Submit{DA: from, DCS: 4, UD: secret}
	answer := sms.DeliverReport{HasDCS: true, DCS: 4, HasUD: true, UD: secret, UDL: byte(len(secret))}
	for kind, m := range map[report.SMSType]interface{ Append([]byte) ([]byte, error) }{report.Deliver: &text, report.Submit: &sent, report.Report: &answer} {
		b, err := m.Append(nil)
		if err != nil {
			t.Fatal(kind, err)
		}
		r.ShortMessage("a", "b", kind, b, 0, "")
	}
	parts, err := sms.NewSplitter(bytes.Repeat([]byte{7}, 300), sms.IEICommandPacket, 9, false, sms.MaxUserData)
	if err != nil {
		t.Fatal(err)
	}
	packet := sms.NewCommandDeliver(from, [7]byte{}, parts.Append(nil, 1))
	tpdu, err := packet.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.ShortMessage("a", "b", report.Deliver, tpdu, 0, report.Lost)
	for n := range tpdu {
		r.ShortMessage("a", "b", report.Deliver, tpdu[:n], 0, "")
	}
	r.ShortMessage("a", "b", "pigeon", tpdu, 0, "")
	run := r.Finish(report.Done, report.Text{})
	for _, m := range run.SMS[:3] {
		if m.TPDU != "" || m.Says != "a text for the holder" {
			t.Errorf("%+v", m)
		}
	}
	if m := run.SMS[3]; m.Part != 2 || m.Parts != 3 || m.Reference != 9 || m.Fate != report.Lost || m.TPDU != strings.ToUpper(hex.EncodeToString(tpdu)) {
		t.Errorf("%+v", m)
	}
	for _, m := range run.SMS[4:] {
		if !strings.Contains(m.Says, "cannot be read") || m.TPDU != "" {
			t.Errorf("%+v", m)
		}
	}
}

func TestPrintable(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-013")
	r, _ := recorder(report.Config{Title: report.Text{English: "t\x1b[2J"}})
	r.Begin(report.Step{Text: "a\x00b\x1b[31mc\nd\te\u202Ef\xffg\uFFFE印\u200B"})
	run := r.Finish(report.Done, report.Text{})
	if got := run.Steps[0].Text; got != "a\uFFFDb\uFFFD[31mc\nd e\uFFFDf\uFFFDg\uFFFD印\uFFFD" {
		t.Errorf("%q", got)
	}
	if got := run.Title.English; got != "t\uFFFD[2J" {
		t.Errorf("%q", got)
	}
}

// FuzzMessage feeds payloads that anybody may have signed.
func FuzzMessage(f *testing.F) {
	f.Add(request + `x"}}`)
	f.Add(`{"body":{"code":{"a":[1,"\u0000"]},"x":1e999}}`)
	f.Add(`{"body":"\ud800"}`)
	f.Fuzz(func(t *testing.T, payload string) {
		if len(payload) > 4096 {
			t.Skip("long")
		}
		r, _ := recorder(report.Config{})
		r.Sent("a", "b", signed(t, payload))
		m := r.Finish(report.Done, report.Text{}).Messages[0]
		if m.Request.Body != nil && !json.Valid(m.Request.Body) {
			t.Errorf("no JSON: %s", m.Request.Body)
		}
		if s := string(m.Request.Body) + m.Function + m.CallID + m.Status; !utf8.ValidString(s) || strings.ContainsFunc(strings.ReplaceAll(s, "\n", ""), unicode.IsControl) {
			t.Errorf("control characters: %q", s)
		}
	})
}
