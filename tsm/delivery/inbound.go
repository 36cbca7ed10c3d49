package delivery

import "context"

// Inbound is a message from a SIM, or the network's word about one to it.
type Inbound struct {
	From string // ICCID of the SIM, which the network authenticated
	// Message is the number that Bearer.Send returned; 0: an SMS-SUBMIT of the card.
	Message uint64
	TPDU    []byte // SMS-DELIVER-REPORT or SMS-SUBMIT; nil: the network has given the message up
	Error   bool   // the report came in an RP-ERROR
}

// Deliver takes what comes in. What is malformed, nobody's, or not a proof is counted
// and left; an error is one of the store, the context or Config, and the network should
// bring the message again.
func (e *Engine) Deliver(ctx context.Context, in Inbound) error { return e.deliver(ctx, in) }
