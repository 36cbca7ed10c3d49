package aram_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// oracle is what an ARA-M has to be: a list of rules.
type oracle struct {
	rules    []ara.Rule
	capacity int
}

func coded(t testing1, r ara.Rule) []byte {
	b, err := r.Append(nil)
	return object(t, b, err)
}

func target(t testing1, r ara.Rule) string {
	b, err := r.Target.Append(nil)
	return string(object(t, b, err))
}

func (o *oracle) size(t testing1) (n int) {
	for _, r := range o.rules {
		n += len(coded(t, r))
	}
	return n
}

// store is Command-Store-REF-AR-DO.
func (o *oracle) store(t testing1, r ara.Rule) iso7816.SW {
	existed, same, filters := false, false, len(r.Rights.Filters)
	for _, old := range o.rules {
		if target(t, old) != target(t, r) {
			continue
		}
		existed = true
		same = same || bytes.Equal(coded(t, old), coded(t, r))
		filters += len(old.Rights.Filters)
		if contradict(old.Rights, r.Rights) {
			return ara.RuleConflict
		}
	}
	switch {
	case same:
		return ara.RuleExisted
	case filters > 29 || o.size(t)+len(coded(t, r)) > o.capacity:
		return iso7816.NotEnoughMemory
	}
	o.rules = append(o.rules, r)
	if existed {
		return ara.RuleExisted
	}
	return iso7816.OK
}

func contradict(a, b ara.Rights) bool {
	said := func(r ara.Rights) bool { return r.APDU != ara.Unsaid || len(r.Filters) > 0 }
	return said(a) && said(b) && a.APDU != b.APDU ||
		a.NFC != ara.Unsaid && b.NFC != ara.Unsaid && a.NFC != b.NFC ||
		a.Permissions != nil && b.Permissions != nil && !bytes.Equal(a.Permissions, b.Permissions)
}

// delete drops the rules that match.
func (o *oracle) delete(match func(ara.Rule) bool) iso7816.SW {
	n := len(o.rules)
	o.rules = slices.DeleteFunc(slices.Clone(o.rules), match)
	if len(o.rules) == n {
		return ara.ReferenceNotFound
	}
	return iso7816.OK
}

// specific is the rights of a target, joined.
func (o *oracle) specific(t testing1, of ara.Rule) (joined ara.Rights, found bool) {
	for _, r := range o.rules {
		if target(t, r) != target(t, of) {
			continue
		}
		found = true
		joined.APDU = max(joined.APDU, r.Rights.APDU)
		joined.NFC = max(joined.NFC, r.Rights.NFC)
		joined.Filters = append(joined.Filters, r.Rights.Filters...)
		if r.Rights.Permissions != nil {
			joined.Permissions = r.Rights.Permissions
		}
	}
	return joined, found
}

// execute does what a command data object says, whatever its bytes.
func (o *oracle) execute(t testing1, b []byte) iso7816.SW {
	r := tlv.NewReader(b)
	if !r.Next() {
		return iso7816.WrongData
	}
	tag, value := r.Tag(), r.Value()
	if r.Next() || r.Err() != nil {
		return iso7816.WrongData
	}
	switch {
	case tag == ara.TagStore:
		rule, err := ara.DecodeRule(value)
		if err != nil {
			return iso7816.WrongData
		}
		sw := o.store(t, rule)
		if (sw == iso7816.OK || sw == ara.RuleExisted) && unknownRight(value) {
			return ara.UnknownDiscarded
		}
		return sw
	case tag == ara.TagDelete && len(value) == 0:
		o.rules = nil
		return iso7816.OK
	case tag == ara.TagDelete:
		return o.deleteBy(t, value)
	case tag == ara.TagUpdateRefreshTag && len(value) == 0:
		return iso7816.OK
	case tag == 0xE7 || tag >= 0xF3 && tag <= 0xF8:
		return ara.NotSupported
	}
	return iso7816.WrongData
}

