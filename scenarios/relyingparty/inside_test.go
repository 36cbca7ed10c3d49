package relyingparty

import (
	"crypto/x509/pkix"
	"encoding/binary"
	"testing"
	"time"

	"inkan/core/jpki/login"
	"inkan/spec/req"
)

// A list whose distribution point is named in a way that is not read is of some
// certificates, not of all.
func TestRelativePoint(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-023")
	for name, value := range map[string][]byte{
		"relative": {0x30, 0x0D, 0xA0, 0x0B, 0xA1, 0x09, 0x30, 0x07, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x00},
		"empty":    {0x30, 0x02, 0xA0, 0x00},
	} {
		s, err := issuingPoint([]pkix.Extension{{Id: oidIssuingDistributionPoint, Critical: true, Value: value}})
		if err == nil {
			t.Errorf("%s: taken for a point of %d names: the list would be of all certificates", name, len(s.names)+len(s.uris))
		}
	}
}

// Logins that nobody finishes, asked for without end, do not each cost a look at
// all that wait.
func TestFloodOfChallenges(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-053")
	now := time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)
	const limit = 200_000
	m := NewMemory(limit, func() time.Time { return now })
	put := func(n uint64) error {
		s := login.Statement{Expiry: now.Add(time.Minute)}
		binary.BigEndian.PutUint64(s.Nonce[:], n)
		return m.Put(s)
	}
	for n := range uint64(limit) {
		if err := put(n); err != nil {
			t.Fatal(err)
		}
	}
	elapsed := func(times int) time.Duration {
		began := time.Now()
		for range times {
			if put(limit) == nil {
				t.Fatal("more than may wait")
			}
		}
		return time.Since(began)
	}
	if one, hundred := elapsed(1), elapsed(100); hundred > 20*one {
		t.Errorf("a hundred requests to a full store take %s, the first took %s", hundred, one)
	}
	now = now.Add(time.Minute + time.Second)
	if err := put(limit); err != nil || len(m.held) != 1 {
		t.Errorf("%v, %d held after all have expired", err, len(m.held))
	}
}
