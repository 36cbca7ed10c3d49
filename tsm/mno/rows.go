package mno

import (
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Kinds of workflows.
const (
	kindDeploy       = "deploy"
	kindLock         = "lock"
	kindUnlock       = "unlock"
	kindTerminate    = "terminate"
	kindEnrol        = "enrol"
	kindOperations   = "operations"
	kindScript       = "script"
	kindConversation = "conversation"
	kindAudit        = "audit"
	kindErase        = "erase"
	kindCode         = "code"
	kindNews         = "news"
	// Rows that keep something, and never go on.
	kindLoadFile = "load-file"
	kindInbox    = "inbox"
	kindCodes    = "codes"
	kindPartners = "partners"
)

// instance is the content of a service instance's row.
type instance struct {
	Contract    row.SubscriberID // of the declaration
	Domain      []byte
	Package     []byte
	Hash        [32]byte // of the load file Package
	Instances   [][]byte // applications that are, or may be, on the card
	NonVolatile uint64   // bytes kept for it
	Volatile    uint64
	Announced   tsmp.Phase // that the SP-TSM has begun and not ended; 0: none
	Telling     tsmp.Phase // that the SP-TSM was told to have begun; 0: none
	// Conversation is the one that is open; zero: none.
	Conversation row.WorkflowID
	Auditing     row.WorkflowID // the card is being asked; zero: it is not
	AuditedAt    time.Time      // when it answered last; zero: never
	Entries      []tsmp.CardEntry
	Free         [2]uint64 // non-volatile and volatile bytes
}

// Format implements codec.Row.
func (*instance) Format() string { return "service instance content" }

// Version implements codec.Row.
func (*instance) Version() byte { return 1 }

// Fields implements codec.Row.
func (i *instance) Fields(f *codec.Fields) {
	f.Raw("contract", i.Contract[:])
	f.Bytes("domain", &i.Domain)
	f.Bytes("package", &i.Package)
	f.Raw("hash", i.Hash[:])
	codec.List(f, "instances", &i.Instances, eachBytes)
	f.Uint64("non-volatile", &i.NonVolatile)
	f.Uint64("volatile", &i.Volatile)
	codec.Enum(f, "announced", &i.Announced, 0, tsmp.PhaseRemoved)
	codec.Enum(f, "telling", &i.Telling, 0, tsmp.PhaseRemoved)
	f.Raw("conversation", i.Conversation[:])
	f.Raw("auditing", i.Auditing[:])
	f.Time("audited at", &i.AuditedAt)
	codec.List(f, "entries", &i.Entries, func(f *codec.Fields, e *tsmp.CardEntry) {
		f.Bytes("AID", &e.AID)
		codec.Enum(f, "kind", &e.Kind, tsmp.EntryApplication, tsmp.EntryDomain)
		f.Uint64("life cycle", &e.LifeCycle)
	})
	f.Uint64("free non-volatile", &i.Free[0])
	f.Uint64("free volatile", &i.Free[1])
}

func eachBytes(f *codec.Fields, b *[]byte) { f.Bytes("item", b) }

// card is the content of a SIM's row.
type card struct {
	KDD            []byte // key diversification data
	Certificate    []byte // of the controlling authority's domain, value of 7F21
	AttestationKey [32]byte
	ReceiptDomain  []byte // IIN and CIN as its receipts have them; empty: not checked
	Slot           byte   // of the device, from 1; 0: not known
	Lost           tsmp.DeviceStatus
}

// Format implements codec.Row.
func (*card) Format() string { return "SIM content" }

// Version implements codec.Row.
func (*card) Version() byte { return 1 }

// Fields implements codec.Row.
func (c *card) Fields(f *codec.Fields) {
	f.Bytes("KDD", &c.KDD)
	f.Bytes("certificate", &c.Certificate)
	f.Raw("attestation key", c.AttestationKey[:])
	f.Bytes("receipt domain", &c.ReceiptDomain)
	f.Byte("slot", &c.Slot)
	codec.Enum(f, "device", &c.Lost, 0, tsmp.DeviceStolen)
}

// contract is the content of a subscriber's row.
type contract struct {
	Holder    string
	Corporate bool
	Users     []string // permitted to use it
}

// Format implements codec.Row.
func (*contract) Format() string { return "subscriber content" }

// Version implements codec.Row.
func (*contract) Version() byte { return 1 }

// Fields implements codec.Row.
func (c *contract) Fields(f *codec.Fields) {
	codec.Text(f, "holder", &c.Holder)
	f.Bool("corporate", &c.Corporate)
	codec.List(f, "users", &c.Users, func(f *codec.Fields, s *string) { codec.Text(f, "user", s) })
}

// read decodes a content; an absent one is the zero value.
func read(b []byte, into codec.Row) error {
	if b == nil {
		return nil
	}
	return codec.Decode(b, into)
}

// changeService changes a service instance's row and content in one go.
func changeService(tx *store.Tx, ref tsmp.ServiceReference, change func(s *row.Service, i *instance) error) error {
	return store.Services.Change(tx, ref, func(s *row.Service) error {
		var i instance
		if err := read(s.Content, &i); err != nil {
			return err
		}
		if err := change(s, &i); err != nil {
			return err
		}
		var err error
		s.Content, err = codec.Append(nil, &i)
		return err
	})
}

// changeSIM changes a SIM's row and content in one go.
func changeSIM(tx *store.Tx, se tsmp.SEID, change func(s *row.SIM, c *card) error) error {
	return store.SIMs.Change(tx, se, func(s *row.SIM) error {
		var c card
		if err := read(s.Content, &c); err != nil {
			return err
		}
		if err := change(s, &c); err != nil {
			return err
		}
		var err error
		s.Content, err = codec.Append(nil, &c)
		return err
	})
}

// keep writes a row that only keeps something.
func keep(tx *store.Tx, id row.WorkflowID, kind string, data codec.Row) error {
	b, err := codec.Append(nil, data)
	if err != nil {
		return err
	}
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil {
		return err
	}
	if !found {
		w = row.Workflow{ID: id, Kind: kind, State: row.WorkflowDone, Begun: tx.Now()}
	}
	w.Changed, w.Data = tx.Now(), b
	return store.Workflows.Put(tx, &w)
}

// kept reads such a row; an absent one leaves the zero value.
func kept(r store.Reader, id row.WorkflowID, into codec.Row) (found bool, err error) {
	w, found, err := store.Workflows.Get(r, id)
	if err != nil || !found {
		return false, err
	}
	return true, codec.Decode(w.Data, into)
}
