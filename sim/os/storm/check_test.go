package storm_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/sim/clock"
	cardos "inkan/sim/os"
	"inkan/sim/runtime"
)

// state is what a card has in its memory: all records of the platform, packages,
// applets.
func state(card *cardos.Card) string {
	var b strings.Builder
	for kind := byte(runtime.FirstPlatformRecord); kind < runtime.FirstPlatformRecord+16; kind++ {
		card.Machine().EachRecord(kind, func(id, data []byte) { fmt.Fprintf(&b, "%02X %X: %X\n", kind, id, data) })
	}
	for _, p := range card.Machine().Packages() {
		fmt.Fprintf(&b, "package %X\n", p.Info().AID)
	}
	for _, a := range card.Applets() {
		fmt.Fprintf(&b, "applet %X of %X\n", a.AID, a.Context)
	}
	return b.String()
}

// entries are the AIDs that the registry has records of.
func entries(card *cardos.Card) map[string]bool {
	all := map[string]bool{gp.AIDSecurityDomainPackage.String(): true}
	card.Machine().EachRecord(runtime.FirstPlatformRecord, func(id, _ []byte) {
		if aid, err := gp.NewAID(bytes.Clone(id)); err == nil {
			all[aid.String()] = true
		}
	})
	return all
}

// check compares the card with one that boots on a copy of its memory, the registry
// with packages and applets, and both with GET STATUS.
func (e *episode) check() {
	e.checks++
	k := new(clock.Clock)
	before := state(e.card)
	twin, err := e.boot(e.flash.ForkOn(k, nil), k, 0x01)
	if err != nil {
		e.fail("a copy of the memory does not boot: %v", err)
	}
	if after := state(twin); after != before {
		e.fail("a boot changes\n%s\nto\n%s", before, after)
	}
	if found := memory(e.card); found != "" {
		e.fail("%s", found)
	}
	if found := memory(twin); found != "" {
		e.fail("after a boot: %s", found)
	}
	names := entries(twin)
	for _, p := range twin.Machine().Packages() {
		if aid, err := gp.NewAID(p.Info().AID); err != nil || !names[aid.String()] {
			e.fail("package %X has no entry", p.Info().AID)
		}
	}
	for _, a := range twin.Applets() {
		if aid, err := gp.NewAID(a.AID); err != nil || !names[aid.String()] {
			e.fail("applet %X has no entry", a.AID)
		}
	}
	e.compareStatus(twin, names)
}

// compareStatus asks the issuer's domain for all entries, where it still lets the
// host in.
func (e *episode) compareStatus(twin *cardos.Card, names map[string]bool) {
	var host *scp.Secured
	for _, set := range []*scp.KeySet{&e.issuer03, &e.issuer02, &freshSets[0], &freshSets[1], &freshSets[2]} {
		s, err := e.open(twin, opening{aid: gp.AIDIssuerSecurityDomain, keys: set, level: 1, seed: 9})
		if err == nil {
			host = s
			break
		}
	}
	if host == nil {
		e.blind++
		return
	}
	got := map[string]bool{}
	for _, subset := range []gp.Subset{gp.SubsetIssuerSecurityDomain, gp.SubsetApplications, gp.SubsetLoadFiles} {
		err := gp.Status(ctx, host, gp.GetStatus{Subset: subset}, func(entry *gp.Entry) error {
			got[entry.AID.String()] = true
			return nil
		})
		if err != nil {
			e.fail("GET STATUS: %v", err)
		}
	}
	if !maps.Equal(got, names) {
		e.fail("GET STATUS lists %v, the registry has %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(names)))
	}
}
