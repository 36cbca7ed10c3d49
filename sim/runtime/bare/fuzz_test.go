package bare

import (
	"strings"
	"testing"
)

// FuzzTransmit sends bytes as a sequence of commands, each with a length byte
// before it, to a card with applets: it answers each, its ledger is the clock,
// and nothing panics.
func FuzzTransmit(f *testing.F) {
	files := map[string][]byte{}
	for _, theme := range []string{"io", "pin", "trans"} {
		files[theme] = capFile(f, theme, "305")
		var seed []byte
		for _, line := range lines(f, theme) {
			if command, _, ok := strings.Cut(line, " -> "); ok && !strings.HasPrefix(line, "#") && len(command) < 60 {
				b := unhex(f, command)
				seed = append(append(seed, byte(len(b))), b...)
			}
			if len(seed) > 150 {
				f.Add(seed)
				seed = nil
			}
		}
	}
	for _, command := range []string{"00A4040000", "80500000081122334455667788", "80CA006600", "80F28002024F0000", "0070000001", "80E60200"} {
		b := unhex(f, command)
		f.Add(append([]byte{byte(len(b))}, b...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		card, err := New(Config{Protocol: 1, Channels: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, theme := range []string{"io", "pin", "trans"} {
			p, err := card.Load(files[theme])
			if err != nil {
				t.Fatal(err)
			}
			a := p.Applets()[0].AID
			if _, err := card.Install(p.Info().AID, a, a, nil); err != nil {
				t.Fatal(err)
			}
		}
		for len(b) > 0 {
			n := min(int(b[0]), len(b)-1)
			r, err := card.Transmit(ctx, b[1:1+n], nil)
			if err != nil || len(r) < 2 {
				t.Fatalf("%X: %X, %v", b[1:1+n], r, err)
			}
			if k := card.Clock(); k.Ledger().Sum() != k.Now() {
				t.Fatal("the ledger is not the clock")
			}
			b = b[1+n:]
		}
	})
}

// FuzzStoreData forwards blocks to an applet, each P1, length and data, through
// a secure channel: all are answered, nothing is open afterwards, and a session
// ends only when the applet ends it.
func FuzzStoreData(f *testing.F) {
	for what := range byte(20) {
		f.Add([]byte{0x01, 3, what, 7, 8, 0x80, 1, 0})
		f.Add(append([]byte{0x61, 18, what}, make([]byte, 17)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		card, secured := personalized(t, Config{}, personal, 0x33)
		for len(b) > 1 {
			n := min(int(b[1]), len(b)-2, 230)
			command := append([]byte{0x80, 0xE2, b[0], 0, byte(n)}, b[2:2+n]...)
			if n == 0 {
				command = command[:4]
			}
			r, err := secured.Transmit(ctx, command, nil)
			if card.channel.IsOpen() && (err != nil || len(r) < 2) { // else the host misses the R-MAC
				t.Fatalf("%X: %X, %v", command, r, err)
			}
			if k := card.Clock(); k.Ledger().Sum() != k.Now() || card.Machine().TransactionDepth() != 0 {
				t.Fatal("the ledger is not the clock, or a transaction is open")
			}
			if !card.channel.IsOpen() {
				if n == 0 || b[2] < 10 || b[2] > 12 { // decryptData, encryptData, resetSecurity
					t.Fatalf("%X ends the session", command)
				}
				secured = reopen(t, card, 0x33)
			}
			exchange(t, secured, target(personalAID), 0x9000)
			b = b[2+n:]
		}
	})
}

// TestAllocations: a command that an applet answers costs the host no memory.
func TestAllocations(t *testing.T) {
	card := with(t, Config{Protocol: 1}, "io")
	exchanges(t, card, selectIO+" -> 9000")
	command, out := unhex(t, "8014000A14"), make([]byte, 0, 300)
	n := testing.AllocsPerRun(100, func() {
		if _, err := card.Transmit(ctx, command, out); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations for a command", n)
	}
}
