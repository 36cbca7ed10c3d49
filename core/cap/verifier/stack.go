package verifier

import "fmt"

// push puts words on the stack, the deepest first. Spec: SPEC-VERIFIER-033.
func (f *flow) push(words ...value) {
	if limit := int(f.m.header.MaxStack); len(f.stack)+len(words) > limit {
		f.fail(fmt.Sprintf("at most %d words of stack", limit), fmt.Sprint(len(f.stack)+len(words)))
		return
	}
	f.stack = append(f.stack, words...)
}

// pop takes one word, whatever it is.
func (f *flow) pop() value {
	if len(f.stack) == 0 {
		f.fail("a word on the stack", "an empty stack")
		return top
	}
	x := f.stack[len(f.stack)-1]
	f.stack = f.stack[:len(f.stack)-1]
	return x
}

// popAs takes what an expected word accepts.
func (f *flow) popAs(want value) value {
	x := f.pop()
	if !f.bad && !f.v.world.assignable(x, want) {
		f.fail(f.v.world.name(want), f.v.world.name(x))
	}
	return x
}

// popInt takes an int.
func (f *flow) popInt() {
	f.popAs(intLow)
	f.popAs(intHigh)
}

// popReference takes a reference to anything that is initialised.
func (f *flow) popReference() value {
	x := f.pop()
	if !f.bad && !x.isReference() {
		f.fail("a reference", f.v.world.name(x))
	}
	return x
}

// popLetters takes words as the instruction table's Pop has them.
func (f *flow) popLetters(letters string) {
	for i := len(letters) - 1; i >= 0; i-- {
		switch letters[i] {
		case 's':
			f.popAs(short)
		case 'i':
			f.popInt()
		case 'a':
			f.popReference()
		}
	}
}

// pushLetters puts words as the instruction table's Push has them.
func (f *flow) pushLetters(letters string) {
	for _, l := range letters {
		switch l {
		case 's':
			f.push(short)
		case 'i':
			f.push(intHigh, intLow)
		}
	}
}

// take removes n words from the top. No int may be cut in two.
// Spec: SPEC-VERIFIER-035.
func (f *flow) take(n int) []value {
	if n > len(f.stack) {
		f.fail(fmt.Sprintf("%d words on the stack", n), fmt.Sprint(len(f.stack)))
		return nil
	}
	words := append([]value(nil), f.stack[len(f.stack)-n:]...)
	f.stack = f.stack[:len(f.stack)-n]
	if n > 0 && words[0] == intLow {
		f.fail("whole ints", "half of one")
		return nil
	}
	return words
}

// local is the value of a local variable. Spec: SPEC-VERIFIER-036.
func (f *flow) local(i int) value {
	if i < 0 || i >= f.size {
		f.fail(fmt.Sprintf("a local variable below %d", f.size), fmt.Sprint(i))
		return top
	}
	return f.locals[i]
}

// setLocal writes words to local variables from i on; ints that lose a half
// become unusable.
func (f *flow) setLocal(i int, words ...value) {
	if i < 0 || i+len(words) > f.size {
		f.fail(fmt.Sprintf("local variables below %d", f.size), fmt.Sprint(i+len(words)-1))
		return
	}
	if i > 0 && f.locals[i] == intLow {
		f.locals[i-1] = top
	}
	if end := i + len(words); end < f.size && f.locals[end] == intLow && f.locals[end-1] == intHigh {
		f.locals[end] = top
	}
	copy(f.locals[i:], words)
	f.dirty = true
}

// load is a local variable of a kind, valid until the next one, which a parameter of unknown kind takes
// on. Spec: SPEC-VERIFIER-036, SPEC-VERIFIER-053.
func (f *flow) load(i int, letter byte) []value {
	x := f.local(i)
	if x.kind() == parameter {
		f.bindLocal(i, letter)
		x = f.local(i)
	}
	switch letter {
	case 'a':
		if !f.bad && !x.isPointer() {
			f.fail("a reference in local "+fmt.Sprint(i), f.v.world.name(x))
		}
		return append(f.loaded[:0], x)
	case 's':
		if !f.bad && x != short {
			f.fail("a short in local "+fmt.Sprint(i), f.v.world.name(x))
		}
		return append(f.loaded[:0], short)
	}
	if low := f.local(i + 1); !f.bad && (x != intHigh || low != intLow) {
		f.fail("an int in local "+fmt.Sprint(i), f.v.world.name(x))
	}
	return append(f.loaded[:0], intHigh, intLow)
}

// bindLocal decides the kind of a parameter by its first use.
func (f *flow) bindLocal(i int, letter byte) {
	words := map[byte][]value{'a': {reference}, 's': {short}, 'i': {intHigh, intLow}}[letter]
	for j, w := range words {
		x := f.local(i + j)
		if f.bad {
			return
		}
		if x.kind() != parameter || !f.v.bind(f.m, x.rest(), w) {
			f.fail(f.v.world.name(w)+" in local "+fmt.Sprint(i), "another use of the parameter")
			return
		}
		f.locals[i+j], f.restart = w, true
	}
}
