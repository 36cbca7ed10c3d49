// Package atr is the answer to reset of a card with contacts: its bytes, what
// they say about the line, and how such an answer is made.
//
// It must not know how bytes travel, nor what historical bytes mean. It
// implements spec/TRANSPORT.md (ISO/IEC 7816-3:2006 §8).
package atr

// MaxBytes is the longest answer: TS and 32 bytes after it.
const MaxBytes = 33

// The values of TS.
const (
	Direct  byte = 0x3B // direct convention: a high state is 1, b1 first
	Inverse byte = 0x3F // inverse convention: a low state is 1, b8 first
)

// Byte is an interface byte that may be absent.
type Byte struct {
	Value   byte
	Present bool
}

// Some is a byte that is present.
func Some(value byte) Byte { return Byte{Value: value, Present: true} }

// Group is TA TB TC of one index, and the T that qualifies it: the one of the TD
// before it. The first group is global and has T 0.
type Group struct {
	T          byte
	TA, TB, TC Byte
}

// ATR is an answer to reset.
type ATR struct {
	Inverse    bool
	Groups     []Group // the first is TA1 TB1 TC1; TD of a group is the T of the next
	Historical []byte  // at most 15 bytes
}

// NeedsTCK reports whether a check byte ends the answer: unless T=0 alone is
// indicated. Spec: SPEC-TRANSPORT-003.
func (a *ATR) NeedsTCK() bool {
	for _, g := range a.tail() {
		if g.T != 0 {
			return true
		}
	}
	return false
}

// tail is the groups that a TD announces.
func (a *ATR) tail() []Group {
	if len(a.Groups) == 0 {
		return nil
	}
	return a.Groups[1:]
}

// Offers reports whether the card offers a transmission protocol. Without any TD
// it is T=0.
func (a *ATR) Offers(t byte) bool {
	if len(a.tail()) == 0 {
		return t == 0
	}
	for _, g := range a.tail() {
		if g.T == t && t != 15 {
			return true
		}
	}
	return false
}

// First is the protocol of the first offer, which is used unless another one is
// negotiated.
func (a *ATR) First() byte {
	for _, g := range a.tail() {
		if g.T != 15 {
			return g.T
		}
	}
	return 0
}

// specific finds a byte of the first group for a T with index above 2.
func (a *ATR) specific(t byte) (g Group, ok bool) {
	for i, g := range a.Groups {
		if i >= 2 && g.T == t {
			return g, true
		}
	}
	return Group{}, false
}
