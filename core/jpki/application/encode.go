package application

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// label begins every application.
const (
	label   = "INKAN-APPLICATION"
	version = 1
)

// Append appends the DER of a consistent application, its text included.
// Spec: SPEC-APPLICATION-020.
func (a *Application) Append(dst []byte) ([]byte, error) {
	if err := a.Check(); err != nil {
		return dst, err
	}
	b := cryptobyte.NewBuilder(dst)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		addString(b, tag.PrintableString, label)
		b.AddASN1Int64(version)
		b.AddASN1Enum(int64(a.Purpose))
		b.AddASN1OctetString(a.Nonce[:])
		b.AddASN1GeneralizedTime(a.Time.UTC())
		for _, f := range fields {
			if f.has(a) {
				a.addField(b, f.tag)
			}
		}
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			addString(b, tag.PrintableString, string(a.Language))
			addString(b, tag.UTF8String, a.Text(a.Language))
		})
	})
	out, err := b.Bytes()
	if err == nil && len(out)-len(dst) > MaxLen {
		err = errors.New("application: longer than 4096 bytes")
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

func addString(b *cryptobyte.Builder, t tag.Tag, s string) {
	b.AddASN1(t, func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

// addField adds one field under its implicit tag.
func (a *Application) addField(b *cryptobyte.Builder, number byte) {
	octets := func(content ...byte) {
		b.AddASN1(tag.Tag(number).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(content) })
	}
	sequence := func(parts ...[]byte) {
		b.AddASN1(tag.Tag(number).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			for _, p := range parts {
				b.AddASN1OctetString(p)
			}
		})
	}
	switch number {
	case 0:
		octets(a.SIM[:]...)
	case 1:
		octets(byte(a.Roles))
	case 2:
		octets(byte(a.Origin))
	case 3:
		octets(a.Instance[:]...)
	case 4:
		octets(a.Commitment[:]...)
	case 5:
		octets(a.ReplyKey[:]...)
	case 6:
		sequence(a.Order.Hash[:], a.Order.Challenge[:])
	case 7:
		sequence(a.Presence.AID, a.Presence.LoadFile[:], a.Presence.Authority[:], a.Presence.Attestation)
	}
}
