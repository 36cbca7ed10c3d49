package post

import (
	"fmt"
	"strings"

	"inkan/core/tsmp"
	"inkan/tsm/store"
)

// A destination in the outbox is a party; behind laneMark the lane; and at the end
// asideMark where letters of that lane lie that were set aside.
const (
	laneMark  = "#"
	asideMark = "!"
)

// MaxLane is the longest name of a lane, in bytes.
const MaxLane = 48

// destination is a lane's name in the outbox.
func destination(to tsmp.PartyID, lane string) (string, error) {
	ok := len(lane) <= MaxLane
	for i := 0; i < len(lane); i++ {
		c := lane[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')
	}
	switch {
	case !ok:
		return "", fmt.Errorf("post: lane %q: want at most %d letters, digits and hyphens", lane, MaxLane)
	case lane == "":
		return string(to), nil
	}
	return string(to) + laneMark + lane, nil
}

// Party is the party that a destination in the outbox belongs to. What is none of a
// Post's is an invalid one, or one that it has no way to.
func Party(destination string) tsmp.PartyID {
	if i := strings.IndexAny(destination, laneMark+asideMark); i >= 0 {
		destination = destination[:i]
	}
	return tsmp.PartyID(destination)
}

// Aside reports whether letters of a destination were set aside.
func Aside(destination string) bool { return strings.HasSuffix(destination, asideMark) }

// forget removes a lane that has become empty, but for that of notifications: its
// numbers go on. Spec: SPEC-POST-008.
func forget(tx *store.Tx, destination string) error {
	if !strings.ContainsAny(destination, laneMark+asideMark) {
		return nil
	}
	return store.ForgetLane(tx, destination)
}
