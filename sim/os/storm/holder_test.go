package storm_test

import (
	"crypto"
	"fmt"
	"math/rand/v2"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp"
)

// inClear are sequences that need no channel.
var inClear = []sequence{selections, channels, holder, files, fileUpdates, filePINs, authentications, toolkit, applet, handshakes, questions, hoarding}

func selections(r *rand.Rand, _ *scp.Secured) [][]byte {
	name := pick(r, names).Append(nil)
	return append(encode(gp.Select{Name: name}, gp.Select{Name: name[:5]}, gp.Select{}),
		lines(fmt.Sprintf("00A4040205%X00\n00A4040C%02X%X\n00A4040005A000000003", name[:5], len(name), name))...)
}

func channels(r *rand.Rand, _ *scp.Secured) [][]byte {
	name := pick(r, names).Append(nil)
	return lines(fmt.Sprintf("0070000001\n0070000%d00\n0%dA40400%02X%X\n8%dCA006600\n007080%02X\n00708003\n01A4040000", 1+r.IntN(3), 1+r.IntN(3), len(name), name, 1+r.IntN(3), r.IntN(4)))
}

// holder is what a holder's program does with the JPKI application.
func holder(r *rand.Rand, _ *scp.Secured) [][]byte {
	info, _ := jpki.AppendDigestInfo(nil, crypto.SHA256, randomBytes(r, 32))
	all := encode(jpki.SelectApplication{})
	for _, role := range roles {
		pin := role.PIN().Reference()
		all = append(all, encode(jpki.RetryQuery{PIN: pin}, jpki.ReadBinary{EF: role.Certificate(), Ne: 256}, jpki.ReadBinary{Offset: r.IntN(1600), Ne: 256},
			jpki.ResetRetryCounter{PIN: pin, Code: []byte("CODE00000000"), New: []byte("1111")}, jpki.GetChallenge{}, jpki.GetData{})...)
		value := []byte("9999")
		if r.IntN(40) == 0 {
			value = []byte(pinCodes[role][1])
			all = append(all, encode(jpki.Verify{PIN: pin, Value: value}, jpki.ReadBinary{EF: role.Certificate(), Ne: 256},
				jpki.Signature{Key: role.Key().Reference(), Data: info})...)
		} else if r.IntN(3) == 0 {
			all = append(all, encode(jpki.Verify{PIN: pin, Value: value}, jpki.Signature{Key: role.Key().Reference(), Data: info},
				jpki.ChangeReferenceData{PIN: pin, New: value})...)
		}
	}
	return append(all, encode(jpki.Contactless{})...)
}

func files(r *rand.Rand, _ *scp.Secured) [][]byte {
	return append(lines(`00A40004023F00
		00A40004022FE2
		00B000000A
		00A40004022F00
		00B2010426
		00A4040C0CA0000000871002FF49FF0589
		00A40004026F07
		00B0000009
		00A40804047FFF6F3C
		00B20104B0
		00A2010404 FFFFFFFF
		00A40004026F46
		00B000001100
		80F2000000
		80F2010000`), lines(fmt.Sprintf("00A4000402%02X%02X\n00B0%02X0010", pick(r, []byte{0x2F, 0x3F, 0x6F, 0x7F}), byte(r.Uint32()), 0x81+r.IntN(30)))...)
}

func fileUpdates(r *rand.Rand, _ *scp.Secured) [][]byte {
	return lines(fmt.Sprintf(`00A4040C0CA0000000871002FF49FF0589
		00200001087373393135FFFFFF
		00A40004026F3C
		00DC0%d04B0%X
		00A40004026F7E
		00D600000B%X
		00A40004026F39
		0032000003000001
		00A40004026F07
		00D6000009%X
		0044000000
		0004000000`, 1+r.IntN(3), randomBytes(r, 176), randomBytes(r, 11), randomBytes(r, 9)))
}

func filePINs(r *rand.Rand, _ *scp.Secured) [][]byte {
	wrong := "3030303030FFFFFF"
	if r.IntN(20) == 0 {
		wrong = "3733393135FFFFFF" // PIN1
	}
	return lines(fmt.Sprintf("00200001\n0020000108%[1]s\n00240001103030303030FFFFFF%[1]s\n0026000108%[1]s\n0028000108%[1]s\n002C0001\n002C0001103030303030303030%[1]s\n0020008108%[1]s\n0020000A083030303030303030", wrong))
}

func authentications(r *rand.Rand, _ *scp.Secured) [][]byte {
	return lines(fmt.Sprintf("00A4040C0CA0000000871002FF49FF0589\n008800812210%X10%X00\n008800801110%[1]X\n0088008122 10%[1]X10%[1]X\n00C0000010", randomBytes(r, 16), randomBytes(r, 16)))
}

func toolkit(r *rand.Rand, _ *scp.Secured) [][]byte {
	return lines(fmt.Sprintf(`801000000AFFFFFFFF7F9D00DFBF00
		80AA000000
		80C2000009D30782020181900101
		80C2000006 D104 8202 8381
		80120000%02X
		801400000C810301010002028281830100
		80C200000DD60B 190103 8202 8281 1B01%02X
		80F2000C00`, r.IntN(256), r.IntN(256)))
}

// applet is the corpus applet's commands.
func applet(r *rand.Rand, _ *scp.Secured) [][]byte {
	return append(encode(gp.Select{Name: corpusModule.Append(nil)}), lines(`8030000006
		802000000431323334
		802400000431313131
		802C0000
		802E0000
		80320000043131313203
		8034000004
		8030000006`)...)
}

func handshakes(r *rand.Rand, _ *scp.Secured) [][]byte {
	version := pick(r, []byte{0x00, 0x30, 0x20, 0x38, 0x21, 0x01, 0x31, 0xFF})
	return append(encode(gp.Select{Name: pick(r, domains).Append(nil)}),
		lines(fmt.Sprintf("8050%02X0008%X00\n8482%02X0010%X\n80F28002024F00\n84E2800013%[4]X010203", version, randomBytes(r, 8), pick(r, []byte{0, 1, 3, 0x33}), randomBytes(r, 16)))...)
}
