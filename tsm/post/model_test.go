package post_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// TestCrashAnywhere ends the process before and after each request and within each end,
// with three lanes of which one is poisoned for a while: all arrives once, in the order
// of its lane.
func TestCrashAnywhere(t *testing.T) {
	req.Covers(t, "SPEC-POST-001", "SPEC-POST-002", "SPEC-POST-004")
	const lanes, each = 3, 3
	whole := 1
	for cut := 0; cut < whole; cut++ {
		w := newWorld(t)
		w.store.Close()
		w.fs = vfs.NewCrashableMem()
		w.open(w.fs)
		points := 0
		var clone *vfs.MemFS
		w.point = func() {
			if points++; points == cut+1 {
				clone = w.fs.CrashClone(vfs.CrashCloneCfg{})
			}
		}
		for n := range uint64(lanes * each) {
			w.put(n+1, post.Letter{Lane: []string{"", "a", "b"}[n%lanes]})
			w.point()
		}
		w.poison = map[uint64]bool{2: true}
		for range 3 {
			w.post.Work(ctx)
			w.point()
		}
		w.poison = nil
		w.pass(time.Minute)
		if whole = max(whole, points); clone != nil {
			w.store.Close()
			w.fs, w.point = clone, nil
			w.open(clone)
			w.pass(time.Minute)
		}
		last := map[uint64]uint64{}
		for _, n := range w.taken {
			if n <= last[n%lanes] {
				t.Fatalf("cut at %d: %v", cut, w.taken)
			}
			last[n%lanes] = n
		}
		if len(w.messages()) > 0 || cut >= lanes*each && len(w.taken) != lanes*each {
			t.Fatalf("cut at %d: %d taken, %d left", cut, len(w.taken), len(w.messages()))
		}
		if _, err := w.store.Check(ctx); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		w.store.Close()
	}
	if whole < 40 {
		t.Errorf("%d points only", whole)
	}
}

// drawn is a random life of an outbox, and what has to come of it.
type drawn struct {
	*world
	rt     *rapid.T
	put    map[uint64]post.Letter // by sequence number
	gone   map[uint64]bool        // cancelled
	number uint64
}

// TestLife draws letters, lanes, losses, refusals, ends that fail, cancellations,
// restarts and time. What was taken was taken once and in the order of its lane, and
// every letter ends: taken, given up, set aside or cancelled.
func TestLife(t *testing.T) {
	req.Covers(t, "SPEC-POST-002", "SPEC-POST-003", "SPEC-POST-004", "SPEC-POST-006", "SPEC-POST-007", "SPEC-POST-010", "SPEC-POST-011")
	rapid.Check(t, func(rt *rapid.T) {
		d := &drawn{world: newWorld(t), rt: rt, put: map[uint64]post.Letter{}, gone: map[uint64]bool{}, number: 1000}
		d.poison, d.mute = map[uint64]bool{}, map[tsmp.PartyID]bool{}
		rt.Repeat(map[string]func(*rapid.T){
			"letter":  func(*rapid.T) { d.letter() },
			"letters": func(*rapid.T) { d.letter(); d.letter() },
			"weather": func(*rapid.T) { d.weather() },
			"cancel":  func(*rapid.T) { d.cancel() },
			"time":    func(rt *rapid.T) { d.rough(time.Duration(rapid.IntRange(0, 3600).Draw(rt, "seconds")) * time.Second) },
			"restart": func(*rapid.T) { d.store.Close(); d.open(d.fs) },
			"":        func(*rapid.T) { d.ordered() },
		})
		d.dead, d.lost, d.refuse, d.fail = false, 0, nil, nil
		clear(d.mute)
		for range 40 { // something is always answered
			for _, to := range []tsmp.PartyID{spName, "other.example"} {
				d.number++
				d.put[d.number] = post.Letter{To: to, Lane: "z"}
				d.world.put(d.number, d.put[d.number])
			}
			d.rough(30 * time.Minute)
		}
		d.ordered()
		d.settled()
		d.store.Close()
	})
}

