package omapi

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/spec/req"
)

func TestDecide(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-046", "SPEC-HANDSET-047", "SPEC-HANDSET-048", "SPEC-HANDSET-049", "SPEC-HANDSET-054")
	h1, h256, foreign := mine.SHA1[:], mine.SHA256[:], other.SHA1[:]
	named := func(aid string, hash []byte, name string, r ara.Rights) ara.Rule {
		x := rule(aid, hash, r)
		x.Target.Package = name
		return x
	}
	for name, c := range map[string]struct {
		rules []ara.Rule
		want  bool
	}{
		"by SHA-1":                        {[]ara.Rule{rule("F000000001AA01", h1, always)}, true},
		"by SHA-256":                      {[]ara.Rule{rule("F000000001AA01", h256, always)}, true},
		"of another":                      {[]ara.Rule{rule("F000000001AA01", foreign, always)}, false},
		"another AID":                     {[]ara.Rule{rule("F000000001AA02", h1, always)}, false},
		"longer AID":                      {[]ara.Rule{rule("F000000001AA0102", h1, always)}, false},
		"beginning":                       {[]ara.Rule{rule("F000000001", h1, always)}, true},
		"longest wins":                    {[]ara.Rule{rule("F000000001", h1, always), rule("F000000001AA01", h1, never)}, false},
		"longest wins, other order":       {[]ara.Rule{rule("F000000001AA01", h1, always), rule("F000000001", h1, never)}, true},
		"longest is another's":            {[]ara.Rule{rule("F000000001", h1, always), rule("F000000001AA01", foreign, always)}, false},
		"all others":                      {[]ara.Rule{rule("", h1, always)}, true},
		"all others, not for one with":    {[]ara.Rule{rule("", h1, always), rule("F000000001AA01", foreign, never)}, false},
		"everybody":                       {[]ara.Rule{rule("F000000001AA01", nil, always)}, true},
		"everybody but somebody is named": {[]ara.Rule{rule("F000000001AA01", nil, always), rule("F000000001AA01", foreign, always)}, false},
		"named before everybody":          {[]ara.Rule{rule("F000000001AA01", nil, never), rule("F000000001AA01", h1, always)}, true},
		"never wins":                      {[]ara.Rule{rule("F000000001AA01", h1, always), rule("F000000001AA01", h256, never)}, false},
		"package":                         {[]ara.Rule{named("F000000001AA01", h1, "app.example", always)}, true},
		"other package":                   {[]ara.Rule{named("F000000001AA01", h1, "app.evil", always)}, false},
		"package without hash":            {[]ara.Rule{named("F000000001AA01", nil, "app.example", always)}, true},
		"no APDU right":                   {[]ara.Rule{rule("F000000001AA01", h1, ara.Rights{NFC: ara.Always})}, false},
		"carrier privileges":              {[]ara.Rule{{Target: ara.Target{AppHash: h1}, Rights: always}}, false},
		"default application":             {[]ara.Rule{{Target: ara.Target{AIDRef: ara.DefaultApplication, AppHash: h1}, Rights: always}}, false},
	} {
		if got := Decide(c.rules, bank, &mine).Allowed; got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	byDefault := []ara.Rule{{Target: ara.Target{AIDRef: ara.DefaultApplication, AppHash: h1}, Rights: always}, rule("", h1, never)}
	if !Decide(byDefault, gp.AID{}, &mine).Allowed || Decide(byDefault, bank, &mine).Allowed {
		t.Error("the application that is selected when none is named")
	}
	f := ara.Filter{Header: [4]byte{0x80, 1, 2, 3}, Mask: [4]byte{0xFF, 0xFF, 0xFF, 0xFF}}
	g := ara.Filter{Header: [4]byte{0x80, 4, 5, 6}, Mask: [4]byte{0xFF, 0xFF, 0xFF, 0xFF}}
	filtered := func(fs ...ara.Filter) ara.Rights { return ara.Rights{Filters: fs} }
	both := Decide([]ara.Rule{rule("F000000001AA01", h1, filtered(f)), rule("F000000001AA01", h256, filtered(g))}, bank, &mine)
	if len(both.Filters) != 2 || !both.Permits(f.Header) || !both.Permits(g.Header) || both.Permits([4]byte{0x80, 4, 5, 7}) {
		t.Errorf("joined %+v", both)
	}
	if a := Decide([]ara.Rule{rule("F000000001AA01", h1, filtered(f)), rule("F000000001AA01", h256, always)}, bank, &mine); !a.Permits([4]byte{9}) {
		t.Error("always does not win over filters")
	}
	for _, c := range []struct {
		rights ara.Rights
		nfc    bool
	}{{always, true}, {never, false}, {filtered(f), true}, {ara.Rights{APDU: ara.Always, NFC: ara.Never}, false}, {ara.Rights{APDU: ara.Never, NFC: ara.Always}, true}} {
		if got := Decide([]ara.Rule{rule("F000000001AA01", h1, c.rights)}, bank, &mine).NFC; got != c.nfc {
			t.Errorf("%+v: NFC %v", c.rights, got)
		}
	}
}

// drawRules draws rules for AIDs and callers that meet often.
func drawRules(t *rapid.T) []ara.Rule {
	aids := []string{"", "F000000001", "F000000001AA", "F000000001AA01", "F000000001AA02"}
	hashes := [][]byte{nil, mine.SHA1[:], mine.SHA256[:], other.SHA1[:]}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ara.Rule {
		r := rule(rapid.SampledFrom(aids).Draw(t, "aid"), rapid.SampledFrom(hashes).Draw(t, "hash"),
			rapid.SampledFrom([]ara.Rights{always, never, {NFC: ara.Always}, {Filters: []ara.Filter{{Header: [4]byte{0x80}, Mask: [4]byte{0xFF}}}}}).Draw(t, "rights"))
		r.Target.Package = rapid.SampledFrom([]string{"", "", "app.example", "app.evil"}).Draw(t, "package")
		return r
	}), 0, 6).Draw(t, "rules")
}

