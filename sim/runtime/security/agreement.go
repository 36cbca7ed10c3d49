package security

import (
	"crypto"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const agreementName = "javacard/security/KeyAgreement"

var (
	classAgreement = binding.Class(agreementName)

	agreeDH      = byteConstant(agreementName + ".ALG_EC_SVDP_DH") // with KDF
	agreeDHC     = byteConstant(agreementName + ".ALG_EC_SVDP_DHC")
	agreePlain   = byteConstant(agreementName + ".ALG_EC_SVDP_DH_PLAIN")
	agreePlainC  = byteConstant(agreementName + ".ALG_EC_SVDP_DHC_PLAIN")
	agreePlainXY = byteConstant(agreementName + ".ALG_EC_SVDP_DH_PLAIN_XY")
)

func bindAgreement(t *binding.Table) {
	t.State(agreementName, 1, 1)
	t.Bind(agreementName+".<init>()V", func(*vm.Call) {})
	t.Bind(agreementName+".getInstance(BZ)Ljavacard/security/KeyAgreement;", newAgreement)
	t.Hidden("inkan/platform/KeyAgreement", agreementName)
	t.BindAll("inkan/platform/KeyAgreement", map[string]binding.Native{
		"getAlgorithm()B": func(c *vm.Call) { c.ReturnByte(int8(c.Machine().DataCell(c.This(), classAgreement, 0))) },
		"init(Ljavacard/security/PrivateKey;)V": func(c *vm.Call) {
			if usable(c, c.Ref(0)).api != "ECPrivateKey" {
				fail(c, illegalValue)
			}
			c.Machine().SetRefCell(c.This(), classAgreement, 0, c.Ref(0))
		},
		"generateSecret([BSS[BS)S": generateSecret,
	})
}

func newAgreement(c *vm.Call) {
	switch c.Byte(0) {
	case agreeDH, agreeDHC, agreePlain, agreePlainC, agreePlainXY:
	default:
		fail(c, noSuchAlgorithm)
	}
	m := c.Machine()
	ref := m.NewInstance(c.Context(), binding.Class("inkan/platform/KeyAgreement"))
	m.SetDataCell(ref, classAgreement, 0, uint16(c.Byte(0)))
	c.ReturnRef(ref)
}

// generateSecret is the shared point's x (hashed with SHA-1 for the KDF forms)
// or the whole point. The curves' cofactor is 1, so that the forms with
// cofactor multiplication give the same; another cofactor is ILLEGAL_VALUE
// there. A public point off the curve is ILLEGAL_VALUE.
func generateSecret(c *vm.Call) {
	m, g := c.Machine(), engines(c)
	key := m.RefCell(c.This(), classAgreement, 0)
	still(c, key)
	point := input(c, c.Ref(0), c.Short(1), c.Short(2))
	alg := int8(m.DataCell(c.This(), classAgreement, 0))
	if k := part(m, key, slotK); (alg == agreeDHC || alg == agreePlainC) && k != nil && (k[0] != 0 || k[1] != 1) {
		fail(c, illegalValue)
	}
	curve := curveOf(c, key)
	secret := part(m, key, slotValue)
	defer clear(secret)
	setUp(c)
	x, y, err := g.ECDH(curve, secret, point)
	if err != nil {
		fail(c, illegalValue)
	}
	out := x
	switch alg {
	case agreeDH, agreeDHC:
		out = g.Hash(crypto.SHA1, nil, x)
	case agreePlainXY:
		out = append(append([]byte{4}, x...), y...)
	}
	output(c, c.Ref(3), c.Short(4), out)
	c.ReturnShort(int16(len(out)))
}
