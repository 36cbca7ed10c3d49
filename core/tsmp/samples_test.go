package tsmp

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
)

var noon = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

func fill(n int, from byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

func id(from byte) (out [16]byte) {
	copy(out[:], fill(16, from))
	return out
}

var sampleState = CertificateState{Role: jpki.Auth, State: certificate.Revoked, Since: noon, Reason: certificate.Superseded, NotAfter: noon.AddDate(5, 0, 0)}

// sampleBodies has one request and one answer of each function, optional members
// included where they may be together.
var sampleBodies = map[Function][2]Body{
	VerifyApplication: {&VerifyApplicationRequest{Application: fill(40, 0x30), Code: "7K3M0Q9WXT2A"},
		&VerifyApplicationAnswer{ApplicationID: id(1), Purpose: PurposeTransfer, Phone: id(2), Replaces: id(3), Pseudonym: id(4),
			Origin: jpki.OriginOnCard, UsableUntil: noon, NotAfter: noon.AddDate(4, 0, 0)}},
	PlaceOrder: {&PlaceOrderRequest{ApplicationID: id(1), SIM: id(5), InstanceAID: jpki.AIDInstance.Append(nil), LoadFileHash: perso.Hash{1}, AttestationKey: perso.Hash{2}},
		&PlaceOrderAnswer{OrderID: id(6), Order: fill(138, 0), OrderUntil: noon}},
	Issue: {&IssueRequest{OrderID: id(6), OrderStatement: fill(119, 1), KeyStatements: [][]byte{fill(600, 2), fill(601, 3)}},
		&IssueAnswer{Envelopes: [][]byte{fill(34, 0), fill(3090, 1)}, CACertificates: []CACertificate{{jpki.Auth, fill(800, 0x30)}},
			HolderCode: fill(128, 1), NotAfter: noon.AddDate(4, 0, 0), PendingUntil: noon.AddDate(0, 0, 1)}},
	Activate:      {&ActivateRequest{OrderID: id(6), Receipt: fill(118, 5)}, &ActivateAnswer{ActivatedAt: noon, Superseded: id(3)}},
	Revoke:        {&RevokeRequest{Phone: id(2), Cause: Cause{Ground: GroundService, Case: "ticket 12"}, Reason: certificate.CessationOfOperation}, &StateAnswer{[]CertificateState{sampleState}}},
	Suspend:       {&SuspendRequest{Phone: id(2), Cause: Cause{Ground: GroundHotline, Case: "電話 0120-17"}}, &StateAnswer{}},
	Resume:        {&ResumeRequest{Phone: id(2), Cause: Cause{Ground: GroundApplication, ApplicationID: id(1)}}, &StateAnswer{[]CertificateState{sampleState, sampleState}}},
	OrderPINReset: {&OrderPINResetRequest{Phone: id(2)}, &PlaceOrderAnswer{OrderID: id(6), Order: fill(138, 0), OrderUntil: noon}},
	SealPINReset: {&SealPINResetRequest{OrderID: id(6), ApplicationID: id(1), OrderStatement: fill(119, 1)},
		&SealPINResetAnswer{Envelope: fill(82, 1), HolderCode: fill(128, 2)}},
	ReportErase:          {&ReportEraseRequest{Phone: id(2), Statement: fill(42, 8)}, &ReportEraseAnswer{RecordedAt: noon}},
	GetCertificateStatus: {&GetCertificateStatusRequest{Phone: id(2)}, &StateAnswer{[]CertificateState{sampleState}}},
	HandleCertificateStateChangeNotification: {&HandleCertificateStateChangeNotificationRequest{Sequence: 1, Phone: id(2), Event: EventSuperseded, Certificate: sampleState, Erase: true},
		&Acknowledgement{}},
}

// samplesOf is a function's samples of whatever part.
func samplesOf(t testing.TB, f Function) [2]Body {
	t.Helper()
	for _, part := range []map[Function][2]Body{sampleBodies, municipalSamples, carrierSamples, appSamples} {
		if both, ok := part[f]; ok {
			return both
		}
	}
	t.Fatalf("no sample of %s", f)
	return [2]Body{}
}

// parties are a certificate authority and an SP-TSM with fixed keys, and a
// directory of both.
type parties struct {
	ca, sp Identity
	keys   Keys
}

func testParties() parties {
	caKey := ed25519.NewKeyFromSeed(fill(32, 1))
	spKey := ecdsaKey(fill(32, 0x40))
	p := parties{ca: Identity{"ca.inkan.example", "ca-1", caKey}, sp: Identity{"sp-tsm.inkan.example", "sp-1", spKey}}
	p.keys = Keys{
		"ca-1":   {ID: "ca-1", Party: p.ca.Party, Role: RoleCA, Public: caKey.Public()},
		"sp-1":   {ID: "sp-1", Party: p.sp.Party, Role: RoleSPTSM, Public: spKey.Public()},
		"desk-1": {ID: "desk-1", Party: "desk.inkan.example", Role: RoleHelpDesk, Public: spKey.Public()},
		"city-1": {ID: "city-1", Party: "city.inkan.example", Role: RoleMunicipality, Public: spKey.Public()},
		"mno-1":  {ID: "mno-1", Party: "mno.inkan.example", Role: RoleMNOTSM, Public: spKey.Public()},
		"old-1":  {ID: "old-1", Party: p.sp.Party, Role: RoleSPTSM, Public: spKey.Public(), Until: noon.Add(-time.Second)},
		"new-1":  {ID: "new-1", Party: p.sp.Party, Role: RoleSPTSM, Public: spKey.Public(), From: noon.Add(time.Second)},
	}
	return p
}

func ecdsaKey(scalar []byte) *ecdsa.PrivateKey {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		panic(err)
	}
	return k
}

func encoded(t testing.TB, b Body) []byte {
	t.Helper()
	out, err := EncodeBody(b)
	if err != nil {
		t.Fatalf("%T: %v", b, err)
	}
	return out
}

// eachBody runs over all samples with a zero body of the same type.
func eachBody(t *testing.T, run func(name string, sample Body, zero func() Body)) {
	t.Helper()
	for _, d := range Definitions() {
		both := samplesOf(t, d.Function)
		run(string(d.Function)+" request", both[0], d.Request)
		run(string(d.Function)+" answer", both[1], d.Answer)
	}
}

func replaced(t testing.TB, b []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%s has no %s", b, old)
	}
	return bytes.Replace(b, []byte(old), []byte(new), 1)
}
