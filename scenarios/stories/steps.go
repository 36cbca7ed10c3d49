package stories

import (
	"context"
	"errors"
	"fmt"

	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// step is something that happens in a story.
type step struct {
	japanese, english string
	do                func() error
	refused           string // identifier of the message that the holder has to see; empty: it has to succeed
	resumed           bool   // it goes on after an interruption
}

// does is a step that has to succeed.
func does(japanese, english string, do func() error) step {
	return step{japanese: japanese, english: english, do: do}
}

// resumes is a step that succeeds after an interruption.
func resumes(japanese, english string, do func() error) step {
	return step{japanese: japanese, english: english, do: do, resumed: true}
}

// isRefused is a step that has to be refused, with a message of the catalogue.
func isRefused(japanese, english, id string, do func() error) step {
	return step{japanese: japanese, english: english, do: do, refused: id}
}

// play plays steps, to the first that is not as it has to be.
func play(ctx context.Context, w *world.World, steps ...step) error {
	for i := range steps {
		s := &steps[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.Step(ctx, report.Step{Heading: report.Text{Japanese: s.japanese, English: s.english}}, func() error { return s.run(w) }); err != nil {
			return fmt.Errorf("%s: %w", s.english, err)
		}
	}
	return nil
}

func (s *step) run(w *world.World) error {
	err := s.do()
	switch {
	case s.refused == "" && err == nil && s.resumed:
		w.Record.End(report.Resumed, nil)
		return nil
	case s.refused == "":
		return err
	case err == nil:
		return errors.New("it was not refused")
	}
	if got := uiapp.Explain(err).ID; got != s.refused {
		return fmt.Errorf("refused with %s, want %s: %w", got, s.refused, err)
	}
	w.Record.End(report.Refused, report.RefusalOf(err))
	return nil
}

// all does one thing after the other, to the first that fails.
func all(do ...func() error) func() error {
	return func() error {
		for _, each := range do {
			if err := each(); err != nil {
				return err
			}
		}
		return nil
	}
}
