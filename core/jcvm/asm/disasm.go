package asm

import (
	"fmt"
	"sort"
	"strings"

	"inkan/core/jcvm"
)

// Disassemble is the text of code[start:end]. Assembled again it gives the same
// bytes. Labels are offsets in code, as L and four hexadecimal digits; comment,
// if not nil, adds what an instruction's operands mean. Errors are
// *wire.DecodeError. Spec: SPEC-CAP-040.
func Disassemble(code []byte, start, end int, labels []int, comment func(jcvm.Decoded) string) (string, error) {
	list, err := Decode(code, start, end)
	if err != nil {
		return "", err
	}
	named := map[int]bool{}
	for _, at := range append(Targets(list), labels...) {
		named[at] = true
	}
	var b strings.Builder
	for i := range list {
		d := &list[i]
		if named[d.PC] {
			fmt.Fprintf(&b, "%s:\n", Label(d.PC))
		}
		line := "    " + text(d, list, end)
		if comment != nil {
			if c := comment(*d); c != "" {
				line = fmt.Sprintf("%-31s ; %s", line, c)
			}
		}
		b.WriteString(line + "\n")
	}
	if named[end] {
		fmt.Fprintf(&b, "%s:\n", Label(end))
	}
	return b.String(), nil
}

// Label is the name of an offset.
func Label(offset int) string { return fmt.Sprintf("L%04X", offset) }

// Decode takes all instructions of code[start:end] apart. The last must end at
// end. Errors are *wire.DecodeError.
func Decode(code []byte, start, end int) ([]jcvm.Decoded, error) {
	var list []jcvm.Decoded
	for pc := start; pc < end; {
		d, err := jcvm.Decode(code[:end], pc)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
		pc = d.Next()
	}
	return list, nil
}

// Targets are the offsets that branches and switches of the list lead to,
// rising.
func Targets(list []jcvm.Decoded) []int {
	seen := map[int]bool{}
	for i := range list {
		d := &list[i]
		switch in, _ := jcvm.Lookup(d.Op); in.Role {
		case jcvm.Branch:
			seen[d.Target()] = true
		case jcvm.Switch:
			seen[d.Default] = true
			for _, c := range d.Cases {
				seen[c.Target] = true
			}
		}
	}
	targets := make([]int, 0, len(seen))
	for at := range seen {
		targets = append(targets, at)
	}
	sort.Ints(targets)
	return targets
}

// text is one instruction without its comment. A target that is no instruction
// of the list is written as a distance.
func text(d *jcvm.Decoded, list []jcvm.Decoded, end int) string {
	target := func(at int) string {
		i := sort.Search(len(list), func(i int) bool { return list[i].PC >= at })
		if at == end || i < len(list) && list[i].PC == at {
			return Label(at)
		}
		return fmt.Sprintf("%+d", at-d.PC)
	}
	in, _ := jcvm.Lookup(d.Op)
	words := []string{in.Mnemonic}
	switch in.Role {
	case jcvm.Branch:
		words = append(words, target(d.Target()))
	case jcvm.Switch:
		words = append(words, target(d.Default))
		if d.Op == jcvm.OpStableswitch || d.Op == jcvm.OpItableswitch {
			words = append(words, fmt.Sprint(d.Operands[0]), fmt.Sprint(d.Operands[1]))
			for _, c := range d.Cases {
				words = append(words, target(c.Target))
			}
		} else {
			for _, c := range d.Cases {
				words = append(words, fmt.Sprintf("%d:%s", c.Match, target(c.Target)))
			}
		}
	case jcvm.WordCounts:
		words = append(words, fmt.Sprintf("0x%02X", d.Operands[0]))
	default:
		for i := range fields[in.Layout] {
			words = append(words, fmt.Sprint(d.Operands[i]))
		}
	}
	return strings.Join(words, " ")
}
