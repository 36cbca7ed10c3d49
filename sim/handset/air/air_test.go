package air

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/entropy"
	"inkan/spec/req"
)

func link(t testing.TB, k Kind, p Parameters, seed uint64) *Link {
	t.Helper()
	l, err := NewLink(k, p, entropy.Seeded(seed, "air"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParametersOfTheSpecification(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-010")
	text, err := os.ReadFile("../../../spec/HANDSET.md")
	if err != nil {
		t.Fatal(err)
	}
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	for name, value := range map[string]func(Parameters) string{
		"shortest way, ms":                           func(p Parameters) string { return ms(p.Latency) },
		"jitter, ms: up to this much longer, evenly": func(p Parameters) string { return ms(p.Jitter) },
		"setting up a connection, ms":                func(p Parameters) string { return ms(p.SetUp) },
		"bit/s down":                                 func(p Parameters) string { return strconv.Itoa(p.BitRate[Down]) },
		"bit/s up":                                   func(p Parameters) string { return strconv.Itoa(p.BitRate[Up]) },
		"header, bytes of each datagram":             func(p Parameters) string { return strconv.Itoa(p.Header) },
		"datagram, bytes at most":                    func(p Parameters) string { return strconv.Itoa(p.Datagram) },
		"lost, of 1000":                              func(p Parameters) string { return strconv.Itoa(p.Loss) },
		"doubled, of 1000":                           func(p Parameters) string { return strconv.Itoa(p.Double) },
		"late, of 1000":                              func(p Parameters) string { return strconv.Itoa(p.Late) },
		"late by, ms":                                func(p Parameters) string { return ms(p.LateBy) },
		"sent again after, ms":                       func(p Parameters) string { return ms(p.Again) },
		"sent at most, times":                        func(p Parameters) string { return strconv.Itoa(p.Tries) },
	} {
		row := "| " + name + " |"
		for _, k := range Kinds() {
			row += " " + value(Default(k)) + " |"
		}
		if !strings.Contains(string(text), "\n"+row+"\n") {
			t.Errorf("the specification has no row %s", row)
		}
	}
	for _, k := range Kinds() {
		if p := Default(k); p.Check() != nil {
			t.Errorf("%v: %v", k, p.Check())
		}
	}
}

func TestCheck(t *testing.T) {
	for i, change := range []func(*Parameters){
		func(p *Parameters) { p.Loss = 1001 }, func(p *Parameters) { p.Double = -1 }, func(p *Parameters) { p.Late = 2000 },
		func(p *Parameters) { p.Latency = -1 }, func(p *Parameters) { p.BitRate[Up] = 0 }, func(p *Parameters) { p.Header = p.Datagram },
		func(p *Parameters) { p.Tries = 0 }, func(p *Parameters) { p.Tries = 65 },
	} {
		p := Default(SMS)
		change(&p)
		if _, err := NewLink(SMS, p, entropy.Seeded(1, "")); err == nil {
			t.Errorf("change %d was taken", i)
		}
	}
}

func TestReproducible(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-011")
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 3000), 1, 30).Draw(t, "sizes")
		run := func() string {
			out := ""
			for _, k := range Kinds() {
				l, err := NewLink(k, Default(k), entropy.Seeded(seed, "air"))
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range sizes {
					took, err := l.Transfer(Up, n)
					out += fmt.Sprint(l.Datagram(Down, n).Arrivals, took, err, l.Traffic)
				}
			}
			return out
		}
		if run() != run() {
			t.Fatal("two runs differ")
		}
	})
}

// The frequencies of many datagrams are those of the parameters, within five standard
// deviations.
func TestFrequencies(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-012")
	p := Parameters{Latency: time.Second, Jitter: time.Second, BitRate: [2]int{8000, 8000}, Header: 10, Datagram: 200,
		Loss: 100, Double: 200, Late: 300, LateBy: 10 * time.Second, Again: time.Second, Tries: 2}
	l := link(t, SMS, p, 1)
	const n = 20000
	late := 0
	for range n {
		f := l.Datagram(Down, 90)
		if f.Lost() {
			continue
		}
		first := f.Arrivals[0]
		if first > 5*time.Second {
			late++
			first -= p.LateBy
		}
		if least := p.Latency + 100*time.Millisecond; first < least || first > least+p.Jitter {
			t.Fatalf("arrived after %v", first)
		}
		if len(f.Arrivals) == 2 && f.Arrivals[1] <= f.Arrivals[0] {
			t.Fatal("the second came before the first")
		}
	}
	got := l.Traffic[Down]
	near := func(what string, count, of int, probability float64) {
		t.Helper()
		mean := float64(of) * probability
		if d := float64(count) - mean; d*d > 25*mean*(1-probability) {
			t.Errorf("%d of %d %s, want %.0f", count, of, what, mean)
		}
	}
	arrived := n - got.Lost
	near("lost", got.Lost, n, 0.1)
	near("doubled", got.Doubled, arrived, 0.2)
	near("late", late, arrived, 0.3)
	if got.Datagrams != n || got.Bytes != n*100 || late != got.Late {
		t.Errorf("traffic %+v", got)
	}
}

