package ca

import (
	"context"
	"errors"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/core/wire"
)

// VerifyApplication verifies what an applicant signed and records it. What the same
// caller has brought before is answered as it was then.
// Spec: SPEC-CA-020, SPEC-CA-021, SPEC-CA-022, SPEC-CA-025.
func (a *Authority) VerifyApplication(ctx context.Context, call *tsmp.Call, q *tsmp.VerifyApplicationRequest) (*tsmp.VerifyApplicationAnswer, error) {
	signed, err := application.Open(q.Application)
	if err != nil {
		return nil, unreadable(err)
	}
	if err := codeFits(signed, q.Code); err != nil {
		return nil, err
	}
	before, found, err := a.broughtBefore(ctx, call, q.Application)
	if err != nil {
		return nil, err
	}
	if found {
		return a.verified(ctx, call, &before)
	}
	serial, err := a.signer(ctx, signed)
	if err != nil {
		return nil, err
	}
	if err := a.admissible(signed); err != nil {
		return nil, err
	}
	app, err := a.config.Registry.RegisterApplication(ctx, registry.ApplicationRequest{
		Purpose: record.Purpose(signed.Purpose), Origin: record.Origin(signed.Origin), Signature: serial, SIM: signed.SIM,
		Phone: record.PhoneID(signed.Instance), Nonce: signed.Nonce[:], SignedAt: signed.Time, Signed: q.Application,
		Sender: string(call.Sender),
	}, a.cause(call))
	if err != nil {
		return nil, refused(err)
	}
	return a.verified(ctx, call, &app)
}

// unreadable says whether bytes are no application or an application is not
// signed by whom it says.
func unreadable(err error) error {
	var malformed *wire.DecodeError
	if errors.As(err, &malformed) || errors.Is(err, application.ErrInconsistent) || errors.Is(err, application.ErrContentType) ||
		errors.Is(err, application.ErrAttributes) {
		return tsmp.Refuse(tsmp.CodeApplicationMalformed, "")
	}
	if errors.Is(err, application.ErrSigningTime) {
		return tsmp.Refuse(tsmp.CodeApplicationStale, "signing time")
	}
	return tsmp.Refuse(tsmp.CodeApplicationSignature, "")
}

// signer is the serial number of the signer's certificate, when that is a card's
// signature certificate which this authority issued, byte for byte, and it is in
// force. Spec: SPEC-CA-020.
func (a *Authority) signer(ctx context.Context, signed *application.Signed) (uint64, error) {
	c, err := profile.Parse(signed.Certificate.Raw)
	if err != nil || c.Kind != profile.CardSignature {
		return 0, tsmp.Refuse(tsmp.CodeSignerUnknown, "kind")
	}
	issuer := a.Issuers(profile.SignatureAuthority).ByKeyID(c.AuthorityKeyID)
	if issuer == nil || signed.Certificate.CheckSignatureFrom(issuer.Certificate) != nil {
		return 0, tsmp.Refuse(tsmp.CodeSignerUnknown, "issuer")
	}
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	row, err := s.Certificate(profile.SignatureAuthority, c.Serial)
	if err != nil {
		return 0, refused(err)
	}
	if row.Stage != record.Issued || row.DER != sum(signed.Certificate.Raw) {
		return 0, tsmp.Refuse(tsmp.CodeSignerUnknown, "serial number")
	}
	switch {
	case s.At().After(row.NotAfter):
		return 0, tsmp.Refuse(tsmp.CodeSignerExpired, "")
	case row.State == profile.Suspended:
		return 0, tsmp.Refuse(tsmp.CodeSignerSuspended, "")
	case row.State != profile.Active && row.Reason == profile.AffiliationChanged:
		return 0, tsmp.Refuse(tsmp.CodePersonChanged, "")
	case row.State != profile.Active:
		return 0, tsmp.Refuse(tsmp.CodeSignerRevoked, "")
	}
	return c.Serial, nil
}

