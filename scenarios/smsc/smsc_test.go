package smsc

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inkan/spec/req"
)

const iccid = "8981990000000000016"

// world is a centre with a phone.
type world struct {
	t       *testing.T
	centre  *Centre
	phone   *Phone
	inbound []Inbound
	fail    error
	now     time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	w.centre = New(func(_ context.Context, in Inbound) error {
		if w.fail == nil {
			w.inbound = append(w.inbound, in)
		}
		return w.fail
	}, func() time.Time { return w.now })
	server := httptest.NewServer(w.centre.Handler())
	t.Cleanup(server.Close)
	w.phone = &Phone{Client: server.Client(), Base: server.URL, ICCID: iccid}
	return w
}

func (w *world) send(tpdu string) uint64 {
	w.t.Helper()
	id, err := w.centre.Send(w.t.Context(), iccid, []byte(tpdu))
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) next(d Delivered) string {
	w.t.Helper()
	var got []byte
	found, err := w.phone.Next(w.t.Context(), func(_ context.Context, tpdu []byte) (Delivered, error) {
		got = tpdu
		return d, nil
	})
	if err != nil || !found {
		w.t.Fatalf("found %v, %v", found, err)
	}
	return string(got)
}

func TestMessages(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-010", "SPEC-SERVE-011")
	w := newWorld(t)
	first, second := w.send("first"), w.send("second")
	if got := w.next(Delivered{Report: []byte("report"), Error: true, Submits: [][]byte{[]byte("submit")}}); got != "first" {
		t.Fatal(got)
	}
	if got := w.next(Delivered{}); got != "second" {
		t.Fatal(got)
	}
	if err := w.phone.Attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.next(Delivered{Report: []byte("late")}); got != "second" {
		t.Fatal(got)
	}
	want := []Inbound{{iccid, first, []byte("report"), true}, {iccid, 0, []byte("submit"), false}, {iccid, second, []byte("late"), false}}
	if len(w.inbound) != len(want) {
		t.Fatalf("inbound: %+v", w.inbound)
	}
	for i := range want {
		if g := w.inbound[i]; g.From != want[i].From || g.Message != want[i].Message || !bytes.Equal(g.TPDU, want[i].TPDU) || g.Error != want[i].Error {
			t.Errorf("%d: %+v, want %+v", i, g, want[i])
		}
	}
}

// A phone that fetches before there is a message gets it when it comes.
func TestWaiting(t *testing.T) {
	w := newWorld(t)
	got := make(chan string)
	go func() {
		w.phone.Next(t.Context(), func(_ context.Context, tpdu []byte) (Delivered, error) {
			got <- string(tpdu)
			return Delivered{}, nil
		})
	}()
	other := "8981990000000000024"
	if _, err := w.centre.Send(t.Context(), other, []byte("for somebody else")); err != nil {
		t.Fatal(err)
	}
	w.send("late")
	if text := <-got; text != "late" {
		t.Error(text)
	}
}

func TestExpired(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-011")
	w := newWorld(t)
	id := w.send("old")
	w.now = w.now.Add(Validity + time.Second)
	w.send("new")
	if err := w.centre.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.inbound) != 1 || w.inbound[0].Message != id || w.inbound[0].TPDU != nil {
		t.Fatalf("%+v", w.inbound)
	}
	if got := w.next(Delivered{}); got != "new" {
		t.Fatal(got)
	}
}

func TestRefused(t *testing.T) {
	w := newWorld(t)
	w.fail = errors.New("disk full")
	if err := w.phone.Submit(t.Context(), [][]byte{[]byte("x")}); err == nil || strings.Contains(err.Error(), "disk") {
		t.Errorf("%v", err)
	}
	w.send("kept until its report was taken")
	if _, err := w.phone.Next(t.Context(), func(context.Context, []byte) (Delivered, error) {
		return Delivered{Report: []byte("report")}, nil
	}); err == nil {
		t.Error("a report that was not taken was acknowledged")
	}
	w.fail = nil
	if err := w.phone.Attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.next(Delivered{Report: []byte("report")})
	if len(w.inbound) != 1 {
		t.Errorf("%+v", w.inbound)
	}
	for _, c := range []struct{ path, body string }{
		{"attach", `{}`}, {"attach", `{"iccid":"12"}`}, {"submit", `{"iccid":"` + iccid + `"}`}, {"report", `{"iccid":"` + iccid + `","tpdu":"AAAA"}`},
		{"submit", `{"iccid":"` + iccid + `","tpdu":"AAAA","x":1}`}, {"submit", strings.Repeat("x", maxBody+1)}, {"submit", `[]`},
	} {
		r, err := w.phone.Client.Post(w.phone.Base+"/sms/v1/"+c.path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusBadRequest {
			t.Errorf("%s %.40s: %d", c.path, c.body, r.StatusCode)
		}
	}
	if _, _, err := (&Phone{Client: w.phone.Client, Base: w.phone.Base, ICCID: "x"}).fetch(t.Context()); err == nil {
		t.Error("a phone without ICCID was served")
	}
	for range MaxWaiting {
		w.send("x")
	}
	if _, err := w.centre.Send(t.Context(), iccid, []byte("x")); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	if len(w.inbound) != 1 {
		t.Errorf("%+v", w.inbound)
	}
}
