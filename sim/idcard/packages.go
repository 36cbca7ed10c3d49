package idcard

import (
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	basicapplet "inkan/sim/applets/basic"
	jpkiapplet "inkan/sim/applets/jpki"
)

// Package is a package that belongs on the card, and its instances.
type Package struct {
	AID       gp.AID
	CAP       []byte // the file
	Instances []Instance
}

// Instance is an application of the card.
type Instance struct {
	Module, AID gp.AID
	Parameters  []byte // the application's own; nil: none
}

// CertificateBytes is the longest certificate on the card: the signature
// certificate has name and address.
const CertificateBytes = 2944

// Packages are those of the card, in the order in which they are loaded. Errors
// are those of the parameters' codec. Spec: SPEC-IDCARD-013.
func Packages() ([]Package, error) {
	form := jpki.Defaults(jpki.FormCard)
	form.CertificateBytes = CertificateBytes
	parameters, err := form.Append(nil)
	if err != nil {
		return nil, err
	}
	return []Package{
		{jpki.AIDPackage, jpkiapplet.CAP, []Instance{{jpki.AIDModule, jpki.AIDInstance, parameters}}},
		{basic.AIDPackage, basicapplet.CAP, []Instance{{basic.AIDCommonModule, basic.AIDCommon, nil}, {basic.AIDTextModule, basic.AIDText, nil}}},
	}, nil
}