// Decide is compared with the steps of AOSP's rule cache, with beginnings of AIDs added.
func TestDecideLikeTheSteps(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-046", "SPEC-HANDSET-047", "SPEC-HANDSET-048")
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		aid := rapid.SampledFrom([]gp.AID{bank, bank2, silent}).Draw(t, "aid")
		if got, want := Decide(rules, aid, &mine), steps(rules, aid); got.Allowed != want.Allowed || got.NFC != want.NFC || len(got.Filters) != len(want.Filters) {
			t.Fatalf("%+v, the steps say %+v", got, want)
		}
		slices.Reverse(rules)
		if a, b := Decide(rules, aid, &mine), steps(rules, aid); a.Allowed != b.Allowed {
			t.Fatal("the order of rules matters")
		}
	})
}

func steps(rules []ara.Rule, aid gp.AID) Access {
	name := aid.Append(nil)
	for n := len(name); n >= 4; n-- {
		at := slices.DeleteFunc(slices.Clone(rules), func(r ara.Rule) bool {
			if n == 4 {
				return r.Target.AIDRef != ara.OtherApplications
			}
			return r.Target.AIDRef != ara.NamedApplication || string(r.Target.AID.Append(nil)) != string(name[:n])
		})
		pick := func(is func(*ara.Target) bool) (found []*ara.Rule) {
			for i := range at {
				if is(&at[i].Target) {
					found = append(found, &at[i])
				}
			}
			return found
		}
		hash := func(h []byte) bool { return string(h) == string(mine.SHA1[:]) || string(h) == string(mine.SHA256[:]) }
		specific := pick(func(x *ara.Target) bool {
			switch {
			case x.Package == "":
				return hash(x.AppHash)
			case len(x.AppHash) == 0:
				return x.Package == mine.Package
			}
			return hash(x.AppHash) && x.Package == mine.Package
		})
		if len(specific) > 0 {
			return combine(specific)
		}
		if len(pick(func(x *ara.Target) bool { return len(x.AppHash) > 0 || x.Package != "" })) > 0 {
			return Access{}
		}
		if all := pick(func(x *ara.Target) bool { return true }); len(all) > 0 {
			return combine(all)
		}
	}
	return Access{}
}

// A rule that allows nothing more takes nothing away from whom it does not name, and
// without any rule that names a caller or everybody there is no access.
func TestNoAccessOutOfNothing(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-045")
	rapid.Check(t, func(t *rapid.T) {
		rules := slices.DeleteFunc(drawRules(t), func(r ara.Rule) bool {
			named, anybody := mine.concerned(&r.Target)
			return named || anybody
		})
		if a := Decide(rules, bank, &mine); a.Allowed || a.NFC || a.Permits([4]byte{0x80}) {
			t.Fatalf("%+v", a)
		}
	})
}

// Commands and answers that are anything never reach another channel, nor panic.
func FuzzChannel(f *testing.F) {
	for _, s := range []string{"00A4040005F000000001", "0070000001", "8010000000", "FF00000000", "C1A40400"} {
		f.Add(unhex(s))
	}
	f.Fuzz(func(t *testing.T, cmd []byte) {
		d := newDouble(rule("", nil, always))
		c := opened(t, session(t, d, mine), bank)
		if _, err := c.Transmit(t.Context(), cmd, nil); err != nil {
			return
		}
		if d.held() != 1 || d.open[c.Number()] != bank || d.open[0] != (gp.AID{}) {
			t.Errorf("channels %v", d.open)
		}
	})
}

func FuzzSelectResponse(f *testing.F) {
	f.Add(unhex("6F098407F000000001AA01"))
	f.Add(unhex("620A8205"))
	f.Fuzz(func(t *testing.T, b []byte) { selectedAID(b) })
}
