package oracle

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

var keyFiles = [2]uint16{efAuthKey, efSignKey}

// signatureBytes is the length of every signature and modulus.
const signatureBytes = 256

// signature is the signature command. Spec: SPEC-JPKI-AP-027,
// SPEC-JPKI-AP-028, SPEC-JPKI-AP-070 to SPEC-JPKI-AP-072, SPEC-JPKI-AP-074.
func (m *Model) signature(cmd *apdu.Command) *Expected {
	if cmd.P1 > 5 || cmd.P2 < 0x80 || cmd.P2 > 0x9E {
		return m.refuse(iso7816.IncorrectP1P2)
	}
	ef, role, sw := m.target(cmd.P2, keyFiles)
	if sw != iso7816.OK {
		return m.refuse(sw)
	}
	least, most := 1, []int{245, 255, 32, 255, 32, 255}[cmd.P1]
	if most == 32 {
		least = 32
	}
	n := len(cmd.Data)
	switch {
	case m.phase != PhaseActive || m.roles[role].key == nil:
		return m.refuse(iso7816.ConditionsNotSatisfied)
	case !m.verified(role) && !(role == auth && m.authVerified()):
		return m.refuse(iso7816.SecurityStatusNotSatisfied)
	case n < least || n > most:
		return m.refuse(iso7816.WrongLength)
	}
	next := m.Clone()
	next.current = ef
	if m.phone() {
		if m.state == 2 {
			next.state = 0
		}
		next.roles[auth].verified[contactless] = false
	}
	k, mode, input := m.roles[role].key, cmd.P1, append([]byte(nil), cmd.Data...)
	return &Expected{SW: iso7816.OK, Next: next, check: func(_ *Model, data []byte) error {
		return k.verify(mode, input, data)
	}}
}

// verify checks a signature of the mode that P1 says.
func (k *key) verify(mode byte, input, signature []byte) error {
	if len(signature) != signatureBytes {
		return fmt.Errorf("oracle: a signature of %d bytes", len(signature))
	}
	if k.modulus == nil {
		return nil
	}
	pub := &rsa.PublicKey{N: k.modulus, E: 65537}
	if mode&1 != 0 {
		h := sha256.Sum256(input)
		input = h[:]
	}
	var err error
	switch mode {
	case 0, 1:
		err = rsa.VerifyPKCS1v15(pub, 0, input, signature)
	case 2, 3:
		err = rsa.VerifyPKCS1v15(pub, crypto.SHA256, input, signature)
	default:
		err = rsa.VerifyPSS(pub, crypto.SHA256, input, signature, &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256})
	}
	if err != nil {
		return fmt.Errorf("oracle: signature of mode %02X does not verify: %w", mode, err)
	}
	return nil
}
