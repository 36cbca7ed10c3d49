package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/server/binding"
)

// drain is how long requests under way are waited for at the end.
const drain = 5 * time.Second

// listener is where a name is served.
type listener struct {
	names   []string // in serve.json; the first one is told to a person
	what    string
	on      net.Listener
	handler http.Handler
	tls     *tls.Config
}

// Serve listens on free ports of the loopback, writes serve.json, and serves until the
// context ends, which is no error. Spec: SPEC-SERVE-003, SPEC-SERVE-007.
func (l *Laboratory) Serve(ctx context.Context) (err error) {
	listeners, err := l.listeners()
	if err != nil {
		return err
	}
	var published net.Listener
	endpoints := map[string]string{}
	for i := range listeners {
		s := &listeners[i]
		if s.on, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return err
		}
		for _, name := range s.names {
			endpoints[name] = s.on.Addr().String()
		}
		if s.what == whatPublication {
			published = s.on
		}
	}
	l.mutex.Lock()
	l.endpoints = endpoints
	l.mutex.Unlock()
	served, err := folder.NewServed(endpoints, l.keys)
	if err != nil {
		return err
	}
	run := &running{l: l, failed: make(chan error, len(listeners)+1)}
	run.start(ctx, listeners, published)
	if err := l.config.Folder.Write(served); err != nil {
		return errors.Join(err, run.stop())
	}
	for _, s := range listeners {
		l.config.Say(fmt.Sprintf("%-32s %s", s.what, s.on.Addr()))
	}
	select {
	case <-ctx.Done():
	case err = <-run.failed:
	}
	return errors.Join(err, l.config.Folder.Remove(), run.stop())
}

// whatPublication is the listener that the authority serves itself.
const whatPublication = "lists, OCSP, certificates (HTTP)"

// serverTLS is the TLS of a party's service for parties.
func (l *Laboratory) serverTLS(name tsmp.PartyID) (*tls.Config, error) {
	own, err := l.config.Folder.TLS(name)
	if err != nil {
		return nil, err
	}
	pool, err := l.config.Folder.Pool()
	if err != nil {
		return nil, err
	}
	return binding.ServerTLS(own, pool), nil
}

// listeners are all services, before they listen.
func (l *Laboratory) listeners() (all []listener, err error) {
	all = []listener{{names: []string{publication}, what: whatPublication}}
	add := func(party tsmp.PartyID, what string, parties bool, h http.Handler) {
		own, wrong := l.serverTLS(party)
		err = errors.Join(err, wrong)
		port := folder.PartiesPort
		if !parties && wrong == nil {
			port, own = folder.AppsPort, binding.AppsTLS(own.Certificates[0])
		}
		all = append(all, listener{names: []string{name(party, port)}, what: what, handler: h, tls: own})
	}
	manager := func(party tsmp.PartyID, what string, parties, apps *tsmp.Handler, w *worker) {
		add(party, what+", to parties", true, l.messages(parties, false, w))
		add(party, what+", to apps", false, l.messages(apps, true, w))
	}
	add(laboratory.CA, "authority, to parties", true, l.messages(l.ca.Handler, false, l.lists))
	manager(laboratory.SPTSM, "SP-TSM", l.provider.parties, l.provider.apps, l.provider.worker)
	for _, c := range l.carriers {
		manager(c.party, "MNO-TSM of "+c.profile.Name, c.parties, c.apps, c.worker)
	}
	add(folder.Network, "short messages, shop", false, l.network.handler())
	add(folder.Bank, "bank", false, l.bank.handler())
	return all, err
}

func name(party tsmp.PartyID, port string) string { return net.JoinHostPort(string(party), port) }

// messages serves signed messages, and has the manager look at what came.
func (l *Laboratory) messages(h *tsmp.Handler, apps bool, w *worker) http.Handler {
	serve := func(ctx context.Context, request []byte) ([]byte, error) {
		defer w.wake()
		return h.Handle(ctx, request)
	}
	return &binding.Handler{Serve: serve, Apps: apps, Fault: l.fault(w.name)}
}

// running is what runs of a laboratory.
type running struct {
	l       *Laboratory
	servers []*http.Server
	cancel  context.CancelFunc
	working sync.WaitGroup
	failed  chan error
}

// start starts servers and workers.
func (r *running) start(ctx context.Context, listeners []listener, published net.Listener) {
	ctx, r.cancel = context.WithCancel(ctx)
	r.working.Go(func() { r.failed <- r.l.ca.Serve(ctx, authority.Listeners{Publication: published}) })
	r.working.Go(func() { r.l.lists.run(ctx) })
	for _, s := range listeners {
		if s.handler == nil {
			continue
		}
		server := binding.NewServer(s.handler)
		server.ErrorLog = log.New(io.Discard, "", 0) // a client that speaks no TLS is nobody's fault
		server.BaseContext = func(net.Listener) context.Context { return ctx }
		r.servers = append(r.servers, server)
		go func() {
			if err := server.Serve(tls.NewListener(s.on, s.tls)); !errors.Is(err, http.ErrServerClosed) {
				r.failed <- err
			}
		}()
	}
	r.working.Go(func() { r.l.provider.worker.run(ctx) })
	for _, c := range r.l.carriers {
		r.working.Go(func() { c.worker.run(ctx) })
		r.working.Go(func() { c.expire(ctx) })
	}
}

// stop ends workers, and servers when what is under way has ended.
func (r *running) stop() (err error) {
	until, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	r.cancel()
	for _, s := range slices.Backward(r.servers) {
		if wrong := s.Shutdown(until); wrong != nil {
			err = errors.Join(err, s.Close())
		}
	}
	r.working.Wait()
	return err
}

// expire has the service centre give up what is too old.
func (c *carrier) expire(ctx context.Context) {
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := c.centre.Expire(ctx); err != nil {
				c.worker.fault(err)
			}
		}
	}
}