func unknownRight(rule []byte) bool {
	rights, _, _ := tlv.Find(rule, ara.TagRule, ara.TagRights)
	for r := tlv.NewReader(rights); r.Next(); {
		if !slices.Contains([]tlv.Tag{ara.TagAPDURights, ara.TagNFCRights, ara.TagPermissions}, r.Tag()) {
			return true
		}
	}
	return false
}

func (o *oracle) deleteBy(t testing1, value []byte) iso7816.SW {
	if wanted, err := ara.DecodeRule(value); err == nil {
		return o.delete(func(r ara.Rule) bool { return bytes.Equal(coded(t, r), coded(t, wanted)) })
	}
	if wanted, err := ara.DecodeTarget(value); err == nil {
		return o.delete(func(r ara.Rule) bool { return target(t, r) == target(t, ara.Rule{Target: wanted}) })
	}
	r := tlv.NewReader(value)
	if !r.Next() || r.Tag() != ara.TagAIDRef && r.Tag() != ara.TagDefaultRef {
		return iso7816.WrongData
	}
	// As a target for all applications of the phone it says the same.
	wrapped := tlv.Append(nil, ara.TagRef, append(bytes.Clone(value), 0xC1, 0))
	wanted, err := ara.DecodeTarget(wrapped)
	behind := r
	if err != nil || behind.Next() || behind.Err() != nil {
		return iso7816.WrongData
	}
	return o.delete(func(r ara.Rule) bool {
		return r.Target.AIDRef == wanted.AIDRef && r.Target.AID == wanted.AID
	})
}

// anyTarget draws from a few, so that rules meet.
func anyTarget(t *rapid.T) (g ara.Target) {
	g.AIDRef = ara.AIDRef(rapid.IntRange(0, 3).Draw(t, "AID-REF"))
	if g.AIDRef == ara.NamedApplication {
		g.AID = rapid.SampledFrom([]gp.AID{gp.MustAID("D392F000260100000001"), gp.MustAID("A000000151")}).Draw(t, "AID")
	}
	g.AppHash = bytes.Repeat([]byte{0x11}, rapid.SampledFrom([]int{0, 20, 32}).Draw(t, "hash"))
	g.Package = rapid.SampledFrom([]string{"", "", "a.b", string(bytes.Repeat([]byte{'p'}, 127))}).Draw(t, "package")
	return g
}

func anyRights(t *rapid.T) (r ara.Rights) {
	access := rapid.SampledFrom([]ara.Access{ara.Unsaid, ara.Unsaid, ara.Never, ara.Always})
	r.NFC = access.Draw(t, "NFC")
	if r.APDU = access.Draw(t, "APDU"); r.APDU == ara.Unsaid {
		for range rapid.SampledFrom([]int{0, 1, 2, 15, 16, 29}).Draw(t, "filters") {
			r.Filters = append(r.Filters, ara.Filter{Header: [4]byte{0x80, rapid.Byte().Draw(t, "INS")}, Mask: [4]byte{0xFF, 0xFF}})
		}
	}
	if rapid.Bool().Draw(t, "permissions") || r.Check() != nil {
		r.Permissions = []byte{0, 0, 0, 0, 0, 0, 0, rapid.SampledFrom([]byte{1, 1, 1, 2}).Draw(t, "permission")}
	}
	return r
}

