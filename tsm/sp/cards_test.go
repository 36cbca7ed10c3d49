package sp_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/tsm/sp"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// scripted is a Cards whose programs are words: a line "card:ORDER" is a script of that
// word, "Issue" a call.
type scripted struct{}

// line is a program under way.
type line struct {
	Kind    byte
	At      uint32
	Phone   tsmp.PhoneID
	Order   []byte
	OrderID [16]byte
	Ref     tsmp.ServiceReference
	Model   byte
	Verify  tsmp.ApplicationID
	Said    []byte // the card's last statement
	Keys    bool
	Key     [32]byte
}

func (*line) Format() string { return "line" }
func (*line) Version() byte  { return 1 }
func (l *line) Fields(f *codec.Fields) {
	f.Byte("kind", &l.Kind)
	f.Uint32("at", &l.At)
	f.Raw("phone", l.Phone[:])
	f.Bytes("order", &l.Order)
	f.Raw("order ID", l.OrderID[:])
	f.Raw("ref", l.Ref[:])
	f.Byte("model", &l.Model)
	f.Raw("verify", l.Verify[:])
	f.Bytes("said", &l.Said)
	f.Bool("keys", &l.Keys)
	f.Raw("key", l.Key[:])
}

// words of each program.
func words(l *line) []string {
	switch sp.ProgramKind(l.Kind) {
	case sp.ProgramTakeOver:
		return []string{"GetCAInformation", "EnrollSSDOwnerCertificate", "card:KEYS"}
	case sp.ProgramLoad:
		if tsmp.Model(l.Model) == tsmp.ModelDelegated {
			return []string{"GenerateDMToken", "card:LOAD", "VerifyDMReceipt"}
		}
		return []string{"card:LOAD"}
	case sp.ProgramIssue:
		return []string{"card:ORDER", "Issue", "card:DELIVER", "card:ACTIVATE", "Activate"}
	case sp.ProgramReset:
		return []string{"card:RESET", "holder", "SealPINReset", "card:CODE"}
	case sp.ProgramSuspend:
		return []string{"card:SUSPEND"}
	case sp.ProgramResume:
		return []string{"card:RESUME"}
	}
	return []string{"card:ERASE", "ReportErase"}
}

func (scripted) Knows(profile string) bool { return profile == "SCP-test" }

func (scripted) Begin(_ context.Context, p *sp.Program, d *sp.Domain) ([]byte, error) {
	l := &line{Kind: byte(p.Kind), Phone: p.Phone, Ref: p.Reference, Model: byte(p.Model), Order: p.Issued, Keys: len(d.Keys) > 0, Key: d.Attestation}
	if p.Order != nil {
		l.Order, l.OrderID = p.Order.Order, p.Order.OrderID
	}
	if p.Kind != sp.ProgramTakeOver && len(d.Keys) == 0 {
		return nil, errors.New("a program with a domain of others' keys")
	}
	return codec.Append(nil, l)
}

func (scripted) Next(_ context.Context, state []byte, d *sp.Domain, bearer tsmp.Bearer, _ uint64) ([]byte, sp.Move, error) {
	var l line
	if err := codec.Decode(state, &l); err != nil {
		return nil, sp.Move{}, err
	}
	m := sp.Move{Steps: uint64(l.At), Of: uint64(len(words(&l)))}
	keep(&l, d)
	if int(l.At) == len(words(&l)) {
		m.Done = true
		return state, m, nil
	}
	w := words(&l)[l.At]
	if w == "holder" {
		m.Holder = &application.OrderProof{Hash: sha256.Sum256(l.Order), Challenge: [16]byte{7}}
		return state, m, nil
	}
	if word, ok := strings.CutPrefix(w, "card:"); ok {
		if !slices.Contains(d.Bearers, bearer) {
			m.Reach = d.Bearers
			return state, m, nil
		}
		d.Counter++
		m.Script = &sp.Script{AID: d.Spec.AID, Form: tsmp.FormPackets, Items: [][]byte{append([]byte(word+" "), l.Order...)}}
		return state, m, nil
	}
	m.Need = need(&l, w, d)
	return state, m, nil
}

