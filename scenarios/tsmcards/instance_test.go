package tsmcards

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/sim/profile"
	"inkan/spec/req"
	"inkan/tsm/sp/instance"
)

// use has the holder set the PIN by the code, and sign; the certificate comes off the
// card.
func (w *instancePlace) use(ca *instanceCA) {
	w.t.Helper()
	w.reset()
	ctx := w.t.Context()
	pin := []byte("1234")
	for _, c := range []gp.Command{jpki.SelectApplication{}, jpki.ResetRetryCounter{PIN: jpki.Auth.PIN().Reference(), Code: ca.codes[0].Code[:], New: pin},
		jpki.Verify{PIN: jpki.Auth.PIN().Reference(), Value: pin}} {
		if _, err := gp.Exchange(ctx, w.card, c, nil); err != nil {
			w.t.Fatalf("%T: %v", c, err)
		}
	}
	raw, err := jpki.ReadFile(ctx, w.card, jpki.EFAuthCertificate, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	own, err := x509.ParseCertificate(raw)
	if err != nil {
		w.t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a login"))
	signature, err := gp.Exchange(ctx, w.card, jpki.Signature{Mode: jpki.SignDigest, Key: jpki.Auth.Key().Reference(), Data: digest[:]}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(own.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		w.t.Error(err)
	}
	w.reset()
}

// programOf has a program made, or the test ends.
func programOf[P instance.Program](t testing.TB) func(P, error) instance.Program {
	return func(p P, err error) instance.Program {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// done drives a program to its end.
func (w *instancePlace) done(what string, p instance.Program, ca *instanceCA) *instance.Application {
	w.t.Helper()
	end, err := w.drive(p, w.owned, ca.ask)
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	return end.(*instance.Application)
}

// TestInstance takes a fresh domain over, loads the application, issues with the
// authority, and goes through the life of the instance to its erasure: on every
// profile, by either bearer, with on-card and with delivered keys.
func TestInstance(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-022", "SPEC-INSTANCE-024", "SPEC-INSTANCE-025", "SPEC-INSTANCE-030", "SPEC-INSTANCE-041", "SPEC-INSTANCE-043",
		"SPEC-INSTANCE-044", "SPEC-INSTANCE-050", "SPEC-INSTANCE-060", "SPEC-INSTANCE-061", "SPEC-INSTANCE-070", "SPEC-INSTANCE-074",
		"SPEC-TSM-PROTOCOL-085")
	for _, p := range profile.All() {
		for _, b := range bearers {
			for _, origin := range []jpki.Origin{jpki.OriginOnCard, jpki.OriginDelivered} {
				t.Run(p.Name+"/"+b.String()+"/"+origin.String(), func(t *testing.T) {
					newInstancePlace(t, p, b).life(newInstanceCA(t), origin)
				})
			}
		}
	}
}

// life is an instance from its domain to its erasure.
func (w *instancePlace) life(ca *instanceCA, origin jpki.Origin) {
	w.t.Helper()
	if err := w.handover(); err != nil {
		w.t.Fatalf("take-over: %v", err)
	}
	if err := w.deploy(); err != nil {
		w.t.Fatalf("deployment: %v", err)
	}
	before := w.scripts
	application := programOf[*instance.Application](w.t)
	issued := w.done("issue", application(instance.NewIssue(w.target(), ca.place(w, origin))), ca)
	w.t.Logf("%d scripts to the issue, %d for it, %d commands", before, w.scripts-before, w.commands)
	if s := ca.state(); s != certificate.Active {
		w.t.Errorf("the certificate is %v", s)
	}
	w.use(ca)
	order := issued.Order()
	id := [16]byte(order[4:20])
	w.done("suspension", application(instance.NewSuspend(w.target(), id, order)), ca)
	w.phase(ca, jpki.Suspended)
	w.done("resumption", application(instance.NewResume(w.target(), id, nil)), ca)
	w.phase(ca, jpki.Active)
	placed, err := ca.tsm.OrderPINReset(w.t.Context(), ca.about(), &tsmp.OrderPINResetRequest{Phone: ca.phone})
	if err != nil {
		w.t.Fatal(err)
	}
	w.done("reset", application(instance.NewPINReset(w.target(), placed)), ca)
	w.use(ca)
	if _, err := ca.tsm.Revoke(w.t.Context(), ca.about(), &tsmp.RevokeRequest{Phone: ca.phone, Cause: tsmp.Cause{Ground: tsmp.GroundService, Case: "end"}}); err != nil {
		w.t.Fatal(err)
	}
	w.done("erasure", application(instance.NewErase(w.target(), id, order, ca.phone)), ca)
	w.phase(ca, jpki.Empty)
}

// phase asks for the application's state.
func (w *instancePlace) phase(ca *instanceCA, want jpki.Phase) {
	w.t.Helper()
	audit := w.done("audit", programOf[*instance.Application](w.t)(instance.NewAudit(w.target())), ca)
	if s, err := audit.State(); err != nil || s.Phase != want {
		w.t.Errorf("phase %v, want %v: %v", s.Phase, want, err)
	}
}
