package fleet

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"inkan/sim/profile"
)

// Bearer is how bytes come to a phone's SIM.
type Bearer string

// Bearers.
const (
	RelayData Bearer = "relay, mobile data"
	RelayWiFi Bearer = "relay, Wi-Fi"
	SMS       Bearer = "short messages"
)

// Trouble is what goes wrong with one phone by itself.
type Trouble string

// Troubles.
const (
	NoTrouble   Trouble = "none"
	DeadNetwork Trouble = "dead network"
	SwitchedOff Trouble = "switched off"
	PowerCut    Trouble = "power cut"
	WrongPIN    Trouble = "wrong PIN"
	FullSIM     Trouble = "full SIM"
	Cancelled   Trouble = "cancelled"
	Unsupported Trouble = "unsupported device"
	RevokedCard Trouble = "revoked My Number Card"
)

// Event is what happens in the life of a phone that has its certificate.
type Event string

// Events.
const (
	NoEvent  Event = "none"
	Found    Event = "lost and found"
	Lost     Event = "lost for good"
	Reset    Event = "PIN reset"
	Transfer Event = "transfer"
	Disposal Event = "disposal"
)

// Draft is a phone's life before it is lived. Spec: SPEC-FLEET-001.
type Draft struct {
	Number  int // from 1
	Begins  time.Duration
	Carrier string
	Next    string // carrier after a transfer
	OnCard  bool   // the key is made on the card
	Model   string
	Bearer  Bearer
	Trouble Trouble
	Event   Event
	CutAt   int    // command of the SIM after which power is cut
	Cycles  uint64 // of the SIM's clock, from there to the cut
}

// String is the life in a line.
func (d *Draft) String() string {
	return fmt.Sprintf("phone %d: %s on %s, by %s; trouble: %s; event: %s", d.Number, d.Model, d.Carrier, d.Bearer, d.Trouble, d.Event)
}

// share is how many of a hundred have something.
type share[T any] struct {
	percent int
	what    T
}

func pick[T any](r *rand.Rand, of []share[T]) T {
	n := r.IntN(100)
	for _, s := range of {
		if n -= s.percent; n < 0 {
			return s.what
		}
	}
	return of[0].what
}

var bearers = []share[Bearer]{{50, RelayData}, {20, RelayWiFi}, {30, SMS}}

var troubles = []share[Trouble]{{50, NoTrouble}, {8, DeadNetwork}, {6, SwitchedOff}, {10, PowerCut}, {9, WrongPIN}, {4, FullSIM}, {7, Cancelled},
	{3, Unsupported}, {3, RevokedCard}}

var events = []share[Event]{{40, NoEvent}, {12, Found}, {8, Lost}, {16, Reset}, {12, Transfer}, {12, Disposal}}

// relays and others are models by what they can.
var (
	relays  = []string{"Sakura S1 Free", "Sakura S1 Free", "Momiji M"}
	byHand  = "Tsubaki T"
	refused = []string{"Ringo 9", "Momiji Lite", "Tsubaki Zero"}
)

// onCardPercent is how many of a hundred phones make their key on the card.
const onCardPercent = 8

// carriers are the profiles in the order in which a seed deals them out; on the SIMs of
// the first keys are made on the card.
func carriers(seed uint64) (names []string) {
	all := profile.All()
	for i := range all {
		names = append(names, all[(uint64(i)+seed)%uint64(len(all))].Name)
	}
	return names
}

// ordered are names in the order of profiles: hosts before their guests.
func ordered(names []string) (all []string) {
	for _, p := range profile.All() {
		if slices.Contains(names, p.Name) {
			all = append(all, p.Name)
		}
	}
	return all
}

// draw draws the life of a phone: it follows from seed and number alone.
func draw(seed uint64, number int, spacing time.Duration) *Draft {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	names := carriers(seed)
	d := &Draft{Number: number, Begins: spacing*time.Duration(number-1) + time.Duration(r.Int64N(int64(spacing))), Carrier: names[0],
		OnCard: r.IntN(100) < onCardPercent, Bearer: pick(r, bearers), Trouble: pick(r, troubles), Event: pick(r, events),
		CutAt: 40 + r.IntN(300), Cycles: 1 + r.Uint64N(400_000)}
	others := names[1:]
	k := r.IntN(len(others))
	d.Next = others[(k+1)%len(others)]
	if !d.OnCard {
		d.Carrier = others[k]
	}
	d.Model = relays[r.IntN(len(relays))]
	switch {
	case d.Trouble == Unsupported:
		d.Model = refused[r.IntN(len(refused))]
	case d.Bearer == SMS:
		d.Model = byHand
	case d.Model == "Momiji M" && (d.Carrier != "hayate" || d.Event == Transfer):
		d.Model = relays[0] // it is locked to Hayate's network
	}
	return d
}
