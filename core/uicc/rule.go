package uicc

import (
	"inkan/core/tlv"
	"inkan/core/wire"
)

// Operation is what somebody wants to do with a file: a bit of the access mode
// byte, or else an instruction that has none.
type Operation struct {
	Mode byte // AM byte
	INS  byte // of AM_DO 84, where Mode is 0
}

// Operations on elementary files (ETSI TS 102 221 §9.2.7, ISO/IEC 7816-4:2020
// §9.3.3). A directory has the last two.
var (
	OpRead       = Operation{Mode: 0x01}
	OpUpdate     = Operation{Mode: 0x02}
	OpIncrease   = Operation{INS: 0x32}
	OpDeactivate = Operation{Mode: 0x08}
	OpActivate   = Operation{Mode: 0x10}
)

// Keys tells which key references are verified.
type Keys interface {
	// Verified tells whether a condition that names the key is fulfilled.
	Verified(key KeyReference) bool
}

// Tags of EF ARR.
const (
	tagMode      tlv.Tag = 0x80
	tagHeaderINS tlv.Tag = 0x84
	tagAlways    tlv.Tag = 0x90
	tagNever     tlv.Tag = 0x97
	tagCRT       tlv.Tag = 0xA4
	tagOr        tlv.Tag = 0xA0
	tagAnd       tlv.Tag = 0xAF
	tagUsage     tlv.Tag = 0x95
	userAuth             = 0x08 // usage qualifier: user authentication
)

// Condition is a security condition: Always, Never, or a key.
type Condition struct {
	Kind ConditionKind
	Key  KeyReference
}

// ConditionKind is the kind of a Condition.
type ConditionKind byte

// Kinds of conditions.
const (
	Never ConditionKind = iota
	Always
	Verify // the key must be verified
)

// Key references as conditions.
var (
	CondAlways = Condition{Kind: Always}
	CondNever  = Condition{Kind: Never}
	CondPIN1   = Condition{Verify, PIN1}
	CondPIN2   = Condition{Verify, PIN2}
	CondADM1   = Condition{Verify, ADM1}
)

// AppendRule appends one access rule: an access mode and its condition. Rules
// follow one another in a record of EF ARR. Spec: SPEC-USIM-020.
func AppendRule(dst []byte, op Operation, c Condition) []byte {
	if op.Mode != 0 {
		dst = append(dst, byte(tagMode), 1, op.Mode)
	} else {
		dst = append(dst, byte(tagHeaderINS), 1, op.INS)
	}
	switch c.Kind {
	case Always:
		return append(dst, byte(tagAlways), 0)
	case Verify:
		return append(dst, byte(tagCRT), 6, byte(tagKey), 1, byte(c.Key), byte(tagUsage), 1, userAuth)
	}
	return append(dst, byte(tagNever), 0)
}

// Allows evaluates a record of EF ARR, padded with FF: whether an operation is
// allowed with the keys. What no rule names is not allowed; a record that cannot
// be read allows nothing. It does not allocate on a readable record.
// Spec: SPEC-USIM-021, SPEC-USIM-022.
func Allows(record []byte, op Operation, keys Keys) bool {
	r := tlv.NewReaderMode(trim(record), 0)
	allowed, applies := false, false
	for r.Next() {
		if tag := r.Tag(); tag >= 0x80 && tag <= 0x8F {
			applies = op.appliesTo(tag, r.Value())
			continue
		}
		if applies && satisfied(&r, keys) {
			allowed = true
		}
	}
	return allowed && r.Err() == nil
}

func (op Operation) appliesTo(tag tlv.Tag, value []byte) bool {
	if tag == tagMode {
		return op.Mode != 0 && len(value) == 1 && value[0]&op.Mode != 0 && (value[0]&0x80 == 0 || op.Mode < 0x08)
	}
	return op.Mode == 0 && tag == tagHeaderINS && len(value) == 1 && value[0] == op.INS
}

// satisfied evaluates the security condition object that r stands at.
func satisfied(r *tlv.Reader, keys Keys) bool {
	switch r.Tag() {
	case tagAlways:
		return true
	case tagCRT:
		in := r.Children()
		key, known, usage := KeyReference(0), false, false
		for in.Next() {
			v := in.Value()
			if in.Tag() == tagKey && len(v) == 1 {
				key, known = KeyReference(v[0]), true
			}
			usage = usage || in.Tag() == tagUsage && len(v) == 1 && v[0] == userAuth
		}
		return in.Err() == nil && known && usage && keys.Verified(key)
	case tagOr, tagAnd:
		in := r.Children()
		any, all := false, true
		for in.Next() {
			ok := satisfied(&in, keys)
			any, all = any || ok, all && ok
		}
		return in.Err() == nil && any && (all || r.Tag() == tagOr)
	}
	return false
}

// trim cuts the padding of a record: FF begins no object of EF ARR.
func trim(record []byte) []byte {
	for len(record) > 0 && record[len(record)-1] == 0xFF {
		record = record[:len(record)-1]
	}
	return record
}

// AccessRule is one rule of a record as DecodeRules reads it.
type AccessRule struct {
	Operation Operation // Mode may have several bits set
	Condition Condition
}

// DecodeRules reads a record of EF ARR that has one simple condition for each
// access mode. Errors are *wire.DecodeError. Spec: SPEC-USIM-020.
func DecodeRules(record []byte) ([]AccessRule, error) {
	r := tlv.NewReader(trim(record))
	var rules []AccessRule
	for r.Next() {
		var rule AccessRule
		switch v := r.Value(); {
		case r.Tag() == tagMode && len(v) == 1:
			rule.Operation.Mode = v[0]
		case r.Tag() == tagHeaderINS && len(v) == 1:
			rule.Operation.INS = v[0]
		default:
			return nil, r.Fault("access mode 80 or 84 of one byte", "another object")
		}
		if !r.Next() {
			if r.Err() == nil {
				return nil, &wire.DecodeError{Format: "EF ARR", Offset: len(record), Want: "a security condition", Got: "end of the record"}
			}
			break
		}
		if !rule.Condition.read(&r) {
			return nil, r.Fault("condition 90, 97, or A4 with key and usage 08", "another object")
		}
		rules = append(rules, rule)
	}
	return rules, r.Err()
}

func (c *Condition) read(r *tlv.Reader) bool {
	switch v := r.Value(); {
	case r.Tag() == tagAlways && len(v) == 0:
		c.Kind = Always
	case r.Tag() == tagNever && len(v) == 0:
		c.Kind = Never
	case r.Tag() == tagCRT && len(v) == 6 && v[0] == 0x83 && v[1] == 1 && v[3] == 0x95 && v[4] == 1 && v[5] == userAuth:
		c.Kind, c.Key = Verify, KeyReference(v[2])
	default:
		return false
	}
	return true
}
