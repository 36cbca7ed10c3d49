package enrolment

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
)

// Step is one thing that happened, and what came of it.
type Step struct {
	At    time.Time `json:"at"`
	Who   string    `json:"who"`
	What  string    `json:"what"`
	Notes []string  `json:"notes,omitempty"`
}

// note adds a line.
func (s *Step) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// Report is a story that was played: its steps, everything that was issued by file
// name, and the commands that confirm it.
type Report struct {
	Steps    []Step            `json:"steps"`
	Files    map[string][]byte `json:"-"`
	Commands []Command         `json:"commands"`

	messages   int
	superseded tsmp.PhoneID // by the last activation
}

// Command is a command line of openssl, and what it prints.
type Command struct {
	Line string `json:"line"` // in the folder of the files
	Says string `json:"says"` // that is in what it prints
	OK   bool   `json:"ok"`   // it ends with 0
}

func newReport() *Report { return &Report{Files: map[string][]byte{}} }

// certificate reads one of the files.
func (r *Report) certificate(name string) (*certificate.Certificate, error) {
	block, _ := pem.Decode(r.Files[name])
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM", name)
	}
	return certificate.Parse(block.Bytes)
}

// step does something and tells of it.
func (w *World) step(who, what string, do func(*Step) error) error {
	w.pass(20 * time.Second)
	s := &Step{At: w.Now(), Who: who, What: what}
	err := do(s)
	w.report.Steps = append(w.report.Steps, *s)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", who, what, err)
	}
	if w.config.Told != nil {
		w.config.Told(s)
	}
	return nil
}

// recorded keeps every signed request and answer.
func (r *Report) recorded(send tsmp.Exchange) tsmp.Exchange {
	return func(ctx context.Context, request []byte) ([]byte, error) {
		answer, err := send(ctx, request)
		r.messages++
		name := fmt.Sprintf("messages/%02d-%s", r.messages, functionOf(request))
		r.Files[name+".request"], r.Files[name+".answer"] = request, answer
		return answer, err
	}
}

// functionOf is the name of the function that a signed request asks for.
func functionOf(request []byte) string {
	var said struct {
		Function string `json:"function"`
	}
	if m, err := jws.Parse(request); err != nil || json.Unmarshal(m.Payload, &said) != nil || said.Function == "" {
		return "request"
	}
	return said.Function
}

// WriteStep prints a step for people; first is its number from 1.
func WriteStep(w io.Writer, number int, s *Step) error {
	_, err := fmt.Fprintf(w, "%2d  %s  %s\n    %s\n", number, s.At.Format("15:04:05Z"), s.Who, s.What)
	for _, n := range s.Notes {
		if err == nil {
			_, err = fmt.Fprintf(w, "      %s\n", strings.ReplaceAll(n, "\n", "\n      "))
		}
	}
	return err
}

// WriteCommands prints the commands, and what to expect of each.
func (r *Report) WriteCommands(w io.Writer, folder string) error {
	if _, err := fmt.Fprintf(w, "Everything that was issued is in %s. Openssl confirms it:\n\n    cd %s\n", folder, quoted(folder)); err != nil {
		return err
	}
	for _, c := range r.Commands {
		if _, err := fmt.Fprintf(w, "    %s\n", c.Line); err != nil {
			return err
		}
		if c.Says != "" {
			if _, err := fmt.Fprintf(w, "        # %s\n", c.Says); err != nil {
				return err
			}
		}
	}
	return nil
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"$\\`*?()[]{}&;|<>~#!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
