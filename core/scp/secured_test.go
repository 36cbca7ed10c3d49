package scp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"inkan/core/scp"
)

// reversing is a channel that protects by turning bytes round.
type reversing struct {
	scp.Host
	wrap, unwrap error
}

func (r *reversing) Wrap(dst, cmd []byte) ([]byte, error)    { return reverse(dst, cmd), r.wrap }
func (r *reversing) Unwrap(dst, resp []byte) ([]byte, error) { return reverse(dst, resp), r.unwrap }

func reverse(dst, b []byte) []byte {
	for i := range b {
		dst = append(dst, b[len(b)-1-i])
	}
	return dst
}

// answering answers every command alike.
type answering struct {
	sent, answer []byte
	err          error
}

func (a *answering) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	a.sent = append(a.sent[:0], cmd...)
	return append(dst, a.answer...), a.err
}

func TestSecured(t *testing.T) {
	card := &answering{answer: []byte{0x00, 0x90, 0x42}}
	s := &scp.Secured{Host: &reversing{}, Card: card}
	out, err := s.Transmit(t.Context(), []byte{0x80, 0xCA, 0x00, 0x42, 0x01}, []byte{0xFE})
	if err != nil || !bytes.Equal(out, []byte{0xFE, 0x42, 0x90, 0x00}) || !bytes.Equal(card.sent, []byte{0x01, 0x42, 0x00, 0xCA, 0x80}) {
		t.Errorf("%X went out, %X came back, %v", card.sent, out, err)
	}
}

// Whatever fails, nothing is appended, and a command that cannot be protected
// is not sent.
func TestSecuredErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, s := range map[string]*scp.Secured{
		"wrap":      {Host: &reversing{wrap: broken}, Card: &answering{}},
		"transport": {Host: &reversing{}, Card: &answering{err: broken}},
		"unwrap":    {Host: &reversing{unwrap: broken}, Card: &answering{answer: []byte{0x90, 0x00}}},
	} {
		out, err := s.Transmit(t.Context(), []byte{0x80, 0xCA, 0x00, 0x42}, []byte{0xFE})
		if !errors.Is(err, broken) || !bytes.Equal(out, []byte{0xFE}) {
			t.Errorf("%s: %X, %v", name, out, err)
		}
		if sent := s.Card.(*answering).sent; (len(sent) == 0) != (name == "wrap") {
			t.Errorf("%s: %X was sent", name, sent)
		}
	}
}

func TestSecuredAllocatesNothing(t *testing.T) {
	s := &scp.Secured{Host: &reversing{}, Card: &answering{answer: []byte{0x00, 0x90}}}
	cmd, dst := []byte{0x80, 0xCA, 0x00, 0x42}, make([]byte, 0, 8)
	if n := testing.AllocsPerRun(100, func() { dst, _ = s.Transmit(t.Context(), cmd, dst[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// noTime leaves the time out of a log: its digits are not the data's.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// shown is v under every verb, as JSON when asked, and in both logs of slog.
func shown(t *testing.T, v any, withJSON bool) (forms []string) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		forms = append(forms, fmt.Sprintf(verb, v))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, noTime)).Info("", "v", v)
	if slog.New(slog.NewJSONHandler(&log, noTime)).Info("", "v", v); withJSON {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, string(b))
	}
	return append(forms, log.String())
}

// TestKeysAreNotShown has keys of ABAB…, 171 in decimal, q6ur in base64.
func TestKeysAreNotShown(t *testing.T) {
	key := bytes.Repeat([]byte{0xAB}, 16)
	k := scp.KeySet{Version: 0x30, Enc: key, MAC: key, DEK: key}
	for _, v := range []any{k, &k, []scp.KeySet{k}, map[string]scp.KeySet{"x": k}, struct{ K scp.KeySet }{k}} {
		for _, s := range shown(t, v, true) {
			if low := strings.ToLower(s); strings.Contains(low, "abab") || strings.Contains(low, "171") || strings.Contains(low, "q6ur") {
				t.Errorf("%T: %s", v, s)
			}
		}
	}
	if b, err := json.Marshal(k); err != nil || string(b) != `"keys 30 (16 bytes each)"` {
		t.Errorf("%s, %v", b, err)
	}
}
