// Package confidential is the cryptography of the confidential set-up of a
// security domain's keys by key agreement (GlobalPlatform Amendment A, scenario 3)
// for both ends: the provider with an ephemeral key, and the card with the static
// key of its controlling authority's domain.
//
// It must not know how the data travels; the structures are package gp's. It
// implements spec/UICC-OS.md §Confidential key set-up.
package confidential

import (
	"crypto/ecdh"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// RandomBytes is the length of the card's contribution, object 85.
const RandomBytes = 16

// optionRandom is the bit of the scenario's parameter that asks for it.
const optionRandom = 0x01

// Usage is the value of object 95: C-MAC, R-MAC, encryption and key encryption, a
// secure channel's keys.
const Usage = 0x5C

// Plan is what a control reference template asks for.
type Plan struct {
	Version   byte      // key version number of the keys
	Type      keys.Type // AES or DES, which the version's protocol has; zero: AES
	SizeBytes int       // of each key: 16, 24 or 32; of triple DES 16 or 24
	Random    bool      // the card contributes random bytes
	usage     []byte
	host      []byte
}

// Control is the template that asks for a plan with AES keys.
func Control(version byte, sizeBytes int, random bool) gp.ConfidentialControl {
	return (&Plan{Version: version, SizeBytes: sizeBytes, Random: random}).Control()
}

// Control is the template that asks for the plan.
func (p *Plan) Control() gp.ConfidentialControl {
	options := []byte{0}
	if p.Random {
		options[0] = optionRandom
	}
	return gp.ConfidentialControl{Scenario: gp.ScenarioKeyAgree, Options: options, KeyUsage: []byte{Usage}, KeyType: []byte{byte(p.keyType())},
		KeyLength: []byte{byte(p.SizeBytes)}, KeyVersion: []byte{p.Version}}
}

func (p *Plan) keyType() keys.Type {
	if p.Type == 0 {
		return keys.AES
	}
	return p.Type
}

// fits tells whether keys of a type serve a version: AES all but SCP02, triple DES
// SCP02 and packets. Spec: SPEC-UICC-OS-081.
func fits(t keys.Type, version byte) bool {
	switch keys.UseOf(version) {
	case keys.UseSCP02:
		return t == keys.DES
	case keys.UseSCP80:
		return true
	case keys.UseSCP03, keys.UseUnassigned:
		return t == keys.AES
	}
	return false
}

// PlanOf reads a template: scenario 3, AES keys of 16, 24 or 32 bytes or triple DES
// keys of 16 or 24, and a key version for secure channels or packets that has such
// keys (without identifier or with 01). Errors are *wire.DecodeError.
// Spec: SPEC-UICC-OS-081.
func PlanOf(c *gp.ConfidentialControl) (Plan, error) {
	fault := func(path, want string) (Plan, error) {
		return Plan{}, &wire.DecodeError{Format: "confidential set-up", Path: "A6/" + path, Want: want, Got: "another value"}
	}
	switch {
	case c.Scenario != gp.ScenarioKeyAgree:
		return fault("90", "scenario 03")
	case len(c.Options) > 1 || len(c.Options) == 1 && c.Options[0]&^optionRandom != 0:
		return fault("90", "a parameter of 00 or 01")
	case len(c.KeyType) != 1 || keys.Type(c.KeyType[0]) != keys.AES && keys.Type(c.KeyType[0]) != keys.DES:
		return fault("80", "88, AES, or 80, DES")
	case len(c.KeyLength) != 1 || c.KeyLength[0] < 16 || !keys.Type(c.KeyType[0]).Valid(int(c.KeyLength[0])):
		return fault("81", "10 or 18, or of AES 20")
	case len(c.KeyVersion) == 0 || len(c.KeyVersion) > 2 || len(c.KeyVersion) == 2 && c.KeyVersion[1] != 1:
		return fault("83", "a key version number")
	case !fits(keys.Type(c.KeyType[0]), c.KeyVersion[0]) || !keys.ValidNewVersion(c.KeyVersion[0]):
		return fault("83", "a key version of secure channels or packets with keys of that type")
	}
	return Plan{Version: c.KeyVersion[0], Type: keys.Type(c.KeyType[0]), SizeBytes: int(c.KeyLength[0]), Random: len(c.Options) == 1 && c.Options[0]&optionRandom != 0,
		usage: c.KeyUsage, host: c.HostID}, nil
}

// Keys are agreed keys.
type Keys struct {
	Enc, MAC, DEK []byte
	receipt       []byte
}

// Wipe overwrites the keys with zeros.
func (k *Keys) Wipe() { keys.Wipe(k.Enc, k.MAC, k.DEK, k.receipt) }

// Format prints how long the keys are, whatever the verb.
func (k Keys) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "agreed keys (%d bytes each)", len(k.Enc)) }

