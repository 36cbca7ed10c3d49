package handset

import (
	"context"
	"errors"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/sim/handset/air"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/relay"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// A service manager opens the secure channel of its domain through the UI app's relay,
// over mobile data and over Wi-Fi, and the app learns nothing but lengths.
func TestSecureChannelByRelay(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-042", "SPEC-HANDSET-085")
	for _, name := range []string{"hayate", "minato"} {
		prof := profile.Named(name)
		c := card(t, prof, true)
		p := newPhone(t, c, genuine)
		for _, wifi := range []bool{false, true} {
			p.SetWiFi(wifi)
			s, err := p.Session()
			if err != nil {
				t.Fatal(err)
			}
			channel, err := s.OpenLogicalChannel(t.Context(), jpki.AIDProviderDomain, 0)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.RelayCard(channel)
			if err != nil {
				t.Fatal(err)
			}
			keys := prof.ProviderKeys(1)
			host, err := scp03.Open(t.Context(), r, scp03.HostConfig{Keys: scp03.FixedKeys(&keys), KeyVersion: keys.Version, Level: prof.Level(), Entropy: entropy.Seeded(5, "relay")})
			if err != nil {
				t.Fatalf("%s on channel %d: %v", name, channel.Number(), err)
			}
			found := 0
			err = gp.Status(t.Context(), &scp.Secured{Host: host, Card: r}, gp.GetStatus{Subset: gp.SubsetApplications}, func(e *gp.Entry) error {
				if e.AID == jpki.AIDInstance {
					found++
				}
				return nil
			})
			if err != nil || found != 1 || r.Air <= 0 || r.Chip <= 0 || r.Commands < 3 {
				t.Errorf("%s, Wi-Fi %v: %v, %d found, %+v", name, wifi, err, found, r)
			}
			if err := channel.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if p.Link(air.WiFi).Time >= p.Link(air.LTE).Time {
			t.Errorf("Wi-Fi took %v, mobile data %v", p.Link(air.WiFi).Time, p.Link(air.LTE).Time)
		}
	}
}

// scripts is a server with two scripts for the JPKI application.
type scripts struct {
	given   int
	answers [][]byte
	lost    bool
}

func (s *scripts) Fetch(_ context.Context, done uint32) (relay.Script, error) {
	s.given++
	if done == 2 {
		return relay.Script{Last: true}, nil
	}
	command, err := jpki.GetData{Tag: jpki.TagStatus}.APDU(nil)
	if err != nil {
		return relay.Script{}, err
	}
	raw, err := command.Append(nil)
	return relay.Script{Sequence: done + 1, AID: jpki.AIDInstance, Commands: [][]byte{raw, raw}}, err
}

func (s *scripts) Return(_ context.Context, _ uint32, responses [][]byte, interrupted bool) (relay.Script, error) {
	s.answers = append(s.answers, responses...)
	s.lost = s.lost || interrupted
	return relay.Script{}, nil
}

// Scripts go on after the card was without power, in a new session.
func TestScriptsByRelay(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-057", "SPEC-HANDSET-080", "SPEC-HANDSET-086")
	c := card(t, profile.Test(), true)
	p := newPhone(t, c, genuine)
	s, err := p.Session()
	if err != nil {
		t.Fatal(err)
	}
	server := new(scripts)
	run, err := p.Relay(server, s)
	if err != nil {
		t.Fatal(err)
	}
	p.SetData(false)
	_, err = run.Do(t.Context())
	want(t, err, fault.NoConnection)
	p.SetData(true)
	if _, err := run.Do(t.Context()); err != nil || !run.Finished() || len(server.answers) != 4 || server.lost {
		t.Fatalf("%v, %d answers", err, len(server.answers))
	}
	for _, a := range server.answers {
		if status, err := jpki.DecodeStatus(a[:len(a)-2]); err != nil || status.Phase != jpki.Active {
			t.Errorf("%+v, %v", status, err)
		}
	}
	if err := c.PowerOff(); err != nil {
		t.Fatal(err)
	}
	_, err = p.Open(t.Context(), jpki.AIDInstance)
	if f := (*fault.Error)(nil); !errors.As(err, &f) || f.Code != fault.SIMSilent {
		t.Errorf("a card without power: %v", err)
	}
	want(t, p.Recover(t.Context()), "")
	if _, err := logIn(t, p, "1234"); err != nil {
		t.Errorf("after a reset: %v", err)
	}
}
