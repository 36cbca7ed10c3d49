package delivery

import (
	"slices"

	"inkan/core/tsmp"
)

// air is what an engine remembers of messages on their way, to send no more than what
// is missing. It is a help only: after a crash whole packets are sent again.
type air struct {
	flights map[tsmp.SEID]*flight // one packet of a SIM at a time
	sent    map[uint64]place      // messages of those, by the network's number
	past    map[uint64]struct{}   // messages of packets that have ended
	order   []uint64              // of past, a ring
	next    int
}

// maxPast is how many messages of the past are remembered.
const maxPast = 4096

// place is where a message belongs.
type place struct {
	se     tsmp.SEID
	number uint64 // of the packet in the SIM's lane
	part   int
}

// flight is the packet that is on its way to a SIM.
type flight struct {
	se       tsmp.SEID
	number   uint64 // in the SIM's lane, where numbers rise
	parts    []part
	refused  bool // the card took one of them for a part of another message
	messages []uint64
	attempts uint32              // of this process
	open     map[uint64]struct{} // of messages, those that the network has not spoken of
	unnamed  bool                // one left without a number: the network says nothing of it
	account  Account             // that no row has yet
}

// part is what is known of a message of the packet, sent last.
type part struct{ acknowledged, lost bool }

// silent reports whether nothing of the packet is on its way any more, and the card lacks
// something of it.
func (f *flight) silent() bool {
	return !f.unnamed && len(f.open) == 0 && slices.ContainsFunc(f.parts, func(p part) bool { return !p.acknowledged })
}

func newAir() air {
	return air{flights: map[tsmp.SEID]*flight{}, sent: map[uint64]place{}, past: map[uint64]struct{}{}, order: make([]uint64, 0, maxPast)}
}

// flight is the flight of a packet: that of an earlier one is over. For a packet that
// is over itself, which only a caller that is late asks for, it is one that nobody sees.
func (a *air) flight(se tsmp.SEID, number uint64) *flight {
	f := a.flights[se]
	switch {
	case f != nil && f.number > number:
		return &flight{open: map[uint64]struct{}{}}
	case f == nil || f.number < number:
		next := &flight{number: number, se: se, open: map[uint64]struct{}{}}
		if f != nil {
			a.forget(f, true)
			next.account = f.account
		}
		a.flights[se] = next
		return next
	}
	return f
}

// forget ends a flight. past: its messages are of a packet that has ended for good.
func (a *air) forget(f *flight, past bool) {
	delete(a.flights, f.se)
	for _, n := range f.messages {
		delete(a.sent, n)
		if past {
			a.passed(n)
		}
	}
}

// passed remembers a message of the past in the place of the oldest one.
func (a *air) passed(n uint64) {
	if len(a.order) < maxPast {
		a.order = append(a.order, n)
	} else {
		delete(a.past, a.order[a.next])
		a.order[a.next] = n
		a.next = (a.next + 1) % maxPast
	}
	a.past[n] = struct{}{}
}

// missing are the parts to be sent: those of which no report has come; all, where
// every one was acknowledged and no proof came, or the card refused one.
func (f *flight) missing(parts int) (list []int) {
	if len(f.parts) == parts && !f.refused {
		for i, p := range f.parts {
			if !p.acknowledged {
				list = append(list, i)
			}
		}
	}
	if list == nil {
		for i := range parts {
			list = append(list, i)
		}
	}
	return list
}

// settled reports whether the network has said of all parts what became of them.
func (f *flight) settled() bool {
	return len(f.parts) > 0 && !slices.ContainsFunc(f.parts, func(p part) bool { return !p.acknowledged && !p.lost })
}

// lose notes that the bearer did not take a part.
func (f *flight) lose(i int) {
	if i < len(f.parts) {
		f.parts[i].lost = true
	}
}

// take takes the account that no row has yet.
func (f *flight) take() (a Account) {
	a, f.account = f.account, Account{}
	return a
}
