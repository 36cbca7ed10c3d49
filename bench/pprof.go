package main

import (
	"encoding/binary"
	"slices"
)

// cpuProfile is what Go's compiler takes of a processor profile, and nothing else: how
// often each function was called from where, by the two innermost places of every
// sample. It names functions, and no file, address, program or time. Both directions are
// the message Profile of github.com/google/pprof, proto/profile.proto.
type cpuProfile struct {
	functions []function
	places    []string // fields line of a message Location: a place's functions, the inlined first
	samples   map[[2]uint64]uint64
	known     map[function]uint64 // numbers of functions, from 1
	found     map[string]uint64   // numbers of places, from 1
}

// function is a function, and the line that it begins in.
type function struct {
	name  string
	start uint64
}

func newCPUProfile() *cpuProfile {
	return &cpuProfile{samples: map[[2]uint64]uint64{}, known: map[function]uint64{}, found: map[string]uint64{}}
}

// add adds what was recorded.
func (p *cpuProfile) add(recorded []byte) error {
	b, err := unzipped(recorded)
	if err != nil {
		return err
	}
	r, err := parse(b)
	if err != nil {
		return err
	}
	for _, s := range r.samples {
		if len(s[0]) == 0 || len(s[1]) == 0 {
			continue
		}
		var key [2]uint64
		for i, id := range s[0][:min(2, len(s[0]))] {
			if key[i], err = p.placeOf(r, id); err != nil {
				return err
			}
		}
		p.samples[key] += s[1][0]
	}
	return nil
}

// placeOf is the number of a recorded place.
func (p *cpuProfile) placeOf(r *raw, id uint64) (uint64, error) {
	lines, ok := r.places[id]
	if !ok {
		return 0, errProfile
	}
	var b []byte
	for _, line := range lines {
		of := r.functions[line[1]]
		if of == nil || of[2] >= uint64(len(r.texts)) {
			return 0, errProfile
		}
		f := function{r.texts[of[2]], of[5]}
		if p.known[f] == 0 {
			p.functions = append(p.functions, f)
			p.known[f] = uint64(len(p.functions))
		}
		b = appendMessage(b, 4, appendNumber(appendNumber(nil, 1, p.known[f]), 2, line[2]))
	}
	if p.found[string(b)] == 0 {
		p.places = append(p.places, string(b))
		p.found[string(b)] = uint64(len(p.places))
	}
	return p.found[string(b)], nil
}

// append writes the message, the most frequent sample first.
func (p *cpuProfile) append(b []byte) []byte {
	b = appendMessage(b, 1, appendNumber(appendNumber(nil, 1, 1), 2, 2)) // what is counted: samples, count
	keys := make([][2]uint64, 0, len(p.samples))
	for k := range p.samples {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y [2]uint64) int {
		if p.samples[x] != p.samples[y] {
			return int(p.samples[y]) - int(p.samples[x])
		}
		return slices.Compare(x[:], y[:])
	})
	for _, k := range keys {
		stack := binary.AppendUvarint(nil, k[0])
		if k[1] != 0 {
			stack = binary.AppendUvarint(stack, k[1])
		}
		b = appendMessage(b, 2, appendMessage(appendMessage(nil, 1, stack), 2, binary.AppendUvarint(nil, p.samples[k])))
	}
	for i, lines := range p.places {
		b = appendMessage(b, 4, append(appendNumber(nil, 1, uint64(i+1)), lines...))
	}
	texts := []string{"", "samples", "count"}
	for i, f := range p.functions {
		at := uint64(len(texts))
		texts = append(texts, f.name)
		b = appendMessage(b, 5, appendNumber(appendNumber(appendNumber(appendNumber(nil, 1, uint64(i+1)), 2, at), 3, at), 5, f.start))
	}
	for _, t := range texts {
		b = appendMessage(b, 6, []byte(t))
	}
	return b
}
