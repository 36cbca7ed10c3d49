package report

import (
	"inkan/core/jpki/application"
	"inkan/sim/handset/uiapp"
)

// RefusalOf is what the UI app's catalogue tells the holder of an error: a fault of the
// handset, a code of the protocol, a card's status word. Spec: SPEC-REPORT-006.
func RefusalOf(err error) *Refusal {
	e := uiapp.Explain(err)
	return &Refusal{Code: e.ID,
		What: Text{e.What(application.Japanese), e.What(application.English)},
		Do:   Text{e.Do(application.Japanese), e.Do(application.English)},
		Desk: Text{e.Desk.Name(application.Japanese), e.Desk.Name(application.English)}}
}
