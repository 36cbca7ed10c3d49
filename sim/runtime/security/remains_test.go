package security

import (
	"bytes"
	"testing"

	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// In a transaction an old key's bytes go through the journal. Wherever the power
// is cut, the memory has one of the two keys after the next boot: the one that
// the key object has, and nowhere else.
func TestOldKeyIsNowhere(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-047")
	for name, last := range map[string]func(*card) bool{
		"commit": func(c *card) bool { c.Commit(); return true },
		"abort":  func(c *card) bool { c.Abort(); return false },
	} {
		t.Run(name, func(t *testing.T) { replaceKey(t, last) })
	}
}

func replaceKey(t *testing.T, last func(*card) bool) {
	c := newCard(t)
	old, fresh := bytes.Repeat([]byte("old."), 8), bytes.Repeat([]byte("new!"), 8)
	key := c.make("buildKey(BSZ)Ljavacard/security/Key;", alg(builder+".TYPE_AES"), short(256), short(0))
	given := map[bool]vm.Ref{}
	for i, v := range [][]byte{old, fresh} {
		given[i == 1] = c.NewTemporaryArray(testContext, vm.ByteArray, 32)
		c.WriteBytes(given[i == 1], 0, v)
	}
	c.must(key, "setKey([BS)V", vm.RefWord(given[false]), short(0))
	var forks []*nvm.Flash
	var clocks []*clock.Clock
	c.flash.BeforeUpdate(func(uint32) {
		k := new(clock.Clock)
		forks, clocks = append(forks, c.flash.ForkOn(k, nil)), append(clocks, k)
	})
	c.Begin()
	c.must(key, "setKey([BS)V", vm.RefWord(given[true]), short(0))
	replaced := last(c)
	c.flash.BeforeUpdate(nil)
	if replaced != c.onlyKey(key, old, fresh) {
		t.Errorf("the last operation did not do what it says")
	}
	seen := map[bool]bool{}
	for i, f := range forks {
		seen[start(t, f, clocks[i], c.api).onlyKey(key, old, fresh)] = true
	}
	if len(forks) < 4 || !seen[false] || seen[true] != replaced {
		t.Errorf("%d cuts, old and new key seen: %v", len(forks), seen)
	}
}

// onlyKey checks that exactly one of two keys is in the memory, once, and is the
// key's value; it reports whether that is the second one.
func (c *card) onlyKey(key vm.Ref, old, fresh []byte) bool {
	c.Helper()
	all := make([]byte, c.flash.Size())
	c.flash.Read(0, all)
	olds, news := bytes.Count(all, old), bytes.Count(all, fresh)
	if value := part(c.Machine, key, slotSecret); olds+news != 1 || olds == 1 != bytes.Equal(value, old) || news == 1 != bytes.Equal(value, fresh) {
		c.Errorf("old key %d times in the memory, new key %d times", olds, news)
	}
	return news == 1
}
