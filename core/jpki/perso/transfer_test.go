package perso

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/tlv"
	"inkan/core/wire"
	"inkan/spec/req"
)

// TestGroupsVector builds the vector's data groups and splits them into blocks.
func TestGroupsVector(t *testing.T) {
	v := load(t, "groups")[0]
	g := new(Groups).CACertificate(jpki.Auth, v.Certificate).Generate(jpki.Auth).Activate(v.order(t).ID).State().Answer(200)
	data, err := g.Bytes()
	if err != nil || !bytes.Equal(data, v.Bytes) {
		t.Fatalf("%X %v", data, err)
	}
	card := &answering{}
	if _, err := (&Transfer{Card: card}).Send(t.Context(), g, nil); err != nil {
		t.Fatal(err)
	}
	if len(card.sent) != len(v.Blocks) {
		t.Fatalf("%d commands, want %d", len(card.sent), len(v.Blocks))
	}
	for i, b := range v.Blocks {
		if !bytes.Equal(card.sent[i], b) {
			t.Errorf("block %d: %X\nwant %X", i, card.sent[i], b)
		}
	}
}

// Every data group has its identifier and value.
func TestGroups(t *testing.T) {
	o, id := load(t, "envelope")[0].order(t), OrderID{1}
	for dgi, g := range map[jpki.DGI]*Groups{
		jpki.DGIOrder: new(Groups).Order(o), jpki.DGIEnvelope: new(Groups).Envelope(load(t, "envelope")[0].Bytes),
		jpki.DGISuspend: new(Groups).Suspend(id), jpki.DGIResume: new(Groups).Resume(id), jpki.DGIErase: new(Groups).Erase(id),
	} {
		data, err := g.Bytes()
		r := tlv.NewDGIReader(data)
		if err != nil || !r.Next() || jpki.DGI(r.DGI()) != dgi || r.Next() || r.Err() != nil {
			t.Errorf("%v: %X %v", dgi, data, err)
		}
	}
	for name, g := range map[string]*Groups{
		"role": new(Groups).Generate(jpki.Both), "role of CA CERT": new(Groups).CACertificate(0, []byte{1}),
		"no certificate": new(Groups).CACertificate(jpki.Auth, nil), "envelope": new(Groups).Envelope(make([]byte, 33)),
		"order": new(Groups).Order(&Order{}), "nothing": new(Groups), "long": new(Groups).add(1, make([]byte, 65535)),
	} {
		if _, err := (&Transfer{Card: &answering{}}).Send(t.Context(), g, nil); err == nil {
			t.Errorf("%s is sent", name)
		}
	}
}

// answering is a card with an answer, of which it gives at most 200 bytes from
// the offset that ANSWER names; spoil changes a part.
type answering struct {
	answer []byte
	sw     iso7816.SW
	after  int // block at which sw comes
	spoil  func(offset int, part []byte) []byte
	sent   [][]byte
}

func (a *answering) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	a.sent = append(a.sent, bytes.Clone(cmd))
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	s, err := gp.DecodeStoreData(&c)
	if err != nil {
		return dst, err
	}
	if a.sw != 0 && int(s.Number) == a.after {
		return apdu.Response{SW: a.sw}.Append(dst), nil
	}
	if a.answer == nil {
		return apdu.Response{SW: iso7816.OK}.Append(dst), nil
	}
	offset := 0
	if r := tlv.NewDGIReader(s.Data); r.Next() && jpki.DGI(r.DGI()) == jpki.DGIAnswer {
		offset = int(r.Value()[0])<<8 | int(r.Value()[1])
	}
	part := []byte{byte(len(a.answer) >> 8), byte(len(a.answer))}
	part = append(part, a.answer[offset:min(offset+200, len(a.answer))]...)
	if a.spoil != nil {
		part = a.spoil(offset, part)
	}
	return apdu.Response{Data: part, SW: iso7816.OK}.Append(dst), nil
}

