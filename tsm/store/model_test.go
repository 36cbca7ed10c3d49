package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// model is what one tenant has, in maps.
type model struct {
	services  map[tsmp.ServiceReference]row.Service
	workflows map[row.WorkflowID]row.Workflow
	programs  map[row.ProgramKey]row.Program
	sims      map[tsmp.SEID]row.SIM
	queues    map[string][]row.Message
	last      map[string]uint64
	events    []string
}

func newModel() *model {
	return &model{map[tsmp.ServiceReference]row.Service{}, map[row.WorkflowID]row.Workflow{}, map[row.ProgramKey]row.Program{}, map[tsmp.SEID]row.SIM{}, map[string][]row.Message{}, map[string]uint64{}, nil}
}

func (m *model) clone() *model {
	c := &model{maps.Clone(m.services), maps.Clone(m.workflows), maps.Clone(m.programs), maps.Clone(m.sims), map[string][]row.Message{}, maps.Clone(m.last), slices.Clone(m.events)}
	for k, v := range m.queues {
		c.queues[k] = slices.Clone(v)
	}
	return c
}

// putService is Put as the oracle has it: whether it may be.
func (m *model) putService(s row.Service) bool {
	for k, other := range m.services {
		if k != s.Reference && s.Phone != (tsmp.PhoneID{}) && other.Phone == s.Phone {
			return false
		}
	}
	if old, found := m.services[s.Reference]; found && old.State == tsmp.ServiceTerminated && s.State != tsmp.ServiceTerminated {
		return false
	}
	m.services[s.Reference] = s
	return true
}

func (m *model) putWorkflow(w row.Workflow) bool {
	old, found := m.workflows[w.ID]
	if found && old.State > row.WorkflowWaiting && w.State != old.State {
		return false
	}
	m.workflows[w.ID] = w
	if !w.State.Live() {
		m.eraseProgram(w.ID)
	}
	return true
}

func (m *model) setProgram(p row.Program) bool {
	w, found := m.workflows[p.Key.Workflow]
	if !found || !w.State.Live() {
		return false
	}
	m.programs[p.Key] = p
	return true
}

func (m *model) eraseProgram(id row.WorkflowID) {
	maps.DeleteFunc(m.programs, func(k row.ProgramKey, _ row.Program) bool { return k.Workflow == id })
}

func (m *model) deleteWorkflow(id row.WorkflowID) bool {
	w, found := m.workflows[id]
	if !found || w.State <= row.WorkflowWaiting {
		return false
	}
	for _, q := range m.queues {
		for _, x := range q {
			if x.Workflow == id {
				return false
			}
		}
	}
	delete(m.workflows, id)
	return true
}

func (m *model) putSIM(s row.SIM) bool {
	for k, other := range m.sims {
		if k != s.SE && other.ICCID == s.ICCID && other.State != row.SIMRetired && s.State != row.SIMRetired {
			return false
		}
	}
	if old, found := m.sims[s.SE]; found && (s.Counter < old.Counter || old.State == row.SIMRetired && s.State != row.SIMRetired) {
		return false
	}
	m.sims[s.SE] = s
	return true
}

func (m *model) enqueue(x row.Message) bool {
	for _, q := range m.queues {
		for i := range q {
			if q[i].Call == x.Call {
				return false
			}
		}
	}
	if _, found := m.workflows[x.Workflow]; !found && x.Workflow != (row.WorkflowID{}) {
		return false
	}
	d := x.Key.Destination
	m.last[d]++
	x.Key.Number = m.last[d]
	m.queues[d] = append(m.queues[d], x)
	return true
}

func (m *model) remove(key row.MessageKey) bool {
	q := m.queues[key.Destination]
	i := slices.IndexFunc(q, func(x row.Message) bool { return x.Key == key })
	if i >= 0 {
		m.queues[key.Destination] = slices.Delete(slices.Clone(q), i, i+1)
	}
	return i >= 0
}

// rows are lines of text that say what a tenant has, in the order in which the
// store has to give it.
type rows []string

func (r *rows) add(what string, x codec.Row) error {
	b, err := codec.Append(nil, x)
	*r = append(*r, fmt.Sprintf("%s %X", what, b))
	return err
}

func sortedBy[V any](list []V, key func(V) string) []V {
	sort.SliceStable(list, func(i, j int) bool { return key(list[i]) < key(list[j]) })
	return list
}

func values[K comparable, V any](m map[K]V, key func(V) string) []V {
	return sortedBy(slices.Collect(maps.Values(m)), key)
}

