package air

import (
	"fmt"
	"time"
)

// Kind is a bearer.
type Kind byte

// Bearers.
const (
	SMS Kind = iota
	LTE
	WiFi
)

// Kinds are all bearers.
func Kinds() []Kind { return []Kind{SMS, LTE, WiFi} }

// String is the bearer's name.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("bearer %d", byte(k))
}

var names = [...]string{"SMS", "LTE", "Wi-Fi"}

// Direction is which way a message goes.
type Direction byte

// Directions, as the handset sees them.
const (
	Down Direction = iota // to the handset
	Up
)

// String is "down" or "up".
func (d Direction) String() string { return [...]string{"down", "up"}[d&1] }

// Parameters are what a bearer is like. Probabilities are in thousandths.
type Parameters struct {
	Latency            time.Duration // one way, the shortest
	Jitter             time.Duration // added to it, evenly from nothing to all of it
	SetUp              time.Duration // of a connection that is not open
	BitRate            [2]int        // bit/s by Direction
	Header             int           // bytes of the lower layers with each datagram
	Datagram           int           // most bytes of one datagram with its header
	Loss, Double, Late int           // of datagrams
	LateBy             time.Duration // how much later a late one comes
	Again              time.Duration // after which what was lost is sent again
	Tries              int           // how often it is sent in all
}

// Check tells what is wrong with parameters; nil: nothing.
func (p *Parameters) Check() error {
	for name, n := range map[string]int{"loss": p.Loss, "double": p.Double, "late": p.Late} {
		if n < 0 || n > 1000 {
			return fmt.Errorf("air: %s %d: want 0 to 1000 thousandths", name, n)
		}
	}
	switch {
	case p.Latency < 0 || p.Jitter < 0 || p.SetUp < 0 || p.LateBy < 0 || p.Again < 0:
		return fmt.Errorf("air: a time below zero")
	case p.BitRate[Down] <= 0 || p.BitRate[Up] <= 0:
		return fmt.Errorf("air: bit rates %v: want above zero", p.BitRate)
	case p.Header < 0 || p.Datagram <= p.Header:
		return fmt.Errorf("air: datagrams of %d bytes with a header of %d", p.Datagram, p.Header)
	case p.Tries < 1 || p.Tries > 64:
		return fmt.Errorf("air: %d tries: want 1 to 64", p.Tries)
	}
	return nil
}

// Default are the parameters of spec/HANDSET.md. Spec: SPEC-HANDSET-010.
func Default(k Kind) Parameters { return defaults[k] }

var defaults = map[Kind]Parameters{
	SMS: {Latency: 3 * time.Second, Jitter: 2 * time.Second, BitRate: [2]int{9600, 9600}, Header: 30, Datagram: 206,
		Loss: 10, Double: 5, Late: 10, LateBy: 8 * time.Second, Again: 30 * time.Second, Tries: 5},
	LTE: {Latency: 25 * time.Millisecond, Jitter: 20 * time.Millisecond, SetUp: 350 * time.Millisecond,
		BitRate: [2]int{20_000_000, 5_000_000}, Header: 60, Datagram: 1500,
		Loss: 5, LateBy: 50 * time.Millisecond, Again: 300 * time.Millisecond, Tries: 6},
	WiFi: {Latency: 8 * time.Millisecond, Jitter: 10 * time.Millisecond, SetUp: 150 * time.Millisecond,
		BitRate: [2]int{50_000_000, 20_000_000}, Header: 60, Datagram: 1500,
		Loss: 3, LateBy: 30 * time.Millisecond, Again: 200 * time.Millisecond, Tries: 6},
}
