package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"time"

	"inkan/scenarios/report"
)

//go:embed page.tmpl
var source string

//go:embed style.css
var style string

//go:embed script.js
var script string

// view is a run as the template wants it.
type view struct {
	Run      *report.Run
	Lanes    []lane
	Steps    []stepView
	Outside  stepView // what happened in no step
	Figures  []figure
	Sums     []sumView
	Timeline *timeline
	Duties   []dutyView
	Trails   []trailView
	Width    float64
	// LanesHeight is that of the lanes' heads.
	LanesHeight int
	Style       template.CSS
	Script      template.JS
	Policy      template.HTMLAttr // Content-Security-Policy: nothing from elsewhere, no script but ours
}

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"span": span, "pretty": pretty, "bytes": bytesOf, "clock": report.Clock,
	"utc":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") },
	"add":  func(a, b float64) float64 { return a + b },
	"list": func(values ...any) []any { return values },
}).Parse(source))

// Write writes the page of a run. The same run gives the same bytes.
// Spec: SPEC-REPORT-030, SPEC-REPORT-031.
func Write(w io.Writer, r *report.Run) error {
	digest := sha256.Sum256([]byte(script))
	v := &view{Run: r, Lanes: lanesOf(r), Width: chartWidth, Style: template.CSS(style), Script: template.JS(script),
		Policy: template.HTMLAttr(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-` + base64.StdEncoding.EncodeToString(digest[:]) + `'"`)}
	v.LanesHeight = 42
	if slices.ContainsFunc(v.Lanes, func(l lane) bool { return len(l.Name) > 1 }) {
		v.LanesHeight = 56
	}
	v.steps()
	v.Figures, v.Sums, v.Timeline, v.Duties, v.Trails = v.figures(), v.sums(), timelineOf(r), v.duties(), v.trails()
	return page.Execute(w, v)
}
