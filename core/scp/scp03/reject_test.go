package scp03

import (
	"bytes"
	"testing"

	"inkan/core/scp"
	"inkan/spec/vectors"
)

// reject is a message that has to be refused: it continues the exchange named
// base. A command for the host's message is 80CA006600, the first.
type reject struct {
	vectors.Header
	Base    string      `json:"base"`
	Party   string      `json:"party"` // card or host: who refuses
	After   string      `json:"after"` // start, initialize, authenticate, command
	Message vectors.Hex `json:"message"`
	SW      vectors.Hex `json:"sw,omitempty"` // the card's answer
}

func TestRejectVectors(t *testing.T) {
	bases := map[string]exchange{}
	for _, v := range vectors.Load[exchange](t, "scp03-options.json") {
		bases[v.Name] = v
	}
	for _, v := range vectors.Load[reject](t, "scp03-reject.json") {
		t.Run(v.Name, func(t *testing.T) {
			base, ok := bases[v.Base]
			if !ok || v.Fail == "" {
				t.Fatalf("base %q, fail %q", v.Base, v.Fail)
			}
			if v.Party == "card" {
				rejectedByCard(t, &base, &v)
			} else {
				rejectedByHost(t, &base, &v)
			}
		})
	}
}

func rejectedByCard(t *testing.T, base *exchange, v *reject) {
	b := cardOf(t, base.options(), func(c *CardConfig) { copy(c.KDD[:], base.Response) })
	if v.After != "start" {
		b.card.Handshake(nil, base.InitializeUpdate)
	}
	if v.After == "authenticate" {
		b.card.Handshake(nil, base.ExternalAuthenticate)
	}
	if b.card.IsOpen() != (v.After == "authenticate") || b.card.Authenticating() != (v.After == "initialize") {
		t.Fatal("the base does not lead to the state")
	}
	answer := sw(0x69, 0x82)
	if ins := v.Message[1]; ins == scp.InsInitializeUpdate || ins == scp.InsExternalAuthenticate {
		answer = b.card.Handshake(nil, v.Message)
	} else if out, err := b.card.Unwrap(nil, v.Message); err == nil || out != nil {
		t.Errorf("taken as %X, %v", out, err)
	}
	if !bytes.Equal(answer, v.SW) {
		t.Errorf("answer %X, want %X (%s)", answer, v.SW, v.Fail)
	}
	b.ended(t)
}

func rejectedByHost(t *testing.T, base *exchange, v *reject) {
	config := base.hostConfig()
	h, err := NewHandshake(config)
	if err != nil {
		t.Fatal(err)
	}
	h.InitializeUpdate(nil)
	if v.After == "start" {
		if out, err := h.ExternalAuthenticate(nil, v.Message); err == nil || out != nil || h.session != nil {
			t.Errorf("taken: %X (%s)", out, v.Fail)
		}
		return
	}
	if _, err := h.ExternalAuthenticate(nil, append(bytes.Clone(base.Response), 0x90, 0x00)); err != nil {
		t.Fatal(err)
	}
	if v.After == "initialize" {
		if host, err := h.Open(v.Message); err == nil || host != nil || h.session != nil {
			t.Errorf("taken (%s)", v.Fail)
		}
		return
	}
	host, err := h.Open(sw(0x90, 0x00))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Wrap(nil, unhex("80CA006600")); err != nil {
		t.Fatal(err)
	}
	if out, err := host.Unwrap(nil, v.Message); err == nil || out != nil {
		t.Errorf("taken as %X (%s)", out, v.Fail)
	}
	hostEnded(t, host)
}
