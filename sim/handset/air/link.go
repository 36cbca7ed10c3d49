package air

import (
	"encoding/binary"
	"fmt"
	"time"

	"inkan/core/entropy"
)

// Fate is what becomes of one datagram: when it arrives, counted from its sending;
// empty: never, twice: doubled.
type Fate struct{ Arrivals []time.Duration }

// Lost tells whether nothing arrives.
func (f Fate) Lost() bool { return len(f.Arrivals) == 0 }

// Traffic counts what went over a link in one direction.
type Traffic struct {
	Datagrams, Lost, Doubled, Late int
	Bytes                          int // with headers, lost ones too
}

// Link is one handset's bearer. The same source and the same calls give the same
// fates. Not for concurrent use.
type Link struct {
	Kind       Kind
	Parameters Parameters
	Traffic    [2]Traffic // by Direction
	// Time is how long transfers took in all: what Transfer returned.
	Time time.Duration

	source entropy.Source
	open   bool
}

// NewLink makes a link. Errors are those of Parameters.Check.
func NewLink(k Kind, p Parameters, source entropy.Source) (*Link, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return &Link{Kind: k, Parameters: p, source: source}, nil
}

// draw is a number below n, which is above zero.
func (l *Link) draw(n uint64) uint64 {
	var b [8]byte
	l.source.Fill(b[:])
	return binary.BigEndian.Uint64(b[:]) % n
}

func (l *Link) happens(thousandths int) bool { return l.draw(1000) < uint64(thousandths) }

// flight is how long a datagram of that many bytes is on its way.
func (l *Link) flight(d Direction, sizeBytes int) time.Duration {
	bits := int64(sizeBytes) * 8
	t := l.Parameters.Latency + time.Duration(bits*int64(time.Second)/int64(l.Parameters.BitRate[d]))
	if l.Parameters.Jitter > 0 {
		t += time.Duration(l.draw(uint64(l.Parameters.Jitter) + 1))
	}
	return t
}

// Datagram sends one datagram, unreliably, as a short message goes.
// Spec: SPEC-HANDSET-011, SPEC-HANDSET-012.
func (l *Link) Datagram(d Direction, sizeBytes int) Fate {
	// All draws are made whatever they say, so that another probability changes
	// that datagram's fate alone.
	size := sizeBytes + l.Parameters.Header
	first, second := l.flight(d, size), l.flight(d, size)
	lost, doubled, late := l.happens(l.Parameters.Loss), l.happens(l.Parameters.Double), l.happens(l.Parameters.Late)
	t := &l.Traffic[d&1]
	t.Datagrams++
	t.Bytes += size
	if lost {
		t.Lost++
		return Fate{}
	}
	if late {
		t.Late++
		first += l.Parameters.LateBy
	}
	f := Fate{Arrivals: []time.Duration{first}}
	if doubled {
		t.Doubled++
		f.Arrivals = append(f.Arrivals, first+second)
	}
	return f
}

// Transfer sends bytes reliably, as over a connection, and is how long that took: the
// datagrams one behind the other, the time of the first's flight, and for each loss
// the time until it is sent again. A connection that is not open is set up first.
// It fails, with the time spent, when one datagram was lost as often as it is sent.
// Spec: SPEC-HANDSET-013, SPEC-HANDSET-014.
func (l *Link) Transfer(d Direction, sizeBytes int) (took time.Duration, err error) {
	defer func() { l.Time += took }()
	if !l.open {
		took, l.open = l.Parameters.SetUp, true
	}
	room := l.Parameters.Datagram - l.Parameters.Header
	took += l.Parameters.Latency
	if l.Parameters.Jitter > 0 {
		took += time.Duration(l.draw(uint64(l.Parameters.Jitter) + 1))
	}
	for left := max(sizeBytes, 1); left > 0; left -= room {
		size := min(left, room) + l.Parameters.Header
		for try := 1; ; try++ {
			t := &l.Traffic[d&1]
			t.Datagrams++
			t.Bytes += size
			took += time.Duration(int64(size) * 8 * int64(time.Second) / int64(l.Parameters.BitRate[d]))
			if !l.happens(l.Parameters.Loss) {
				break
			}
			t.Lost++
			if took += l.Parameters.Again; try == l.Parameters.Tries {
				l.open = false
				return took, fmt.Errorf("air: %v %v: a datagram was lost %d times", l.Kind, d, try)
			}
		}
	}
	return took, nil
}

// Close ends the connection: the next transfer sets it up again.
func (l *Link) Close() { l.open = false }
