package authority

import (
	"context"
	"fmt"
	"time"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/ocsp"
	profile "inkan/core/jpki/certificate"
)

// Issuers are the generations as publication has them, the earliest of each
// authority first.
func (a *CA) Issuers() []*status.Issuer { return a.status }

// Publish makes all revocation lists anew, and OCSP responses of every certificate
// that has none that holds long enough.
func (a *CA) Publish(ctx context.Context) error {
	if _, err := a.PublishLists(ctx); err != nil {
		return err
	}
	return a.Produce(ctx)
}

// PublishLists makes all revocation lists anew, one publication after the other.
func (a *CA) PublishLists(ctx context.Context) (crl.Progress, error) {
	a.publishing.Lock()
	defer a.publishing.Unlock()
	return a.publishLists(ctx)
}

func (a *CA) publishLists(ctx context.Context) (crl.Progress, error) {
	there, err := a.partitions(ctx)
	if err != nil {
		return crl.Progress{}, err
	}
	p, err := a.publisher.Publish(ctx)
	if err != nil {
		return p, fmt.Errorf("revocation lists: %w", err)
	}
	a.listed = there
	return p, nil
}

// newPartitions is how long a municipality's first certificate has no list at most.
const newPartitions = time.Minute

// PublishNew is PublishLists where a municipality has certificates and no list yet.
func (a *CA) PublishNew(ctx context.Context) error {
	a.publishing.Lock()
	defer a.publishing.Unlock()
	there, err := a.partitions(ctx)
	if err != nil || there == a.listed {
		return err
	}
	_, err = a.publishLists(ctx)
	return err
}

// partitions counts those that have lists: none is ever gone again.
func (a *CA) partitions(ctx context.Context) (n int, err error) {
	view, err := a.registry.View(ctx)
	if err != nil {
		return 0, err
	}
	defer view.Close()
	for _, of := range profile.Authorities() {
		if err := view.Partitions(of, func(string) error { n++; return nil }); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Produce makes OCSP responses before anybody asks.
func (a *CA) Produce(ctx context.Context) error {
	for _, of := range profile.Authorities() {
		if _, err := a.Responder.Produce(ctx, of, ocsp.Production{}); err != nil {
			return fmt.Errorf("OCSP responses of %s: %w", of, err)
		}
	}
	return nil
}

// Schedule publishes until the context ends, which is no error: everything at once,
// then lists every crl.Period, when the registry's files are scrubbed too, or within a
// minute where there is a new one, and responses every ocsp.Period, by the machine's
// clock. What fails goes to Config.Fault, and is tried again at the next turn.
func (a *CA) Schedule(ctx context.Context) {
	lists, answers, partitions := time.NewTicker(crl.Period), time.NewTicker(ocsp.Period), time.NewTicker(newPartitions)
	defer lists.Stop()
	defer answers.Stop()
	defer partitions.Stop()
	fault := func(err error) {
		if err != nil && ctx.Err() == nil && a.config.Fault != nil {
			a.config.Fault(err)
		}
	}
	fault(a.Publish(ctx))
	for {
		select {
		case <-ctx.Done():
			return
		case <-lists.C:
			_, err := a.PublishLists(ctx)
			fault(err)
			fault(a.registry.Scrub(ctx)) // envelopes that were erased, from the files too
		case <-partitions.C:
			fault(a.PublishNew(ctx))
		case <-answers.C:
			fault(a.Produce(ctx))
		}
	}
}
