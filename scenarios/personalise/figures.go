package personalise

import (
	"context"

	"inkan/core/apdu"
)

// Figures are what something cost. A card that has no meter counts commands and
// bytes only.
type Figures struct {
	Commands      int               `json:"commands"`
	SentBytes     int               `json:"sentBytes"`
	ReceivedBytes int               `json:"receivedBytes"`
	Cycles        uint64            `json:"cycles"`
	Milliseconds  float64           `json:"milliseconds"` // at the chip's clock
	Causes        map[string]uint64 `json:"causes,omitempty"`
	NVM           NVMFigures        `json:"nvm"`
}

// NVMFigures count what was programmed in non-volatile memory.
type NVMFigures struct {
	Writes int    `json:"writes"` // programming operations
	Pages  int    `json:"pages"`  // different pages among them
	Bytes  int    `json:"bytes"`
	Erases int    `json:"erases"`
	Cycles uint64 `json:"cycles"` // erasing and programming
}

// Meter measures a card from one call of Begin to the next End.
type Meter interface {
	Begin()
	End(*Figures)
	// Pages is how many different pages were programmed between all of them.
	Pages() int
}

// noMeter measures nothing.
type noMeter struct{}

func (noMeter) Begin()       {}
func (noMeter) End(*Figures) {}
func (noMeter) Pages() int   { return 0 }

// counted counts what goes through a card's edge.
type counted struct {
	apdu.Card
	figures Figures
}

func (c *counted) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	n := len(dst)
	out, err := c.Card.Transmit(ctx, cmd, dst)
	c.figures.Commands++
	c.figures.SentBytes += len(cmd)
	c.figures.ReceivedBytes += max(0, len(out)-n)
	return out, err
}

// Add sums figures, but for the pages: two steps may have the same ones.
func (f *Figures) Add(g *Figures) {
	f.Commands += g.Commands
	f.SentBytes += g.SentBytes
	f.ReceivedBytes += g.ReceivedBytes
	f.Cycles += g.Cycles
	f.Milliseconds += g.Milliseconds
	for cause, n := range g.Causes {
		if f.Causes == nil {
			f.Causes = map[string]uint64{}
		}
		f.Causes[cause] += n
	}
	f.NVM.Writes += g.NVM.Writes
	f.NVM.Bytes += g.NVM.Bytes
	f.NVM.Erases += g.NVM.Erases
	f.NVM.Cycles += g.NVM.Cycles
}
