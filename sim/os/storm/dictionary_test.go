package storm_test

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/keys"
	"inkan/core/scp"
)

// freshSets are keys that the attacks put.
var freshSets = []scp.KeySet{secretSet(0x31, "fresh 31"), secretSet(0x32, "fresh 32"), secretSet(0x22, "fresh 22"), secretSet(0x03, "fresh 03")}

// names are what selections and content management name.
var names = []gp.AID{gp.AIDIssuerSecurityDomain, gp.AIDCardManager, gp.AIDCASD, jpki.AIDProviderDomain, carrierDomain, delegatedDomain, jpki.AIDInstance, jpki.AIDPackage,
	ara.AIDMaster, corpusPackage, corpusModule, usimAID, gp.MustAID("F0696E6B616E430F02"), gp.MustAID("A0000001515350BB01"), gp.MustAID("A000000151"), bounded, reserving}

var domains = []gp.AID{gp.AIDIssuerSecurityDomain, jpki.AIDProviderDomain, carrierDomain, delegatedDomain, gp.MustAID("A0000001515350BB01")}

// encode is the bytes of commands; one that cannot be encoded is left out.
func encode(commands ...gp.Command) (all [][]byte) {
	for _, c := range commands {
		a, err := c.APDU(nil)
		if err != nil {
			continue
		}
		if b, err := a.Append(nil); err == nil {
			all = append(all, b)
		}
	}
	return all
}

// lines are commands in hex, one in a line.
func lines(text string) (all [][]byte) {
	for line := range strings.Lines(text) {
		b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(line), " ", ""))
		if err != nil {
			panic(line)
		}
		if len(b) > 0 {
			all = append(all, b)
		}
	}
	return all
}

// sequence makes valid commands that belong together. The channel is nil in clear.
type sequence func(r *rand.Rand, s *scp.Secured) [][]byte

// management are sequences of card content management, for a security domain.
var management = []sequence{loadAgain, newInstance, newDomain, moves, statuses, objects, newKeys, questions, forwarded, confidential, responseMACs, hoards}

func loadAgain(r *rand.Rand, _ *scp.Secured) [][]byte {
	file, _ := (&gp.LoadFile{Content: corpusContent()}).Append(nil)
	all := encode(gp.Delete{AID: corpusPackage, Related: true}, gp.Install{Purpose: gp.ForLoad, LoadFile: corpusPackage})
	blocks, err := gp.LoadBlocks(file, 150+r.IntN(70))
	if err != nil {
		panic(err)
	}
	for b := range blocks {
		all = append(all, encode(b)...)
	}
	return append(all, encode(gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: corpusPackage, Module: corpusModule, Application: corpusModule,
		Parameters: []byte{0xC9, 0}})...)
}

func newInstance(r *rand.Rand, _ *scp.Secured) [][]byte {
	aid := gp.MustAID("F0696E6B616E430F02")
	purpose := pick(r, []gp.InstallPurpose{gp.ForInstall, gp.ForInstallAndMakeSelectable})
	parameters := pick(r, [][]byte{{0xC9, 0}, {0xC9, 2, 1, 2, 0xEF, 4, 0xC8, 2, 0x10, 0}, {0xC9, 0, 0xEF, 6, 0xA0, 4, 0x81, 2, 1, 0}, {0xC9, 0, 0xEF, 4, 0xC6, 2, 0, 16}})
	privileges := pick(r, []gp.Privileges{0, 0, gp.CardReset, gp.CardLock, gp.GlobalRegistry})
	return encode(gp.Install{Purpose: purpose, LoadFile: corpusPackage, Module: corpusModule, Application: aid, Privileges: privileges, Parameters: parameters},
		gp.Install{Purpose: gp.ForMakeSelectable, Application: aid}, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: pick(r, domains), Application: aid},
		gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: aid}, gp.Delete{AID: aid})
}

func newDomain(r *rand.Rand, s *scp.Secured) [][]byte {
	aid := gp.MustAID("A0000001515350BB01")
	d := domainInstall(aid, pick(r, []gp.Privileges{0, gp.AuthorizedManagement, gp.DelegatedManagement, gp.DAPVerification, gp.GlobalDelete}))
	if r.IntN(2) == 0 {
		d.Parameters = pick(r, [][]byte{{0xC9, 4, 0x81, 2, 3, 0x70}, {0xC9, 3, 0x87, 1, 0}, {0xC9, 3, 0x82, 1, 0}, {0xC9, 4, 0x81, 2, 2, 0x55}})
	}
	all := encode(d, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: aid, Application: pick(r, names)})
	all = append(all, encode(gp.Install{Purpose: gp.ForPersonalization, Application: aid})...)
	all = append(all, newKeys(r, s)...)
	return append(all, encode(gp.Delete{AID: aid})...)
}

func moves(r *rand.Rand, _ *scp.Secured) [][]byte {
	return encode(gp.Install{Purpose: gp.ForExtradition, SecurityDomain: pick(r, domains), Application: pick(r, names)},
		gp.Install{Purpose: gp.ForRegistryUpdate, SecurityDomain: pick(r, domains), Application: pick(r, names), Privileges: pick(r, []gp.Privileges{0, gp.CardReset, gp.GlobalLock}), HasPrivileges: true},
		gp.Install{Purpose: gp.ForRegistryUpdate, Application: pick(r, names), Parameters: []byte{0xEF, 3, 0xCF, 1, 0x80}},
		gp.Delete{AID: pick(r, names), Related: r.IntN(2) == 0})
}

