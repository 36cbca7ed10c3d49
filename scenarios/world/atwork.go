package world

import "context"

// busy is a SIM's body that says when it works, so that what it has spent is read of
// those SIMs only that have spent something.
type busy struct {
	Body
	sim *SIM
}

// Transmit implements apdu.Card.
func (b busy) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	b.sim.works()
	return b.Body.Transmit(ctx, cmd, dst)
}

// Reset implements apdu.Terminal.
func (b busy) Reset(ctx context.Context, warm bool) ([]byte, error) {
	b.sim.works()
	return b.Body.Reset(ctx, warm)
}

// PowerOff implements apdu.Terminal.
func (b busy) PowerOff() error {
	b.sim.works()
	return b.Body.PowerOff()
}

// works has the SIM's clock read at the next sync.
func (s *SIM) works() {
	if w := s.Carrier.w; !s.working {
		s.working = true
		w.working = append(w.working, s)
	}
}

// read takes what SIMs have spent since they were read last.
func (w *World) read() {
	for _, s := range w.working {
		s.working = false
		w.worked += s.meter.read(w)
	}
	w.working = w.working[:0]
}
