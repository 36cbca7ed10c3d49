package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/sim/clock"
	"inkan/sim/handset/uiapp"
	"inkan/tsm/store/row"
)

// Screen records what the UI app shows. The one-time code is left out.
// Spec: SPEC-REPORT-011.
func (r *Recorder) Screen(phone PartyID, m uiapp.Message) {
	text := Text{Japanese: m.Text}
	if !japanese(m.Text) {
		text = Text{English: m.Text}
	}
	if m.Key == uiapp.KeyCode {
		hidden := uiapp.Values{"code": covered}
		text = Text{uiapp.Text(application.Japanese, m.Key, hidden), uiapp.Text(application.English, m.Key, hidden)}
	}
	r.Shown(phone, text, m.Error)
}

// Shown records any other text that somebody sees on a screen.
func (r *Recorder) Shown(party PartyID, text Text, id string) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	r.run.Screens = append(r.run.Screens, Screen{Seq: r.next(), Step: r.step(), At: r.now(), Party: party, Text: r.clean(text), Error: r.cleaned(id)})
}

// japanese reports whether a text has kana or kanji.
func japanese(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c >= 0x3040 && c <= 0x9FFF })
}

// Certificate records a certificate of the service by its DER. Errors are those of
// certificate.Parse.
func (r *Recorder) Certificate(name, state string, der []byte) error {
	if r == nil {
		return nil
	}
	c, err := certificate.Parse(der)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(der)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run.Certificates = append(r.run.Certificates, Certificate{Step: r.step(), Name: r.cleaned(name), Kind: c.Kind.String(), State: r.cleaned(state),
		Subject: printable(c.Subject.String()), Issuer: printable(c.Issuer.String()), Serial: serial(c.Serial), NotBefore: c.NotBefore, NotAfter: c.NotAfter,
		Purpose: purpose(c.Kind), SHA256: upper(digest[:]), DER: bytes.Clone(der)})
	return nil
}

// purpose is what the profile's key usage lets a certificate be used for.
func purpose(k certificate.Kind) string {
	switch k {
	case certificate.PhoneAuthentication, certificate.CardAuthentication:
		return "user authentication (利用者証明用)"
	case certificate.PhoneSignature, certificate.CardSignature:
		return "digital signature (署名用)"
	case certificate.SignatureCA, certificate.AuthenticationCA:
		return "signs certificates and revocation lists"
	case certificate.OCSPResponder:
		return "signs OCSP responses"
	}
	return ""
}

// Audit records an entry of a service manager's trail.
func (r *Recorder) Audit(party PartyID, e *row.Entry) {
	if r == nil {
		return
	}
	a := AuditEntry{Party: party, Number: e.Number, At: e.At, Event: e.Event, Refused: e.Refused, Actor: e.Actor, Responsible: e.Responsible}
	for _, x := range e.Exhibits {
		a.Evidence = append(a.Evidence, Evidence{Name: x.Name, SHA256: upper(x.Hash[:])})
	}
	r.AuditEntry(a)
}

// AuditEntry records an entry of any party's trail. Unless it names its step, that is the
// last one that had begun at its time. Spec: SPEC-REPORT-008.
func (r *Recorder) AuditEntry(a AuditEntry) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	if a.Step == 0 {
		a.Step = r.run.stepAt(a.At.Sub(r.run.Start))
	}
	a.At = a.At.UTC()
	a.Event, a.Refused, a.Actor, a.Responsible = r.cleaned(a.Event), r.cleaned(a.Refused), r.cleaned(a.Actor), r.cleaned(a.Responsible)
	a.Evidence = slices.Clone(a.Evidence)
	for i := range a.Evidence {
		a.Evidence[i] = Evidence{r.cleaned(a.Evidence[i].Name), strings.ToUpper(r.cleaned(a.Evidence[i].SHA256))}
	}
	r.run.Audit = append(r.run.Audit, a)
}

// stepAt is the number of the last step that had begun at a time; 0: none.
func (r *Run) stepAt(at time.Duration) int {
	n, _ := slices.BinarySearchFunc(r.Steps, at, func(s Step, at time.Duration) int {
		if s.At <= at {
			return -1
		}
		return 1
	})
	return n
}

// CardTime records what a card's clock spent, by cause: the growth of its ledger, at a
// frequency. Spec: SPEC-REPORT-007.
func (r *Recorder) CardTime(l clock.Ledger, hz uint64) {
	if hz == 0 || !r.lock() {
		return
	}
	defer r.mu.Unlock()
	for cause, n := range l {
		r.spend(CardTime, clock.Cause(cause).String(), cycles(n, hz), n)
	}
}

// cycles is how long n cycles last.
func cycles(n, hz uint64) time.Duration {
	if hz == 0 {
		return 0
	}
	return time.Duration(n/hz)*time.Second + time.Duration(n%hz*uint64(time.Second)/hz)
}

// Spend records time of another kind than the card's.
func (r *Recorder) Spend(kind CostKind, cause string, took time.Duration) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	r.spend(kind, r.cleaned(cause), took, 0)
}

func (r *Recorder) spend(kind CostKind, cause string, took time.Duration, n uint64) {
	if took <= 0 && n == 0 {
		return
	}
	key := costKey{r.step(), kind, cause}
	i, ok := r.costs[key]
	if !ok {
		i = len(r.run.Ledger)
		r.costs[key] = i
		r.run.Ledger = append(r.run.Ledger, Cost{Step: key.step, Kind: kind, Cause: cause})
	}
	r.run.Ledger[i].Took += took
	r.run.Ledger[i].Cycles += n
}

// Count adds to a counter.
func (r *Recorder) Count(name string, n int64) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	name = r.cleaned(name)
	i, ok := r.counted[name]
	if !ok {
		i = len(r.run.Counters)
		r.counted[name] = i
		r.run.Counters = append(r.run.Counters, Counter{Name: name})
	}
	r.run.Counters[i].Value += n
}

// kindOrder is the order of the chart's lanes: from the holder to the authority.
var kindOrder = []PartyKind{Person, IDCard, SIM, Phone, Network, MNOTSM, SPTSM, Authority, Municipality, Provider}

// arrange puts parties in the order of their kinds, and what came out of order in that
// of its time.
func (r *Run) arrange() {
	slices.SortStableFunc(r.Parties, func(a, b Party) int {
		return cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind))
	})
	slices.SortStableFunc(r.Audit, func(a, b AuditEntry) int { return a.At.Compare(b.At) })
}

func upper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// serial is a serial number in hex, in whole bytes.
func serial(n uint64) string {
	s := fmt.Sprintf("%X", n)
	if len(s)%2 == 1 {
		return "0" + s
	}
	return s
}
