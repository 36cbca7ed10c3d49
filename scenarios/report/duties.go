package report

import (
	"slices"
	"strings"
)

// Duty is what a party was responsible for (責任分界), with the evidence of it.
type Duty struct {
	Party    PartyID
	Steps    []int // that it answers for: the step says so, or an audit entry of it
	Refusals int   // audit entries that name it, of what was refused
	Entries  int   // audit entries that name it
	Evidence int   // signed requests, receipts and other exhibits of these
}

// Duties is who was responsible for what, in the order of the parties.
// Spec: SPEC-REPORT-008.
func (r *Run) Duties() (duties []Duty) {
	place := map[PartyID]int{}
	duty := func(id PartyID) *Duty {
		i, ok := place[id]
		if !ok {
			i = len(duties)
			place[id] = i
			duties = append(duties, Duty{Party: id})
		}
		return &duties[i]
	}
	for _, p := range r.Parties {
		duty(p.ID)
	}
	for _, s := range r.Steps {
		if s.Responsible != "" {
			duty(s.Responsible).add(s.Number)
		}
	}
	signers := r.signers()
	for i := range r.Audit {
		a := &r.Audit[i]
		if a.Responsible == "" {
			continue
		}
		d := duty(r.answers(a, signers))
		d.Entries++
		d.Evidence += len(a.Evidence)
		if a.Refused != "" {
			d.Refusals++
		}
		d.add(a.Step)
	}
	for i := range duties {
		slices.Sort(duties[i].Steps)
	}
	return slices.DeleteFunc(duties, func(d Duty) bool { return len(d.Steps) == 0 && d.Entries == 0 })
}

func (d *Duty) add(step int) {
	if step > 0 && !slices.Contains(d.Steps, step) {
		d.Steps = append(d.Steps, step)
	}
}

// Responsible are those who answer for a step: the one that it names, else those that
// the audit entries of it name, in their order. Spec: SPEC-REPORT-008.
func (r *Run) Responsible(step int) (ids []PartyID) {
	if step > 0 && step <= len(r.Steps) && r.Steps[step-1].Responsible != "" {
		return []PartyID{r.Steps[step-1].Responsible}
	}
	signers := r.signers()
	for i := range r.Audit {
		a := &r.Audit[i]
		if a.Step != step || a.Responsible == "" {
			continue
		}
		if id := r.answers(a, signers); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// roles are words of audit trails for what a party is, in lower case.
var roles = map[string]PartyKind{
	"ca": Authority, "sp-tsm": SPTSM, "mno-tsm": MNOTSM, "municipality": Municipality,
	"holder": Person, "applicant": Person, "ui-app": Phone, "ui app": Phone,
}

// signers are the parties by the names under which they sign: what an identifier of
// their keys has before its number.
func (r *Run) signers() map[string]PartyID {
	signers := map[string]PartyID{}
	signed := func(d *Document, by PartyID) {
		if d != nil && d.KeyID != "" {
			name, _, _ := strings.Cut(d.KeyID, "#")
			signers[name] = by
		}
	}
	for i := range r.Messages {
		signed(r.Messages[i].Request, r.Messages[i].From)
		signed(r.Messages[i].Answer, r.Messages[i].To)
	}
	return signers
}

// answers is the party that an audit entry names: by identifier or name, or by its role,
// alone or before a slash. Of several in a role it is the one whose trail it is, else
// the one that acted, else the first. Who is no party of the run keeps the word.
func (r *Run) answers(a *AuditEntry, signers map[string]PartyID) PartyID {
	for _, p := range r.Parties {
		if strings.EqualFold(string(p.ID), a.Responsible) || strings.EqualFold(p.Name.English, a.Responsible) || p.Name.Japanese == a.Responsible {
			return p.ID
		}
	}
	word, _, _ := strings.Cut(strings.ToLower(a.Responsible), "/")
	kind, ok := roles[word]
	if !ok {
		return PartyID(a.Responsible)
	}
	if r.Party(a.Party).Kind == kind {
		return a.Party
	}
	if actor := signers[a.Actor]; r.Party(actor).Kind == kind {
		return actor
	}
	for _, p := range r.Parties {
		if p.Kind == kind {
			return p.ID
		}
	}
	return PartyID(a.Responsible)
}
