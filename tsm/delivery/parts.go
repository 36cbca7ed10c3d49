package delivery

import (
	"slices"

	"inkan/core/sms"
)

// maxParts is the most messages of proofs that a job keeps, and of one proof.
const maxParts = 32

// assemble puts the parts that are there and one more together: the whole user data,
// or nil, and the parts that are to be kept then; changed: they are others than before.
// A part that contradicts one that is there is of another message under the same
// reference: the others are given up. Errors are *wire.DecodeError.
// Spec: SPEC-DELIVERY-021.
func assemble(parts [][]byte, ud []byte) (whole []byte, left [][]byte, changed bool, err error) {
	if whole, err = join(nil, ud); err != nil || whole != nil {
		return whole, parts, false, err
	}
	c, _ := concat(ud)
	var mine, others [][]byte
	for _, p := range parts {
		switch x, _ := concat(p); {
		case string(p) == string(ud):
			return nil, parts, false, nil
		case !sameMessage(x, c):
			others = append(others, p)
		default:
			mine = append(mine, p)
		}
	}
	if contradicts(mine, c) {
		mine = nil
	}
	if len(mine)+1 == int(c.Total) {
		whole, err = join(mine, ud)
		return whole, others, len(others) < len(parts), err
	}
	left = append(append(others, mine...), slices.Clone(ud))
	return nil, left[max(0, len(left)-maxParts):], true, nil
}

// contradicts reports whether there is another part of the same sequence.
func contradicts(mine [][]byte, c sms.Concat) bool {
	return slices.ContainsFunc(mine, func(p []byte) bool {
		x, _ := concat(p)
		return x.Sequence == c.Sequence
	})
}

// join is the whole that a part completes; nil: it does not. Errors are
// *wire.DecodeError.
func join(parts [][]byte, ud []byte) ([]byte, error) {
	box, err := sms.NewReassembler(sms.ReassemblerConfig{Sets: 1, Parts: maxParts})
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

// sameMessage reports whether two parts have one reference and total.
func sameMessage(a, b sms.Concat) bool {
	a.Sequence, b.Sequence = 0, 0
	return a == b
}

func concat(ud []byte) (sms.Concat, bool) {
	h, _, err := sms.DecodeUserData(ud)
	if err != nil {
		return sms.Concat{}, false
	}
	return h.Concat()
}
