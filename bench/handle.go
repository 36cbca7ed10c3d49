package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
)

var handlePromise = Promise{
	Name:       "handle a signed request to issue: read it, journal it in memory, answer it signed",
	Baseline:   "verifying and making Ed25519 signatures over as many bytes",
	Limit:      3,
	AllocLimit: 700, // the messages' members, read and written
	Setup:      setupHandle,
}

// issuedBefore answers each request to issue alike.
type issuedBefore struct {
	tsmp.CA
	answer *tsmp.IssueAnswer
}

func (i issuedBefore) Issue(context.Context, *tsmp.Call, *tsmp.IssueRequest) (*tsmp.IssueAnswer, error) {
	return i.answer, nil
}

// issueMessage is a request to issue and the answer to it.
func issueMessage() (q *tsmp.IssueRequest, answer *tsmp.IssueAnswer, err error) {
	a, err := newAuthority("")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, a.registry.Close()) }()
	p, err := a.newPhone(1)
	if err != nil {
		return nil, nil, err
	}
	if err = p.prepare(); err != nil {
		return nil, nil, err
	}
	answer, err = p.issue()
	return p.request, answer, err
}

// handled is how many requests there are; a new journal takes them again.
const handled = 256

func setupHandle() (operation, baseline func(), err error) {
	q, answer, err := issueMessage()
	if err != nil {
		return nil, nil, err
	}
	keyOf := func(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(append(make([]byte, 31), n)) }
	ca, sp := keyOf(1), keyOf(2)
	keys := tsmp.Keys{
		"ca": {ID: "ca", Party: "ca.example", Role: tsmp.RoleCA, Public: ca.Public()},
		"sp": {ID: "sp", Party: "sp.example", Role: tsmp.RoleSPTSM, Public: sp.Public()},
	}
	h := &tsmp.Handler{Identity: tsmp.Identity{Party: "ca.example", KeyID: "ca", Signer: ca}, Keys: keys, Journal: new(tsmp.MemoryJournal),
		Service: tsmp.CAService(issuedBefore{answer: answer}), Now: func() time.Time { return authorityStart }}
	caller := tsmp.Caller{Identity: tsmp.Identity{Party: "sp.example", KeyID: "sp", Signer: sp}, Peer: "ca.example", Keys: keys}
	requests := make([][]byte, handled)
	for i := range requests {
		call := &tsmp.Call{Function: tsmp.Issue, Sent: authorityStart}
		binary.BigEndian.PutUint16(call.ID[:], uint16(i+1))
		if requests[i], err = caller.Seal(call, q); err != nil {
			return nil, nil, err
		}
	}
	var signed []byte
	next := 0
	operation = func() {
		if next == handled {
			next, h.Journal = 0, new(tsmp.MemoryJournal)
		}
		if signed, err = h.Handle(context.Background(), requests[next]); err != nil {
			panic(err)
		}
		next++
	}
	operation()
	if _, body, err := caller.Open(requests[0], signed); err != nil || fmt.Sprintf("%x", body) != fmt.Sprintf("%x", answer) {
		return nil, nil, errors.Join(err, errDiffers)
	}
	return operation, bareEdDSA(sp, requests[0], ca, signed), nil
}

// bareEdDSA verifies one message and signs another.
func bareEdDSA(theirs ed25519.PrivateKey, in []byte, ours ed25519.PrivateKey, out []byte) func() {
	signature := ed25519.Sign(theirs, in)
	public := theirs.Public().(ed25519.PublicKey)
	return func() {
		if !ed25519.Verify(public, in, signature) {
			panic(errDiffers)
		}
		if _, err := ours.Sign(nil, out, crypto.Hash(0)); err != nil {
			panic(err)
		}
	}
}
