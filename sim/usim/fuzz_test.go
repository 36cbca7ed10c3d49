package usim

import (
	"context"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/nvm"
)

// seeds are sequences of commands for the fuzzer.
var seeds = [][]string{
	{"00A4040407A0000000871002", "00A40004026F07", "00B0000009", "002000010831323334FFFFFFFF", "00B0000009", "00D6000001AA"},
	{"00A40804047FFF6F39", "8032000003000001", "00B2010403", "00DC000303000000", "00A2010401 00"},
	{"002C00011038373635343332313131313100FFFF", "0024000110313233 34FFFFFFFF35363738FFFFFFFF", "002600010831323334FFFFFFFF"},
	{"8010000004FFFFFFFF", "8012000000", "801400000C810301218002828281830100", "80C2000002D600"},
	{"0070000001", "01A40004023F00", "01B0820000", "00708001"},
	{"00200" + "00A08C0DEAD3141592653", "00A4000C022F06", "00DC010402FFFF", "0004000002" + "6F06", "0044000002" + "6F06"},
	{"0088008122101111111111111111111111111111111110" + "22222222222222222222222222222222"},
	{"80C2000041D13F820283818B39440881214365877FF6227052000000002502700000201506193535B00011AE7300112233445566778899AABBCCDDEEFF00112233445566"},
}

// FuzzTransmit sends bytes as a sequence of commands, each with a length byte
// before it: the card answers each, shows no secret, its ledger is its clock, and
// what is in its memory boots and works.
func FuzzTransmit(f *testing.F) {
	for _, s := range seeds {
		var seed []byte
		for _, command := range s {
			b := unhex(f, command)
			seed = append(append(seed, byte(len(b))), b...)
		}
		f.Add(seed)
	}
	var base *nvm.Flash
	f.Fuzz(func(t *testing.T, b []byte) {
		if base == nil {
			base = newCard(t, options{}).flash
		}
		box := &inbox{response: []byte{0, 3, 0}}
		c := newCard(t, options{flash: base, ota: box})
		_ = c.u.Enqueue(display(3), nil)
		for len(b) > 0 {
			n := min(int(b[0]), len(b)-1)
			command := b[1 : 1+n]
			r, err := c.Transmit(context.Background(), command, nil)
			if err != nil || len(r) < 2 {
				t.Fatalf("%X: %X, %v", command, r, err)
			}
			if leaks(r) && !leaks(command) {
				t.Fatalf("%X shows a secret: %X", command, r)
			}
			if c.k.Ledger().Sum() != c.k.Now() {
				t.Fatal("the ledger is not the clock")
			}
			b = b[1+n:]
		}
		again := newCard(t, options{flash: c.flash})
		if dump(again) != dump(c) {
			t.Fatal("the memory is not the card")
		}
		if len(again.u.files) != len(c.u.files) {
			t.Fatal("files are missing")
		}
		again.do(uicc.Select{Path: []uicc.FileID{uicc.MF}}, iso7816.OK)
	})
}

// TestSeeds: the sequences that the fuzzer begins with do not leak either.
func TestSeeds(t *testing.T) {
	c := newCard(t, options{})
	for _, s := range seeds {
		for _, command := range s {
			if out, _ := c.raw(unhex(t, command)); leaks(out) {
				t.Errorf("%s: %X", command, out)
			}
		}
	}
}

// FuzzRemote sends bytes to remote file management with full access: it answers,
// and shows no secret.
func FuzzRemote(f *testing.F) {
	for _, s := range seeds {
		var seed []byte
		for _, command := range s {
			b := unhex(f, command)
			seed = append(append(seed, byte(len(b))), b...)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		box := &inbox{}
		c := newCard(t, options{ota: box})
		r := c.u.NewRemote(Domain{Full: true}, testUSIM)
		box.act = func(*Message) {
			if err := r.Begin(); err != nil {
				t.Fatal(err)
			}
			for len(b) > 0 {
				n := min(int(b[0]), len(b)-1)
				out, err := r.Transmit(context.Background(), b[1:1+n], nil)
				if err != nil || len(out) < 2 || leaks(out) && !leaks(b[1:1+n]) {
					t.Fatalf("%X: %X, %v", b[1:1+n], out, err)
				}
				b = b[1+n:]
			}
		}
		c.message(secured(t, []byte{1}, 0)[0], iso7816.OK)
	})
}

// TestAllocations: reading and updating files costs the host no memory.
func TestAllocations(t *testing.T) {
	c := newCard(t, options{})
	c.usim(uicc.PIN1)
	out := make([]byte, 0, 300)
	for _, command := range []string{"00A40004026F07", "80F2000000", "00B0870000", "00D68B0001FF", "00B2010C0E", "00A20104010100", "0020000100"} {
		b := unhex(t, command)
		if n := testing.AllocsPerRun(50, func() {
			if _, err := c.Transmit(context.Background(), b, out); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", command, n)
		}
	}
}
