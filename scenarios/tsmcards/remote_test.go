package tsmcards

import (
	"fmt"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/sim/profile"
	"inkan/spec/req"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
)

var bearers = []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}

// Every profile's card goes through it by either bearer.
func TestLifeByScripts(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-004", "SPEC-SCRIPTS-010", "SPEC-SCRIPTS-012", "SPEC-SCRIPTS-013", "SPEC-SCRIPTS-040", "SPEC-SCRIPTS-041",
		"SPEC-HSM-020", "SPEC-HSM-030", "SPEC-HSM-031", "SPEC-HSM-040", "SPEC-HSM-041", "SPEC-HSM-051", "SPEC-HSM-060", "SPEC-HSM-061", "SPEC-HSM-015")
	for _, p := range profile.All() {
		for _, b := range bearers {
			t.Run(p.Name+"/"+b.String(), func(t *testing.T) {
				s := newStation(t, p, b)
				s.life(pin(t))
				t.Logf("%d scripts", s.scripts)
			})
		}
	}
}

// Each script goes wrong in each way, once: the end is the same.
func TestTroubles(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-002", "SPEC-SCRIPTS-015", "SPEC-SCRIPTS-016", "SPEC-SCRIPTS-030", "SPEC-SCRIPTS-031", "SPEC-SCRIPTS-032", "SPEC-SCRIPTS-033",
		"SPEC-SCRIPTS-034", "SPEC-SCRIPTS-035", "SPEC-SCRIPTS-037", "SPEC-SCRIPTS-042", "SPEC-SCRIPTS-043", "SPEC-SCRIPTS-044")
	f := pin(t)
	for _, p := range profile.All() {
		for _, b := range bearers {
			t.Run(p.Name+"/"+b.String(), func(t *testing.T) {
				clean := newStation(t, p, b)
				clean.life(f)
				stride := 2
				if testing.Short() {
					stride = 7
				}
				for n := 0; n < clean.scripts; n += stride {
					for what := unsent; what < troubles; what++ {
						if b == tsmp.BearerSMS && what >= halfDone {
							continue
						}
						s := newStation(t, p, b)
						s.disturb = func(script int) trouble {
							if script == n {
								return what
							}
							return fine
						}
						if !t.Run(fmt.Sprintf("script %d/trouble %d", n, what), func(t *testing.T) {
							s.t = t
							s.life(f)
						}) {
							t.FailNow()
						}
					}
				}
			})
		}
	}
}

// A new domain takes packets under the keys of the one above; from its first key on,
// none but under its own. A proof is under the keys that its packet was under.
func TestInheritedPackets(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-141", "SPEC-UICC-OS-142")
	for _, p := range profile.All() {
		s := newStation(t, p, tsmp.BearerSMS)
		start, channel := s.makeDomain()
		reading := s.of(gp.GetData{Tag: gp.TagKeyInformation})
		s.must("own keys", s.run(s.provider(start, channel), reading))
		inherited := s.provider(hsm.KeyRef{}, hsm.KeyRef{})
		silent(s, inherited)

		// A domain that has keys of a channel alone.
		s = newStation(t, p, tsmp.BearerRelay)
		s.bearer = tsmp.BearerSMS
		s.must("domain", s.run(s.issuer(), s.of(s.domain())))
		s.must("still none", s.run(s.provider(hsm.KeyRef{}, hsm.KeyRef{}), s.of(gp.GetStatus{Subset: gp.SubsetApplications})))
		s.bearer = tsmp.BearerRelay
		s.must("channel keys", s.run(s.provider(hsm.KeyRef{}, hsm.KeyRef{}), []remote.Command{{Put: &remote.PutKeys{
			Keys: s.generate(hsm.Spec{Use: s.issuer().ChannelKeys.Use, Version: p.ProviderVersion(), Type: p.KeyType(), SizeBytes: p.KeyBytes})}}}))
		silent(s, inherited)
	}
}

// silent checks that the card has no answer to a packet under a domain's keys.
func silent(s *station, d remote.Domain) {
	s.t.Helper()
	r, err := remote.New(d, s.of(gp.GetData{Tag: gp.TagKeyInformation}))
	if err != nil {
		s.t.Fatal(err)
	}
	counter := uint64(1 << 20)
	script, _, err := r.Next(s.t.Context(), s.module, tsmp.BearerSMS, &counter)
	if err != nil {
		s.t.Fatal(err)
	}
	if a := s.deliver(script); len(a.Proofs) > 0 {
		s.t.Errorf("%s: a proof under keys that the domain does not have", s.card.Profile.Name)
	}
}

// Many things go wrong in one life, by both bearers in turn.
func TestRoughLife(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-014")
	f, lives := pin(t), 12
	if testing.Short() {
		lives = 2
	}
	for _, p := range profile.All() {
		for seed := range lives {
			source := entropy.Seeded(uint64(seed), "rough "+p.Name)
			draw := func(n int) int {
				var b [2]byte
				source.Fill(b[:])
				return (int(b[0])<<8 | int(b[1])) % n
			}
			s := newStation(t, p, bearers[seed%2])
			s.wander = func() tsmp.Bearer { return bearers[draw(8)/7^seed%2] }
			s.disturb = func(int) trouble {
				if what := trouble(draw(3 * int(troubles))); what < troubles {
					return what
				}
				return fine
			}
			if !t.Run(fmt.Sprintf("%s/%d", p.Name, seed), func(t *testing.T) {
				s.t = t
				s.life(f)
			}) {
				break
			}
		}
	}
}
