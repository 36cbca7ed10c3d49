package post_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/post"
	"inkan/tsm/store/row"
)

var waits, others = row.WorkflowID{1}, row.WorkflowID{2}

func (w *world) attend(id row.WorkflowID, want bool) {
	w.t.Helper()
	if moved, err := w.post.Attend(ctx, id); err != nil || moved != want {
		w.t.Fatalf("Attend: %v, %v, want %v", moved, err, want)
	}
}

// What a workflow waits for is sent at once, and nothing else; what is asked for when
// the answer is there as well.
func TestAttend(t *testing.T) {
	req.Covers(t, "SPEC-POST-015")
	w := newWorld(t)
	w.attend(waits, false)
	w.put(1, post.Letter{})
	w.put(2, post.Letter{Lane: "a", Workflow: others})
	w.put(3, post.Letter{Lane: "b", Workflow: waits})
	w.put(4, post.Letter{Lane: "b", Workflow: waits})
	w.attend(waits, true)
	w.want(3, 4)
	w.attend(waits, false)
	w.work()
	w.want(3, 4, 1, 2)
	if len(w.ended) != 4 {
		t.Errorf("%d ends", len(w.ended))
	}
}

// A letter keeps its place in its lane and its pause, and a party that is silent its
// rest.
func TestNotAttended(t *testing.T) {
	req.Covers(t, "SPEC-POST-015", "SPEC-POST-002", "SPEC-POST-003")
	w := newWorld(t)
	w.put(1, post.Letter{Lane: "a", Workflow: others})
	w.put(2, post.Letter{Lane: "a", Workflow: waits})
	w.attend(waits, false)
	w.want()
	w.work()
	w.want(1, 2)

	w.put(3, post.Letter{Lane: "a", Workflow: waits})
	w.lost = 1
	w.attend(waits, false) // executed, but the answer was lost
	w.attend(waits, false) // it has its pause
	w.want(1, 2, 3)
	w.pass(post.FirstPause)
	if len(w.ended) != 3 {
		t.Fatalf("%d ends", len(w.ended))
	}

	w.dead = true
	for n := range uint64(6) {
		w.put(10+n, post.Letter{Lane: string(rune('b' + n)), Workflow: others})
	}
	if _, err := w.post.Work(ctx); err != nil {
		t.Fatal(err)
	}
	w.dead = false
	w.put(20, post.Letter{Lane: "z", Workflow: waits})
	w.attend(waits, false) // nobody was there a moment ago
}

// An end that cannot be taken in is left to Work, which reports it; a call whose time is
// over ends with the context.
func TestAttendLeaves(t *testing.T) {
	req.Covers(t, "SPEC-POST-015", "SPEC-POST-006")
	w := newWorld(t)
	w.put(1, post.Letter{Lane: "a", Workflow: waits})
	w.fail = errors.New("not now")
	w.attend(waits, false)
	if m := w.messages(); len(m) != 1 || m[0].Attempts != 0 {
		t.Fatalf("%+v", m)
	}
	if _, err := w.post.Work(ctx); !errors.Is(err, w.fail) {
		t.Fatalf("%v", err)
	}
	w.fail = nil
	w.pass(time.Minute)
	w.want(1) // the second time the same call
	w.put(2, post.Letter{Lane: "a", Workflow: waits})
	over, cancel := context.WithCancel(ctx)
	w.point = cancel
	if moved, err := w.post.Attend(over, waits); moved || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", moved, err)
	}
	w.point = nil
	if m := w.messages(); len(m) != 1 || m[0].Attempts != 1 || !m[0].Next.Equal(w.now.Add(post.FirstPause)) {
		t.Errorf("%+v", m)
	}
	w.pass(post.FirstPause)
	w.work()
	if len(w.ended) != 2 || w.ended[1].Function != tsmp.HandleSEStatusChangeNotification {
		t.Errorf("%d ends", len(w.ended))
	}
}

// What is being sent is not sent a second time beside it, and Work does not wait for it.
func TestAttendBesideWork(t *testing.T) {
	req.Covers(t, "SPEC-POST-015")
	w := newWorld(t)
	w.put(1, post.Letter{Lane: "a", Workflow: waits})
	w.put(2, post.Letter{Lane: "b", Workflow: others})
	within := 0
	w.point = func() {
		if within++; within == 1 { // 1 is on its way
			w.attend(waits, false)
			w.work()
			w.want(2)
		}
	}
	w.attend(waits, true)
	w.want(2, 1)
	for request, n := range w.bytes {
		if n != 1 {
			t.Errorf("request %d was sent %d times", number([]byte(request)), n)
		}
	}
}

// Letters that are being sent keep no others from it, and Work from no rest.
func TestManyAttended(t *testing.T) {
	req.Covers(t, "SPEC-POST-015", "SPEC-POST-009")
	w := newWorld(t)
	const many = 70
	for n := range uint64(many) {
		w.put(n+1, post.Letter{Lane: fmt.Sprintf("a%d", n), Workflow: row.WorkflowID{9, byte(n)}})
	}
	w.put(100, post.Letter{Lane: "b", Workflow: others})
	depth := 0
	w.point = func() {
		if depth++; depth < many {
			w.attend(row.WorkflowID{9, byte(depth)}, true)
		} else if depth == many { // all of them are on their way
			w.work()
			w.want(100)
		}
	}
	w.attend(row.WorkflowID{9}, true)
	if len(w.taken) != many+1 {
		t.Errorf("%d taken", len(w.taken))
	}
}
