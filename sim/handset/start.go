package handset

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/handset/fault"
)

// terminalProfile says: profile download, SMS-PP download, and SEND SHORT MESSAGE
// (ETSI TS 102 223 §5.2).
var terminalProfile = []byte{0x03, 0x00, 0x00, 0x02}

// Start switches the handset on: it resets the card, reads ICCID and IMSI, refuses a
// SIM of a network that the device is not for, and says what the terminal can do. A
// handset that refused its SIM is on, without mobile network. Errors are fault.Errors:
// SIMSilent, SIMUnread, PINNeeded, SIMRefused.
// Spec: SPEC-HANDSET-001, SPEC-HANDSET-002, SPEC-HANDSET-003.
func (h *Handset) Start(ctx context.Context) error {
	h.on, h.refused = true, true
	if err := h.boot(ctx); err != nil {
		return err
	}
	h.refused = false
	if h.network != nil {
		h.network.alert(h)
	}
	return nil
}

// boot resets the card and does all that follows a reset.
func (h *Handset) boot(ctx context.Context) error {
	h.profiled = false
	h.interrupt()
	if err := h.sim.reset(ctx); err != nil {
		return err
	}
	id, err := h.identify(ctx)
	if err != nil {
		return err
	}
	h.identity = id
	if !h.cfg.Model.Takes(id.Network) {
		return fault.New(fault.SIMRefused, fmt.Sprintf("%s is for %v, and the SIM of %s", h.cfg.Model.Name, h.cfg.Model.Networks, id.Network))
	}
	return h.profile(ctx)
}

// identify reads what the SIM is.
func (h *Handset) identify(ctx context.Context) (id Identity, err error) {
	content, err := h.file(ctx, uicc.Select{By: uicc.ByFileID, Path: []uicc.FileID{uicc.EFICCID}}, 10)
	if err != nil {
		return id, err
	}
	iccid, err := uicc.DecodeICCID(content)
	if err != nil {
		return id, fault.Wrap(fault.SIMUnread, "EF ICCID", err)
	}
	id.ICCID = ICCID(iccid)
	fcp, err := h.command(ctx, "SELECT USIM", uicc.Select{By: uicc.ByName, Name: uicc.AIDPrefixUSIM, P2: 0x04})
	if err != nil {
		return id, err
	}
	f, err := uicc.DecodeFCP(fcp)
	if err != nil {
		return id, fault.Wrap(fault.SIMUnread, "FCP of the USIM", err)
	}
	h.usim = append([]byte(nil), f.AID...)
	if content, err = h.imsi(ctx); err != nil {
		return id, err
	}
	if id.IMSI, err = uicc.DecodeIMSI(content); err != nil {
		return id, fault.Wrap(fault.SIMUnread, "EF IMSI", err)
	}
	mnc := 2
	if content, err := h.file(ctx, uicc.Select{By: uicc.ByFileID, Path: []uicc.FileID{uicc.EFAD}}, 4); err == nil {
		if ad, err := uicc.DecodeAdministrativeData(content); err == nil && ad.HasMNC && ad.MNCDigits == 3 {
			mnc = 3
		}
	}
	if len(id.IMSI) < 3+mnc {
		return id, fault.New(fault.SIMUnread, "IMSI shorter than its network")
	}
	id.Network = id.IMSI[:3+mnc]
	return id, nil
}

// imsi reads EF IMSI, with PIN 1 where the SIM asks for it. A PIN is sent once.
// Spec: SPEC-HANDSET-002.
func (h *Handset) imsi(ctx context.Context) ([]byte, error) {
	sel := uicc.Select{By: uicc.ByFileID, Path: []uicc.FileID{uicc.EFIMSI}}
	content, err := h.file(ctx, sel, 9)
	if !errors.Is(err, iso7816.SecurityStatusNotSatisfied) {
		return content, err
	}
	if h.cfg.PIN1 == nil {
		return nil, fault.New(fault.PINNeeded, "PIN 1")
	}
	pin := *h.cfg.PIN1
	h.cfg.PIN1 = nil // a wrong one is not tried again at the next start
	if _, _, err := uicc.Exchange(ctx, modem{h.sim}, uicc.VerifyPIN{Key: uicc.PIN1, Value: &pin}, nil); err != nil {
		return nil, fault.Wrap(fault.PINNeeded, "PIN 1", err)
	}
	h.cfg.PIN1 = &pin
	return h.file(ctx, sel, 9)
}

// file selects a file and reads that many bytes of it.
func (h *Handset) file(ctx context.Context, s uicc.Select, sizeBytes int) ([]byte, error) {
	s.P2 = 0x0C
	name := fmt.Sprint("EF ", s.Path[len(s.Path)-1])
	if _, err := h.command(ctx, "SELECT "+name, s); err != nil {
		return nil, err
	}
	return h.command(ctx, "READ BINARY "+name, uicc.ReadBinary{Length: sizeBytes})
}

// command sends a command on the basic channel; another status word than one of
// normal processing is a fault with it as the cause.
func (h *Handset) command(ctx context.Context, name string, c uicc.Command) ([]byte, error) {
	out, _, err := uicc.Exchange(ctx, modem{h.sim}, c, nil)
	if sw := iso7816.SW(0); errors.As(err, &sw) {
		return nil, fault.Wrap(fault.SIMUnread, name, sw)
	}
	return out, err
}

// profile sends TERMINAL PROFILE and does what the card asks for then.
func (h *Handset) profile(ctx context.Context) error {
	_, sw, err := uicc.Exchange(ctx, modem{h.sim}, uicc.TerminalProfile{Profile: terminalProfile}, nil)
	if err != nil {
		return fault.Wrap(fault.SIMUnread, "TERMINAL PROFILE", err)
	}
	h.profiled = true
	_, err = h.requests(ctx, sw)
	return err
}
