package enrolment

import (
	"bytes"
	"testing"
)

// The whole story, in a form that a person reads.
func TestStory(t *testing.T) {
	w, err := New(t.Context(), Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	failed := w.Play(t.Context())
	var text bytes.Buffer
	for i := range w.Report().Steps {
		if err := WriteStep(&text, i+1, &w.Report().Steps[i]); err != nil {
			t.Fatal(err)
		}
	}
	t.Log("\n" + text.String())
	if failed != nil {
		t.Fatal(failed)
	}
}
