package overtheair

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"inkan/scenarios/personalise"
)

// Write prints a report for people. Spec: SPEC-OTA-033.
func (r *Report) Write(w io.Writer) error {
	p := &printer{w: w}
	p.line("The JPKI application by short messages alone: %s (profile %s, %s model)", r.Carrier, r.Profile, r.Model)
	p.line("To:          domain %s, TAR %s", r.Domain, r.TAR)
	p.line("Packets:     SPI %s, %s keys, %s scripts, up to %d messages each", r.SPI, r.Keys, r.Format, r.Parts)
	p.line("Network:     %d %% lost, %d %% twice, %d %% late (model)", r.Conditions.Loss, r.Conditions.Duplicate, r.Conditions.Late)
	p.line("Measured on: %s at %s MHz", r.Chip, strconv.FormatFloat(float64(r.ClockHz)/1e6, 'f', -1, 64))
	p.line("")
	if p.err == nil {
		p.err = personalise.WriteTable(w, r.rows(), 0, 1, 12)
	}
	if r.Total.Card.Cycles > 0 {
		p.line("")
		p.line("%s", personalise.Legend())
		p.line("")
		if p.err == nil {
			p.err = personalise.WriteLedger(w, &r.Total.Card)
		}
	}
	p.line("")
	t := r.Total.Traffic
	p.line("On the network %s: %d messages at %g s, %d of the card at %g s, %d waits of %g s; parameters, not measured.", span(r.Total.Network),
		t.Messages, r.Timing.MessageSeconds, t.Up, r.Timing.UpSeconds, t.Waits, r.Timing.WaitSeconds)
	p.line("On the card %s. Together %s.", span(r.Total.Card.Milliseconds/1e3), span(r.Total.Network+r.Total.Card.Milliseconds/1e3))
	return p.err
}

// rows are the table of steps: what went over the air, and what the card did.
func (r *Report) rows() [][]string {
	rows := [][]string{{"step", "", "APDUs", "packets", "messages", "again", "lost", "bytes", "up", "network", "card ms", "writes", "where the card's time goes"}}
	for _, s := range append(r.Steps[:len(r.Steps):len(r.Steps)], r.Total) {
		ms := ""
		if s.Card.Cycles > 0 {
			ms = strconv.FormatFloat(s.Card.Milliseconds, 'f', 1, 64)
		}
		network := ""
		if s.Packets > 0 {
			network = span(s.Network)
		}
		rows = append(rows, []string{s.Name, s.Detail, count(s.Card.Commands), count(s.Packets), count(s.Traffic.Messages), count(s.Traffic.Again), count(s.Traffic.Lost),
			count(s.Traffic.Bytes), count(s.Traffic.Up), network, ms, count(s.Card.NVM.Writes), s.Card.Bar()})
	}
	return rows
}

// count is a number, or nothing for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return personalise.Grouped(uint64(n))
}

// span is a time for people.
func span(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

// printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
