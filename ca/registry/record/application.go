package record

import "time"

// Purpose is what an application or an order is for. The zero value is none.
type Purpose uint8

// The purposes, numbered as in the application (spec/APPLICATION.md).
const (
	PurposeIssue Purpose = iota + 1
	PurposePINReset
	PurposeRevocation
	PurposeTransfer
	PurposeSuspensionLift
)

// Issues reports whether a certificate comes of it.
func (p Purpose) Issues() bool { return p == PurposeIssue || p == PurposeTransfer }

// Progress is where an application or an order is. The zero value is none.
type Progress uint8

// Open may go on until its deadline, Done has reached its end, Ended was
// overtaken or cancelled.
const (
	Open Progress = iota + 1
	Done
	Ended
)

// Application is what an applicant has signed with the card and asked for.
type Application struct {
	ID        ApplicationID
	Purpose   Purpose
	Origin    Origin // of the key to be made, for an issue
	Person    PersonID
	Sender    string  // the service manager that brought it
	Phone     PhoneID // that it is about; for an issue or transfer the new one
	Replaces  PhoneID // with a transfer: the one that ends
	SIM       SIM
	Signature uint64 // serial of the card's signature certificate
	Evidence  Hash   // of the signed application
	At        time.Time
	Deadline  time.Time
	Progress  Progress
	Order     OrderID // the last one placed
	SignedAt  time.Time
}

func (*Application) format() string { return "registry application" }

func (a *Application) fields(f *fields) {
	f.raw("ID", a.ID[:])
	enum(f, "purpose", &a.Purpose, PurposeIssue, PurposeSuspensionLift)
	enum(f, "origin", &a.Origin, 0, Delivered)
	f.raw("person", a.Person[:])
	f.text("sender", &a.Sender)
	f.raw("phone", a.Phone[:])
	f.raw("replaces", a.Replaces[:])
	f.raw("SIM", a.SIM[:])
	f.uint64("signature", &a.Signature)
	f.raw("evidence", a.Evidence[:])
	f.time("at", &a.At)
	f.time("deadline", &a.Deadline)
	enum(f, "progress", &a.Progress, Open, Ended)
	f.raw("order", a.Order[:])
	f.time("signed at", &a.SignedAt)
}

// Order is an order that the applet of a SIM is to carry out.
type Order struct {
	ID          OrderID
	Application ApplicationID // of a PIN reset: zero until it is sealed
	Purpose     Purpose       // of the application; PurposePINReset
	Origin      Origin        // of the key, but for a PIN reset
	Sender      string        // the service manager that asked for it
	Phone       PhoneID
	SIM         SIM
	Instance    string // the instance's AID, as bytes
	LoadFile    Hash
	Attestation string // the attestation key's name, as bytes
	Counter     uint32
	Call        Hash // of the call that placed it
	At          time.Time
	Deadline    time.Time
	Progress    Progress
	Serial      uint64 // of the certificate reserved for it; 0 is none yet
	Content     string // what the caller keeps with it, such as the order's bytes
	Sealed      string // what came of a PIN reset, opaque
}

func (*Order) format() string { return "registry order" }

func (o *Order) fields(f *fields) {
	f.raw("ID", o.ID[:])
	f.raw("application", o.Application[:])
	enum(f, "purpose", &o.Purpose, PurposeIssue, PurposeTransfer)
	enum(f, "origin", &o.Origin, 0, Delivered)
	f.text("sender", &o.Sender)
	f.raw("phone", o.Phone[:])
	f.raw("SIM", o.SIM[:])
	f.text("instance", &o.Instance)
	f.raw("load file", o.LoadFile[:])
	f.text("attestation", &o.Attestation)
	f.uint32("counter", &o.Counter)
	f.raw("call", o.Call[:])
	f.time("at", &o.At)
	f.time("deadline", &o.Deadline)
	enum(f, "progress", &o.Progress, Open, Ended)
	f.uint64("serial", &o.Serial)
	f.text("content", &o.Content)
	f.text("sealed", &o.Sealed)
}
