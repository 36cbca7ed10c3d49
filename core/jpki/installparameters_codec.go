package jpki

import (
	"errors"
	"strconv"

	"inkan/core/wire"
)

// Append appends the parameters that differ from the form's defaults, the form
// first where it is not the SIM's. It fails on a value outside the table.
// Spec: SPEC-JPKI-AP-007.
func (p *InstallParameters) Append(dst []byte) ([]byte, error) {
	if f := p.fault(); f != "" {
		return dst, errors.New("jpki: install parameters: " + f + " out of range")
	}
	d := Defaults(p.Form)
	one := func(tag, value byte, differs bool) {
		if differs {
			dst = append(dst, tag, 1, value)
		}
	}
	one(tagForm, byte(p.Form), p.Form != FormSIM)
	one(tagCertAccess, byte(p.CertificateAccess), p.CertificateAccess != d.CertificateAccess)
	one(tagPolicy, byte(p.Policy), p.Policy != d.Policy)
	if p.Label != d.Label {
		dst = append(append(dst, tagLabel, byte(len(p.Label))), p.Label...)
	}
	one(tagAttestation, byte(p.Attestation), p.Attestation != d.Attestation)
	one(tagContactlessTries, byte(p.ContactlessTries), p.ContactlessTries != d.ContactlessTries)
	if p.CertificateBytes != d.CertificateBytes {
		dst = append(dst, tagCertificateBytes, 2, byte(p.CertificateBytes>>8), byte(p.CertificateBytes))
	}
	return dst, nil
}

// DecodeInstallParameters reads parameters; what is left out is the form's
// default. Errors are *wire.DecodeError. Spec: SPEC-JPKI-AP-007.
func DecodeInstallParameters(b []byte) (InstallParameters, error) {
	r := wire.NewReader("JPKI install parameters", b)
	p := Defaults(FormSIM)
	if form, ok := formOf(b); ok {
		p = Defaults(form)
	}
	var seen [tagCertificateBytes - tagForm + 1]bool
	for r.More() {
		at := r.Offset()
		tag := r.Byte("tag")
		if tag < tagForm || tag > tagCertificateBytes {
			r.FailAt(at, "", "a tag 81 to 87", hexByte(tag))
			break
		}
		if seen[tag-tagForm] {
			r.FailAt(at, hexByte(tag), "each tag once", "a second one")
			break
		}
		seen[tag-tagForm] = true
		p.read(&r, tag)
	}
	if r.Err() != nil {
		return InstallParameters{}, r.Err()
	}
	return p, nil
}

// formOf finds a valid form, which the defaults depend on, wherever it stands.
func formOf(b []byte) (Form, bool) {
	for len(b) >= 3 {
		if b[0] == tagForm && b[1] == 1 && (b[2] == byte(FormSIM) || b[2] == byte(FormCard)) {
			return Form(b[2]), true
		}
		n := 2 + int(b[1])
		if n > len(b) {
			break
		}
		b = b[n:]
	}
	return 0, false
}

// read reads length and value of one tag.
func (p *InstallParameters) read(r *wire.Reader, tag byte) {
	path := hexByte(tag)
	at := r.Offset()
	v := r.LV(path)
	if r.Err() != nil {
		return
	}
	least, most := 1, 1
	switch tag {
	case tagLabel:
		most = MaxLabelLen
	case tagCertificateBytes:
		least, most = 2, 2
	}
	if len(v) < least || len(v) > most {
		want := plural(least, "byte")
		if least != most {
			want = "1 to " + plural(most, "byte")
		}
		r.FailAt(at, path, want, strconv.Itoa(len(v)))
		return
	}
	p.set(tag, v)
	if p.fault() != "" {
		r.FailAt(at+1, path, "a value of the table", "another")
	}
}

func (p *InstallParameters) set(tag byte, v []byte) {
	switch tag {
	case tagForm:
		p.Form = Form(v[0])
	case tagCertAccess:
		p.CertificateAccess = CertificateAccess(v[0])
	case tagPolicy:
		p.Policy = Policy(v[0])
	case tagLabel:
		p.Label = string(v)
	case tagAttestation:
		p.Attestation = AttestationUse(v[0])
	case tagContactlessTries:
		p.ContactlessTries = int(v[0])
	case tagCertificateBytes:
		p.CertificateBytes = int(v[0])<<8 | int(v[1])
	}
}
