package fleet

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Result is how a fleet has ended.
type Result struct {
	Config    Config
	Ended     int            // phones
	Done      int            // that had what they wished in the end
	Resumed   int            // of these, whose download was interrupted and came to its end
	OnCard    int            // that made the key on the card
	Cancelled int            // that gave up by themselves
	Refused   map[string]int // that were refused for good, by code
	Met       map[string]int // refusals that were overcome by trying again, by code
	Troubles  map[Trouble]int
	Events    map[Event]int
	Faults    map[string]int
	Downloads map[Bearer][]time.Duration // those that nothing of their own has interrupted
	Failures  []Failure
	Simulated time.Duration
	Took      time.Duration
}

// Failure is a phone's life that ended as it must not.
type Failure struct {
	Draft *Draft
	Err   error
}

func newResult(c Config, faults map[string]int) *Result {
	return &Result{Config: c, Refused: map[string]int{}, Met: map[string]int{}, Troubles: map[Trouble]int{}, Events: map[Event]int{}, Faults: faults,
		Downloads: map[Bearer][]time.Duration{}}
}

// ended notes how a life has ended.
func (r *Result) ended(l *life, err error) {
	r.Ended++
	r.Troubles[l.Trouble]++
	for _, code := range l.met {
		r.Met[code]++
	}
	if l.OnCard {
		r.OnCard++
	}
	if l.download > 0 {
		r.Downloads[l.Bearer] = append(r.Downloads[l.Bearer], l.download)
	}
	switch {
	case err != nil:
		r.Failures = append(r.Failures, Failure{l.Draft, err})
	case l.refused != "":
		r.Refused[l.refused]++
	case l.Trouble == Cancelled:
		r.Cancelled++
	default:
		r.Done++
		r.Events[l.Event]++
		if l.resumed {
			r.Resumed++
		}
	}
}

// Replay is the command that has a phone live again: in the whole fleet, and alone.
// Spec: SPEC-FLEET-003.
func (r *Result) Replay(number int) (whole, alone string) {
	whole = fmt.Sprintf("inkan fleet --phones %d --seed %d", r.Config.Phones, r.Config.Seed)
	if r.Config.Calm {
		whole += " --calm"
	}
	return whole, fmt.Sprintf("%s --only %d", whole, number)
}

// Lives are what the failed phones tell.
func (r *Result) Lives() string {
	var b strings.Builder
	for _, f := range r.Failures {
		whole, alone := r.Replay(f.Draft.Number)
		fmt.Fprintf(&b, "%v\n  %v\n  again: %s\n  alone: %s\n", f.Draft, f.Err, whole, alone)
	}
	return b.String()
}

// Percentile is that of times, which it sorts; 0: there are none.
func Percentile(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)*percent/100, len(times)-1)]
}

// Write prints the tables. Spec: SPEC-FLEET-004.
func (r *Result) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "seed\t%d\n", r.Config.Seed)
	fmt.Fprintf(t, "phones\t%d\tof them with keys made on the card\t%d\n", r.Ended, r.OnCard)
	fmt.Fprintf(t, "done\t%d\tof them after an interruption\t%d\n", r.Done, r.Resumed)
	fmt.Fprintf(t, "cancelled\t%d\n", r.Cancelled)
	counts(t, "refused", r.Refused)
	fmt.Fprintf(t, "failed\t%d\n", len(r.Failures))
	fmt.Fprintln(t)
	counts(t, "refused, then done", r.Met)
	counts(t, "trouble", r.Troubles)
	counts(t, "event", r.Events)
	counts(t, "fault", r.Faults)
	fmt.Fprintf(t, "\ndownload by\tphones\tp50\tp99\n")
	for _, b := range []Bearer{RelayData, RelayWiFi, SMS} {
		d := r.Downloads[b]
		fmt.Fprintf(t, "%s\t%d\t%v\t%v\n", b, len(d), Percentile(d, 50), Percentile(d, 99))
	}
	fmt.Fprintf(t, "\nsimulated\t%v\n", r.Simulated.Round(time.Second))
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, r.Lives())
	return err
}

func counts[K ~string](w io.Writer, name string, of map[K]int) {
	for _, k := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(w, "%s: %s\t%d\n", name, k, of[k])
	}
}
