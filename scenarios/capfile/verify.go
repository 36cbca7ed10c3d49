package capfile

import (
	"fmt"
	"io"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
)

// Verdict is the outcome of verifying one file.
type Verdict struct {
	File      string   `json:"file"`
	Accepted  bool     `json:"accepted"`
	Mode      string   `json:"mode,omitempty"` // typed, or kinds without a Descriptor
	Methods   int      `json:"methods"`
	Findings  []string `json:"findings,omitempty"`
	Truncated bool     `json:"truncated,omitempty"`
}

// Verify checks files against the platform, the libraries and each other. A
// file that can't be decoded is refused with that as the finding; an error
// means that one can't be read.
func Verify(names, libraries []string) ([]Verdict, error) {
	var known []*cap.File
	for _, name := range libraries {
		f, err := Read(name)
		if err != nil {
			return nil, err
		}
		known = append(known, f)
	}
	files := make([]*cap.File, len(names))
	verdicts := make([]Verdict, len(names))
	for i, name := range names {
		verdicts[i].File = name
		f, err := Read(name)
		if err != nil {
			verdicts[i].Findings = []string{err.Error()}
			continue
		}
		files[i], known = f, append(known, f)
	}
	for i, f := range files {
		if f == nil {
			continue
		}
		r := verifier.Verify(f, verifier.Standard(known...))
		v := &verdicts[i]
		v.Mode, v.Methods, v.Accepted, v.Truncated = r.Mode.String(), r.Methods, r.Err() == nil, r.Truncated
		for _, e := range r.Findings {
			v.Findings = append(v.Findings, e.Error())
		}
	}
	return verdicts, nil
}

// Refused is how many files were refused.
func Refused(verdicts []Verdict) (n int) {
	for _, v := range verdicts {
		if !v.Accepted {
			n++
		}
	}
	return n
}

// WriteVerdicts prints verdicts for people.
func WriteVerdicts(w io.Writer, verdicts []Verdict) error {
	for _, v := range verdicts {
		if v.Accepted {
			how := "types from the Descriptor"
			if v.Mode == verifier.Kinds.String() {
				how = "no Descriptor: kinds of words only"
			}
			if _, err := fmt.Fprintf(w, "%s: accepted, %d methods, %s\n", v.File, v.Methods, how); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(w, "%s: refused\n", v.File); err != nil {
			return err
		}
		for _, f := range v.Findings {
			fmt.Fprintf(w, "  %s\n", f)
		}
		if v.Truncated {
			fmt.Fprintf(w, "  … and more\n")
		}
	}
	return nil
}
