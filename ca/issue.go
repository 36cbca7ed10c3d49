package ca

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// Issue verifies what the card answered to an order, and issues the certificate:
// it is pending then. The same statements again are answered with the same bytes
// until the receipt. Spec: SPEC-CA-040, SPEC-CA-041, SPEC-CA-042, SPEC-CA-043.
func (a *Authority) Issue(ctx context.Context, call *tsmp.Call, q *tsmp.IssueRequest) (*tsmp.IssueAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	order, err := a.loadOrder(s, call, q.OrderID)
	if err != nil {
		return nil, err
	}
	if order.Purpose == record.PurposePINReset {
		return nil, tsmp.Refuse(tsmp.CodeApplicationPurpose, "order for a PIN reset")
	}
	input := inputOf(append([][]byte{q.OrderStatement}, q.KeyStatements...)...)
	if order.Progress != record.Open {
		return a.issuedBefore(s, &order, input)
	}
	i := &issue{a: a, order: &order, call: call, input: input, statement: q.OrderStatement}
	if i.session, err = order.session(q.OrderStatement); err != nil {
		return nil, err
	}
	defer i.session.Close()
	if err := i.takeKey(q.KeyStatements); err != nil {
		return nil, err
	}
	defer i.wipe()
	// A closed order may be one that another call was faster with: what that made
	// is the answer to this one, too, or says why there is none.
	answer, err := i.certify(ctx, s)
	if err != nil && !errors.Is(err, tsmp.Refuse(tsmp.CodeOrderClosed, "")) {
		return nil, err
	}
	if answer != nil {
		return answer, nil
	}
	return a.answerIssue(ctx, call, q.OrderID, input)
}

// issue is one certificate on its way.
type issue struct {
	a         *Authority
	order     *placedOrder
	call      *tsmp.Call
	session   *perso.Session
	input     [32]byte
	statement []byte

	public  *rsa.PublicKey
	private *rsa.PrivateKey // of a delivered key
	row     registry.Reservation
}

// takeKey verifies the card's key, or makes the one that is delivered.
// Spec: SPEC-CA-040, SPEC-CA-044.
func (i *issue) takeKey(statements [][]byte) error {
	if i.order.order.Origin == jpki.OriginDelivered {
		if len(statements) != 0 {
			return tsmp.Refuse(tsmp.CodeKeyStatements, "delivered key")
		}
		key, err := i.a.config.Delivered.Next()
		if err != nil {
			return err
		}
		i.private, i.public = key, &key.PublicKey
		return nil
	}
	if len(statements) != 1 {
		return tsmp.Refuse(tsmp.CodeKeyStatements, "want one")
	}
	k, err := perso.DecodeKeyStatement(statements[0])
	if err != nil {
		return tsmp.Refuse(tsmp.CodeStatementMalformed, "key statement")
	}
	if k.Role != jpki.Auth {
		return tsmp.Refuse(tsmp.CodeKeyStatements, "role")
	}
	if err := i.session.VerifyKey(&k); err != nil {
		return statementFault(err)
	}
	i.public = k.PublicKey()
	return nil
}

// certify reserves, signs, seals and completes. The snapshot is from before. There
// is no answer when another call was faster: what it made is what counts.
func (i *issue) certify(ctx context.Context, s *registry.Snapshot) (*tsmp.IssueAnswer, error) {
	spki, err := x509.MarshalPKIXPublicKey(i.public)
	if err != nil {
		return nil, err
	}
	issuer, generation, err := i.a.signing(profile.AuthenticationAuthority)
	if err != nil {
		return nil, err
	}
	i.row, err = i.a.config.Registry.ReservePhone(ctx, registry.PhoneRequest{Order: i.order.ID,
		Generation: generation, Key: sum(spki), Attested: i.order.card.Authority != nil}, i.a.cause(i.call))
	if err != nil {
		return nil, refused(err)
	}
	der, err := issuer.Sign(nil, i.a.request(&i.row, i.public))
	if err != nil {
		return nil, err
	}
	app, err := s.Application(i.order.Application)
	if err != nil {
		return nil, err
	}
	signed, err := recorded(s, &app)
	if err != nil {
		return nil, err
	}
	k, err := i.seal(der, signed)
	if err != nil {
		return nil, err
	}
	return i.complete(ctx, der, k)
}

