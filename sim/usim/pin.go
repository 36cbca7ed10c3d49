package usim

import (
	"crypto/subtle"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/vm"
)

// PINConfig is a PIN or an administrative key as a card is made with it.
type PINConfig struct {
	Key      uicc.KeyReference
	Value    uicc.PIN
	Tries    byte // 1 to 15
	PUK      uicc.PIN
	PUKTries byte // 0: there is no unblocking key; at most 15
	Disabled bool
	// Fixed: verification cannot be disabled.
	Fixed bool
	// Free: new values need not be 4 to 8 digits.
	Free bool
}

// maxKeys is the most PINs of a card.
const maxKeys = uicc.MaxPINs

// key is a key reference by its place in the PIN array.
type key uicc.KeyReference

// Layout of a PIN in the PIN array: flags, tries left and their limit, those of
// the unblocking key, value, unblocking key.
const (
	pinFlags    = 0
	pinTries    = 1
	pinLimit    = 2
	pinPUKTries = 3
	pinPUKLimit = 4
	pinValue    = 5
	pinPUK      = pinValue + 8
	pinBytes    = pinPUK + 8

	flagEnabled byte = 1
	flagFixed   byte = 2
	flagFree    byte = 4
)

func checkPINs(pins []PINConfig) error {
	if len(pins) > maxKeys {
		return fmt.Errorf("usim: %d PINs, want at most %d", len(pins), maxKeys)
	}
	for i := range pins {
		p := &pins[i]
		if p.Tries < 1 || p.Tries > 15 || p.PUKTries > 15 || p.Disabled && p.Fixed {
			return fmt.Errorf("usim: PIN %02X: want 1 to 15 tries, at most 15 of the unblocking key, and enabled if fixed", byte(p.Key))
		}
		for j := range pins[:i] {
			if pins[j].Key == p.Key {
				return fmt.Errorf("usim: PIN %02X twice", byte(p.Key))
			}
		}
	}
	return nil
}

// writePINs makes the PIN array.
func (u *UICC) writePINs() (ref vm.Ref) {
	b := make([]byte, 0, len(u.cfg.PINs)*pinBytes)
	for i := range u.cfg.PINs {
		p := &u.cfg.PINs[i]
		flags := flagEnabled
		if p.Disabled {
			flags = 0
		}
		if p.Fixed {
			flags |= flagFixed
		}
		if p.Free {
			flags |= flagFree
		}
		b = append(b, flags, p.Tries, p.Tries, p.PUKTries, p.PUKTries)
		b = append(append(b, p.Value[:]...), p.PUK[:]...)
	}
	ref = u.array(b)
	clear(b)
	return ref
}

// pinState is what of a PIN is no secret.
type pinState [pinValue]byte

func (p pinState) enabled() bool { return p[pinFlags]&flagEnabled != 0 }

// pin reads the state of the PIN with an index.
func (u *UICC) pin(i int) (p pinState) {
	b := u.spare[:len(p)]
	u.machine.ReadBytes(u.pins, i*pinBytes, b)
	copy(p[:], b)
	return p
}

// key is the index of a key reference, or none.
func (u *UICC) key(reference uicc.KeyReference) int {
	for i, k := range u.keys {
		if uicc.KeyReference(k) == reference {
			return i
		}
	}
	return none
}

// setVerified notes whether a PIN is verified, for the session that presented it.
func (u *UICC) setVerified(s *session, i int, verified bool) {
	if s.rights != nil {
		s.rights.setVerified(uicc.KeyReference(u.keys[i]), verified)
		return
	}
	if u.verified &^= 1 << i; verified {
		u.verified |= 1 << i
	}
}

// change is what a right value changes beside the counter.
type change struct {
	value    []byte // the new PIN; nil: as it is
	toggle   bool   // verification is switched
	unblocks bool   // the PIN gets all its tries and is enabled
}

// present compares a value with a PIN, or with its unblocking key. The counter is
// written down before the comparison, and every comparison costs the same; after a
// right one the counter is full again, together with the change.
// Spec: SPEC-USIM-103, SPEC-USIM-104, SPEC-USIM-105, SPEC-USIM-106.
func (u *UICC) present(s *session, i int, puk bool, value []byte, do change) iso7816.SW {
	counter, secret := pinTries, pinValue
	if puk {
		counter, secret = pinPUKTries, pinPUK
	}
	p := u.pin(i)
	if p[counter] == 0 {
		return iso7816.AuthenticationBlocked
	}
	if !puk {
		u.setVerified(s, i, false)
	}
	left := p[counter] - 1
	u.writeByte(i*pinBytes+counter, left)
	b := u.spare[:8]
	u.machine.ReadBytes(u.pins, i*pinBytes+secret, b)
	u.work(pinCalls, len(b))
	right := subtle.ConstantTimeCompare(b, value)
	clear(b)
	if right != 1 {
		return iso7816.WithTries(int(left))
	}
	u.apply(i, counter, do)
	u.setVerified(s, i, true)
	return iso7816.OK
}

// writeByte writes a byte of the PIN array at once, whatever transaction is open.
func (u *UICC) writeByte(at int, b byte) {
	u.spare[0] = b
	u.machine.WriteBytesNonAtomic(u.pins, at, u.spare[:1])
}

// apply fills a counter and changes a PIN, all or, after a power cut, nothing. A
// counter's limit stands behind it.
func (u *UICC) apply(i, counter int, do change) {
	at := i * pinBytes
	b := u.spare[:pinPUK]
	u.machine.ReadBytes(u.pins, at, b)
	if do.value == nil && !do.toggle {
		u.writeByte(at+counter, b[counter+1])
		return
	}
	b[counter] = b[counter+1]
	if do.toggle {
		b[pinFlags] ^= flagEnabled
	}
	if do.unblocks {
		b[pinTries] = b[pinLimit]
		b[pinFlags] |= flagEnabled
	}
	if do.value != nil {
		copy(b[pinValue:], do.value)
	}
	u.machine.WriteSecret(u.pins, at, b)
}

// pinCommand finds the PIN that P2 names. Spec: SPEC-USIM-102.
func (u *UICC) pinCommand(cmd *apdu.Command) (i int, sw iso7816.SW) {
	if cmd.P1 != 0 {
		return none, iso7816.IncorrectP1P2
	}
	if i = u.key(uicc.KeyReference(cmd.P2)); i == none {
		return none, iso7816.ReferencedDataNotFound
	}
	return i, iso7816.OK
}

// tries is the answer to a question for the tries left. Spec: SPEC-USIM-107.
func tries(n byte) iso7816.SW {
	if n == 0 {
		return iso7816.AuthenticationBlocked
	}
	return iso7816.WithTries(int(n))
}
