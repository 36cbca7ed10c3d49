package clock

import "fmt"

// PowerCut is the panic value with which a power cut unwinds the card's call
// stack. Nothing but the edge of the card (Guard) may recover it: all that
// survives is the NVM.
type PowerCut struct {
	Cycle uint64 // the clock when power failed
	Cause Cause  // what the card was doing
}

// Error has the form "power cut at cycle 1234 (nvm-program)".
func (p PowerCut) Error() string {
	return fmt.Sprintf("power cut at cycle %d (%s)", p.Cycle, p.Cause)
}

// Guard runs fn at the edge of the card. It returns the power cut that ended
// it, if one did; any other panic goes on.
func Guard(fn func()) (cut *PowerCut) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case PowerCut:
			cut = &v
		default:
			panic(v)
		}
	}()
	fn()
	return nil
}
