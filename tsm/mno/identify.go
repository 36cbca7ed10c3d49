package mno

import (
	"crypto/sha256"
	"sync"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// source makes an entropy source safe for concurrent use.
type source struct {
	mutex sync.Mutex
	from  entropy.Source
}

// Fill implements entropy.Source.
func (s *source) Fill(dst []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.from.Fill(dst)
}

// named is an identifier that follows from a label and what it is about.
func named(label string, parts ...[]byte) (id row.WorkflowID) {
	h := sha256.New()
	for _, p := range append([][]byte{[]byte(label)}, parts...) {
		h.Write([]byte{byte(len(p))})
		h.Write(p)
	}
	copy(id[:], h.Sum(nil))
	return id
}

// actionID is the workflow of a call: the same call finds it again.
// Spec: SPEC-MNO-TSM-010.
func actionID(call *tsmp.Call) row.WorkflowID {
	return named("call", []byte(call.Sender), call.ID[:])
}

// eraseID is the workflow that waits to erase a service instance.
func eraseID(ref tsmp.ServiceReference) row.WorkflowID { return named("erase", ref[:]) }

// loadFileID is the row that keeps a provider's load file.
func loadFileID(provider tsmp.PartyID, hash [32]byte) row.WorkflowID {
	return named("load-file", []byte(provider), hash[:])
}

// inboxID is the row that counts a sender's notifications.
func inboxID(sender tsmp.PartyID) row.WorkflowID { return named("inbox", []byte(sender)) }

// partnersID is the row that keeps who has had names of contracts.
var partnersID = named("partners")

// codesID is the row that counts the one-time codes of an SP-TSM for a SIM, newsID its news:
// neither takes from the other, nor one SP-TSM from another. Spec: SPEC-MNO-TSM-034.
func codesID(sender tsmp.PartyID, se tsmp.SEID) row.WorkflowID {
	return named("codes", []byte(sender), se[:])
}

func newsID(sender tsmp.PartyID, se tsmp.SEID) row.WorkflowID {
	return named("news", []byte(sender), se[:])
}
