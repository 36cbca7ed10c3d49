package instance

import (
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/tsm/remote"
)

// group is a data group that is to be sent, and what is known of its answer.
type group struct {
	dgi    jpki.DGI
	data   []byte // with DGI and length
	answer int    // bytes that are expected; 0: it has none
}

// groupOf is the one data group that a builder made.
func groupOf(dgi jpki.DGI, g *perso.Groups, answer int) (group, error) {
	data, err := g.Bytes()
	return group{dgi, data, answer}, err
}

// part is the most bytes of an answer that one response carries.
const part = 200

// block is a STORE DATA of a batch.
type block struct {
	data []byte
	done int // groups that are done when it is answered
	// of is the group that its response answers, from the byte from on; -1: none.
	of, from int
}

// batch is data groups as commands: INSTALL [for personalization] and one sequence of
// STORE DATA, in which every answer is asked for whole.
type batch struct {
	instance gp.AID
	size     int // bytes of a block
	groups   []group
	blocks   []block
}

// maxBlocks is how many numbers STORE DATA has.
const maxBlocks = 256

// newBatch makes the batch of the first of these groups, as many as have room in one
// sequence. Spec: SPEC-INSTANCE-030, SPEC-INSTANCE-031, SPEC-INSTANCE-032.
func newBatch(instance gp.AID, size int, groups []group) *batch {
	b := &batch{instance: instance, size: size}
	for len(b.groups) < len(groups) {
		more := b.with(groups[len(b.groups):])
		if len(b.blocks)+len(more) > maxBlocks {
			break
		}
		b.blocks = append(b.blocks, more...)
		b.groups = groups[:b.blocks[len(b.blocks)-1].done]
	}
	return b
}

// with are the blocks of the next group that has an answer, with those before it that
// have none: groups share blocks up to an answer.
func (b *batch) with(groups []group) (blocks []block) {
	var stream []byte
	var ends []int
	last := len(groups) - 1
	for i := range groups {
		stream = append(stream, groups[i].data...)
		ends = append(ends, len(stream))
		if groups[i].answer > 0 {
			last = i
			break
		}
	}
	base := len(b.groups)
	done := 0
	for from := 0; from < len(stream); from += b.size {
		to := min(from+b.size, len(stream))
		for done < len(ends) && ends[done] <= to {
			done++
		}
		blocks = append(blocks, block{data: stream[from:to:to], done: base + done, of: -1})
	}
	answer := groups[last].answer
	if answer == 0 {
		return blocks
	}
	blocks[len(blocks)-1].of = base + last
	for from := part; from < answer; from += part {
		data, _ := new(perso.Groups).Answer(uint16(from)).Bytes() // ANSWER has no field that could be wrong
		blocks = append(blocks, block{data, base + last + 1, base + last, from})
	}
	return blocks
}

// commands are the batch as a run has it. repeat says that the groups may be executed
// more than once. Spec: SPEC-INSTANCE-030.
func (b *batch) commands(repeat bool) ([]remote.Command, error) {
	list := []gp.Command{gp.Install{Purpose: gp.ForPersonalization, Application: b.instance}}
	for i, k := range b.blocks {
		list = append(list, gp.StoreData{Last: i == len(b.blocks)-1, Structure: gp.StructureDGI, MayRespond: k.of >= 0, Number: byte(i), Data: k.data})
	}
	commands, err := remote.Of(list...)
	for i := range commands {
		commands[i].Repeat = repeat && i > 0
	}
	return commands, err
}
