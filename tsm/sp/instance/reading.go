package instance

import (
	"strconv"

	"inkan/core/iso7816"
	"inkan/core/jpki/perso"
	"inkan/core/wire"
)

// reading is what an outcome says about the groups of a batch.
type reading struct {
	done    int      // groups that were executed, for certain
	answers [][]byte // of the groups by their index; nil: none, or not all of it
	totals  []int    // how long the card says that the answer is; 0: unknown
	refused *RefusedError
	unknown bool
}

// read takes the outcome of a batch apart. Errors are *wire.DecodeError, and those of
// an outcome that is not this batch's. Spec: SPEC-INSTANCE-033.
func (b *batch) read(o *Outcome) (*reading, error) {
	responses, err := responsesOf(o, 1+len(b.blocks))
	if err != nil {
		return nil, err
	}
	r := &reading{answers: make([][]byte, len(b.groups)), totals: make([]int, len(b.groups)), unknown: o.Unknown}
	for i := range responses {
		if i > 0 && responses[i].SW == iso7816.OK {
			if err := r.take(&b.blocks[i-1], responses[i].Data); err != nil {
				return nil, err
			}
		}
		if sw := responses[i].SW; sw != iso7816.OK {
			r.refused = &RefusedError{b.name(i), sw}
			break
		}
	}
	for i := range r.answers {
		if len(r.answers[i]) < r.totals[i] || r.totals[i] == 0 {
			r.answers[i] = nil
		}
	}
	return r, nil
}

// groupInstall is the command in front of a batch, in errors.
const groupInstall = "INSTALL [for personalization]"

// name is what the command with that index is for.
func (b *batch) name(i int) string {
	if i == 0 {
		return groupInstall
	}
	k := &b.blocks[i-1]
	if k.of >= 0 && k.from > 0 {
		return "ANSWER"
	}
	before := 0
	if i > 1 {
		before = b.blocks[i-2].done
	}
	return b.groups[min(before, len(b.groups)-1)].dgi.String()
}

// take takes the response to a block. An answer's parts come in their order.
func (r *reading) take(k *block, data []byte) error {
	r.done = k.done
	if k.of < 0 || len(data) == 0 {
		return nil
	}
	in := wire.NewReader("PERSO answer", data)
	total := int(in.Uint16("total length"))
	more := in.Rest()
	if err := in.Err(); err != nil {
		return err
	}
	have := len(r.answers[k.of])
	switch {
	case have != k.from: // a part before it is missing: asked for again as a whole
		return nil
	case total > perso.MaxAnswerLen || k.from > 0 && total != r.totals[k.of] || len(more) != min(part, total-k.from) || len(more) == 0:
		return &wire.DecodeError{Format: "PERSO answer", Path: "part", Offset: k.from,
			Want: "the next " + strconv.Itoa(part) + " bytes, or what is left, of at most " + strconv.Itoa(perso.MaxAnswerLen),
			Got:  strconv.Itoa(len(more)) + " of " + strconv.Itoa(total)}
	}
	r.totals[k.of] = total
	r.answers[k.of] = append(r.answers[k.of], more...)
	return nil
}