func TestTransfer(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-013", "SPEC-HANDSET-014")
	p := Parameters{Latency: time.Second, SetUp: 5 * time.Second, BitRate: [2]int{800, 1600}, Header: 20, Datagram: 120, Again: 7 * time.Second, Tries: 3}
	l := link(t, LTE, p, 1)
	for _, c := range []struct {
		d     Direction
		bytes int
		want  time.Duration
	}{
		{Down, 250, 5*time.Second + time.Second + (250+60)*10*time.Millisecond}, // set up once
		{Down, 250, time.Second + (250+60)*10*time.Millisecond},
		{Up, 250, time.Second + (250+60)*5*time.Millisecond},
		{Up, 0, time.Second + 21*5*time.Millisecond},
	} {
		if took, err := l.Transfer(c.d, c.bytes); err != nil || took != c.want {
			t.Errorf("%v of %d bytes took %v, %v, want %v", c.d, c.bytes, took, err, c.want)
		}
	}
	before := l.Time
	l.Parameters.Loss = 1000
	took, err := l.Transfer(Down, 100)
	if want := time.Second + 3*(1200*time.Millisecond+7*time.Second); err == nil || took != want || l.Time != before+want {
		t.Errorf("all lost: %v, %v, want %v", took, err, want)
	}
	l.Parameters.Loss = 0
	if took, err := l.Transfer(Down, 100); err != nil || took != 5*time.Second+time.Second+1200*time.Millisecond {
		t.Errorf("after a failure: %v, %v", took, err)
	}
	l.Parameters.Loss, l.Parameters.Tries = 300, 64
	before = l.Time
	lost := l.Traffic[Down].Lost
	took, err = l.Transfer(Down, 100_000)
	repeats := l.Traffic[Down].Lost - lost
	want := time.Second + time.Duration(100_000+1000*20)*10*time.Millisecond + time.Duration(repeats)*(1200*time.Millisecond+7*time.Second)
	if err != nil || took != want || repeats == 0 {
		t.Errorf("%d lost: %v, %v, want %v", repeats, took, err, want)
	}
}

func TestQueue(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-015")
	rapid.Check(t, func(t *rapid.T) {
		var q Queue[int]
		at := map[int]time.Duration{}
		last, count := -1, 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1:
				after := time.Duration(rapid.IntRange(-3, 20).Draw(t, "after"))
				at[count] = q.Now() + max(after, 0)
				q.Push(after, count)
				count++
			case 2:
				before := q.Now()
				v, ok := q.Pop()
				if !ok {
					if len(at) != 0 {
						t.Fatal("lost something")
					}
					continue
				}
				for other, due := range at {
					if due < at[v] || due == at[v] && other < v {
						t.Fatalf("%d came before %d", v, other)
					}
				}
				if q.Now() != max(before, at[v]) {
					t.Fatalf("time %v", q.Now())
				}
				last = v
				delete(at, v)
			case 3:
				q.Advance(time.Duration(rapid.IntRange(-3, 20).Draw(t, "advance")))
			}
			if q.Len() != len(at) {
				t.Fatalf("%d in the queue, want %d, last %d", q.Len(), len(at), last)
			}
		}
	})
	var q Queue[string]
	for _, v := range []string{"a", "b", "c"} {
		q.Push(time.Second, v)
	}
	q.Skip(func(v string) bool { return slices.Contains([]string{"a", "b"}, v) })
	if v, _ := q.Pop(); v != "c" || q.Now() != time.Second {
		t.Errorf("%s at %v", v, q.Now())
	}
}

func TestNames(t *testing.T) {
	if SMS.String() != "SMS" || WiFi.String() != "Wi-Fi" || Kind(9).String() != "bearer 9" || Up.String() != "up" {
		t.Error("names")
	}
}