// anyObject draws a command data object about one of the rules or another.
func (o *oracle) anyObject(t *rapid.T) []byte {
	rule := ara.Rule{Target: anyTarget(t), Rights: anyRights(t)}
	if len(o.rules) > 0 && rapid.Bool().Draw(t, "known") {
		known := rapid.SampledFrom(o.rules).Draw(t, "rule")
		rule.Target = known.Target
		if rapid.Bool().Draw(t, "rights") {
			rule.Rights = known.Rights
		}
	}
	var b []byte
	var err error
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		b = ara.DeleteAll()
	case 1:
		if b, err = ara.DeleteApplication(rule.Target); rule.Target.AIDRef == ara.NoAIDRef {
			b, err = ara.UpdateRefreshTag(), nil
		}
	case 2:
		b, err = ara.DeleteTarget(rule.Target)
	case 3:
		b, err = ara.DeleteRule(rule)
	default:
		b, err = ara.Store(rule)
	}
	b = object(t, b, err)
	if rapid.IntRange(0, 3).Draw(t, "damage") == 0 {
		b = damage(t, b)
	}
	return b
}

// damage changes, drops or adds bytes.
func damage(t *rapid.T, b []byte) []byte {
	b = bytes.Clone(b)
	for range rapid.IntRange(1, 2).Draw(t, "damages") {
		i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			b[i] = rapid.Byte().Draw(t, "byte")
		case 1:
			b[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case 2:
			b = append(b[:i:i], b[i+1:]...)
		case 3:
			b = slices.Insert(b, i, rapid.Byte().Draw(t, "byte"))
		}
		if len(b) == 0 {
			return []byte{0}
		}
	}
	return b
}

// TestMachine compares the card with the oracle through random commands.
func TestMachine(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-002", "SPEC-ARAM-003", "SPEC-ARAM-004", "SPEC-ARAM-020", "SPEC-ARAM-022", "SPEC-ARAM-025", "SPEC-ARAM-026",
		"SPEC-ARAM-027", "SPEC-ARAM-053", "SPEC-ARAM-060", "SPEC-ARAM-061", "SPEC-ARAM-062", "SPEC-ARAM-063", "SPEC-ARAM-064",
		"SPEC-ARAM-065", "SPEC-ARAM-066", "SPEC-ARAM-070", "SPEC-ARAM-071", "SPEC-ARAM-072")
	names := []string{"channel", "channel, all", "domain", "domain, all", "small blocks", "domain, small"}
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.SampledFrom([]int{64, 200, 1024, 3000}).Draw(t, "capacity")
		b := newBench(t, byte(capacity>>8), byte(capacity))
		b.at = routes[rapid.SampledFrom(names).Draw(t, "route")]
		o := &oracle{capacity: capacity}
		now := b.state()
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				b.testing1 = t
				before := *o
				do := o.anyObject(t)
				want := o.execute(t, do)
				if len(do) > 512 && len(do) > b.at.size {
					*o, want = before, iso7816.NotEnoughMemory
				}
				if sw := b.write(do); sw != want {
					t.Fatalf("%X: %v, want %v", do, sw, want)
				}
				all, err := ara.AppendAll(nil, o.rules)
				next := b.state()
				if got := string(unhex(t, next.rules)); got != string(object(t, all, err)) {
					t.Fatalf("rules %X, want %X", got, all)
				}
				changed := len(before.rules) != len(o.rules) || want == iso7816.OK && bytes.Equal(do, ara.UpdateRefreshTag())
				if changed != (next.tag != now.tag) {
					t.Fatalf("%X: changed %v, tag from %X to %X", do, changed, now.tag, next.tag)
				}
				now = next
			},
			"specific": func(t *rapid.T) {
				b.testing1 = t
				rule := ara.Rule{Target: anyTarget(t)}
				if len(o.rules) > 0 && rapid.Bool().Draw(t, "known") {
					rule = rapid.SampledFrom(o.rules).Draw(t, "rule")
				}
				if rights, found := o.specific(t, rule); found {
					b.wantSpecific(rule.Target, rights, 0)
					return
				}
				b.want(selectMaster, "9000")
				cmd, err := ara.GetSpecific(rule.Target)
				if err != nil {
					t.Fatal(err)
				}
				if sw := status(b, b.card, cmd); sw != ara.ReferenceNotFound {
					t.Fatal(sw)
				}
			},
		})
	})
}
