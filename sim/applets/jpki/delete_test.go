package jpki_test

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// planted are secrets of an issued instance.
func (a *authority) planted() map[string][]byte {
	a.Helper()
	items, err := perso.KeyItems(1, deliveredKeys()[1])
	if err != nil {
		a.Fatal(err)
	}
	secrets := map[string][]byte{"certificate": certificate(1, false, a.size)[16:48]}
	for _, i := range items {
		secrets[fmt.Sprint("key part ", i.Tag)] = i.Value
	}
	return secrets
}

// TestDeleted deletes an instance that was not erased, alone and with its
// package: keys, PIN and certificate are nowhere any more.
func TestDeleted(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-049")
	for _, related := range []bool{false, true} {
		a := issued(t, options{})
		secrets := a.planted()
		for name, s := range secrets {
			if !bytes.Contains(a.memory(), s) {
				t.Fatalf("%s is not in the memory", name)
			}
		}
		a.get(selectDomain)
		aid := vocabulary.AIDInstance.Append(nil)
		if related {
			aid = vocabulary.AIDPackage.Append(nil)
		}
		if err := a.card.Delete(aid, related); err != nil {
			t.Fatal(err)
		}
		for name, s := range secrets {
			if n := bytes.Count(a.memory(), s); n != 0 {
				t.Errorf("%s is %d times in the memory, package deleted: %v", name, n, related)
			}
		}
	}
}

// TestTornDeletion cuts the power at every write of a deletion: the instance
// works as before, or is gone with all that it held.
func TestTornDeletion(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-045", "SPEC-RUNTIME-049")
	for _, related := range []bool{false, true} {
		a := issued(t, options{})
		a.get(selectDomain)
		aid := vocabulary.AIDInstance.Append(nil)
		if related {
			aid = vocabulary.AIDPackage.Append(nil)
		}
		forks := a.cutsOf(func() {
			if err := a.card.Delete(aid, related); err != nil {
				t.Fatal(err)
			}
		})
		counts := map[bool]int{}
		for n, flash := range forks {
			b := *a
			b.rig = boot(t, a.opt, flash)
			_, sw := b.send(unhex(t, selectName))
			counts[sw == iso7816.OK]++
			if sw == iso7816.OK {
				b.want(verify(1, pins[1]), "9000")
				b.get(sign(3, 1, []byte("x")))
				continue
			}
			for name, s := range b.planted() {
				if bytes.Contains(b.memory(), s) {
					t.Errorf("cut %d, package deleted: %v: %s is in the memory", n, related, name)
				}
			}
		}
		if counts[true] == 0 || counts[false] == 0 {
			t.Errorf("of %d cuts the instance survived %d", len(forks), counts[true])
		}
	}
}