// KeySet is the keys as those of a secure channel; they are shared, not copied.
func (k *Keys) KeySet(version byte) *scp.KeySet {
	return &scp.KeySet{Version: version, Enc: k.Enc, MAC: k.MAC, DEK: k.DEK}
}

// Digest is a hash in the making: sha256.New gives one, and so do a card's engines.
type Digest interface {
	Write(b []byte) (int, error)
	Sum(dst []byte) []byte
}

// Derive makes the keys of the shared secret, the x coordinate of the product:
// X9.63 with SHA-256 over key usage, type, length and host identifier, then the
// card's random bytes. The first key makes the receipt, then come those of
// encryption, MAC and data encryption. digest begins a SHA-256; nil: the standard
// library's. Spec: SPEC-UICC-OS-082.
func (p *Plan) Derive(secret, random []byte, digest func() Digest) *Keys {
	if digest == nil {
		digest = func() Digest { return sha256.New() }
	}
	info := append(append([]byte(nil), p.usage...), byte(p.keyType()), byte(p.SizeBytes))
	info = append(append(info, byte(len(p.host))), p.host...)
	info = append(info, random...)
	need := 4 * p.SizeBytes
	var out []byte
	for counter := uint32(1); len(out) < need; counter++ {
		h := digest()
		h.Write(secret)
		h.Write(binary.BigEndian.AppendUint32(nil, counter))
		h.Write(info)
		out = h.Sum(out)
	}
	clear(out[need:])
	n := p.SizeBytes
	return &Keys{receipt: out[:n:n], Enc: out[n : 2*n : 2*n], MAC: out[2*n : 3*n : 3*n], DEK: out[3*n : need : need]}
}

// Receipt is AES-CMAC under the first key over the control template as it came
// and the random bytes as object 85, 16 bytes. Spec: SPEC-UICC-OS-083.
func (k *Keys) Receipt(control, random []byte) []byte {
	message := append([]byte(nil), control...)
	if len(random) > 0 {
		message = tlv.Append(message, gp.TagDerivationRandom, random)
	}
	m, err := mac.NewCMAC(k.receipt)
	if err != nil {
		panic("confidential: the receipt key has the length of an AES key")
	}
	defer m.Wipe()
	m.Write(message)
	return m.Append(nil)
}

// ErrReceipt: the card's receipt is not that of the agreement.
var ErrReceipt = errors.New("confidential: the receipt is not that of the agreement")

// Agree is the provider's side: the keys, of its ephemeral key, the card's static
// public key (of the certificate that the provider has verified), the template as
// it was sent and the card's answer. Errors are ErrReceipt and those of a point
// that is not on the curve.
func Agree(ephemeral *ecdh.PrivateKey, card *ecdh.PublicKey, control []byte, r *gp.ConfidentialResponse) (*Keys, error) {
	c, err := gp.DecodeConfidentialControl(control)
	if err != nil {
		return nil, err
	}
	p, err := PlanOf(&c)
	if err != nil {
		return nil, err
	}
	secret, err := ephemeral.ECDH(card)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	k := p.Derive(secret, r.DerivationRandom, nil)
	if p.Random != (len(r.DerivationRandom) == RandomBytes) || subtle.ConstantTimeCompare(k.Receipt(control, r.DerivationRandom), r.Receipt) != 1 {
		k.Wipe()
		return nil, ErrReceipt
	}
	return k, nil
}
