package registry

import (
	"context"
	"errors"
	"fmt"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// notify leaves a notice for the service manager of a phone whose certificate has
// changed, unless it has asked for that itself. Spec: SPEC-CA-LIFECYCLE-086.
func (a *act) notify(c *record.Certificate) error {
	if c.Kind != certificate.PhoneAuthentication || c.State == certificate.Pending {
		return nil
	}
	asked := a.entry.Actor == string(SPTSM) || a.entry.Actor == string(Holder)
	if asked && a.entry.Subject.Phone == c.Phone {
		return nil
	}
	phone, err := a.phone(c.Phone)
	if err != nil || phone.Sender == "" {
		return err
	}
	var box record.Mailbox
	if _, err := a.load(record.MailboxKey(phone.Sender), &box); err != nil {
		return err
	}
	box.Last++
	n := record.Notice{Number: box.Last, Phone: c.Phone, Act: a.entry.Act, Serial: c.Serial, State: c.State, Since: c.Since, Reason: c.Reason,
		NotAfter: c.NotAfter, Erase: c.State == certificate.Revoked}
	return errors.Join(a.put(record.MailboxKey(phone.Sender), &box), a.put(record.NoticeKey(phone.Sender, n.Number), &n))
}

// Notices walks over the first of a service manager's notices that it has not
// acknowledged, at most so many, in order; n is reused.
func (s *Snapshot) Notices(sender string, most uint64, each func(n *record.Notice) error) error {
	var box record.Mailbox
	if _, err := s.load(record.MailboxKey(sender), &box); err != nil {
		return err
	}
	var n record.Notice
	end := min(box.Last, box.Acknowledged+most) + 1
	return s.Scan(record.NoticeKey(sender, box.Acknowledged+1), record.NoticeKey(sender, end), func(key, value []byte) error {
		if _, err := decode(key, value, &n); err != nil {
			return err
		}
		return each(&n)
	})
}

// HasNotices reports whether a service manager has notices that it has not
// acknowledged, as of the last operation: what time alone has brought about since is
// not among them. It costs one reading.
func (r *Registry) HasNotices(sender string) (bool, error) {
	key := record.MailboxKey(sender)
	value, found, err := r.store.Get(key, nil)
	if err != nil || !found {
		return false, corrupt(err)
	}
	var box record.Mailbox
	_, err = decode(key, value, &box)
	return box.Last > box.Acknowledged, err
}

// Senders walks over the service managers that have ever had a notice.
func (s *Snapshot) Senders(each func(sender string) error) error {
	return s.ScanPrefix(record.Mailboxes.Key(), func(key, _ []byte) error { return each(string(key[1:])) })
}

// Acknowledge notes that a service manager has taken all notices up to a number.
// An earlier number changes nothing.
func (r *Registry) Acknowledge(ctx context.Context, sender string, number uint64, cause Cause) error {
	return r.do(ctx, "acknowledge", &cause, func(a *act) error {
		var box record.Mailbox
		if _, err := a.load(record.MailboxKey(sender), &box); err != nil {
			return err
		}
		if number > box.Last {
			return fmt.Errorf("registry: notice %d of %q was never given", number, sender)
		}
		if a.unchanged = number <= box.Acknowledged; a.unchanged {
			return nil
		}
		box.Acknowledged = number
		return a.put(record.MailboxKey(sender), &box)
	})
}