func keep(l *line, d *sp.Domain) {
	d.Attestation = l.Key
	if l.Keys && len(d.Keys) == 0 {
		d.Keys = []row.Key{{Use: "scp80", Version: 1, Wrapped: row.Wrapped{Label: "kek", Blob: []byte("wrapped")}}}
	}
}

// need is a call of a program.
func need(l *line, w string, d *sp.Domain) *sp.Need {
	n := &sp.Need{Function: tsmp.Function(w), Carrier: true}
	switch n.Function {
	case tsmp.GetCAInformation:
		n.Body = &tsmp.GetCAInformationRequest{SE: d.SE}
	case tsmp.EnrollSSDOwnerCertificate:
		n.Body = &tsmp.EnrollSSDOwnerCertificateRequest{Reference: l.Ref, Control: []byte{0xA6}, PublicKey: []byte{0x7F}, Bearers: d.Bearers}
	case tsmp.GenerateDMToken:
		n.Body = &tsmp.GenerateDMTokenRequest{Reference: l.Ref, Commands: [][]byte{[]byte("INSTALL")}}
	case tsmp.VerifyDMReceipt:
		n.Body = &tsmp.VerifyDMReceiptRequest{Reference: l.Ref, Receipts: []tsmp.DMReceipt{{Command: []byte("INSTALL"), Response: l.Said}}}
	case tsmp.Issue:
		n.Carrier, n.Body = false, &tsmp.IssueRequest{OrderID: l.OrderID, OrderStatement: l.Said, KeyStatements: [][]byte{[]byte("key")}}
	case tsmp.Activate:
		n.Carrier, n.Body = false, &tsmp.ActivateRequest{OrderID: l.OrderID, Receipt: l.Said}
	case tsmp.SealPINReset:
		n.Carrier, n.Body = false, &tsmp.SealPINResetRequest{OrderID: l.OrderID, ApplicationID: l.Verify, OrderStatement: l.Said}
	case tsmp.ReportErase:
		n.Carrier, n.Body = false, &tsmp.ReportEraseRequest{Phone: l.Phone, Statement: l.Said}
	}
	return n
}

func (scripted) Take(_ context.Context, state []byte, d *sp.Domain, o *sp.Outcome) ([]byte, error) {
	var l line
	if err := codec.Decode(state, &l); err != nil {
		return nil, err
	}
	if o.Interrupted || len(o.Proofs)+len(o.Responses) == 0 {
		return state, nil // the card takes the same word again
	}
	said := string(slices.Concat(o.Proofs, o.Responses)[0])
	if strings.HasPrefix(said, "REFUSED") {
		return nil, &sp.CardError{Code: tsmp.CodeMemory, Err: fmt.Errorf("card: %s", said)}
	}
	l.Said = []byte(said)
	if words(&l)[l.At] == "EnrollSSDOwnerCertificate" {
		l.Keys = true
	}
	l.At++
	keep(&l, d)
	return codec.Append(nil, &l)
}

func (scripted) Supply(_ context.Context, state []byte, d *sp.Domain, answer tsmp.Body) ([]byte, error) {
	var l line
	if err := codec.Decode(state, &l); err != nil {
		return nil, err
	}
	switch a := answer.(type) {
	case *tsmp.GetCAInformationAnswer:
		if string(a.Certificate) != "good certificate" {
			return nil, &sp.CardError{Code: tsmp.CodeUnknownAttestation, Err: errors.New("certificate")}
		}
		l.Key = a.AttestationKey
	case *tsmp.VerifyApplicationAnswer:
		l.Verify = a.ApplicationID
	}
	l.At++
	keep(&l, d)
	return codec.Append(nil, &l)
}