// lines is the model as text.
func (m *model) lines() (r rows) {
	services := values(m.services, func(s row.Service) string { return string(s.Reference[:]) })
	for i := range services {
		r.add("service", &services[i])
	}
	bySE := sortedBy(slices.Clone(services), func(s row.Service) string { return string(s.SE[:]) })
	for i := range bySE {
		r.add("by SE", &bySE[i])
	}
	byState := sortedBy(slices.Clone(services), func(s row.Service) string { return string(rune(s.State)) })
	for i := range byState {
		r.add("by state", &byState[i])
	}
	workflows := values(m.workflows, func(w row.Workflow) string { return string(w.ID[:]) })
	for i := range workflows {
		r.add("workflow", &workflows[i])
	}
	programs := values(m.programs, func(p row.Program) string { return string(p.Key.Workflow[:]) + string(rune(p.Key.Part)) })
	for i := range programs {
		r.add("program", &programs[i])
	}
	due := slices.DeleteFunc(slices.Clone(workflows), func(w row.Workflow) bool { return !w.State.Live() })
	slices.SortStableFunc(due, func(a, b row.Workflow) int { return a.Next.Compare(b.Next) })
	for i := range due {
		r.add("due", &due[i])
	}
	next := time.Time{}
	if len(due) > 0 {
		next = due[0].Next
	}
	sims := values(m.sims, func(s row.SIM) string { return string(s.SE[:]) })
	for i := range sims {
		r.add("SIM", &sims[i])
	}
	var firsts []row.Message
	for _, d := range slices.Sorted(maps.Keys(m.queues)) {
		for i := range m.queues[d] {
			r.add("message", &m.queues[d][i])
		}
		if q := m.queues[d]; len(q) > 0 {
			firsts = append(firsts, q[0])
		}
	}
	slices.SortStableFunc(firsts, func(a, b row.Message) int {
		return cmp.Or(a.Next.Compare(b.Next), strings.Compare(a.Key.Destination, b.Key.Destination))
	})
	for i := range firsts {
		r.add("first", &firsts[i])
	}
	if len(firsts) > 0 && (next.IsZero() || firsts[0].Next.Before(next)) {
		next = firsts[0].Next
	}
	return append(append(r, "next "+next.String()), m.events...)
}

// linesOf is what a reader shows, as the same text.
func linesOf(r store.Reader) (out rows, err error) {
	collect := func(e error) {
		if err == nil {
			err = e
		}
	}
	collect(store.Services.Scan(r, func(s *row.Service) error { return out.add("service", s) }))
	for se := byte(0); se < 4; se++ {
		collect(store.ServicesOfSE.Scan(r, id('e', se), func(s *row.Service) error { return out.add("by SE", s) }))
	}
	for state := tsmp.ServiceDeclared; state <= tsmp.ServiceOrphaned; state++ {
		var cursor store.Cursor
		for { // by pages of two, through text
			var e error
			if cursor, e = store.ParseCursor(cursor.String()); e != nil {
				return nil, e
			}
			cursor, e = store.ServicesInState.Page(r, state, cursor, 2, func(s *row.Service) error { return out.add("by state", s) })
			if collect(e); e != nil || cursor == (store.Cursor{}) {
				break
			}
		}
	}
	collect(store.Workflows.Scan(r, func(w *row.Workflow) error { return out.add("workflow", w) }))
	collect(store.Programs.Scan(r, func(p *row.Program) error { return out.add("program", p) }))
	collect(store.DueWorkflows(r, begin.AddDate(100, 0, 0), func(w *row.Workflow) error { return out.add("due", w) }))
	collect(store.SIMs.Scan(r, func(s *row.SIM) error { return out.add("SIM", s) }))
	collect(store.Messages.Scan(r, func(m *row.Message) error { return out.add("message", m) }))
	collect(store.DueMessages(r, begin.AddDate(100, 0, 0), func(m *row.Message) error { return out.add("first", m) }))
	next, e := store.NextDue(r)
	collect(e)
	out = append(out, "next "+next.String())
	if s, ok := r.(*store.Snapshot); ok {
		collect(s.Trail(1, func(e *row.Entry) error { out = append(out, "event "+e.Event); return nil }))
	}
	return out, err
}

func differs(got, want rows) string {
	for i := 0; i < max(len(got), len(want)); i++ {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf("line %d: %q, want %q", i, g, w)
		}
	}
	return ""
}
