package authority

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// Who sets the clock back does not make a late request good again.
func TestLateStaysLate(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-040", "SPEC-CA-LIFECYCLE-001")
	city, key := Named("kiyose.inkan.example", tsmp.RoleMunicipality, 1)
	now := start
	a := open(t, "", &now, tsmp.Keys{key.ID: key})
	defer a.Close()
	remote := tsmp.RemoteMunicipal{Caller: a.Caller(city)}
	ask := func(id byte, sent time.Time) error {
		_, err := remote.GetPerson(t.Context(), &tsmp.Call{ID: tsmp.CallID{id}, Sent: sent}, &tsmp.GetPersonRequest{Person: tsmp.PersonID{1}, Case: "1"})
		return err
	}
	now = start.Add(2 * tsmp.DefaultValidity)
	if err := ask(1, start); !errors.Is(err, tsmp.Refuse(tsmp.CodeExpired, "")) {
		t.Errorf("late: %v", err)
	}
	if err := ask(2, now); !errors.Is(err, tsmp.Refuse(tsmp.CodeUnknownPerson, "")) {
		t.Errorf("in time: %v", err)
	}
	now = start.Add(time.Minute)
	if err := ask(1, start); !errors.Is(err, tsmp.Refuse(tsmp.CodeExpired, "")) {
		t.Errorf("late, with the clock set back: %v", err)
	}
}

// A responder whose certificate was revoked answers no more: who asks it does not
// ask about it.
func TestRevokedResponder(t *testing.T) {
	req.Covers(t, "SPEC-CA-004")
	folder, now := filepath.Join(t.TempDir(), "registry"), start
	a := open(t, folder, &now, nil)
	first := a.Issuers()[0].Responder.Certificate
	of := profile.Authorities()[0]
	if _, err := a.registry.Revoke(t.Context(), of, first.SerialNumber.Uint64(), profile.KeyCompromise, operator); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = open(t, folder, &now, nil)
	defer a.Close()
	if a.Issuers()[0].Responder.Certificate.Equal(first) {
		t.Error("the revoked responder goes on")
	}
}
