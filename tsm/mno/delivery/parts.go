package delivery

import (
	"slices"

	"inkan/core/sms"
)

// maxParts is the most messages of proofs that a job keeps, and of one proof.
const maxParts = 32

// maxSets is of how many proofs at once.
const maxSets = 4

// assemble puts the parts that are there and one more together: the whole user data,
// or nil, and the parts that are to be kept then; changed: they are others than before.
// A part that contradicts one that is there is of another message under the same
// reference: the others are given up. Errors are *wire.DecodeError.
// Spec: SPEC-DELIVERY-021.
func assemble(parts [][]byte, ud []byte) (whole []byte, left [][]byte, changed bool, err error) {
	if slices.ContainsFunc(parts, func(p []byte) bool { return string(p) == string(ud) }) {
		return nil, parts, false, nil
	}
	others := slices.DeleteFunc(slices.Clone(parts), func(p []byte) bool { return sameSet(p, ud) })
	if whole, err = join(parts, ud); err != nil {
		parts = others
		whole, err = join(nil, ud)
	}
	switch {
	case err != nil:
		return nil, nil, false, err
	case whole != nil:
		return whole, others, len(others) < len(parts), nil
	}
	left = append(slices.Clone(parts), slices.Clone(ud))
	return nil, left[max(0, len(left)-maxParts):], true, nil
}

// join is the whole that a part completes; nil: it does not. Errors are
// *wire.DecodeError.
func join(parts [][]byte, ud []byte) ([]byte, error) {
	box, err := sms.NewReassembler(sms.ReassemblerConfig{Sets: maxSets, Parts: maxParts})
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if _, _, err := box.Add(sms.Address{}, p); err != nil {
			return nil, err
		}
	}
	whole, done, err := box.Add(sms.Address{}, ud)
	if err != nil || !done {
		return nil, err
	}
	return slices.Clone(whole), nil
}

// sameSet reports whether two parts have one reference and total.
func sameSet(a, b []byte) bool {
	x, one := concat(a)
	y, other := concat(b)
	x.Sequence, y.Sequence = 0, 0
	return one && other && x == y
}

func concat(ud []byte) (sms.Concat, bool) {
	h, _, err := sms.DecodeUserData(ud)
	if err != nil {
		return sms.Concat{}, false
	}
	return h.Concat()
}
