package scp02

import (
	"crypto/des"
	"fmt"
	"testing"

	"inkan/core/scp"
	"inkan/spec/req"
)

// loop is a session that sends the same command and response again and again.
type loop struct {
	host            *Host
	card            *Card
	cmd, resp       []byte
	b1, b2, b3, b4  []byte
	commandBytes    int
	option          Options
	level           scp.Level
	responsePayload int
}

func newLoop(t testing.TB, session string, dataBytes int) *loop {
	t.Helper()
	host, card, v := opened(t, session)
	l := &loop{host: host, card: card, commandBytes: dataBytes, option: Options(v.Options[0]), level: scp.Level(v.Level[0]), responsePayload: dataBytes}
	l.cmd = append([]byte{0x80, 0xE2, 0x80, 0x00, byte(dataBytes)}, make([]byte, dataBytes)...)
	l.resp = append(make([]byte, dataBytes), 0x90, 0x00)
	for _, b := range []*[]byte{&l.b1, &l.b2, &l.b3, &l.b4} {
		*b = make([]byte, 0, 300)
	}
	return l
}

func (l *loop) run(t testing.TB) {
	var err error
	if l.b1, err = l.host.Wrap(l.b1[:0], l.cmd); err != nil {
		t.Fatal(err)
	}
	if l.b2, err = l.card.Unwrap(l.b2[:0], l.b1); err != nil {
		t.Fatal(err)
	}
	if l.b3, err = l.card.Wrap(l.b3[:0], l.resp); err != nil {
		t.Fatal(err)
	}
	if l.b4, err = l.host.Unwrap(l.b4[:0], l.b3); err != nil {
		t.Fatal(err)
	}
}

var loops = []struct {
	session   string
	dataBytes int
}{
	{"inkan/i55-level03", 231}, {"inkan/i55-level03", 239},
	{fullSession, 231}, {fullSession, 239},
	{pysimSession, 239}, {rmacSession, 231},
}

func TestNothingIsAllocated(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-103")
	for _, c := range loops {
		l := newLoop(t, c.session, c.dataBytes)
		if n := testing.AllocsPerRun(100, func() { l.run(t) }); n != 0 {
			t.Errorf("%s, %d bytes: %v allocations", c.session, c.dataBytes, n)
		}
	}
	host, card, _ := opened(t, fullSession)
	key, b1, b2 := make([]byte, 24), make([]byte, 0, 24), make([]byte, 0, 24)
	if n := testing.AllocsPerRun(100, func() {
		b1, _ = host.EncryptSensitive(b1[:0], key)
		b2, _ = card.DecryptSensitive(b2[:0], b1)
	}); n != 0 {
		t.Errorf("sensitive data: %v allocations", n)
	}
}

// BenchmarkWrapUnwrap is one command and its response through both sides.
func BenchmarkWrapUnwrap(b *testing.B) {
	for _, c := range loops {
		b.Run(fmt.Sprintf("%s/%d", c.session, c.dataBytes), func(b *testing.B) {
			l := newLoop(b, c.session, c.dataBytes)
			b.ReportAllocs()
			for b.Loop() {
				l.run(b)
			}
		})
	}
}

// BenchmarkBareDES is the block operations that BenchmarkWrapUnwrap of the same
// name cannot do without, key schedules done: the promise compares the two.
func BenchmarkBareDES(b *testing.B) {
	single, _ := des.NewCipher(make([]byte, 8))
	triple, _ := des.NewTripleDESCipher(make([]byte, 24))
	buf := make([]byte, 8)
	for _, c := range loops {
		b.Run(fmt.Sprintf("%s/%d", c.session, c.dataBytes), func(b *testing.B) {
			l := newLoop(b, c.session, c.dataBytes)
			n := CommandCost(l.option, l.level, c.dataBytes).Plus(ResponseCost(l.level, c.dataBytes, c.dataBytes))
			n = n.Plus(n) // both sides
			for b.Loop() {
				for range n.Single {
					single.Encrypt(buf, buf)
				}
				for range n.Triple {
					triple.Encrypt(buf, buf)
				}
			}
		})
	}
}

// BenchmarkOpen is a whole opening on both sides, key schedules included.
func BenchmarkOpen(b *testing.B) {
	v := session02(b, fullSession)
	h, card := v.pair(b)
	b.ReportAllocs()
	for b.Loop() {
		counterOf(card).value = 1
		h, err := NewHandshake(h.config)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := openPair(h, card); err != nil {
			b.Fatal(err)
		}
	}
}
