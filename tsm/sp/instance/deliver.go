package instance

import (
	"errors"
	"fmt"

	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// Lengths of answers in bytes, without attestation.
const (
	headerLen         = 37
	orderStatementLen = headerLen + perso.PointLen + perso.ChallengeLen + 1
	keyStatementLen   = headerLen + 1 + 2*perso.ModulusLen + 1
	receiptLen        = headerLen + 1 + 64 + 16
	phaseLen          = headerLen + 1 + 1
	eraseLen          = headerLen + 4 + 1
	stateLen          = headerLen + 4 + 4 + 16
	attestationLen    = 64 // ECDSA on P-256
)

// roles are those of the order whose keys the card makes, in the order of GENERATE.
func rolesOf(o *perso.Order) (roles []jpki.Role) {
	for _, r := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if o.Purpose == jpki.PurposeIssue && o.Origin == jpki.OriginOnCard && o.Roles.Has(r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// expect is the length of an answer: as the card said, or as it has to be.
func (a *Application) expect(said uint32, bare int) int {
	switch {
	case said > 0:
		return int(said)
	case a.target.Attested:
		return bare + attestationLen
	}
	return bare
}

// batch is what goes to the card at this stage. Spec: SPEC-INSTANCE-034.
func (a *Application) batch() (*batch, error) {
	var groups []group
	var err error
	add := func(dgi jpki.DGI, g *perso.Groups, answer int) {
		k, fault := groupOf(dgi, g, answer)
		groups, err = append(groups, k), errors.Join(err, fault)
	}
	switch {
	case a.asking:
		add(jpki.DGIState, new(perso.Groups).State(), stateLen)
	case a.stage == stageOrder:
		err = a.orderGroups(add)
	case a.stage == stageDeliver:
		a.deliveries(add)
	default:
		a.commandGroups(add)
	}
	if err != nil {
		return nil, err
	}
	return newBatch(a.target.Instance, a.target.BlockBytes, groups), nil
}

type adder func(jpki.DGI, *perso.Groups, int)

// orderGroups are ORDER and GENERATE, as far as their statements are missing.
// Spec: SPEC-INSTANCE-041.
func (a *Application) orderGroups(add adder) error {
	order, err := perso.DecodeOrder(a.order)
	if err != nil {
		return err
	}
	if a.statement == nil {
		add(jpki.DGIOrder, new(perso.Groups).Order(&order), a.expect(a.lengths[0], orderStatementLen))
	}
	for i, role := range rolesOf(&order) {
		if a.keys[i] == nil {
			add(jpki.DGIGenerate, new(perso.Groups).Generate(role), a.expect(a.lengths[1+i], keyStatementLen))
		}
	}
	return nil
}

// deliveries are the authority's certificates, the envelopes that the card has not
// taken, and ACTIVATE. Spec: SPEC-INSTANCE-043.
func (a *Application) deliveries(add adder) {
	if !a.active {
		for _, c := range a.certificates[min(int(a.taken), len(a.certificates)):] {
			add(jpki.DGICACertificate, new(perso.Groups).CACertificate(c.Role, c.Certificate), 0)
		}
		for _, e := range a.envelopes {
			if sequenceOf(e) > a.sequence {
				add(jpki.DGIEnvelope, new(perso.Groups).Envelope(e), 0)
			}
		}
	}
	if a.kind == Issue {
		add(jpki.DGIActivate, new(perso.Groups).Activate(a.id), receiptLen)
	}
}

// sequenceOf is the sequence of an envelope, which Answer has looked at.
func sequenceOf(envelope []byte) byte { return envelope[0] }

// commandGroups is the one data group of the other kinds.
func (a *Application) commandGroups(add adder) {
	switch a.kind {
	case Suspend:
		add(jpki.DGISuspend, new(perso.Groups).Suspend(a.id), a.expect(a.lengths[0], phaseLen))
	case Resume:
		add(jpki.DGIResume, new(perso.Groups).Resume(a.id), a.expect(a.lengths[0], phaseLen))
	case Erase:
		add(jpki.DGIErase, new(perso.Groups).Erase(a.id), a.expect(a.lengths[0], eraseLen))
	default:
		add(jpki.DGIState, new(perso.Groups).State(), stateLen)
	}
}

// maxRefusals is how often in a row a card may refuse, without anything reached, before
// that is taken for its answer: it may have forgotten whom STORE DATA is for.
const maxRefusals = 2

// take takes an outcome. Spec: SPEC-INSTANCE-002, SPEC-INSTANCE-035.
func (a *Application) take(o *Outcome) error {
	b, err := a.batch()
	if err != nil {
		return err
	}
	r, err := b.read(o)
	if err != nil {
		return err
	}
	progress, before := false, a.stage
	switch {
	case a.asking:
		progress, err = a.takeState(r)
	case a.stage == stageOrder:
		progress, err = a.takeStatements(b, r)
	case a.stage == stageDeliver:
		progress, err = a.takeDeliveries(b, r)
	default:
		progress, err = a.takeCommand(r)
	}
	if err != nil {
		return err
	}
	if progress {
		a.refusals = 0
	}
	if a.stage != before {
		return nil
	}
	return a.afterRefusal(r)
}

// afterRefusal decides what a refusal means. Spec: SPEC-INSTANCE-035.
func (a *Application) afterRefusal(r *reading) error {
	if r.refused != nil {
		a.refusals++
		if !forgotten(r.refused.SW) || a.refusals > maxRefusals || r.refused.Group == groupInstall {
			return r.refused
		}
	}
	if (r.refused != nil || r.unknown) && a.kind <= PINReset && a.stage <= stageDeliver {
		a.asking = true
	}
	return nil
}

// forgotten tells whether a status word can mean that STORE DATA went to the domain
// itself, or that the answer is gone: after a loss of power.
func forgotten(sw iso7816.SW) bool {
	return sw == iso7816.ReferencedDataNotFound || sw == iso7816.WrongData || sw == iso7816.IncorrectP1P2 || sw == iso7816.ConditionsNotSatisfied
}

// needCall is the call of a stage.
func (a *Application) needCall() Need {
	n := Need{Kind: NeedCall, To: tsmp.RoleCA}
	switch {
	case a.stage == stageSeal && a.kind == Issue:
		n.Function, n.Request = tsmp.Issue, &tsmp.IssueRequest{OrderID: a.id, OrderStatement: a.statement, KeyStatements: a.statements()}
	case a.stage == stageSeal:
		n.Function, n.Request = tsmp.SealPINReset, &tsmp.SealPINResetRequest{OrderID: a.id, ApplicationID: a.verified, OrderStatement: a.statement}
	case a.kind == Issue:
		n.Function, n.Request = tsmp.Activate, &tsmp.ActivateRequest{OrderID: a.id, Receipt: a.receipt}
	default:
		n.Function, n.Request = tsmp.ReportErase, &tsmp.ReportEraseRequest{Phone: a.phone, Statement: a.statement}
	}
	return n
}

// statements are the answers to GENERATE that there are.
func (a *Application) statements() (list [][]byte) {
	for _, k := range a.keys {
		if k != nil {
			list = append(list, k)
		}
	}
	return list
}

func (a *Application) needHolder() (Need, error) {
	s, err := perso.DecodeOrderStatement(a.statement)
	return Need{Kind: NeedHolder, Order: application.OrderProof{Hash: s.OrderHash, Challenge: s.Challenge}}, err
}

// answer takes the answer to a call.
func (a *Application) answer(b tsmp.Body) error {
	switch body := b.(type) {
	case *tsmp.VerifyApplicationAnswer:
		if a.stage != stageHolder {
			return ErrNotNeeded
		}
		a.verified, a.stage = body.ApplicationID, stageSeal
	case *tsmp.IssueAnswer:
		if a.stage != stageSeal || a.kind != Issue {
			return ErrNotNeeded
		}
		return a.sealed(body.Envelopes, body.CACertificates)
	case *tsmp.SealPINResetAnswer:
		if a.stage != stageSeal || a.kind != PINReset {
			return ErrNotNeeded
		}
		return a.sealed([][]byte{body.Envelope}, nil)
	case *tsmp.ActivateAnswer, *tsmp.ReportEraseAnswer:
		_, activated := b.(*tsmp.ActivateAnswer)
		if a.stage != stageReport || activated != (a.kind == Issue) {
			return ErrNotNeeded
		}
		a.stage = stageDone
	default:
		return fmt.Errorf("%w: %T", ErrNotNeeded, b)
	}
	return nil
}

// sealed takes what the authority has for the card. Spec: SPEC-INSTANCE-042.
func (a *Application) sealed(envelopes [][]byte, certificates []tsmp.CACertificate) error {
	order, err := perso.DecodeOrder(a.order)
	if err != nil {
		return err
	}
	for i, raw := range envelopes {
		e, err := perso.DecodeEnvelope(raw)
		if err != nil {
			return err
		}
		if int(e.Sequence) != i+1 || e.Type != order.Purpose {
			return fmt.Errorf("instance: envelope %d has sequence %d and is for %v", i+1, e.Sequence, e.Type)
		}
	}
	for _, c := range certificates {
		if !order.Roles.Has(c.Role) {
			return fmt.Errorf("instance: a certificate of the authority for %v in an issue for %v", c.Role, order.Roles)
		}
	}
	a.envelopes, a.certificates, a.stage = envelopes, certificates, stageDeliver
	return nil
}
