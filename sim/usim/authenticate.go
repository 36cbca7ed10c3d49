package usim

import (
	"crypto/subtle"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/core/uicc/milenage"
	"inkan/sim/vm"
)

// Authentication is what AUTHENTICATE works with: MILENAGE under K and OPc.
type Authentication struct {
	K, OPc milenage.Block
}

// sequences is the number of sequence numbers that are remembered: those with
// different low five bits are independent (3GPP TS 33.102 annex C.1.2).
const sequences = 32

// Layout of the authentication array.
const (
	authK        = 0
	authOPc      = authK + milenage.Size
	authSequence = authOPc + milenage.Size // of each of the sequences: SQN(6)
	authBytes    = authSequence + 6*sequences
)

// P2 of AUTHENTICATE: the contexts of a USIM (3GPP TS 31.102 §7.1.2).
const (
	contextGSM = 0x80
	context3G  = 0x81
)

// Tags of AUTHENTICATE's response data in the 3G context.
const (
	tagAuthenticated   = 0xDB
	tagSynchronisation = 0xDC
)

func (u *UICC) writeAuthentication() vm.Ref {
	a := u.cfg.Authentication
	if a == nil {
		return vm.Null
	}
	b := make([]byte, authBytes)
	copy(b[authK:], a.K[:])
	copy(b[authOPc:], a.OPc[:])
	ref := u.array(b)
	clear(b)
	return ref
}

// authenticate is AUTHENTICATE in the 3G security context (3GPP TS 31.102
// §7.1.2.1). The sequence number is stored before the answer.
// Spec: SPEC-USIM-181 to SPEC-USIM-186.
func (u *UICC) authenticate(s *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	d := cmd.Data
	switch {
	case u.auth == vm.Null:
		return dst, iso7816.INSNotSupported
	case cmd.P1 != 0 || cmd.P2 != context3G && cmd.P2 != contextGSM:
		return dst, iso7816.IncorrectP1P2
	case cmd.P2 == contextGSM:
		return dst, iso7816.FunctionNotSupported
	case s.application == none || !u.Verified(uicc.PIN1):
		return dst, iso7816.SecurityStatusNotSatisfied
	case len(d) != 34:
		return dst, iso7816.WrongLength
	case d[0] != 16 || d[17] != 16:
		return dst, iso7816.WrongData
	}
	set, sw := u.milenage()
	if sw != iso7816.OK {
		return dst, sw
	}
	rand, autn := milenage.Block(d[1:17]), d[18:34]
	v := set.Derive(rand)
	sqn := [6]byte(autn)
	for i := range sqn {
		sqn[i] ^= v.AK[i]
	}
	mac, _ := set.Codes(rand, sqn, [2]byte(autn[6:8]))
	if subtle.ConstantTimeCompare(mac[:], autn[8:]) != 1 {
		return dst, iso7816.WrongMAC
	}
	if !u.fresh(sqn) {
		return u.resynchronise(dst, set, rand), iso7816.OK
	}
	dst = append(append(dst, tagAuthenticated, byte(len(v.RES))), v.RES[:]...)
	dst = append(append(dst, milenage.Size), v.CK[:]...)
	return append(append(dst, milenage.Size), v.IK[:]...), iso7816.OK
}

// milenage is the algorithm set under the card's keys.
func (u *UICC) milenage() (*milenage.Set, iso7816.SW) {
	b := u.record[:authSequence]
	u.machine.ReadBytes(u.auth, 0, b)
	c, err := u.engines.AES(b[authK:authOPc])
	if err != nil {
		return nil, iso7816.NoPreciseDiagnosis
	}
	return &milenage.Set{Cipher: c, OPc: milenage.Block(b[authOPc:authSequence])}, iso7816.OK
}

// number48 is a sequence number.
func number48(b []byte) (v uint64) {
	for _, c := range b[:6] {
		v = v<<8 | uint64(c)
	}
	return v
}

// fresh accepts a sequence number that is higher than the last one with the same
// low five bits, and stores it.
func (u *UICC) fresh(sqn [6]byte) bool {
	at := authSequence + 6*int(sqn[5]%sequences)
	b := u.spare[:6]
	u.machine.ReadBytes(u.auth, at, b)
	if number48(sqn[:]) <= number48(b) {
		return false
	}
	u.machine.WriteBytes(u.auth, at, sqn[:])
	return true
}

// resynchronise appends AUTS: the highest sequence number, hidden by f5*, with
// MAC-S over AMF 0000.
func (u *UICC) resynchronise(dst []byte, set *milenage.Set, rand milenage.Block) []byte {
	var highest [6]byte
	for i := range sequences {
		b := u.spare[:6]
		u.machine.ReadBytes(u.auth, authSequence+6*i, b)
		if number48(b) > number48(highest[:]) {
			copy(highest[:], b)
		}
	}
	_, mac := set.Codes(rand, highest, [2]byte{})
	ak := set.ResyncAK(rand)
	for i := range highest {
		highest[i] ^= ak[i]
	}
	dst = append(append(dst, tagSynchronisation, byte(len(highest)+len(mac))), highest[:]...)
	return append(dst, mac[:]...)
}
