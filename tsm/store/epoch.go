package store

import (
	"crypto/sha256"
	"encoding/binary"

	"inkan/tsm/store/row"
)

// kindRestored is the kind of the row that has a tenant's epoch: a workflow that has
// ended and was never begun.
const kindRestored = "restored"

func epochID() (id row.WorkflowID) {
	sum := sha256.Sum256([]byte("INKAN-STORE-EPOCH-1"))
	copy(id[:], sum[:])
	return id
}

// Epoch is which life of a tenant's rows this is: 0 until the store comes of a backup,
// then the time of that in seconds since 1970. Numbers that go back with the rows are
// below those of a later epoch. Spec: SPEC-STORE-073.
func Epoch(r Reader) (uint64, error) {
	w, found, err := Workflows.Get(r, epochID())
	switch {
	case err != nil || !found:
		return 0, err
	case len(w.Data) != 8:
		return 0, fail(r, corruptf("epoch of %d bytes, want 8", len(w.Data)))
	}
	return binary.BigEndian.Uint64(w.Data), nil
}

// raiseEpoch begins another one.
func raiseEpoch(tx *Tx) error {
	before, err := Epoch(tx)
	if err != nil {
		return err
	}
	epoch := max(before+1, uint64(max(tx.Now().Unix(), 1)))
	return Workflows.Put(tx, &row.Workflow{ID: epochID(), Kind: kindRestored, State: row.WorkflowDone, Begun: tx.Now(), Changed: tx.Now(),
		Data: binary.BigEndian.AppendUint64(nil, epoch)})
}