// complete has the registry take what was made, and answers with it when it is
// that which the registry keeps.
func (i *issue) complete(ctx context.Context, der []byte, k kept) (*tsmp.IssueAnswer, error) {
	sealed := k.append(nil)
	cause := i.a.cause(i.call)
	cause.Evidence = append(cause.Evidence, registry.Evidence{Name: "order statement", Bytes: i.statement})
	row, err := i.a.config.Registry.Complete(ctx, registry.Completion{Authority: i.row.Authority, Serial: i.row.Serial, DER: der, Envelope: sealed}, cause)
	if errors.Is(err, &registry.Refusal{Code: registry.DifferentRequest}) {
		return nil, nil
	}
	if err != nil || row.Envelope != sum(sealed) {
		return nil, refused(err)
	}
	return i.a.issued(&row, k), nil
}

// seal seals certificate, end, code and delivered key for the card, and the code
// for the UI app. Spec: SPEC-CA-042, SPEC-APPLICATION-050.
func (i *issue) seal(der []byte, app *application.Application) (k kept, err error) {
	code := i.a.newCode(jpki.Auth)
	defer clear(code.Code[:])
	items := []perso.Item{
		{Tag: perso.ItemCertificate, Value: der},
		{Tag: perso.ItemValidity, Value: i.row.NotAfter.UTC().AppendFormat(nil, "20060102150405Z")},
		{Tag: perso.ItemCode, Value: code.Code[:]},
	}
	if i.private != nil {
		parts, err := perso.KeyItems(jpki.Auth, i.private)
		if err != nil {
			return k, err
		}
		defer perso.WipeItems(parts)
		items = append(items, parts...)
	}
	k = kept{input: i.input, statement: i.statement}
	if k.envelope, err = i.session.Seal(nil, 1, items); err != nil {
		return k, err
	}
	k.reply, err = app.SealReply(i.order.key, i.order.order.Hash(), []application.HolderCode{code})
	return k, err
}

// wipe forgets a delivered key: the sealed envelope is its only form from here on.
func (i *issue) wipe() {
	if i.private == nil {
		return
	}
	for _, n := range append(i.private.Primes, i.private.D, i.private.Precomputed.Dp, i.private.Precomputed.Dq, i.private.Precomputed.Qinv) {
		if n != nil {
			clear(n.Bits())
		}
	}
	i.private = nil
}

// answerIssue reads back what was completed.
func (a *Authority) answerIssue(ctx context.Context, call *tsmp.Call, id perso.OrderID, input [32]byte) (*tsmp.IssueAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	order, err := a.loadOrder(s, call, id)
	if err != nil {
		return nil, err
	}
	return a.issuedBefore(s, &order, input)
}

// issuedBefore is the answer about a certificate that is pending, from what is
// kept. Spec: SPEC-CA-043.
func (a *Authority) issuedBefore(s *registry.Snapshot, order *placedOrder, input [32]byte) (*tsmp.IssueAnswer, error) {
	row, k, err := keptOf(s, order)
	if err != nil {
		return nil, err
	}
	if k.input != input {
		return nil, tsmp.Refuse(tsmp.CodeStatementMismatch, "issued for other statements")
	}
	return a.issued(&row, k), nil
}

// issued is the answer with what is kept of a pending certificate.
func (a *Authority) issued(row *record.Certificate, k kept) *tsmp.IssueAnswer {
	issuer := a.Issuers(profile.AuthenticationAuthority).All()[row.Generation-1]
	return &tsmp.IssueAnswer{Envelopes: [][]byte{k.envelope}, HolderCode: k.reply, NotAfter: row.NotAfter, PendingUntil: row.Deadline,
		CACertificates: []tsmp.CACertificate{{Role: jpki.Auth, Certificate: issuer.Certificate.Raw}}}
}

// keptOf is what is kept of an order whose certificate is pending.
func keptOf(s *registry.Snapshot, order *placedOrder) (row record.Certificate, k kept, err error) {
	if order.Serial == 0 {
		return row, k, tsmp.Refuse(tsmp.CodeOrderClosed, "")
	}
	if row, err = s.Certificate(profile.AuthenticationAuthority, order.Serial); err != nil {
		return row, k, err
	}
	sealed, found, err := s.Envelope(row.Authority, row.Serial)
	if err != nil {
		return row, k, err
	}
	if !found {
		if row.Stage == record.Issued && s.At().After(row.Deadline) && row.State == profile.Revoked {
			return row, k, tsmp.Refuse(tsmp.CodePendingExpired, "")
		}
		return row, k, tsmp.Refuse(tsmp.CodeOrderClosed, "")
	}
	k, err = parseKept(sealed)
	return row, k, err
}