// Answers of every length come whole.
func TestAnswers(t *testing.T) {
	for _, n := range []int{1, 54, 199, 200, 201, 400, 401, 623, 700} {
		card := &answering{answer: bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, 100)[:n]}
		got, err := (&Transfer{Card: card}).Send(t.Context(), new(Groups).State(), []byte{9})
		if err != nil || !bytes.Equal(got[1:], card.answer) || len(card.sent) != (n+199)/200 {
			t.Errorf("%d bytes: %d in %d commands, %v", n, len(got)-1, len(card.sent), err)
		}
	}
}

// Parts that make no answer are malformed, and end the exchange.
func TestBadAnswers(t *testing.T) {
	for name, spoil := range map[string]func(int, []byte) []byte{
		"one byte":   func(_ int, p []byte) []byte { return p[:1] },
		"no part":    func(_ int, p []byte) []byte { return p[:2] },
		"no length":  func(_ int, p []byte) []byte { return append([]byte{0, 0}, p[2:]...) },
		"too long":   func(_ int, p []byte) []byte { return append([]byte{0xFF, 0xFF}, p[2:]...) },
		"more":       func(_ int, p []byte) []byte { return append([]byte{0, 3}, p[2:]...) },
		"other":      func(o int, p []byte) []byte { p[1] += byte(o); return p },
		"end beyond": func(o int, p []byte) []byte { return append(p, make([]byte, o)...) },
		"stops": func(o int, p []byte) []byte {
			if o > 0 {
				return p[:2]
			}
			return p
		},
	} {
		card := &answering{answer: bytes.Repeat([]byte{1}, 250), spoil: spoil}
		got, err := (&Transfer{Card: card}).Send(t.Context(), new(Groups).State(), []byte{9})
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || !bytes.Equal(got, []byte{9}) || len(card.sent) > 2 {
			t.Errorf("%s: %v after %d commands", name, err, len(card.sent))
		}
	}
}

// forgetful is a card that loses its power before some of the commands: it has no
// answer then.
type forgetful struct {
	answering
	cuts  map[int]bool // by number of the command
	empty bool
	seen  []string // groups whose first block came
}

func (f *forgetful) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	f.empty = f.empty || f.cuts[len(f.sent)]
	r := tlv.NewDGIReader(cmd[5:])
	if !r.Next() {
		return dst, errors.New("no data group")
	}
	dgi := jpki.DGI(r.DGI())
	f.seen = append(f.seen, dgi.String())
	if dgi == jpki.DGIAnswer && f.empty {
		f.sent = append(f.sent, bytes.Clone(cmd))
		return apdu.Response{SW: iso7816.ConditionsNotSatisfied}.Append(dst), nil
	}
	f.empty = f.empty && dgi == jpki.DGIAnswer
	return f.answering.Transmit(ctx, cmd, dst)
}

// An answer that the card has lost is begun again by the group that has it, and by no
// other.
func TestLostAnswer(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-082")
	answer := bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, 100)[:623]
	for cut, want := range map[int]string{
		2: "SUSPEND GENERATE ANSWER GENERATE ANSWER ANSWER ANSWER",
		3: "SUSPEND GENERATE ANSWER ANSWER GENERATE ANSWER ANSWER ANSWER",
		4: "SUSPEND GENERATE ANSWER ANSWER ANSWER GENERATE ANSWER ANSWER ANSWER",
	} {
		card := &forgetful{answering: answering{answer: answer}, cuts: map[int]bool{cut: true}}
		transfer := &Transfer{Card: card, BlockBytes: 19, More: true}
		got, err := transfer.Send(t.Context(), new(Groups).Suspend(OrderID{}).Generate(jpki.Auth), []byte{9})
		if err != nil || !bytes.Equal(got[1:], answer) || strings.Join(card.seen, " ") != want {
			t.Errorf("cut before command %d: %d bytes, %v, %q", cut, len(got)-1, err, card.seen)
		}
	}
	always := map[int]bool{}
	for i := range 100 {
		always[i] = true
	}
	card := &forgetful{answering: answering{answer: answer}, cuts: always}
	got, err := (&Transfer{Card: card, More: true}).Send(t.Context(), new(Groups).Generate(jpki.Auth), []byte{9})
	if !errors.Is(err, iso7816.ConditionsNotSatisfied) || !bytes.Equal(got, []byte{9}) || len(card.sent) != 2*(1+maxRestarts) {
		t.Errorf("%X, %v after %d commands", got, err, len(card.sent))
	}
	card = &forgetful{answering: answering{answer: answer}, cuts: always}
	if _, err := (&Transfer{Card: card}).Send(t.Context(), new(Groups).Answer(200), nil); !errors.Is(err, iso7816.ConditionsNotSatisfied) || len(card.sent) != 1 {
		t.Errorf("ANSWER by itself: %v after %d commands", err, len(card.sent))
	}
}

