package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sum is the time of one kind, with its causes, most first.
type Sum struct {
	Kind   CostKind
	Took   time.Duration
	Causes []Cost
}

// Sums adds up the ledger by kind, in the order of CostKinds; kinds without time are
// left out. step is the number of one step, or -1 for all.
func (r *Run) Sums(step int) (sums []Sum) {
	for _, kind := range CostKinds() {
		s := Sum{Kind: kind}
		for _, c := range r.Ledger {
			if c.Kind != kind || step >= 0 && c.Step != step {
				continue
			}
			s.Took += c.Took
			i := slices.IndexFunc(s.Causes, func(x Cost) bool { return x.Cause == c.Cause })
			if i < 0 {
				c.Step = max(step, 0)
				s.Causes = append(s.Causes, c)
				continue
			}
			s.Causes[i].Took += c.Took
			s.Causes[i].Cycles += c.Cycles
		}
		if s.Took > 0 {
			slices.SortStableFunc(s.Causes, func(a, b Cost) int { return cmp.Compare(b.Took, a.Took) })
			sums = append(sums, s)
		}
	}
	return sums
}

// Unattributed is what of the run's time no entry of the ledger accounts for; negative
// where parties worked at the same time.
func (r *Run) Unattributed() time.Duration {
	d := r.Took
	for _, c := range r.Ledger {
		d -= c.Took
	}
	return d
}

// Party finds a party; an unknown one is called by its identifier.
func (r *Run) Party(id PartyID) Party {
	for _, p := range r.Parties {
		if p.ID == id {
			return p
		}
	}
	return Party{ID: id, Name: Text{English: string(id)}}
}

// Cause is a cause of the ledger for people: identifiers of parties, also of two with an
// arrow between them, become names.
func (r *Run) Cause(cause string) string {
	parts := strings.Split(cause, " → ")
	for i, id := range parts {
		if n := r.Party(PartyID(id)).Name; n.English != "" {
			parts[i] = n.English
		}
	}
	return strings.Join(parts, " → ")
}

// Ranges writes ascending numbers in short: "1–3, 7".
func Ranges(numbers []int) string {
	var b strings.Builder
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(numbers[i]))
		switch {
		case j == i+1:
			b.WriteString(", " + strconv.Itoa(numbers[j]))
		case j > i:
			b.WriteString("–" + strconv.Itoa(numbers[j]))
		}
		i = j + 1
	}
	return b.String()
}

// Traffic is how much was sent.
type Traffic struct{ Messages, SMS, APDUs int }

// Traffic counts what was sent in a step.
func (r *Run) Traffic(step int) (t Traffic) {
	for i := range r.Messages {
		if r.Messages[i].Step == step {
			t.Messages++
		}
	}
	for i := range r.SMS {
		if r.SMS[i].Step == step {
			t.SMS++
		}
	}
	for i := range r.APDUs {
		if r.APDUs[i].Step == step {
			t.APDUs++
		}
	}
	return t
}
