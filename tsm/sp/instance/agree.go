package instance

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tlv"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
)

// Need implements Program.
func (t *TakeOver) Need() (Need, error) {
	h := &t.handover
	switch t.stage {
	case takeAuthority:
		return Need{Kind: NeedCall, To: tsmp.RoleMNOTSM, Function: tsmp.GetCAInformation, Request: &tsmp.GetCAInformationRequest{SE: h.SE}}, nil
	case takeEnrol:
		control, err := t.control()
		if err != nil {
			return Need{}, err
		}
		public, err := (&gp.EphemeralPublicKey{Point: t.public, Parameters: []byte{0}}).Append(nil)
		return Need{Kind: NeedAction, To: tsmp.RoleMNOTSM, Function: tsmp.EnrollSSDOwnerCertificate,
			Request: &tsmp.EnrollSSDOwnerCertificateRequest{Reference: h.Reference, Control: control, PublicKey: public, Bearers: h.Bearers}}, err
	case takeInventory:
		return t.needInventory()
	case takeKeys:
		return t.needKeys()
	}
	return Need{}, nil
}

// control is the template that asks for the first set.
func (t *TakeOver) control() ([]byte, error) {
	c := t.handover.Sets[0].plan().Control()
	return c.Append(nil)
}

// Answer implements Program: it takes the controlling authority's certificate.
// Spec: SPEC-INSTANCE-021, SPEC-TSM-PROTOCOL-085.
func (t *TakeOver) Answer(ctx context.Context, b tsmp.Body) error {
	information, ok := b.(*tsmp.GetCAInformationAnswer)
	if !ok || t.stage != takeAuthority {
		return ErrNotNeeded
	}
	if t.resources.HSM == nil {
		return errors.New("instance: a take-over without HSM")
	}
	c, err := casd.Decode(information.Certificate)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if err := c.Verify(t.resources.Makers, t.handover.SE, t.resources.Now); err != nil {
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if !bytes.Equal(information.AID, gp.AIDCASD.Append(nil)) || information.AttestationKey != c.Attestation {
		return fmt.Errorf("%w: the carrier names another authority or another key that attests", ErrCertificate)
	}
	next := *t
	if next.public, next.ephemeral, err = t.resources.HSM.BeginAgreement(ctx); err != nil {
		return err
	}
	next.agreement, next.attestation, next.stage = c.Agreement, c.Attestation, takeEnrol
	*t = next
	return nil
}

// takeAgreement takes the card's answer to the agreement. When it does not come the
// agreement is made again: the card's part in it is new each time.
// Spec: SPEC-INSTANCE-022, SPEC-INSTANCE-023.
func (t *TakeOver) takeAgreement(ctx context.Context, o *Outcome) error {
	responses, err := responsesOf(o, tsmp.MaxCommands)
	if err != nil {
		return err
	}
	var last apdu.Response
	if len(responses) > 0 {
		last = responses[len(responses)-1]
	}
	answered := len(last.Data) > 0 && (tlv.Tag(last.Data[0]) == gp.TagDerivationRandom || tlv.Tag(last.Data[0]) == gp.TagConfidentialReceipt)
	switch {
	case last.SW != iso7816.OK && len(responses) > 0:
		return &RefusedError{"key agreement", last.SW}
	case !answered && o.Unknown:
		return nil
	case !answered:
		if t.refusals++; t.refusals > maxRefusals {
			return fmt.Errorf("%w: the key agreement ends without an answer", ErrStatement)
		}
		return nil
	}
	response, err := gp.DecodeConfidentialResponse(last.Data)
	if err != nil {
		return err
	}
	control, err := t.control()
	if err != nil {
		return err
	}
	first := &t.handover.Sets[0]
	agreed, err := t.resources.HSM.FinishAgreement(ctx, t.ephemeral, t.agreement, control, &response)
	if err != nil {
		return err
	}
	if agreed.Use != first.Use || agreed.Version != first.Version {
		return fmt.Errorf("instance: the HSM has agreed on keys %02X for %s, want %02X for %s", agreed.Version, agreed.Use, first.Version, first.Use)
	}
	t.held = append(t.held[:0:0], agreed.Row())
	for _, s := range t.handover.Sets[1:] {
		k, err := t.resources.HSM.Generate(ctx, hsm.Spec{Use: s.Use, Version: s.Version, Type: s.Type, SizeBytes: s.SizeBytes})
		if err != nil {
			return err
		}
		t.held = append(t.held, k.Row())
	}
	t.ephemeral.Label, t.ephemeral.Blob, t.public = "", nil, nil
	t.stage, t.refusals = takeInventory, 0
	return nil
}