func statuses(r *rand.Rand, _ *scp.Secured) [][]byte {
	all := encode(gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: pick(r, names)}, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable, AID: pick(r, names)},
		gp.SetStatus{Scope: gp.ScopeDomainAndContent, State: pick(r, []gp.LifeCycle{gp.Locked, gp.Selectable}), AID: pick(r, domains)})
	all = append(all, lines(`80F0010108 4F06 A00000015100
		80F001010B 4F09 F0696E6B616E430F01
		80F001000B 4F09 D392F0002601000000`)...)
	if r.IntN(4) == 0 {
		all = append(all, lines("80F0807F00\n80F0800F00")...)
	}
	if r.IntN(200) == 0 {
		all = append(all, lines("80F080FF00")...)
	}
	return all
}

func objects(r *rand.Rand, _ *scp.Secured) [][]byte {
	return lines(pick(r, []string{"80E2800005 4203AABBCC", "80E2900007 0070 04 4502AA01", "80E2000003 420101\n80E2800105 4503DDEEFF", "80E280000D 00CF0A 01020304050607080910",
		"80E2800007 5F20 04 01020304", "80E28000044F02A000", "80E2800008 9F6705 0102030405"}))
}

func newKeys(r *rand.Rand, s *scp.Secured) [][]byte {
	var all [][]byte
	if s != nil {
		set := &freshSets[r.IntN(len(freshSets))]
		kind := keys.AES
		if set.Version == 0x22 {
			kind = keys.DES
		}
		if put, err := putKeys(s, kind, pick(r, []byte{0, 0, set.Version}), set); err == nil {
			all = append(all, encode(put)...)
		}
	}
	return append(all, lines(pick(r, []string{"80E4000006 D0010 1D20131", "80E4000003 D20131", "80E4000003 D20132", "80E4000003D00101", "80E4000003 D20122",
		"80D80081 12 04 88108899AABBCCDDEEFF8899AABBCCDDEEFF03112233"}))...)
}

func questions(r *rand.Rand, _ *scp.Secured) [][]byte {
	all := lines(`80F28002024F00
		80F24002024F00
		80F24003024F00
		80F22002024F00
		80F21002024F00
		80F24000024F00
		80F240020E4F005C0A4F9F70C5CCC4CE84CFEA`)
	for _, tag := range []string{"0066", "0067", "9F7F", "0042", "0045", "00CF", "00C1", "00C2", "00D3", "00E0", "FF21", "7F21", "5F20", "0070"} {
		all = append(all, lines("80CA"+tag+"00")...)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:6]
}

// forwarded is personalisation of applications through their domain.
func forwarded(r *rand.Rand, _ *scp.Secured) [][]byte {
	if r.IntN(2) == 0 {
		return append(encode(gp.Install{Purpose: gp.ForPersonalization, Application: ara.AIDMaster}),
			lines("80E290000F F00DE20BE1044F00C100E303D00101\n80E290010F F00DE20BE1044F00C100E303D00100\n80E2900202F200")...)
	}
	i, err := newIssue(nil, nil, 6)
	if err != nil {
		panic(err)
	}
	all := encode(gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDInstance})
	for _, g := range []*perso.Groups{new(perso.Groups).State(), new(perso.Groups).Order(&i.order), new(perso.Groups).Answer(0),
		new(perso.Groups).CACertificate(jpki.Auth, certificate("CA")[:300]), new(perso.Groups).Envelope(append([]byte{1, 1}, randomBytes(r, 208)...)), new(perso.Groups).Activate(i.order.ID),
		new(perso.Groups).Suspend(i.order.ID), new(perso.Groups).Resume(i.order.ID), new(perso.Groups).Erase(i.order.ID)} {
		data, err := g.Bytes()
		if err != nil {
			panic(err)
		}
		blocks, err := gp.StoreDataBlocks(data, 200, gp.StoreData{Structure: gp.StructureDGI, MayRespond: true})
		if err != nil {
			panic(err)
		}
		for b := range blocks {
			b.Last = false
			all = append(all, encode(b)...)
		}
	}
	return all
}

// confidential is key set-up with a point of the host's.
func confidential(r *rand.Rand, _ *scp.Secured) [][]byte {
	i, err := newIssue(nil, nil, 7)
	if err != nil {
		panic(err)
	}
	template := append([]byte{0x00, 0xA6, 0x12, 0xA6, 0x10, 0x90, 0x02, 0x03, byte(r.IntN(4)), 0x95, 0x01, 0x5C, 0x80, 0x01, 0x88, 0x81, 0x01, 0x10, 0x83}, 0x01, 0x33)
	template = append(template, 0x7F, 0x49, 0x49, 0x7F, 0x49, 0x46, 0xB0, 0x41)
	template = append(append(template, i.order.CAPoint[:]...), 0xF0, 0x01, 0x00)
	return append(encode(gp.Install{Purpose: gp.ForPersonalization, Application: pick(r, domains)}),
		encode(gp.StoreData{Last: true, Structure: gp.StructureDGI, MayRespond: true, Data: template})...)
}

func responseMACs(*rand.Rand, *scp.Secured) [][]byte {
	return lines("807A100000\n80CA006600\n8078000300\n807A1000080102030405060708\n8078000100")
}
