package pcsc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/apdu"
)

// Config is a card and where its reader is.
type Config struct {
	Card    apdu.Terminal
	Address string // host and port of vpcd; empty: DefaultAddress
	Wait    bool   // for vpcd, when it is not there at first

	After func()            // called when a command is done; may be nil
	Say   func(line string) // what a person wants to know; may be nil

	retry, quiet time.Duration // 0: defaultRetry, defaultQuiet
}

const (
	defaultRetry = 300 * time.Millisecond // between two tries to reach vpcd
	defaultQuiet = 3 * time.Second        // vpcd asks for the ATR more than once a second
)

// Run puts the card into the reader and serves it until the context ends, which
// is no error. When the reader goes away, as pcscd does when nobody uses it, it
// waits for the next one. A card that does not answer is taken out and put in
// again. The error is *NoReaderError when there is no reader at first, or what
// the reader sent that no vpcd sends. Spec: SPEC-PCSC-011, SPEC-PCSC-012.
func Run(ctx context.Context, c Config) error {
	if c.Address == "" {
		c.Address = DefaultAddress
	}
	if c.Say == nil {
		c.Say = func(string) {}
	}
	if c.retry == 0 {
		c.retry = defaultRetry
	}
	if c.quiet == 0 {
		c.quiet = defaultQuiet
	}
	for wait := c.Wait; ; wait = true {
		err := c.insert(ctx, wait)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// insert puts the card into the reader once, and returns when it is out again.
func (c *Config) insert(ctx context.Context, wait bool) error {
	stream, err := dial(ctx, c.Address)
	for said := false; err != nil; stream, err = dial(ctx, c.Address) {
		if !wait || ctx.Err() != nil {
			return err
		}
		if !said {
			c.Say("waiting for vpcd at " + c.Address)
			said = true
		}
		pause(ctx, c.retry)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, func() { stream.Close() })
	defer stop()
	c.Say("connected to vpcd at " + c.Address)
	return c.serve(ctx, stream)
}

// serve serves a stream and decides what its end means.
func (c *Config) serve(ctx context.Context, stream stream) error {
	unheard := time.AfterFunc(c.quiet, func() {
		c.Say(fmt.Sprintf("connected, but nobody asks for the card: is another card in the slot at %s? The second slot is the next port", c.Address))
	})
	defer unheard.Stop()
	s := &session{card: c.Card, stream: stream, after: c.After, heard: func() {
		unheard.Stop()
		c.Say("the reader has found the card")
	}}
	err := s.serve(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil || isNetwork(err):
		c.Say("the reader has gone")
	case errors.Is(err, errCard):
		c.Say(fmt.Sprintf("%v; it is taken out and put in again", err))
	default:
		return fmt.Errorf("from %s: %w", c.Address, err)
	}
	pause(ctx, c.retry)
	return nil
}

// pause waits, or less when the context ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
