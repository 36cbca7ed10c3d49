package delivery

import (
	"bytes"
	"context"
	"slices"

	"inkan/core/scp/scp80"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// readReport is the user data of an SMS-DELIVER-REPORT, where it has one with a header.
func readReport(in Inbound) (ud []byte, ok bool) {
	r, err := sms.DecodeDeliverReport(in.TPDU, in.Error)
	return r.UD, err == nil && r.HasUD && r.UDHI
}

// readSubmit is the user data of an SMS-SUBMIT with a header.
func readSubmit(in Inbound) (ud []byte, ok bool) {
	m, err := sms.DecodeSubmit(in.TPDU)
	return m.UD, err == nil && m.UDHI
}

// proofOf is the response packet in user data. Its lengths are checked.
func proofOf(ud []byte) (proof []byte, ok bool) {
	h, body, err := sms.DecodeUserData(ud)
	if err != nil || !h.Has(sms.IEIResponsePacket) {
		return nil, false
	}
	if _, err := scp80.DecodeResponseTAR(body); err != nil {
		return nil, false
	}
	return slices.Clone(body), true
}

// Offsets in a response packet, from RPL on.
const (
	responseRHL     = 2
	responseCounter = 6
	responseStatus  = 12
	responseBare    = 10 // RHL of one without checksum
)

// fits reports whether a proof may be that of a packet, as far as both are in the
// clear: the TAR, a checksum where the packet asks for one, and the counter.
// Spec: SPEC-DELIVERY-022.
func fits(packet, proof []byte) bool {
	c, err := scp80.DecodeCommandHeader(packet)
	if err != nil || len(proof) < responseStatus {
		return false
	}
	tar, err := scp80.DecodeResponseTAR(proof)
	if err != nil || tar != c.TAR {
		return false
	}
	if c.SPI.PoRIntegrity() != 0 && proof[responseRHL] <= responseBare {
		return false
	}
	const commandCounter = 10
	if c.SPI.Ciphered() || c.SPI.PoRCiphered() || c.SPI.CounterMode() == 0 {
		return true
	}
	return len(packet) >= commandCounter+5 && bytes.Equal(packet[commandCounter:][:5], proof[responseCounter:][:5])
}

// consider has a proof taken that is the packet's. taken: something was written.
func (e *Engine) consider(ctx context.Context, a *arrival) (taken bool, err error) {
	if !fits(a.packet, a.proof) {
		return false, e.ignored(a)
	}
	verdict := Opaque
	if e.config.Check != nil {
		q := Question{Job: a.q.Owner, SE: a.se, Item: int(a.w.Cursor), Packet: a.packet, Proof: a.proof}
		if verdict, err = e.config.Check(ctx, q); err != nil {
			return false, err
		}
	}
	if verdict == Foreign {
		return false, e.ignored(a)
	}
	err = e.step(ctx, func(tx *store.Tx) error {
		w, q, found, err := e.same(tx, a)
		if err != nil || !found {
			return err
		}
		if verdict == Opaque {
			fresh, err := unseen(tx, a.se, a.proof)
			if err != nil || !fresh {
				return err
			}
		}
		taken = true
		if verdict == Had {
			return e.had(tx, &w, &q, a.proof)
		}
		return e.proven(ctx, tx, &w, &q, a.proof, verdict)
	})
	if err == nil && !taken {
		err = e.ignored(a)
	}
	return taken, err
}

// had keeps a proof in case that no better one comes within the grace.
// Spec: SPEC-DELIVERY-023.
func (e *Engine) had(tx *store.Tx, w *row.Workflow, q *queued, proof []byte) error {
	if q.Had != nil {
		return nil
	}
	q.Had = proof
	w.Next = earlier(later(w.Begun, tx.Now()).Add(e.config.Policy.Grace), w.Deadline)
	return writeRow(tx, w, q)
}

// proven takes a packet out of its queue. Spec: SPEC-DELIVERY-020.
func (e *Engine) proven(ctx context.Context, tx *store.Tx, w *row.Workflow, q *queued, proof []byte, v Verdict) error {
	if err := store.RemoveMessage(tx, row.MessageKey{Destination: lane(q.SE), Number: q.First + uint64(w.Cursor)}); err != nil {
		return err
	}
	w.Cursor++
	w.Attempts, q.Had, q.Parts, q.Generation = 0, nil, nil, 0
	q.Proofs = append(q.Proofs, proof)
	q.Account.Proofs++
	switch {
	case v == Stop:
		return e.end(ctx, tx, w, q, tsmp.OutcomeRefused)
	case w.Cursor == q.Items:
		return e.end(ctx, tx, w, q, tsmp.OutcomeDone)
	}
	w.Next = earlier(later(w.Begun, tx.Now()), w.Deadline)
	return writeRow(tx, w, q)
}

// maxSeen is how many proofs of a SIM that nobody could read are remembered.
const maxSeen = 16

// seen are the beginnings of the hashes of those, one after the other.
type seen struct{ Hashes []byte }

// Format implements codec.Row.
func (*seen) Format() string { return "delivery proofs" }

// Version implements codec.Row.
func (*seen) Version() byte { return 1 }

// Fields implements codec.Row.
func (s *seen) Fields(f *codec.Fields) { f.Bytes("hashes", &s.Hashes) }

// unseen reports whether a proof comes for the first time, and remembers it: nobody can
// tell an old one that comes twice by what it says. Spec: SPEC-DELIVERY-024.
func unseen(tx *store.Tx, se tsmp.SEID, proof []byte) (bool, error) {
	const length = 8
	var s seen
	w, found, err := store.Workflows.Get(tx, seenID(se))
	if err == nil && found {
		err = codec.Decode(w.Data, &s)
	}
	if err != nil {
		return false, err
	}
	hash := row.HashOf(proof)
	for i := 0; i+length <= len(s.Hashes); i += length {
		if bytes.Equal(s.Hashes[i:i+length], hash[:length]) {
			return false, nil
		}
	}
	s.Hashes = append(s.Hashes, hash[:length]...)
	s.Hashes = s.Hashes[max(0, len(s.Hashes)-maxSeen*length):]
	return true, putDone(tx, seenID(se), kindSeen, &s)
}
