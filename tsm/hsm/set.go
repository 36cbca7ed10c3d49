package hsm

import (
	"fmt"

	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/wire"
)

// set is a key set in clear. It is wiped by whoever made it.
type set struct {
	use  Use
	typ  keys.Type // DES or AES
	keys scp.KeySet
}

// Format prints no key, whatever the verb.
func (s set) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s %v %v", s.use, s.typ, s.keys) }

func (s *set) wipe() { s.keys.Wipe() }

// uses are the bytes of uses in a wrapped set.
var uses = [...]Use{1: UseSCP80, 2: UseSCP02, 3: UseSCP03, 4: UseReceipt}

func (u Use) code() byte {
	for i, v := range uses {
		if i > 0 && v == u {
			return byte(i)
		}
	}
	return 0
}

// parts are the keys that a set of this use has.
func (s *set) parts() []*[]byte {
	if s.use == UseReceipt {
		return []*[]byte{&s.keys.Enc}
	}
	return []*[]byte{&s.keys.Enc, &s.keys.MAC, &s.keys.DEK}
}

// check tells whether the keys are those of a use. Spec: SPEC-HSM-011.
func (s *set) check() error {
	n := len(s.keys.Enc)
	for _, p := range s.parts() {
		if len(*p) != n {
			return fmt.Errorf("hsm: %s keys of different lengths", s.use)
		}
	}
	ok := s.typ == keys.AES && keys.AES.Valid(n) || s.typ == keys.DES && (n == 16 || n == 24)
	switch use := keys.UseOf(s.keys.Version); {
	case !s.use.known():
		return fmt.Errorf("hsm: key of use %q", s.use)
	case !ok:
		return fmt.Errorf("hsm: %v keys of %d bytes: want AES of 16, 24 or 32, or DES of 16 or 24", s.typ, n)
	case s.use == UseReceipt && (len(s.keys.MAC) > 0 || len(s.keys.DEK) > 0):
		return fmt.Errorf("hsm: a receipt key is one key")
	case !keys.ValidNewVersion(s.keys.Version), (s.use == UseSCP80) != (use == keys.UseSCP80):
		return fmt.Errorf("hsm: key version %02X for %s", s.keys.Version, s.use)
	case s.use == UseSCP02 && (s.typ != keys.DES || n != 16), s.use == UseSCP03 && s.typ != keys.AES:
		return fmt.Errorf("hsm: %v keys of %d bytes for %s", s.typ, n, s.use)
	}
	return nil
}

// append appends a set in clear, which is wrapped next: use, version, type, length of
// a key, keys.
func (s *set) append(dst []byte) []byte {
	dst = append(dst, s.use.code(), s.keys.Version, byte(s.typ), byte(len(s.keys.Enc)))
	for _, p := range s.parts() {
		dst = append(dst, *p...)
	}
	return dst
}

// parseSet reads it. The keys are copies. Errors are *wire.DecodeError, or what check
// finds.
func parseSet(b []byte) (*set, error) {
	r := wire.NewReader("key set", b)
	s := new(set)
	if code := r.Byte("use"); r.Err() == nil && (code == 0 || int(code) >= len(uses)) {
		r.FailAt(0, "use", "01 to 04", "another")
	} else if r.Err() == nil {
		s.use = uses[code]
	}
	s.keys.Version = r.Byte("version")
	s.typ = keys.Type(r.Byte("type"))
	n := int(r.Byte("length"))
	for _, p := range s.parts() {
		*p = append([]byte(nil), r.Bytes(n, "key")...)
	}
	err := r.End()
	if err == nil {
		err = s.check()
	}
	if err != nil {
		s.wipe()
		return nil, err
	}
	return s, nil
}