func (d *drawn) letter() {
	l := post.Letter{Lane: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(d.rt, "lane")}
	if rapid.IntRange(0, 3).Draw(d.rt, "for a workflow") == 0 {
		l.Workflow = row.WorkflowID{1, byte(rapid.IntRange(1, 3).Draw(d.rt, "workflow"))}
	}
	if rapid.IntRange(0, 9).Draw(d.rt, "party") == 0 {
		l.To = "other.example"
	}
	if len(d.poison) < 1 && rapid.IntRange(0, 9).Draw(d.rt, "poison") == 0 {
		d.poison[d.number+1] = true
	}
	d.number++
	d.world.put(d.number, l)
	d.put[d.number] = l
}

func (d *drawn) weather() {
	switch rapid.IntRange(0, 5).Draw(d.rt, "weather") {
	case 0:
		d.dead = !d.dead
	case 1:
		d.lost = rapid.IntRange(0, 3).Draw(d.rt, "lost")
	case 2:
		d.refuse = tsmp.Refuse(rapid.SampledFrom([]tsmp.Code{tsmp.CodeOverloaded, tsmp.CodeInternal}).Draw(d.rt, "code"), "")
	case 3:
		d.refuse = nil
	case 4:
		d.mute["other.example"] = rapid.Bool().Draw(d.rt, "mute")
	case 5:
		if d.fail = nil; rapid.Bool().Draw(d.rt, "ends fail") {
			d.fail = errors.New("it cannot be taken in")
		}
	}
}

func (d *drawn) cancel() {
	w := row.WorkflowID{1, byte(rapid.IntRange(1, 3).Draw(d.rt, "workflow"))}
	for _, m := range d.messages() {
		if m.Workflow == w {
			d.gone[number(m.Bytes)] = true
		}
	}
	if err := d.step(func(tx *store.Tx) error { return post.CancelAll(tx, w) }); err != nil {
		d.rt.Fatal(err)
	}
}

// rough works while time goes by, whatever fails.
func (d *drawn) rough(span time.Duration) {
	for end := d.now.Add(span); ; {
		for n := 0; ; n++ {
			if n > 500 {
				d.rt.Fatal("no end")
			}
			if more, _ := d.post.Work(ctx); !more {
				break
			}
		}
		next := d.next()
		if next.IsZero() || next.After(end) {
			d.now = end
			return
		}
		if !next.After(d.now) {
			d.rt.Fatalf("due since %v and not sent at %v", next, d.now)
		}
		d.now = next
	}
}

// ordered checks what was taken so far.
func (d *drawn) ordered() {
	last := map[string]uint64{}
	for _, n := range d.taken {
		l := d.put[n]
		lane := fmt.Sprint(l.To, "#", l.Lane)
		if n <= last[lane] {
			d.rt.Fatalf("lane %s: %d after %d", lane, n, last[lane])
		}
		last[lane] = n
	}
}

// settled checks that no letter is without an end.
func (d *drawn) settled() {
	if _, err := d.store.Check(ctx); err != nil {
		d.rt.Fatal(err)
	}
	ends := map[uint64]string{}
	for _, n := range d.taken {
		ends[n] = "taken"
	}
	for _, e := range d.ended {
		if n := number(e.Message.Bytes); e.GivenUp {
			ends[n] = "given up"
		}
	}
	for _, m := range d.messages() {
		n := number(m.Bytes)
		if !post.Aside(m.Key.Destination) && d.now.Sub(m.At) > 19*time.Hour {
			d.rt.Errorf("%d still waits: attempt %d", n, m.Attempts)
		}
		ends[n] = "left"
	}
	for n := range d.put {
		if ends[n] == "" && !d.gone[n] {
			d.rt.Errorf("%d has no end", n)
		}
		if d.poison[n] && ends[n] == "taken" {
			d.rt.Errorf("%d cannot have been taken", n)
		}
	}
}
