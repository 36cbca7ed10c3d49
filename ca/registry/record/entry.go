package record

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"time"

	"inkan/core/jpki/certificate"
)

// DigestLen is the length of the digest of one changed record.
const DigestLen = 16

// Digest is the beginning of HashOf a record.
type Digest [DigestLen]byte

// HashOf is SHA-256(key ‖ value) of a record as it stands in the store.
func HashOf(key, value []byte) Hash {
	var room [768]byte
	return sha256.Sum256(append(append(room[:0], key...), value...))
}

// Digest is the hash's beginning.
func (h Hash) Digest() Digest { return Digest(h[:DigestLen]) }

// Sum is the sum of hashes, as big-endian numbers, modulo 2^256. It does not
// depend on their order, so that one pass over a store finds it again.
type Sum [32]byte

// Add adds a hash.
func (s *Sum) Add(h Hash) { s.combine(h, bits.Add64) }

// Remove takes a hash away.
func (s *Sum) Remove(h Hash) { s.combine(h, bits.Sub64) }

func (s *Sum) combine(h Hash, f func(x, y, carry uint64) (uint64, uint64)) {
	var carry, word uint64
	for i := len(s) - 8; i >= 0; i -= 8 {
		word, carry = f(binary.BigEndian.Uint64(s[i:]), binary.BigEndian.Uint64(h[i:]), carry)
		binary.BigEndian.PutUint64(s[i:], word)
	}
}

// Subject is what a decision was about; zero fields have no part in it.
type Subject struct {
	Person      PersonID
	Card        CardID
	Phone       PhoneID
	Application ApplicationID
	Order       OrderID
	Authority   certificate.Authority
	Serial      uint64
}

// Exhibit names one piece of evidence: what it is, and its hash, under which the
// registry has its bytes.
type Exhibit struct {
	Name string
	Hash Hash
}

// Entry is one decision in the journal.
type Entry struct {
	Number   uint64 // from 1, without a gap
	At       time.Time
	Act      string // the operation: "activate"
	Refused  string // why it was refused; empty when it was done
	Actor    string // who asked: "holder", "hotline", …
	Call     string // the call that asked, as bytes
	Subject  Subject
	Exhibits []Exhibit
	Changes  []Digest // of every record that the decision wrote, as it left it
	Sum      Sum      // of all records that the journal covers, after the decision
	Previous Hash     // of the entry before; zero for the first
}

func (*Entry) format() string { return "registry journal entry" }

func (e *Entry) fields(f *fields) {
	f.uint64("number", &e.Number)
	f.time("at", &e.At)
	f.text("act", &e.Act)
	f.text("refused", &e.Refused)
	f.text("actor", &e.Actor)
	f.text("call", &e.Call)
	e.Subject.fields(f)
	n := f.count("exhibits", len(e.Exhibits), 2+len(Hash{}))
	if f.reading {
		e.Exhibits = make([]Exhibit, n)
	}
	for i := range e.Exhibits {
		f.text("exhibit", &e.Exhibits[i].Name)
		f.raw("exhibit", e.Exhibits[i].Hash[:])
	}
	n = f.count("changes", len(e.Changes), DigestLen)
	if f.reading {
		e.Changes = make([]Digest, n)
	}
	for i := range e.Changes {
		f.raw("change", e.Changes[i][:])
	}
	f.raw("sum", e.Sum[:])
	f.raw("previous", e.Previous[:])
}

func (s *Subject) fields(f *fields) {
	f.raw("person", s.Person[:])
	f.raw("card", s.Card[:])
	f.raw("phone", s.Phone[:])
	f.raw("application", s.Application[:])
	f.raw("order", s.Order[:])
	enum(f, "authority", &s.Authority, 0, certificate.AuthenticationAuthority)
	f.uint64("serial", &s.Serial)
}

// Head is the registry's state beside its records: its time, the journal's end
// and the next serial numbers.
type Head struct {
	Time   time.Time
	Number uint64 // of the journal's last entry
	Hash   Hash   // of its encoding
	Sum    Sum    // of all records that the journal covers
	// NextDue is not after the deadline of any pending certificate; zero when there
	// is none.
	NextDue time.Time
	// Next are the serial numbers to be given next, by authority.
	Next [certificate.AuthenticationAuthority + 1]uint64
}

func (*Head) format() string { return "registry head" }

func (h *Head) fields(f *fields) {
	f.time("time", &h.Time)
	f.uint64("number", &h.Number)
	f.raw("hash", h.Hash[:])
	f.raw("sum", h.Sum[:])
	f.time("next due", &h.NextDue)
	for _, a := range certificate.Authorities() {
		f.uint64("next serial", &h.Next[a])
	}
}
