package post_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// messages are those in the outbox, by destination and number.
func (w *world) messages() (list []row.Message) {
	w.t.Helper()
	err := w.tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Messages.Scan(s, func(m *row.Message) error {
			list = append(list, *m)
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// lanes are the destinations that the outbox knows.
func (w *world) lanes() (list []string) {
	w.t.Helper()
	err := w.tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Lanes.Scan(s, func(l *row.Lane) error {
			list = append(list, l.Destination)
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// events are those of the audit trail.
func (w *world) events() (list []string) {
	w.t.Helper()
	err := w.tenant.View(ctx, func(s *store.Snapshot) error {
		for n := uint64(1); ; n++ {
			e, found, err := store.Entry(s, n)
			if err != nil || !found {
				return err
			}
			list = append(list, e.Event+" "+e.Refused)
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) step(do func(tx *store.Tx) error) error { return w.tenant.Step(ctx, do) }

// next is when the first lane is due; zero: none is.
func (w *world) next() (next time.Time) {
	w.t.Helper()
	err := w.tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Lanes.Scan(s, func(l *row.Lane) error {
			if l.Waiting > 0 && l.Next.Before(row.Never) && (next.IsZero() || l.Next.Before(next)) {
				next = l.Next
			}
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return next
}

// pass lets time go by until the next thing is due, and works, for so long.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for end := w.now.Add(d); ; {
		w.work()
		next := w.next()
		switch {
		case next.IsZero() || next.After(end):
			w.now = end
			return
		case !next.After(w.now):
			w.t.Fatalf("due since %v and not sent at %v", next, w.now)
		}
		w.now = next
	}
}

// A message that never gets through keeps nobody back but its own lane.
func TestPoison(t *testing.T) {
	req.Covers(t, "SPEC-POST-002", "SPEC-POST-007", "SPEC-POST-008", "SPEC-POST-009")
	w := newWorld(t)
	w.poison = map[uint64]bool{1: true}
	w.put(1, post.Letter{Lane: "a"})
	w.put(2, post.Letter{Lane: "a"})
	for n := range uint64(100) {
		w.put(3+n, post.Letter{Lane: fmt.Sprint("b", n%50)})
	}
	w.work()
	if len(w.taken) != 100 {
		t.Fatalf("%d of 100 passed", len(w.taken))
	}
	for n := range uint64(50) {
		first, second := -1, -1
		for i, x := range w.taken {
			if x == 3+n {
				first = i
			}
			if x == 53+n {
				second = i
			}
		}
		if first < 0 || second < first {
			t.Errorf("lane b%d: places %d and %d", n, first, second)
		}
	}
	if got := w.lanes(); len(got) != 1 || got[0] != "sp.example#a" {
		t.Errorf("lanes: %q", got)
	}
	w.poison = nil
	w.now = w.now.Add(post.FirstPause)
	w.work()
	if got := w.taken[100:]; len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("in the end: %v", got)
	}
	if got := w.lanes(); len(got) != 0 {
		t.Errorf("lanes: %q", got)
	}
}

// What is in a name of a lane is checked, and lanes of notifications go on counting.
func TestLaneNames(t *testing.T) {
	req.Covers(t, "SPEC-POST-008")
	w := newWorld(t)
	body := &tsmp.HandleSEStatusChangeNotificationRequest{Notice: tsmp.Notice{Sequence: 1, At: w.now}, SE: tsmp.SEID{1}, Status: tsmp.SEBlocked}
	for _, lane := range []string{"a#b", "a!", "é", "a b", "a/b", "a:", "a@", "a[", "a`", "a{", "a,", "a.", strings.Repeat("a", post.MaxLane+1)} {
		err := w.step(func(tx *store.Tx) error {
			_, err := w.post.Put(tx, post.Letter{To: spName, Lane: lane, Function: tsmp.HandleSEStatusChangeNotification, Body: body})
			return err
		})
		if err == nil {
			t.Errorf("lane %q", lane)
		}
	}
	w.put(1, post.Letter{})
	w.put(2, post.Letter{Lane: strings.Repeat("azAZ09-x", post.MaxLane/8)})
	w.work()
	w.want(1, 2)
	if got := w.lanes(); len(got) != 1 || got[0] != string(spName) {
		t.Errorf("lanes: %q", got)
	}
	for destination, want := range map[string]tsmp.PartyID{"a": "a", "a#b": "a", "a!": "a", "a#b!": "a", "sms/1": "sms/1"} {
		if got := post.Party(destination); got != want || post.Aside(destination) != strings.HasSuffix(destination, "!") {
			t.Errorf("%s: %s", destination, got)
		}
	}
}

// A party that has answered once in a round is not left alone in it, however many other
// requests of the same round it leaves unanswered.
func TestAnsweredOnce(t *testing.T) {
	req.Covers(t, "SPEC-POST-009")
	w := newWorld(t)
	w.poison = map[uint64]bool{2: true, 3: true, 4: true, 5: true, 6: true, 7: true}
	for n := range uint64(7) {
		w.put(n+1, post.Letter{Lane: string(rune('a' + n))})
	}
	if _, err := w.post.Work(ctx); err != nil {
		t.Fatal(err)
	}
	w.want(1)
	if len(w.bytes) != 7 {
		t.Errorf("%d requests were tried, want all 7", len(w.bytes))
	}
}

// A long lane, many lanes, and a party that answers nothing: all others have their turn
// in the first round.
func TestFairness(t *testing.T) {
	req.Covers(t, "SPEC-POST-009")
	w := newWorld(t)
	w.mute = map[tsmp.PartyID]bool{"other.example": true}
	for n := range uint64(200) {
		w.put(1000+n, post.Letter{Lane: "long"})
	}
	for n := range uint64(300) {
		w.put(2000+n, post.Letter{To: "other.example", Lane: fmt.Sprint("x", n)})
	}
	w.now = w.now.Add(time.Second)
	w.put(1, post.Letter{Lane: "short"})
	w.put(2, post.Letter{})
	rounds := 0
	for ; len(w.taken) < 4 && rounds < 10; rounds++ {
		if _, err := w.post.Work(ctx); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[uint64]bool{}
	for _, n := range w.taken {
		seen[n] = true
	}
	if !seen[1] || !seen[2] || rounds > 3 {
		t.Errorf("after %d rounds: %v", rounds, w.taken)
	}
	tried := func() (n int) {
		for request := range w.bytes {
			if number([]byte(request)) >= 2000 {
				n += w.bytes[request]
			}
		}
		return n
	}
	if n := tried(); n != 4 {
		t.Errorf("the silent party was tried %d times", n)
	}
	w.work()
	if len(w.taken) != 202 {
		t.Errorf("%d of 202 were taken", len(w.taken))
	}
	before := tried()
	w.pass(time.Hour)
	if n := tried() - before; n > 40 || n < 20 {
		t.Errorf("the silent party was tried %d times in an hour", n)
	}
	w.mute = nil
	w.pass(post.LongestPause)
	if len(w.taken) != 502 {
		t.Errorf("%d of 502 were taken when it was there again", len(w.taken))
	}
	for _, m := range w.messages() {
		t.Errorf("left: %s", m.Key.Destination)
	}
}

// While a party answers others, a message that it leaves alone ends after Tries
// attempts: set aside where nobody waits for it, else told to who does.
func TestSetAside(t *testing.T) {
	req.Covers(t, "SPEC-POST-010", "SPEC-POST-011")
	w := newWorld(t)
	w.poison = map[uint64]bool{1: true, 2: true}
	workflow := row.WorkflowID{7}
	w.put(1, post.Letter{Lane: "a"})
	w.put(2, post.Letter{Lane: "b", Workflow: workflow})
	w.put(3, post.Letter{Lane: "a"})
	for n := range uint64(200) { // something is always answered
		w.put(100+n, post.Letter{Lane: "c"})
		w.pass(5 * time.Minute)
	}
	var givenUp []*post.Ended
	for _, e := range w.ended {
		if e.GivenUp {
			givenUp = append(givenUp, e)
		}
	}
	if len(givenUp) != 1 || givenUp[0].Message.Workflow != workflow || givenUp[0].Function != tsmp.HandleSEStatusChangeNotification || givenUp[0].Request == nil {
		t.Fatalf("given up: %v", givenUp)
	}
	list := w.messages()
	if len(list) != 1 || list[0].Key.Destination != "sp.example#a!" || list[0].Attempts != post.Tries || !list[0].Next.Equal(row.Never) {
		t.Fatalf("left: %+v", list)
	}
	if last := w.taken[len(w.taken)-1]; last == 3 || len(w.taken) != 201 {
		t.Errorf("%d taken, the last one %d", len(w.taken), last)
	}
	events := strings.Join(w.events(), ";")
	if events != "message-given-up no signed answer;message-set-aside no signed answer" && events != "message-set-aside no signed answer;message-given-up no signed answer" {
		t.Errorf("events: %s", events)
	}
	for request, n := range w.bytes {
		if x := number([]byte(request)); x <= 2 && n != post.Tries {
			t.Errorf("%d was sent %d times", x, n)
		}
	}
	if _, err := w.store.Check(ctx); err != nil {
		t.Error(err)
	}
}

// Of a party that answers nobody no message is given up, however long that lasts.
func TestOutage(t *testing.T) {
	req.Covers(t, "SPEC-POST-010")
	w := newWorld(t)
	w.put(1, post.Letter{Lane: "a"})
	w.work()
	w.dead = true
	w.put(2, post.Letter{Lane: "a"})
	w.put(3, post.Letter{})
	w.pass(20 * 24 * time.Hour)
	if list := w.messages(); len(list) != 2 || list[0].Attempts >= post.Tries/2 || post.Aside(list[0].Key.Destination) {
		t.Fatalf("left: %+v", list)
	}
	w.dead = false
	w.pass(post.LongestPause)
	if len(w.taken) != 3 || len(w.messages()) != 0 {
		t.Errorf("taken: %v", w.taken)
	}
}

// A party that is overloaded for hours is not taken for one that refuses a message, but
// one that refuses the first notification for a day is, and the next ones pass.
func TestRefusedForNow(t *testing.T) {
	req.Covers(t, "SPEC-POST-010", "SPEC-POST-011")
	w := newWorld(t)
	w.refuse = tsmp.Refuse(tsmp.CodeInternal, "")
	w.put(1, post.Letter{})
	w.put(2, post.Letter{})
	w.pass(23 * time.Hour)
	if list := w.messages(); len(list) != 2 {
		t.Fatalf("left: %+v", list)
	}
	w.pass(5 * time.Hour)
	if list := w.messages(); len(list) != 2 || list[1].Key.Destination != "sp.example!" || list[0].Attempts >= post.Tries {
		t.Fatalf("left: %v and %v", list[0].Key, list[1].Key)
	}
	w.refuse = nil
	w.pass(time.Hour)
	w.want(2)
	if events := strings.Join(w.events(), ";"); events != "message-set-aside internal-error" {
		t.Errorf("events: %s", events)
	}
}

// A party that is reached and breaks off on its first notification, for a day and more, is
// not taken for one that is down: the notification is set aside, and the next ones pass.
func TestBrokenOff(t *testing.T) {
	req.Covers(t, "SPEC-POST-014", "SPEC-POST-011")
	w := newWorld(t)
	w.broken = fmt.Errorf("%w: status 500", tsmp.ErrBrokenOff)
	w.put(1, post.Letter{})
	w.put(2, post.Letter{})
	w.pass(23 * time.Hour)
	if list := w.messages(); len(list) != 2 || list[0].Attempts >= post.Tries/2 {
		t.Fatalf("left: %+v", list)
	}
	w.pass(5 * time.Hour)
	if list := w.messages(); len(list) != 2 || list[1].Key.Destination != "sp.example!" || list[0].Attempts >= post.Tries {
		t.Fatalf("left: %v and %v", list[0].Key, list[1].Key)
	}
	w.broken = nil
	w.pass(time.Hour)
	w.want(2)
	if events := strings.Join(w.events(), ";"); events != "message-set-aside broke off without a signed answer" {
		t.Errorf("events: %s", events)
	}
}

// An operator decides about what was set aside, and about nothing else.
func TestOperator(t *testing.T) {
	req.Covers(t, "SPEC-POST-012", "SPEC-POST-013")
	w := newWorld(t)
	w.poison = map[uint64]bool{1: true, 2: true}
	w.put(1, post.Letter{Lane: "a"})
	w.put(2, post.Letter{Lane: "b"})
	waiting := w.messages()[0].Key
	if err := w.step(func(tx *store.Tx) error { return post.Release(tx, waiting, "op") }); !errors.Is(err, post.ErrNotAside) {
		t.Errorf("release of one that waits: %v", err)
	}
	for n := range uint64(200) {
		w.put(100+n, post.Letter{Lane: "c"})
		w.pass(5 * time.Minute)
	}
	list := w.messages()
	if len(list) != 2 {
		t.Fatalf("left: %+v", list)
	}
	left := 0
	err := w.tenant.View(ctx, func(v *store.Snapshot) error {
		return post.AllAside(v, func(l *post.Left) error {
			if l.Message.Call != list[left].Call || l.To != "sp.example" || l.Function != tsmp.HandleSEStatusChangeNotification || l.Why != "no signed answer" ||
				l.Since.Before(l.Message.At) || l.Since.IsZero() {
				t.Errorf("%+v", l)
			}
			left++
			return nil
		})
	})
	if err != nil || left != 2 {
		t.Errorf("%d are listed, %v", left, err)
	}
	w.poison = nil
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.step(func(tx *store.Tx) error { return post.Release(tx, list[0].Key, "op") }))
	must(w.step(func(tx *store.Tx) error { return post.Discard(tx, list[1].Key, "op") }))
	if err := w.step(func(tx *store.Tx) error { return post.Discard(tx, list[1].Key, "op") }); !errors.Is(err, post.ErrNotAside) {
		t.Errorf("a second time: %v", err)
	}
	w.pass(time.Hour)
	if last := w.taken[len(w.taken)-1]; last != 1 || len(w.taken) != 201 {
		t.Errorf("%d taken, the last one %d", len(w.taken), last)
	}
	if got := w.lanes(); len(got) != 0 {
		t.Errorf("lanes: %q", got)
	}
	events := w.events()
	if got := strings.Join(events[len(events)-2:], ";"); got != "message-released ;message-discarded " {
		t.Errorf("events: %q", got)
	}
	if _, err := w.store.Check(ctx); err != nil {
		t.Error(err)
	}
}

// A message whose end its owner can never take in is set aside too, with a workflow or
// without.
func TestEndNeverTaken(t *testing.T) {
	req.Covers(t, "SPEC-POST-006", "SPEC-POST-010")
	w := newWorld(t)
	w.failing = spName
	w.put(1, post.Letter{Lane: "a"})
	w.put(2, post.Letter{Lane: "b", Workflow: row.WorkflowID{7}})
	for range 400 {
		w.post.Work(ctx)
		w.now = w.now.Add(time.Minute)
	}
	list := w.messages()
	if len(list) != 2 || list[0].Key.Destination != "sp.example#a!" || list[1].Key.Destination != "sp.example#b!" {
		t.Fatalf("left: %+v", list)
	}
	w.want(1, 2)
}

// What goes to a party that there is no way to any more waits, and keeps nobody busy.
func TestStrange(t *testing.T) {
	w := newWorld(t)
	w.put(1, post.Letter{To: "other.example", Lane: "a"})
	err := w.step(func(tx *store.Tx) error {
		return store.Enqueue(tx, &row.Message{Key: row.MessageKey{Destination: "gone.example#a"}, Call: tsmp.CallID{9}, Bytes: []byte{1}, At: w.now, Next: w.now, Deadline: post.Forever})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	if list := w.messages(); len(list) != 1 || list[0].Key.Destination != "gone.example#a" || list[0].Attempts != 0 {
		t.Errorf("left: %+v", list)
	}
	w.want(1)
}
