package record

import (
	"encoding/binary"
	"time"

	"inkan/core/jpki/certificate"
)

// Notice is a change of a phone's certificate that its service manager has not
// asked for and is told of.
type Notice struct {
	Number   uint64 // from 1, without a gap, by service manager
	Phone    PhoneID
	Act      string // the operation that changed it
	Serial   uint64
	State    certificate.State
	Since    time.Time
	Reason   certificate.Reason
	NotAfter time.Time
	Erase    bool // the application is to be erased
}

func (*Notice) format() string { return "registry notice" }

func (n *Notice) fields(f *fields) {
	f.uint64("number", &n.Number)
	f.raw("phone", n.Phone[:])
	f.text("act", &n.Act)
	f.uint64("serial", &n.Serial)
	enum(f, "state", &n.State, certificate.Pending, certificate.Revoked)
	f.time("since", &n.Since)
	enum(f, "reason", &n.Reason, 0, certificate.AACompromise)
	f.time("not after", &n.NotAfter)
	f.bool("erase", &n.Erase)
}

// Mailbox counts a service manager's notices: Last is the last one's number,
// Acknowledged that of the last one that it has acknowledged.
type Mailbox struct{ Last, Acknowledged uint64 }

func (*Mailbox) format() string { return "registry mailbox" }

func (m *Mailbox) fields(f *fields) {
	f.uint64("last", &m.Last)
	f.uint64("acknowledged", &m.Acknowledged)
}

// MailboxKey is the key of a service manager's mailbox.
func MailboxKey(sender string) []byte { return Mailboxes.Key([]byte(sender)) }

// NoticeKey is the key of a service manager's notice: names have no byte 00.
func NoticeKey(sender string, number uint64) []byte {
	return binary.BigEndian.AppendUint64(Notices.Key([]byte(sender), []byte{0}), number)
}
