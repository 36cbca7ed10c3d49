package overtheair

import (
	"inkan/scenarios/personalise"
)

// Timing is what a network takes: parameters, which nobody measured.
type Timing struct {
	MessageSeconds float64 `json:"messageSeconds"` // of a message to the handset, one after the other, with its report
	UpSeconds      float64 `json:"upSeconds"`      // of a message of the card
	WaitSeconds    float64 `json:"waitSeconds"`    // until the server sends again
}

// DefaultTiming is one message in four seconds in either direction, and half a
// minute of patience.
var DefaultTiming = Timing{MessageSeconds: 4, UpSeconds: 4, WaitSeconds: 30}

// seconds is how long traffic takes on the network.
func (t Timing) seconds(n Traffic) float64 {
	return float64(n.Messages)*t.MessageSeconds + float64(n.Up)*t.UpSeconds + float64(n.Waits)*t.WaitSeconds
}

// Report is what happened. It has no key, PIN or code.
type Report struct {
	Profile    string     `json:"profile"`
	Carrier    string     `json:"carrier"`
	Chip       string     `json:"chip"`
	ClockHz    uint64     `json:"clockHz"`
	Model      string     `json:"model"`
	Domain     string     `json:"domain"`
	TAR        string     `json:"tar"`
	SPI        string     `json:"spi"`
	Keys       string     `json:"keys"`
	Format     string     `json:"format"`
	Parts      int        `json:"messagesPerPacket"` // at most
	Conditions Conditions `json:"conditions"`
	Timing     Timing     `json:"timing"`

	Steps   []Step               `json:"steps"`
	Total   Step                 `json:"total"`
	Issued  []personalise.Issued `json:"issued"`
	Message []byte               `json:"message"`

	// Receipts of delegated management that are right; those lost went with an answer.
	Receipts     int `json:"receipts,omitempty"`
	ReceiptsLost int `json:"receiptsLost,omitempty"`

	traffic             Traffic
	packets, recoveries int
}

// Step is one thing that was done. Card has the card's time and writes; its
// commands and bytes are those before they became messages.
type Step struct {
	Name       string              `json:"name"`
	Detail     string              `json:"detail,omitempty"`
	Packets    int                 `json:"packets"`
	Traffic    Traffic             `json:"traffic"`
	Recoveries int                 `json:"recoveries"`
	Network    float64             `json:"networkSeconds"` // modelled, see Timing
	Card       personalise.Figures `json:"card"`
}

// add makes a step of counts that run on.
func (r *Report) add(name, detail string, card *personalise.Figures, t Traffic, packets, recoveries int) *Step {
	s := Step{Name: name, Detail: detail, Packets: packets - r.packets, Traffic: t.Since(r.traffic), Recoveries: recoveries - r.recoveries, Card: *card}
	s.Network = r.Timing.seconds(s.Traffic)
	r.traffic, r.packets, r.recoveries = t, packets, recoveries
	r.Steps = append(r.Steps, s)
	return &r.Steps[len(r.Steps)-1]
}

// finish sums the steps.
func (r *Report) finish() {
	total := Step{Name: "all", Packets: r.packets, Traffic: r.traffic, Recoveries: r.recoveries, Network: r.Timing.seconds(r.traffic)}
	for i := range r.Steps {
		total.Card.Add(&r.Steps[i].Card)
	}
	r.Total = total
}
