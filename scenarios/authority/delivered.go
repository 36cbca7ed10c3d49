package authority

import (
	"crypto/rsa"
	"fmt"

	"inkan/scenarios/personalise"
)

// seeded is a keys.Source of keys that follow from a seed: TEST ONLY. It is used by
// one call at a time.
type seeded struct {
	seed  uint64
	count int
}

// Next implements keys.Source.
func (s *seeded) Next() (*rsa.PrivateKey, error) {
	s.count++
	return personalise.SeededKey(s.seed, fmt.Sprintf("authority/delivered key %d", s.count))
}
