package transport_test

import (
	"context"
	"fmt"

	"inkan/core/atr"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/runtime/bare"
	"inkan/sim/transport"
)

// A card of the model behind a reader with a 4 MHz clock: T=1 at 32 clocks a bit.
func Example() {
	p := atr.Default()
	p.Protocols, p.FI, p.DI, p.IFSC = []byte{1}, 9, 5, 254
	answer, err := atr.Build(p, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	card, err := bare.New(bare.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	card.SetATR(answer)
	var heard observe.Recorder
	terminal, err := transport.New(transport.Config{Card: card, Clock: card.Clock(), Observer: &heard,
		Rate: transport.Rate{CPUHz: engine.Reference().ClockHz, LineHz: 4_000_000}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	got, err := terminal.Reset(ctx, false)
	fmt.Printf("ATR %X %v, T=%d, etu %d cycles\n", got, err, terminal.Protocol(), terminal.ETU())

	before := card.Clock().Ledger()
	response, err := terminal.Transmit(ctx, []byte{0x00, 0xCA, 0x00, 0x00, 0x00}, nil)
	fmt.Printf("%X %v\n", response, err)
	spent := card.Clock().Ledger().Since(before)
	fmt.Println("cycles of the line:", spent[clock.Line], "of", spent.Sum())
	fmt.Println("characters:", len(observe.Recorded[observe.LineByte](&heard)))
	// Output:
	// ATR 3B90958131FE4D06 <nil>, T=1, etu 264 cycles
	// 6A88 <nil>
	// cycles of the line: 101706 of 113736
	// characters: 41
}
