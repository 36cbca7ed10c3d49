package remote

import (
	"bytes"
	"testing"

	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
)

// states are encodings of runs at all their scripts, before and after the answer.
func states(f *testing.F) (all [][]byte) {
	m := newModule(f)
	for _, b := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
		c := newCard(f)
		r, err := New(domain(scripts.Expanded), whole(f, 2))
		if err != nil {
			f.Fatal(err)
		}
		keep := func() {
			state, err := r.Append(nil)
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, state)
		}
		counter := uint64(0)
		for {
			s, done, err := r.Next(f.Context(), m, b, &counter)
			if err != nil {
				f.Fatal(err)
			}
			if keep(); done {
				break
			}
			if err := r.Take(f.Context(), m, c.deliver(f, s)); err != nil {
				f.Fatal(err)
			}
			keep()
		}
		if ok, err := r.Extend(r.domain, whole(f, 1)[:1]); err != nil {
			f.Fatal(err)
		} else if ok {
			keep()
		}
	}
	return all
}

// A state that is read is written the same, and goes on without a fault.
func FuzzParse(f *testing.F) {
	all := states(f)
	for _, state := range all {
		f.Add(state, []byte{0x90, 0})
	}
	put := all[0]
	f.Add(put[:len(put)/2], []byte{})
	m := newModule(f)
	f.Fuzz(func(t *testing.T, state, answer []byte) {
		r, err := Parse(state)
		if err != nil {
			return
		}
		back, err := r.Append(nil)
		if err != nil || !bytes.Equal(back, state) {
			t.Fatalf("written again it is another: %v", err)
		}
		counter := uint64(1)
		for _, b := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
			for _, a := range []Answer{{Responses: [][]byte{answer}}, {Proofs: [][]byte{answer}}, {Responses: [][]byte{answer, answer}, Interrupted: true}, {}} {
				if _, _, err := r.Next(t.Context(), m, b, &counter); err != nil {
					continue
				}
				_ = r.Take(t.Context(), m, a)
				o := r.Outcome()
				if o.Index > len(r.commands) || len(r.answers) != r.next {
					t.Fatalf("%+v, %d answers at %d", o, len(r.answers), r.next)
				}
				whole, err := r.Append(nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := Parse(whole); err != nil {
					t.Fatalf("a state that it came into is none: %v", err)
				}
			}
		}
	})
}
