package handset

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/nfc"
	"inkan/sim/handset/omapi"
	"inkan/sim/handset/relay"
)

// reader is the SIM's place as applications have it.
func (h *Handset) reader() *omapi.Reader {
	if h.omapi == nil || h.omapiSIM != h.sim {
		h.omapi, h.omapiSIM = omapi.NewReader("SIM1", h.sim, 0), h.sim
	}
	return h.omapi
}

// Service is the Open Mobile API for an application of the handset. It fails with
// fault.NoOMAPI where the model has none. Spec: SPEC-HANDSET-040.
func (h *Handset) Service(caller omapi.Caller) (*omapi.Service, error) {
	if !h.cfg.Model.OMAPI {
		return nil, fault.New(fault.NoOMAPI, h.cfg.Model.Name)
	}
	return omapi.NewService(caller, h.reader()), nil
}

// NFC is the contactless front end.
func (h *Handset) NFC() *nfc.Controller {
	if h.front == nil {
		h.front = &nfc.Controller{Types: h.cfg.Model.CardNFC, Target: target{h}}
	}
	return h.front
}

// target is the SIM as the front end has it.
type target struct{ h *Handset }

// Near implements nfc.Target.
func (t target) Near(ctx context.Context, typeB bool, cmd, dst []byte) ([]byte, error) {
	if !t.h.on {
		return dst, fault.New(fault.SwitchedOff, "")
	}
	return t.h.sim.near(ctx, typeB, cmd, dst)
}

// Leave implements nfc.Target: the basic channel goes back to the modem's application.
// Spec: SPEC-HANDSET-077.
func (t target) Leave(ctx context.Context) error {
	if !t.h.sim.on || len(t.h.usim) == 0 {
		return nil
	}
	_, _, err := uicc.Exchange(ctx, modem{t.h.sim}, uicc.Select{By: uicc.ByName, Name: t.h.usim, P2: 0x0C}, nil)
	if errors.As(err, new(iso7816.SW)) {
		return fault.Wrap(fault.SIMUnread, "SELECT USIM", err)
	}
	return err
}

// Relay is a download over the connection of the moment into channels of a session. It
// fails with fault.DeviceUnsupported where the model has no relay.
func (h *Handset) Relay(server relay.Server, session *omapi.Session) (*relay.Run, error) {
	if !h.cfg.Model.Relay {
		return nil, fault.New(fault.DeviceUnsupported, h.cfg.Model.Name+": no relay")
	}
	open := func(ctx context.Context, aid gp.AID) (apdu.Card, error) {
		if err := session.CloseChannels(ctx); err != nil {
			return nil, err
		}
		return session.OpenLogicalChannel(ctx, aid, 0)
	}
	return &relay.Run{Server: server, Open: open, Connect: h.Connection, Elapsed: h.sim.elapsed}, nil
}

// RelayCard is a channel for one command after the other.
func (h *Handset) RelayCard(channel *omapi.Channel) (*relay.Card, error) {
	if !h.cfg.Model.Relay {
		return nil, fault.New(fault.DeviceUnsupported, h.cfg.Model.Name+": no relay")
	}
	return &relay.Card{Channel: channel, Connect: h.Connection, Elapsed: h.sim.elapsed}, nil
}
