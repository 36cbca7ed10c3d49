package uiapp

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
)

// Channel is a channel to an application of the SIM.
type Channel interface {
	apdu.Card
	Close(ctx context.Context) error
}

// SIM is the way to applications of the SIM: OMAPI. Errors are fault.Errors.
type SIM interface {
	Open(ctx context.Context, aid gp.AID) (Channel, error)
	// Identifier is the content of EF ICCID with zeros behind.
	Identifier() ID
}

// Contactless is the handset's front end.
type Contactless interface {
	Activate(aid gp.AID) error
	Deactivate()
}

// Screen shows messages to the holder.
type Screen interface{ Show(Message) }

// Config is what an app needs. Contactless may be nil on a device without.
type Config struct {
	SIM         SIM
	Server      Server
	Contactless Contactless
	Screen      Screen
	Entropy     entropy.Source
	Language    application.Language
	Device      string // GetDeviceCapabilityProfileId of this handset; empty: not known
	Version     string // of the app
	// Relay carries out scripts that wait for the app, as far as there are some now; nil:
	// the SIM gets everything by short messages.
	Relay func(ctx context.Context, access *tsmp.RelayAccess) error
	// HangUp closes the channel that relays used, if there is one; nil: there is no relay.
	HangUp func(ctx context.Context) error
}

// App is the app on one phone. Not for concurrent use.
type App struct {
	cfg  Config
	task task
	// Instance is the service instance that the app knows of; zero: none.
	Instance ID
	unsure   bool // whether the SIM has changed the PIN: no answer came
	owed     ID   // the instance of which the service has not heard that the PIN is set; zero: none
}

// New makes an app. It fails when something is missing, or the language is none.
func New(c Config) (*App, error) {
	if c.SIM == nil || c.Server == nil || c.Screen == nil || c.Entropy == nil {
		return nil, errors.New("uiapp: want a SIM, a server, a screen and a source of randomness")
	}
	if c.Language != application.Japanese && c.Language != application.English {
		return nil, fmt.Errorf("uiapp: language %q: want ja or en", c.Language)
	}
	return &App{cfg: c}, nil
}

// Format prints the task's step, whatever the verb: never a key, code or PIN.
func (a App) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "UI app, %v", a.task.step) }

// with opens a channel to the JPKI application, and closes it whatever happens: what a
// PIN opened ends with it. Spec: SPEC-HANDSET-106.
func (a *App) with(ctx context.Context, do func(apdu.Card) error) (err error) {
	c, err := a.cfg.SIM.Open(ctx, jpki.AIDInstance)
	if err != nil {
		return err
	}
	defer func() {
		if closing := c.Close(ctx); err == nil && closing != nil {
			err = fault.Wrap(fault.SIMSilent, "closing the channel", closing)
		}
	}()
	return do(c)
}

// show shows a text of the catalogue.
func (a *App) show(key Key, with Values) {
	a.cfg.Screen.Show(Message{Key: key, Text: Text(a.cfg.Language, key, with)})
}

// Fail shows what the catalogue says about an error, and returns the error.
func (a *App) Fail(err error) error {
	if err != nil {
		e := Explain(err)
		a.cfg.Screen.Show(Message{Key: "error", Text: e.Text(a.cfg.Language), Error: e.ID})
	}
	return err
}
