package delivery

import (
	"slices"

	"inkan/tsm/store/row"
)

// air is what an engine remembers of messages on their way, to send no more than what
// is missing. It is a help only: after a crash whole packets are sent again.
type air struct {
	flights map[row.WorkflowID]*flight // by job
	sent    map[uint64]place           // messages of those, by the network's number
	past    map[uint64]struct{}        // messages of packets that have ended
	order   []uint64                   // of past, a ring
	next    int
}

// maxPast is how many messages of the past are remembered.
const maxPast = 4096

// place is where a message belongs.
type place struct {
	job  row.WorkflowID
	item uint32
	part int
}

// flight is the packet of a job that is on its way.
type flight struct {
	item    uint32
	parts   []part
	refused bool // the card took one of them for a part of another message
	numbers []uint64
	account Account // that no row has yet
}

// part is what is known of a message of the packet, sent last.
type part struct{ acknowledged, lost bool }

func newAir() air {
	return air{flights: map[row.WorkflowID]*flight{}, sent: map[uint64]place{}, past: map[uint64]struct{}{}, order: make([]uint64, 0, maxPast)}
}

// flight is the flight of a job's packet; one of another packet is over.
func (a *air) flight(job row.WorkflowID, item uint32) *flight {
	f := a.flights[job]
	if f != nil && f.item != item {
		account := f.account
		a.forget(job)
		f = nil
		a.flights[job] = &flight{item: item, account: account}
	}
	if f == nil && a.flights[job] == nil {
		a.flights[job] = &flight{item: item}
	}
	return a.flights[job]
}

// forget ends the flight of a job.
func (a *air) forget(job row.WorkflowID) {
	f := a.flights[job]
	if f == nil {
		return
	}
	delete(a.flights, job)
	for _, n := range f.numbers {
		delete(a.sent, n)
		a.passed(n)
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

// take takes the account that no row has yet.
func (f *flight) take() (a Account) {
	a, f.account = f.account, Account{}
	return a
}
