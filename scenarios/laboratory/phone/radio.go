package phone

import (
	"context"

	"inkan/scenarios/laboratory"
	"inkan/scenarios/smsc"
)

// listen fetches short messages until the context ends. After trouble the phone
// attaches again: messages without report come again then. Spec: SPEC-SERVE-022.
func (p *Phone) listen(ctx context.Context, radio *smsc.Phone) {
	lost := false
	for ctx.Err() == nil {
		if lost {
			if radio.Attach(ctx) != nil {
				_ = sleep(ctx, retry)
				continue
			}
			lost = false
		}
		_, err := radio.Next(ctx, p.deliver)
		lost = err != nil
	}
}

// deliver hands a short message to the handset.
func (p *Phone) deliver(ctx context.Context, tpdu []byte) (smsc.Delivered, error) {
	p.hand.Lock()
	defer p.hand.Unlock()
	d, err := p.Deliver(ctx, tpdu)
	select {
	case p.came <- struct{}{}:
	default:
	}
	return smsc.Delivered{Report: d.Report, Error: d.Error, Submits: d.Submits}, err
}

// newCode is the one-time code in a message that came since the last one. The caller
// has the phone in hand.
func (p *Phone) newCode() (code string, ok bool, err error) {
	for ; p.read < len(p.Inbox); p.read++ {
		text, err := laboratory.TextOf(p.Inbox[p.read])
		if err != nil {
			return "", false, err
		}
		p.config.Say("SMS", text)
		if found, is := laboratory.CodeIn(text); is {
			code, ok = found, true
		}
	}
	return code, ok, nil
}