func TestTransferError(t *testing.T) {
	card := &answering{sw: iso7816.ConditionsNotSatisfied, after: 1}
	_, err := (&Transfer{Card: card, BlockBytes: 10}).Send(t.Context(), new(Groups).Activate(OrderID{}), nil)
	var where *Error
	if !errors.As(err, &where) || where.Block != 1 || !errors.Is(err, iso7816.ConditionsNotSatisfied) || len(card.sent) != 2 {
		t.Errorf("%v after %d", err, len(card.sent))
	}
	if !strings.HasPrefix(err.Error(), "perso: ACTIVATE, block 1: SW 6985") {
		t.Error(err)
	}
}

// A statement of another content key than the order's is not for this session.
func TestOpenRefusesOtherKey(t *testing.T) {
	v := load(t, "envelope")[0]
	o := v.order(t)
	s := OrderStatement{Header: Header{StatementOrder, o.Hash(), o.Counter}, Point: Point(v.EphemeralPoint)}
	for _, key := range []ContentKey{&pointOnly{2, o.CAPoint}, &pointOnly{1, s.Point}} {
		if _, err := Open(o, Card{AID: jpki.AIDInstance, Unattested: true}, &s, key); err == nil {
			t.Error("opened")
		}
	}
	if _, err := NewSoftwareKey(1, make([]byte, 32)); err == nil {
		t.Error("the scalar 0")
	}
	if _, err := v.contentKey(t).ECDH(make([]byte, 65)); !errors.Is(err, ErrPoint) {
		t.Error(err)
	}
}

// With More no block is the last one, and numbers go on, from 00 again after a
// refusal and where a group would not end before FF.
func TestMore(t *testing.T) {
	card := &answering{answer: make([]byte, 201)}
	transfer := &Transfer{Card: card, BlockBytes: 10, More: true}
	send := func(g *Groups) {
		t.Helper()
		if _, err := transfer.Send(t.Context(), g, nil); err != nil {
			t.Fatal(err)
		}
	}
	send(new(Groups).Activate(OrderID{})) // 19 bytes: 2 blocks, and ANSWER
	card.answer = nil
	send(new(Groups).State())
	card.sw, card.after = iso7816.ConditionsNotSatisfied, 4
	if _, err := transfer.Send(t.Context(), new(Groups).State(), nil); err == nil {
		t.Error("the card refused")
	}
	card.sw = 0
	send(new(Groups).CACertificate(jpki.Auth, make([]byte, 2539))) // 2545 bytes: 255 blocks
	send(new(Groups).Activate(OrderID{}))
	transfer.More = false
	send(new(Groups).State())
	send(new(Groups).State())
	var heads []string
	for i, c := range card.sent {
		if i <= 5 || i > 258 {
			heads = append(heads, fmt.Sprintf("%02X%02X", c[2], c[3]))
		}
	}
	want := "0900 0901 0902 0903 0904 0900 09FE 0900 0901 8902 8900"
	if got := strings.Join(heads, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
