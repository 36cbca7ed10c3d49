package storm_test

import (
	"encoding/binary"
	"testing"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/scp"
	"inkan/core/uicc"
)

// window is how many bytes of a secret in a row are a leak.
const window = 8

// canary is a secret. It is nobody's any more once the host has sent it, or one of
// those that open it, in clear.
type canary struct {
	name    string
	openers []int
}

// canaries finds secrets in bytes.
type canaries struct {
	all     []canary
	windows map[uint64]int // to the index in all
	filter  [1 << 16]bool  // first two bytes
}

func newCanaries() *canaries { return &canaries{windows: map[uint64]int{}} }

// plant adds a secret of at least 8 bytes.
func (c *canaries) plant(name string, value []byte, openers ...int) int {
	c.all = append(c.all, canary{name, openers})
	n := len(c.all) - 1
	for i := 0; i+window <= len(value); i++ {
		c.windows[binary.BigEndian.Uint64(value[i:])] = n
		c.filter[binary.BigEndian.Uint16(value[i:])] = true
	}
	return n
}

// find calls fn for the secrets in b, perhaps repeatedly.
func (c *canaries) find(b []byte, fn func(n int)) {
	for i := 0; i+window <= len(b); i++ {
		if c.filter[binary.BigEndian.Uint16(b[i:])] {
			if n, ok := c.windows[binary.BigEndian.Uint64(b[i:])]; ok {
				fn(n)
			}
		}
	}
}

// plant makes all secrets of the card canaries.
func (w *world) plant() {
	c := w.canaries
	set := func(name string, s *scp.KeySet) {
		c.plant(name+" ENC", s.Enc)
		c.plant(name+" MAC", s.MAC)
		c.plant(name+" DEK", s.DEK)
	}
	set("issuer SCP03", &w.issuer03)
	set("issuer SCP02", &w.issuer02)
	set("provider", &w.provider)
	set("carrier", &w.carrier)
	set("OTA AES", &w.ota)
	set("OTA TDES", &w.ota3)
	for i := range freshSets {
		set("fresh", &freshSets[i])
	}
	c.plant("receipt key", w.receipt)
	c.plant("CASD signing key", w.signing)
	c.plant("CASD agreement key", w.agree)
	c.plant("Ki", w.auth.K[:])
	c.plant("OPc", w.auth.OPc[:])
	for name, digits := range map[string]string{"PIN1": pin1, "PUK1": puk1, "PIN2": pin2, "PUK2": puk2, "ADM1": adm1} {
		p, _ := uicc.NewPIN(digits)
		c.plant(name, p[:])
	}
	for _, role := range roles {
		code := c.plant(role.String()+" code", []byte(pinCodes[role][0]))
		if role == jpki.Sign {
			pin := c.plant("sign PIN", []byte(signPIN))
			c.plant("sign certificate", certificate(role.String())[4:], code, pin)
		}
		parts, _ := perso.KeyItems(role, deliveredKey(role.String()))
		for _, p := range parts {
			c.plant(role.String()+" private key", p.Value)
		}
	}
}

// watch is what of the secrets is still secret on one card.
type watch struct {
	*canaries
	told map[int]bool
}

// sent takes what the host gives away.
func (w *watch) sent(b []byte) { w.find(b, func(n int) { w.told[n] = true }) }

// leaked is the name of a secret in b; "" where there is none.
func (w *watch) leaked(b []byte) (name string) {
	w.find(b, func(n int) {
		if w.told[n] {
			return
		}
		for _, o := range w.all[n].openers {
			if w.told[o] {
				return
			}
		}
		name = w.all[n].name
	})
	return name
}

// TestWatch: a secret is found wherever it stands, until the host has told it or
// what opens it.
func TestWatch(t *testing.T) {
	w, err := master()
	if err != nil {
		t.Fatal(err)
	}
	x := watch{w.canaries, map[int]bool{}}
	in := func(b []byte) string { return x.leaked(append(append([]byte{0x90, 0, 1}, b...), 0x90, 0)) }
	for name, b := range map[string][]byte{"issuer SCP03 MAC": w.issuer03.MAC[8:], "Ki": w.auth.K[3:11], "PIN1": []byte(pin1 + "\xFF\xFF\xFF"), "sign PIN": []byte(signPIN),
		"sign certificate": certificate("sign")[700:708], "auth private key": deliveredKey("auth").Primes[0].Bytes()[60:90]} {
		if got := in(b); got != name {
			t.Errorf("%q found for %s", got, name)
		}
		if got := in(b[:7]); got != "" {
			t.Errorf("%s found in 7 bytes", got)
		}
	}
	x.sent([]byte("00" + signPIN))
	if in(certificate("sign")) != "" || in([]byte(signPIN)) != "" || in(w.issuer03.Enc) == "" {
		t.Error("what the PIN opens is still a secret, or the rest no more")
	}
}
