package authority

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"inkan/ca/status/publication"
	"inkan/server/binding"
)

// Listeners are where an authority serves. Either may be nil.
type Listeners struct {
	Publication net.Listener // HTTP: lists, OCSP, certificates
	Messages    net.Listener // TCP: signed messages over mutual TLS
	TLS         *tls.Config  // of Messages: binding.ServerTLS
}

// drain is how long requests under way are waited for at the end.
const drain = 10 * time.Second

// Serve publishes, tells the service managers of changes, and serves until the context ends, which is no error. Listeners
// are closed then.
func (a *CA) Serve(ctx context.Context, l Listeners) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	quiet := log.New(discard{}, "", 0) // a client that speaks no TLS is nobody's fault
	var servers []*http.Server
	start := func(s *http.Server, on net.Listener) {
		s.ErrorLog = quiet
		servers = append(servers, s)
		go func() { failed <- s.Serve(on) }()
	}
	if l.Publication != nil {
		start(publication.NewServer(a.Publication), l.Publication)
	}
	if l.Messages != nil {
		start(binding.NewServer(&binding.Handler{Serve: a.Handler.Handle, Fault: a.config.Fault}), tls.NewListener(l.Messages, l.TLS))
	}
	var working sync.WaitGroup
	working.Go(func() { a.Schedule(ctx) })
	working.Go(func() { a.Tell(ctx) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	working.Wait()
	until, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(until))
	}
	return err
}

// discard is a log that nobody reads.
type discard struct{}

// Write implements io.Writer.
func (discard) Write(b []byte) (int, error) { return len(b), nil }