// broughtBefore is the application that the same bytes of the same caller are
// already. Spec: SPEC-CA-025.
func (a *Authority) broughtBefore(ctx context.Context, call *tsmp.Call, signed []byte) (app record.Application, found bool, err error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return app, false, err
	}
	defer s.Close()
	app, found, err = s.Signed(sum(signed))
	return app, found && app.Sender == string(call.Sender), err
}

// codeFits checks the one-time code. Spec: SPEC-CA-022.
func codeFits(signed *application.Signed, code string) error {
	if signed.Purpose.Issues() != (code != "") {
		return tsmp.Refuse(tsmp.CodeApplicationCode, "")
	}
	if !signed.Purpose.Issues() {
		return nil
	}
	var c application.Code
	if copy(c[:], code) != len(code) || len(code) != len(c) || signed.CheckCode(c) != nil {
		return tsmp.Refuse(tsmp.CodeApplicationCode, "")
	}
	return nil
}

// admissible checks what the registry does not know of: age, roles, presence of
// the SIM. Spec: SPEC-CA-023, SPEC-CA-024.
func (a *Authority) admissible(signed *application.Signed) error {
	if signed.Fresh(a.config.Registry.Now()) != nil {
		return tsmp.Refuse(tsmp.CodeApplicationStale, "")
	}
	if !signed.Purpose.Issues() {
		return nil
	}
	if signed.Roles != jpki.Auth {
		return tsmp.Refuse(tsmp.CodePersonNotEligible, "roles")
	}
	return a.present(signed)
}

// present checks the statement that the SIM is there, which is that of a program that
// the authority admits. Spec: SPEC-CA-023.
func (a *Authority) present(signed *application.Signed) error {
	if signed.Presence == nil {
		if a.config.Presence {
			return tsmp.Refuse(tsmp.CodeSIMPresence, "demanded")
		}
		return nil
	}
	key := a.attestation(signed.SIM, signed.Presence.Authority)
	if key == nil || !a.admits(signed.Presence.LoadFile) || signed.CheckPresence(key) != nil {
		return tsmp.Refuse(tsmp.CodeSIMPresence, "")
	}
	return nil
}

// verified is the answer about a recorded application.
func (a *Authority) verified(ctx context.Context, call *tsmp.Call, app *record.Application) (*tsmp.VerifyApplicationAnswer, error) {
	answer := &tsmp.VerifyApplicationAnswer{ApplicationID: tsmp.ApplicationID(app.ID), Purpose: tsmp.Purpose(app.Purpose),
		Phone: tsmp.PhoneID(app.Phone), Replaces: tsmp.PhoneID(app.Replaces), Pseudonym: a.pseudonym(call.Sender, app.Person),
		Origin: jpki.Origin(app.Origin), UsableUntil: app.Deadline}
	if !app.Purpose.Issues() {
		return answer, nil
	}
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	answer.NotAfter, err = s.PhoneLimit(app.ID)
	return answer, refused(err)
}

// cause says who asked, with the signed request as evidence.
func (a *Authority) cause(call *tsmp.Call) registry.Cause {
	actor := map[tsmp.Role]registry.Actor{tsmp.RoleHelpDesk: registry.Hotline, tsmp.RoleMunicipality: registry.Municipality}[call.Role]
	if actor == "" {
		actor = registry.SPTSM
	}
	c := registry.Cause{Actor: actor, Call: callName(tsmp.CallKey{Sender: call.Sender, ID: call.ID}), Office: a.office(call)}
	if len(call.Evidence) > 0 {
		c.Evidence = []registry.Evidence{{Name: "request", Bytes: call.Evidence}}
	}
	return c
}

// callName names a call in the registry: the identifiers of different senders
// have nothing to do with each other.
func callName(k tsmp.CallKey) string { return string(k.Sender) + "/" + k.ID.String() }
