package transport_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime/bare"
	"inkan/sim/transport"
	"inkan/spec/req"
)

// pin is the applet of the corpus whose instruction 30 reads.
var pinAID = []byte("\xF0inkanC\x0F")

func pinCard(t testing.TB, k *clock.Clock, flash *nvm.Flash) *bare.Card {
	t.Helper()
	card, err := bare.New(bare.Config{Clock: k, Flash: flash})
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func withPIN(t testing.TB, k *clock.Clock) (*bare.Card, *nvm.Flash) {
	t.Helper()
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	card := pinCard(t, k, flash)
	file, err := os.ReadFile("../../spec/corpus/pin/pin-305.cap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := card.Load(file); err != nil {
		t.Fatal(err)
	}
	instance := append(bytes.Clone(pinAID), 1)
	if _, err := card.Install(pinAID, instance, instance, nil); err != nil {
		t.Fatal(err)
	}
	return card, flash
}

func reads30(cla apdu.Class, ins, p1, p2 byte) apdu.Direction {
	if ins == 0x30 {
		return apdu.FromCard
	}
	return apdu.DefaultDirection(cla, ins, p1, p2)
}

func answer(t testing.TB, protocol byte) []byte {
	t.Helper()
	p := atr.Default()
	p.Protocols, p.FI, p.DI, p.WI, p.BWI, p.CWI, p.IFSC = []byte{protocol}, 9, 5, 1, 0, 4, 254
	raw, err := atr.Build(p, []byte{0x80})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func over(t testing.TB, card *bare.Card, protocol byte) *transport.Terminal {
	t.Helper()
	return at(t, card, protocol, 4_000_000, nil)
}

func at(t testing.TB, card *bare.Card, protocol byte, hz uint64, o observe.Observer) *transport.Terminal {
	t.Helper()
	card.SetATR(answer(t, protocol))
	terminal, err := transport.New(transport.Config{Card: card, Clock: card.Clock(), Observer: o, Options: transport.CardOptions{Direction: reads30},
		Rate: transport.Rate{CPUHz: engine.Reference().ClockHz, LineHz: hz}})
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// A card of the model answers over both protocols what it answers without a line,
// and spends the same cycles on everything but the line.
func TestModelCard(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-023")
	for protocol := range byte(2) {
		if n := modelCard(t, protocol, 4_000_000); n != 0 {
			t.Errorf("T=%d: %d requests for time", protocol, n)
		}
		// So fast that a character takes less than an instruction: the card is
		// interrupted all the time, in bytecode and in memory writes.
		if n := modelCard(t, protocol, 2_000_000_000); n < 20 {
			t.Errorf("T=%d: %d requests for time of a fast reader", protocol, n)
		}
	}
}

// modelCard compares a card behind a line with one without, and gives the number of
// NULL bytes or extensions.
func modelCard(t *testing.T, protocol byte, hz uint64) (requests int) {
	script, err := os.ReadFile("../../spec/corpus/pin/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := withPIN(t, new(clock.Clock))
	if err := plain.SetProtocol(protocol); err != nil {
		t.Fatal(err)
	}
	wired, _ := withPIN(t, new(clock.Clock))
	var heard observe.Recorder
	terminal := at(t, wired, protocol, hz, &heard)
	for _, card := range []apdu.Terminal{plain, terminal} {
		if _, err := card.Reset(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	plainStart, wiredStart, commands := plain.Clock().Ledger(), wired.Clock().Ledger(), 0
	for _, l := range strings.Split(string(script), "\n") {
		if strings.Contains(l, "A000000062030108") {
			break // what follows is for CREF's installer
		}
		command, wanted, ok := strings.Cut(l, " -> ")
		if !ok || strings.HasPrefix(l, "#") {
			continue
		}
		raw, err := hex.DecodeString(command)
		if err != nil {
			t.Fatal(err)
		}
		commands++
		a, errA := plain.Transmit(t.Context(), raw, nil)
		b, errB := terminal.Transmit(t.Context(), raw, nil)
		if errA != nil || errB != nil || !bytes.Equal(a, b) || !strings.EqualFold(hex.EncodeToString(b), strings.ReplaceAll(wanted, " ", "")) {
			t.Fatalf("T=%d %s: %X, %v; without a line %X, %v; want %s", protocol, command, b, errB, a, errA, wanted)
		}
	}
	p, w := plain.Clock().Ledger().Since(plainStart), wired.Clock().Ledger().Since(wiredStart)
	if p[clock.Line] != 0 || w[clock.Line] == 0 {
		t.Errorf("T=%d: cycles of line %d and %d", protocol, p[clock.Line], w[clock.Line])
	}
	p[clock.Line] = w[clock.Line]
	if p != w {
		t.Errorf("T=%d: without a line %v\nwith %v", protocol, p, w)
	}
	if total := wired.Clock().Ledger(); total.Sum() != wired.Clock().Now() || commands < 10 {
		t.Errorf("T=%d: %d commands, ledger %d, clock %d", protocol, commands, total.Sum(), wired.Clock().Now())
	}
	t.Logf("T=%d, %d commands: %v", protocol, commands, w)
	for _, b := range observe.Recorded[observe.LineByte](&heard) {
		if want := []byte{0x60, 0xC3}[protocol]; b.Direction == observe.FromCard && b.Value == want {
			requests++
		}
	}
	return requests
}

// Power cuts anywhere in the verification of a PIN: the counter has the value of
// before or after, never more tries than before, and the next session works.
func TestModelCardPowerCuts(t *testing.T) {
	req.Covers(t, "SPEC-TRANSPORT-070")
	selectPIN, wrong, state := "00A4040009"+hex.EncodeToString(append(bytes.Clone(pinAID), 1)), "802000000431323335", "8030000006"
	for protocol := range byte(2) {
		k := new(clock.Clock)
		card, flash := withPIN(t, k)
		send := func(terminal *transport.Terminal, cmd string) ([]byte, error) {
			raw, err := hex.DecodeString(cmd)
			if err != nil {
				t.Fatal(err)
			}
			return terminal.Transmit(t.Context(), raw, nil)
		}
		terminal := over(t, card, protocol)
		if _, err := terminal.Reset(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		mustSend := func(cmd string) []byte {
			t.Helper()
			got, err := send(terminal, cmd)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		mustSend(selectPIN)
		start := k.Now()
		mustSend(wrong)
		length := k.Now() - start
		mustSend("802000000431323334") // the tries are back
		seen := map[byte]int{}
		for i := range uint64(60) {
			k.CutAt(k.Now() + 1 + length*i/60)
			_, err := send(terminal, wrong)
			var cut clock.PowerCut
			if !errors.As(err, &cut) {
				t.Fatalf("T=%d, cut %d: %v", protocol, i, err)
			}
			if card = pinCard(t, k, flash); card == nil {
				t.Fatal("no card")
			}
			terminal = over(t, card, protocol)
			if _, err := terminal.Reset(context.Background(), false); err != nil {
				t.Fatalf("T=%d, reset after cut %d: %v", protocol, i, err)
			}
			mustSend(selectPIN)
			tries := mustSend(state)[0]
			if tries != 2 && tries != 3 {
				t.Fatalf("T=%d, cut %d: %d tries", protocol, i, tries)
			}
			seen[tries]++
			mustSend("802000000431323334")
		}
		if seen[2] == 0 || seen[3] == 0 {
			t.Errorf("T=%d: tries after cuts: %v", protocol, seen)
		}
	}
}
