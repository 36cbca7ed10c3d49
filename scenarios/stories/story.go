package stories

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"inkan/scenarios/report"
	"inkan/scenarios/world"
)

// Story is one of the stories of spec/USECASES.md.
type Story struct {
	Name    string // "everyday"
	Title   string
	TitleJA string
	Summary report.Text
	// Carriers are the profiles that take part; nil: all.
	Carriers []string
	// Configure changes what the world is made of; nil: nothing.
	Configure func(*world.Config)
	// Run plays it. The error is the first thing that is not as it has to be.
	Run func(context.Context, *world.World) error
}

// Default is the story that is played when nobody asks for one.
const Default = "everyday"

// All are all stories, in the order of spec/USECASES.md. Spec: SPEC-USECASES-001.
func All() []*Story {
	return []*Story{
		everyday, download, notebook, touch, pin, expiry, loss, transfer, disposal, permittedUser, mvno, simFree,
		wrongPhone, wrongPerson, lookAlike, revokedCard, fullSIM, unsupportedDevice, recycledNumber, deadNetwork,
	}
}

// Named finds a story; the error names those that there are.
func Named(name string) (*Story, error) {
	var names []string
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no story is called %q: want one of %s", name, strings.Join(names, ", "))
}

// rest lets what is still under way come to its end.
func rest(ctx context.Context, w *world.World) error {
	atRest := func() (bool, error) {
		for _, s := range w.SIMs() {
			if is, err := s.AtRest(ctx); !is || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	if is, err := atRest(); is || err != nil {
		return err
	}
	return play(ctx, w, does("残っていた処理が終わる", "what was still under way ends", func() error {
		is, err := w.Until(ctx, w.Patience(), atRest)
		if err == nil && !is {
			err = errors.New("it does not end")
		}
		return err
	}))
}

// Play makes the story's world and plays it. The record is nil unless the
// configuration asks for one. Spec: SPEC-USECASES-002.
func (s *Story) Play(ctx context.Context, c world.Config) (run *report.Run, err error) {
	if c.Carriers == nil {
		c.Carriers = slices.Clone(s.Carriers)
	}
	if s.Configure != nil {
		s.Configure(&c)
	}
	if c.Report != nil {
		named := *c.Report
		named.Story, named.Title, named.Summary = s.Name, report.Text{Japanese: s.TitleJA, English: s.Title}, s.Summary
		c.Report = &named
	}
	w, err := world.New(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	w.Record.Party(report.Party{ID: world.Holder, Kind: report.Person, Name: report.Text{Japanese: "利用者", English: "holder"}})
	err = s.Run(ctx, w)
	if err == nil {
		err = errors.Join(rest(ctx, w), w.Check(ctx))
	}
	if err == nil {
		err = w.Invariants(ctx)
	}
	outcome, result := report.Done, report.Text{Japanese: s.TitleJA, English: s.Title}
	if err != nil {
		outcome, result = report.Failed, report.Text{English: err.Error()}
	}
	return w.Record.Finish(outcome, result), err
}
