package store_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// allRows are empty rows of all types.
func allRows() []codec.Row {
	return []codec.Row{new(row.Application), new(row.Call), new(row.Device), new(row.Entry), new(row.Head), new(row.Lane), new(row.Message),
		new(row.Program), new(row.Pseudonym), new(row.Service), new(row.SIM), new(row.Subscriber), new(row.Workflow)}
}

// samples are encodings of rows that have something in every field.
func samples(t fataler) (list [][]byte) {
	key := row.Key{Use: "scp80", Version: 1, Wrapped: row.Wrapped{Label: "hsm/ota", Blob: []byte("opaque")}}
	s := aService(1)
	s.Keys, s.LastAction, s.Outcome, s.Content = []row.Key{key, key}, id('l'), tsmp.OutcomeDone, []byte("content")
	w := aWorkflow(1)
	w.Data, w.Failure = []byte("data"), "unreachable"
	m := aMessage("mno.example", 1)
	m.Key.Number, m.Workflow = 7, id('w', 1)
	for _, x := range []codec.Row{
		&row.Application{ID: id('a'), Verified: id('v'), Pseudonym: id('n'), Purpose: "issue", Service: id('s', 1), SE: id('e', 1), Subscriber: id('u'),
			Carrier: "mno.example", Progress: row.Verified, At: begin, Deadline: begin.AddDate(0, 0, 1), Evidence: row.HashOf(nil), Content: []byte("content")},
		&row.Call{Key: tsmp.CallKey{Sender: "sp.example", ID: id(1)}, Function: "DeployService", Digest: tsmp.Digest{1}, Request: []byte("r"), Answer: []byte("a"), Begun: begin, Answered: begin},
		&row.Device{IMEI: "350000000000001", Model: "phone", System: "os 1", Lock: "mno.example", SE: id('e', 1), Seen: begin, Content: []byte("content")},
		&row.Entry{Number: 1, At: begin, Event: "made", Refused: "no", Actor: "holder", Responsible: "SP-TSM", Subject: row.Subject{Service: id('s', 1)},
			Exhibits: []row.Exhibit{{Name: "request", Hash: row.HashOf(nil)}}, Rows: row.Sum{1}, Previous: row.Hash{2}},
		&row.Head{Tenant: "sp.example", Number: 1, Hash: row.Hash{1}, Rows: row.Sum{2}, At: begin},
		&row.Lane{Destination: "mno.example", Last: 2, Waiting: 1, Next: begin},
		m,
		&row.Program{Key: row.ProgramKey{Workflow: id('w', 1), Part: 2}, Bytes: []byte("commands")},
		&row.Pseudonym{Pseudonym: id('y'), Provider: "sp.example", Subscriber: id('t'), Ended: true},
		s,
		&row.SIM{SE: id('e', 1), ICCID: "8981100000000000001", Profile: "a", Subscriber: id('t'), Device: "350000000000001", State: row.SIMActive, Keys: []row.Key{key},
			Counter: 1, NonVolatile: 2, Volatile: 3, MemoryAt: begin, Content: []byte("content")},
		&row.Subscriber{ID: id('t'), MSISDN: "819012345678", IMSI: "440101234567890", SE: id('e', 1), State: row.SubscriberActive, Since: begin, Content: []byte("content")},
		w,
	} {
		b, err := codec.Append(nil, x)
		must(t, err)
		list = append(list, b)
	}
	return list
}

// TestRows decodes every row, encodes it again, and refuses it truncated at every
// byte, with one more, and as another version.
func TestRows(t *testing.T) {
	req.Covers(t, "SPEC-STORE-001", "SPEC-STORE-002")
	for i, b := range samples(t) {
		x := allRows()[i]
		must(t, codec.Decode(b, x))
		again, err := codec.Append(nil, x)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: %X, want %X (%v)", x.Format(), again, b, err)
		}
		for n := range b {
			wantDecodeError(t, x, b[:n])
		}
		wantDecodeError(t, x, append(bytes.Clone(b), 0))
		wantDecodeError(t, x, append([]byte{b[0] + 1}, b[1:]...))
	}
}

func wantDecodeError(t *testing.T, x codec.Row, b []byte) {
	t.Helper()
	var e *wire.DecodeError
	if err := codec.Decode(b, x); !errors.As(err, &e) || e.Format != x.Format() || e.Want == "" {
		t.Errorf("%s of %d bytes: %v, want a DecodeError", x.Format(), len(b), err)
	}
}

// TestExampleOfTheSpec is the row in spec/STORE.md.
func TestExampleOfTheSpec(t *testing.T) {
	req.Covers(t, "SPEC-STORE-001")
	l := row.Lane{Destination: "sms/1", Last: 3, Waiting: 1, Next: time.Unix(1_700_000_000, 0)}
	b, err := codec.Append(nil, &l)
	const want = "01 0005 736D732F31 0000000000000003 0000000000000001 17979CFE362A0000"
	if got := strings.ToUpper(hex.EncodeToString(b)); err != nil || got != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s, want %s (%v)", got, want, err)
	}
}

// TestLimits: what has no encoding is refused with the field's name.
func TestLimits(t *testing.T) {
	req.Covers(t, "SPEC-STORE-003")
	long := strings.Repeat("a", codec.MaxText+1)
	for i, x := range []struct {
		row  codec.Row
		want string
	}{
		{&row.Workflow{Kind: long, State: row.WorkflowDone}, "workflow row: kind: want UTF-8 of at most 65535 bytes"},
		{&row.Workflow{Kind: "\xff", State: row.WorkflowDone}, "workflow row: kind: want UTF-8 of at most 65535 bytes"},
		{&row.Workflow{}, "workflow row: state: want 01 to 05"},
		{&row.Workflow{State: row.WorkflowDone, Next: time.Unix(-1, 0)}, "workflow row: next: want no time, or one from 1970 to 2262"},
		{&row.Workflow{State: row.WorkflowDone, Next: time.Date(2263, 1, 1, 0, 0, 0, 0, time.UTC)}, "workflow row: next: want no time, or one from 1970 to 2262"},
		{&row.Workflow{State: row.WorkflowDone, Data: make([]byte, codec.MaxBytes+1)}, fmt.Sprintf("workflow row: data: want at most %d", codec.MaxBytes)},
		{&row.SIM{State: row.SIMStock, Keys: make([]row.Key, codec.MaxList+1)}, fmt.Sprintf("SIM row: keys: want at most %d", codec.MaxList)},
	} {
		if _, err := codec.Append(nil, x.row); err == nil || err.Error() != x.want {
			t.Errorf("%d: %v, want %s", i, err, x.want)
		}
	}
}

// FuzzRows decodes bytes as every row: what is accepted is encoded the same.
func FuzzRows(f *testing.F) {
	req.Covers(f, "SPEC-STORE-001", "SPEC-STORE-002")
	for i, b := range samples(f) {
		f.Add(byte(i), b)
		f.Add(byte(i), b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		x := allRows()[int(which)%len(allRows())]
		if err := codec.Decode(b, x); err != nil {
			var e *wire.DecodeError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(b) {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := codec.Append(nil, x)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%X is %X when it is encoded again (%v)", b, again, err)
		}
		if v, ok := x.(interface{ Valid() error }); ok {
			_ = v.Valid()
		}
	})
}
