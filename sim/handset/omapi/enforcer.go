package omapi

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
)

// enforcer keeps the rules of the card as long as its refresh tag says that they are
// the same.
type enforcer struct {
	known bool
	tag   ara.RefreshTag
	rules []ara.Rule
	reads int // how often all rules were read
}

// refresh reads the refresh tag, and the rules when it is another one. Without an
// ARA-M there are no rules; what cannot be read is an error, and nothing is allowed.
// Spec: SPEC-HANDSET-051, SPEC-HANDSET-052, SPEC-HANDSET-053.
func (e *enforcer) refresh(ctx context.Context, r *Reader) (err error) {
	defer func() {
		if err != nil {
			*e = enforcer{reads: e.reads}
		}
	}()
	channel, err := r.manage(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closing := r.release(ctx, channel); err == nil {
			err = closing
		}
	}()
	card := &apdu.Completer{Card: &gp.OnChannel{Card: r.element, Channel: channel}}
	_, err = gp.Exchange(ctx, card, gp.Select{Name: ara.AIDMaster.Append(nil)}, nil)
	if errors.Is(err, iso7816.FileNotFound) {
		*e = enforcer{reads: e.reads}
		return nil
	}
	if err != nil {
		return unread(err)
	}
	tag, err := gp.Send(ctx, card, ara.GetRefreshTag(), ara.DecodeRefreshTag)
	if err != nil {
		return unread(err)
	}
	if e.known && tag == e.tag {
		return nil
	}
	rules, err := ara.ReadAll(ctx, card)
	if err != nil {
		return unread(err)
	}
	*e = enforcer{known: true, tag: tag, rules: rules, reads: e.reads + 1}
	return nil
}

func unread(err error) error {
	if f := (*fault.Error)(nil); errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.RulesUnread, "access rules", err)
}

// ambiguous tells whether a rule is about an application whose AID goes on where a
// partial one ends.
func (e *enforcer) ambiguous(aid gp.AID) bool {
	if aid.IsZero() {
		return false
	}
	for i := range e.rules {
		if t := &e.rules[i].Target; t.AIDRef == ara.NamedApplication && t.AID != aid && t.AID.HasPrefix(aid.Append(nil)) {
			return true
		}
	}
	return false
}
