package verifier

import "inkan/core/jcvm"

// room is the memory of one verification's analyses, one after the other: what a
// method's analysis knows is not needed when the next one begins.
type room struct {
	code   []jcvm.Decoded // instructions of all methods
	places []state
	words  []value
	queue  []place
	stack  []value
}

// states are n unknown states. What keep gave before is free again.
func (r *room) states(n int) []state {
	r.words = r.words[:0]
	if cap(r.places) < n {
		r.places = make([]state, n+n/2)
	}
	r.places = r.places[:n]
	clear(r.places)
	return r.places
}

// keep copies words.
func (r *room) keep(words []value) []value {
	at := len(r.words)
	r.words = append(r.words, words...)
	return r.words[at:len(r.words):len(r.words)]
}
