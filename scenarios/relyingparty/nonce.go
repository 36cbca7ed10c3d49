package relyingparty

import (
	"sync"
	"time"

	"inkan/core/jpki/login"
)

// Statements keeps login statements until they are used or expire. An
// implementation shared by several servers has to make Take atomic over all of
// them. It may be used concurrently.
type Statements interface {
	// Put keeps a statement under its nonce.
	Put(s login.Statement) error
	// Take returns the statement of a nonce and forgets it: the second of two
	// calls with one nonce gets nothing.
	Take(nonce [login.NonceLen]byte) (login.Statement, bool, error)
}

// Memory is the Statements of one process, for at most so many at a time.
type Memory struct {
	mutex sync.Mutex
	limit int
	now   func() time.Time
	held  map[[login.NonceLen]byte]login.Statement
	first time.Time // nothing of held expires before, as of the last look
}

// NewMemory makes an empty store with a limit.
func NewMemory(limit int, now func() time.Time) *Memory {
	return &Memory{limit: limit, now: now, held: map[[login.NonceLen]byte]login.Statement{}}
}

// Put implements Statements. When the store is full it drops what has expired,
// and fails if that makes no room.
func (m *Memory) Put(s login.Statement) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if now := m.now(); len(m.held) >= m.limit && now.After(m.first) {
		m.drop(now)
	}
	if len(m.held) >= m.limit {
		return fail(ChallengeUnknown, "%d logins are waiting already", m.limit)
	}
	if _, ok := m.held[s.Nonce]; ok {
		return fail(ChallengeUnknown, "the nonce is in use")
	}
	m.held[s.Nonce] = s
	return nil
}

// drop forgets what has expired. It looks at everything, so that it is not done
// again before anything can expire: whoever asks for logins without end does not
// have every statement looked at each time. Spec: SPEC-RELYING-PARTY-053.
func (m *Memory) drop(now time.Time) {
	m.first = time.Time{}
	for nonce, held := range m.held {
		switch {
		case now.After(held.Expiry):
			delete(m.held, nonce)
		case m.first.IsZero() || held.Expiry.Before(m.first):
			m.first = held.Expiry
		}
	}
}

// Take implements Statements. Spec: SPEC-RELYING-PARTY-008.
func (m *Memory) Take(nonce [login.NonceLen]byte) (login.Statement, bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	s, ok := m.held[nonce]
	delete(m.held, nonce)
	return s, ok, nil
}
