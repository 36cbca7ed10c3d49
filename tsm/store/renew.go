package store

import (
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// Renew puts other bytes under another call into the place of a message: those of
// before are known never to have been executed. Spec: SPEC-STORE-037.
func Renew(tx *Tx, key row.MessageKey, call tsmp.CallID, bytes []byte, next time.Time) error {
	err := messages.Change(tx, key, func(m *row.Message) error {
		m.Call, m.Bytes, m.Next = call, bytes, next
		return nil
	})
	if err != nil {
		return err
	}
	return moveLane(tx, key.Destination, 0)
}
