package asm

import (
	"fmt"
	"strconv"
	"strings"

	"inkan/core/jcvm"
)

// encode appends the statement's bytes.
func (s *statement) encode(code []byte, labels map[string]int) ([]byte, error) {
	code = append(code, byte(s.op))
	if s.in.Layout == jcvm.LayoutSwitch {
		return s.encodeSwitch(code, labels)
	}
	for i, f := range fields[s.in.Layout] {
		var v int64
		var err error
		if s.in.Role == jcvm.Branch {
			v, err = s.offset(s.operands[i], labels)
		} else {
			v, err = s.number(s.operands[i])
		}
		if err != nil {
			return nil, err
		}
		if code, err = s.put(code, f, v); err != nil {
			return nil, err
		}
	}
	return code, nil
}

func (s *statement) encodeSwitch(code []byte, labels map[string]int) ([]byte, error) {
	code, err := s.target(code, s.operands[0], labels)
	if err != nil {
		return nil, err
	}
	word, rest := field{true, s.word()}, s.operands[1:]
	if !s.table() {
		code = append(code, byte(len(rest)>>8), byte(len(rest)))
		for _, pair := range rest {
			match, label, ok := strings.Cut(pair, ":")
			if !ok {
				return nil, s.fault("value:label", pair)
			}
			if code, err = s.value(code, match, word); err != nil {
				return nil, err
			}
			if code, err = s.target(code, label, labels); err != nil {
				return nil, err
			}
		}
		return code, nil
	}
	for _, bound := range rest[:2] {
		if code, err = s.value(code, bound, word); err != nil {
			return nil, err
		}
	}
	for _, label := range rest[2:] {
		if code, err = s.target(code, label, labels); err != nil {
			return nil, err
		}
	}
	return code, nil
}

// value appends a number of a switch.
func (s *statement) value(code []byte, word string, f field) ([]byte, error) {
	v, err := s.number(word)
	if err != nil {
		return nil, err
	}
	return s.put(code, f, v)
}

// target appends an offset of a switch.
func (s *statement) target(code []byte, label string, labels map[string]int) ([]byte, error) {
	v, err := s.offset(label, labels)
	if err != nil {
		return nil, err
	}
	return s.put(code, field{true, 2}, v)
}

// offset is a label's distance, or a number with a sign as it stands: tests
// need branches that lead nowhere.
func (s *statement) offset(word string, labels map[string]int) (int64, error) {
	if at, ok := labels[word]; ok {
		return int64(at - s.pc), nil
	}
	if strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-") {
		return s.number(word)
	}
	return 0, s.fault("a label", word)
}

func (s *statement) number(word string) (int64, error) {
	v, err := strconv.ParseInt(word, 0, 64)
	if err != nil {
		return 0, s.fault("a number", word)
	}
	return v, nil
}

func (s *statement) put(code []byte, f field, v int64) ([]byte, error) {
	low, high := int64(0), int64(1)<<(8*f.bytes)-1
	if f.signed {
		low, high = -(int64(1) << (8*f.bytes - 1)), int64(1)<<(8*f.bytes-1)-1
	}
	if v < low || v > high {
		return nil, s.fault(fmt.Sprintf("%d to %d", low, high), fmt.Sprint(v))
	}
	for i := f.bytes - 1; i >= 0; i-- {
		code = append(code, byte(v>>(8*i)))
	}
	return code, nil
}
