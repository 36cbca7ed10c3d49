package gp

import (
	"fmt"
	"strconv"

	"inkan/core/wire"
)

// read reads one field of the data field.
func (i *Install) read(f installField, r *wire.Reader) {
	switch f {
	case fieldEmpty:
		if n := r.Byte("empty field"); n != 0 {
			r.FailAt(r.Offset()-1, "empty field", "00", hexByte(n))
		}
	case fieldLoadFile:
		i.LoadFile = readAID(r, "load file AID")
	case fieldOptionalLoadFile:
		i.LoadFile = readOptionalAID(r, "load file AID")
	case fieldOptionalModule:
		i.Module = readOptionalAID(r, "module AID")
	case fieldSecurityDomain:
		i.SecurityDomain = readAID(r, "security domain AID")
	case fieldOptionalSecurityDomain:
		i.SecurityDomain = readOptionalAID(r, "security domain AID")
	case fieldApplication:
		i.Application = readAID(r, "application AID")
	case fieldOptionalApplication:
		i.Application = readOptionalAID(r, "application AID")
	case fieldHash:
		i.readHash(r)
	case fieldPrivileges:
		offset := r.Offset()
		b := r.LV("privileges")
		i.Privileges = privilegesOf(r, b, offset, "privileges")
		i.HasPrivileges = len(b) > 0
	case fieldParameters:
		i.Parameters = readField(r, "parameters")
	case fieldToken:
		i.Token = readField(r, "token")
	}
}

func (i *Install) readHash(r *wire.Reader) {
	offset := r.Offset()
	b := r.LV("load file hash")
	switch {
	case len(b) == 0:
	case validHashLen(len(b)):
		i.Hash = b
	default:
		r.FailAt(offset, "load file hash", "20, 32, 48 or 64 bytes or none", strconv.Itoa(len(b)))
	}
}

// validHashLen reports whether a load file data block hash can have n bytes:
// SHA-1, SHA-256, SHA-384, SHA-512.
func validHashLen(n int) bool { return n == 20 || n == 32 || n == 48 || n == 64 }

// append appends one field and takes it off i, so that what is left was not
// the purpose's to carry.
func (i *Install) append(f installField, dst []byte) ([]byte, error) {
	aid := func(a *AID, required bool) []byte {
		dst = a.AppendLV(dst)
		if !a.IsZero() {
			required = false
			*a = AID{}
		}
		if required {
			return nil
		}
		return dst
	}
	var out []byte
	switch f {
	case fieldEmpty:
		return append(dst, 0), nil
	case fieldLoadFile, fieldOptionalLoadFile:
		out = aid(&i.LoadFile, f == fieldLoadFile)
	case fieldOptionalModule:
		out = aid(&i.Module, false)
	case fieldSecurityDomain, fieldOptionalSecurityDomain:
		out = aid(&i.SecurityDomain, f == fieldSecurityDomain)
	case fieldApplication, fieldOptionalApplication:
		out = aid(&i.Application, f == fieldApplication)
	case fieldHash:
		if len(i.Hash) > 0 && !validHashLen(len(i.Hash)) {
			return dst, errValue("INSTALL", "hash length")
		}
		out = append(append(dst, byte(len(i.Hash))), i.Hash...)
		i.Hash = nil
	case fieldPrivileges:
		out = i.appendPrivileges(dst)
	case fieldParameters:
		out, i.Parameters = appendField(dst, i.Parameters), nil
	case fieldToken:
		out, i.Token = appendField(dst, i.Token), nil
	}
	if out == nil {
		return dst, fmt.Errorf("gp: INSTALL %v: an AID is missing", i.Purpose)
	}
	return out, nil
}

func (i *Install) appendPrivileges(dst []byte) []byte {
	if i.HasPrivileges || i.Privileges != 0 {
		dst = i.Privileges.AppendLV(dst)
	} else {
		dst = append(dst, 0)
	}
	i.Privileges, i.HasPrivileges = 0, false
	return dst
}

// appendFields appends the data field, with or without the token field. It
// refuses a field that the purpose does not have. Spec: SPEC-GP-106.
func (i *Install) appendFields(dst []byte, withToken bool) ([]byte, error) {
	layout := i.Purpose.layout(i.Stage)
	if layout == nil {
		return dst, errValue("INSTALL", "purpose or stage")
	}
	if len(i.Parameters) > maxFieldLen || len(i.Token) > maxFieldLen {
		return dst, errValue("INSTALL", "parameters or token")
	}
	left := *i
	for _, f := range layout {
		if f == fieldToken && !withToken {
			left.Token = nil
			break
		}
		var err error
		if dst, err = left.append(f, dst); err != nil {
			return dst, err
		}
	}
	if !left.LoadFile.IsZero() || !left.SecurityDomain.IsZero() || !left.Module.IsZero() || !left.Application.IsZero() ||
		len(left.Hash) > 0 || left.HasPrivileges || left.Privileges != 0 || len(left.Parameters) > 0 || len(left.Token) > 0 {
		return dst, fmt.Errorf("gp: INSTALL %v: a field that it does not have", i.Purpose)
	}
	return dst, nil
}
