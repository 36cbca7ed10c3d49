package capfile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Run loads all files, installs all their applets with the parameters, selects
// the first one unless the first command selects, and sends the commands. It
// stops at a step that fails.
func (s *Session) Run(parameters []byte, commands [][]byte) []Step {
	steps := s.Link()
	var first []byte
	for _, l := range s.files {
		for _, a := range l.file.Applets {
			if first == nil {
				first = a.AID
			}
			if !failed(steps) {
				steps = append(steps, s.Install(a.AID, parameters))
			}
		}
	}
	if first != nil && (len(commands) == 0 || !bytes.HasPrefix(commands[0], []byte{0x00, 0xA4, 0x04})) {
		selection := append([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(first))}, first...)
		commands = append([][]byte{selection}, commands...)
	}
	for _, c := range commands {
		if failed(steps) {
			break
		}
		steps = append(steps, s.Transmit(c, ""))
	}
	return steps
}

func failed(steps []Step) bool { return len(steps) > 0 && steps[len(steps)-1].Error != "" }

// Script runs a script in the form of spec/corpus/*/vectors.txt: a command in
// hex, or "command -> response SW"; "# load NAME", "# create AID [parameters]",
// "# reset"; other lines that begin with # are for people. It goes on after a
// response that is not the expected one, and stops at a step that fails.
func (s *Session) Script(text string) ([]Step, error) {
	var steps []Step
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		st, err := s.line(line)
		if err != nil {
			return steps, fmt.Errorf("line %d: %w", number, err)
		}
		if st != nil {
			steps = append(steps, *st)
		}
		if failed(steps) {
			break
		}
	}
	return steps, nil
}

// line does one line of a script; nil when there is nothing to do.
func (s *Session) line(line string) (*Step, error) {
	command, want, _ := strings.Cut(line, "->")
	words := strings.Fields(command)
	var st Step
	switch {
	case words[0] != "#":
		b, err := hex.DecodeString(strings.Join(words, ""))
		if err != nil {
			return nil, err
		}
		st = s.Transmit(b, want)
	case len(words) == 3 && words[1] == "load":
		l, ok := s.named(words[2])
		if !ok {
			return nil, fmt.Errorf("no file is called %s", words[2])
		}
		st = s.load(l)
	case len(words) >= 3 && words[1] == "create":
		aid, err := hex.DecodeString(words[2])
		if err != nil {
			return nil, err
		}
		parameters, err := hex.DecodeString(strings.Join(words[3:], ""))
		if err != nil {
			return nil, err
		}
		st = s.Install(aid, parameters)
	case len(words) == 2 && words[1] == "reset":
		st = s.Reset()
	default:
		return nil, nil
	}
	return &st, nil
}

// Failures is how many steps went otherwise than they had to.
func Failures(steps []Step) (n int) {
	for i := range steps {
		if steps[i].Failed() {
			n++
		}
	}
	return n
}

// WriteSteps prints steps for people.
func WriteSteps(w io.Writer, steps []Step) error {
	for i := range steps {
		st := &steps[i]
		if st.What == "apdu" {
			fmt.Fprintf(w, "> %s\n< %s\n", st.Command, st.Response)
			if st.Want != "" {
				fmt.Fprintf(w, "  expected %s\n", st.Want)
			}
		} else {
			fmt.Fprintln(w, strings.TrimSpace(st.What+" "+st.Name))
		}
		if st.Error != "" {
			fmt.Fprintf(w, "  failed: %s\n", st.Error)
		}
		for _, m := range st.Missing {
			fmt.Fprintf(w, "    %s\n", m)
		}
		if _, err := fmt.Fprintf(w, "  %d cycles%s\n", st.Cycles, causes(st.Causes)); err != nil {
			return err
		}
	}
	return nil
}

// causes lists cycles by cause, most first.
func causes(m map[string]uint64) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if m[names[i]] != m[names[j]] {
			return m[names[i]] > m[names[j]]
		}
		return names[i] < names[j]
	})
	s := ""
	for i, name := range names {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		s += fmt.Sprintf("%s%s %d", sep, name, m[name])
	}
	return s
}
