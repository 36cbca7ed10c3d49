package laboratory

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"time"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tsmp"
	"inkan/core/uicc"
	scene "inkan/scenarios/handset"
	"inkan/sim/handset/omapi"
	"inkan/sim/profile"
	"inkan/tsm/mno"
)

// Apps that a phone may have, as its operating system knows them.
var (
	Genuine   = omapi.CallerOf([]byte("certificate of the UI app"), "jp.example.inkan")
	LookAlike = omapi.CallerOf([]byte("certificate of somebody else"), "jp.example.inkan")
)

// Rules are a carrier's: the UI app reaches the JPKI application, the provider's
// domain, and the issuer's, whose scripts it relays; nobody else reaches anything.
func Rules() []ara.Rule {
	issuer := ara.Rule{Target: ara.Target{AIDRef: ara.NamedApplication, AID: gp.AIDIssuerSecurityDomain, AppHash: Genuine.SHA256[:]},
		Rights: ara.Rights{APDU: ara.Always}}
	return append(scene.RulesFor(Genuine), issuer)
}

// makerName is how certificates name the SIMs' maker.
const makerName = "INKAN TEST MAKER"

// makerKey is the key of the SIMs' maker: TEST ONLY, it follows from its name.
func makerKey() (*ecdsa.PrivateKey, error) {
	scalar := sha256.Sum256([]byte("TEST ONLY: key of " + makerName))
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
}

// Makers are those whose certificates the SP-TSM believes.
func Makers() ([]casd.Maker, error) {
	key, err := makerKey()
	if err != nil {
		return nil, err
	}
	return []casd.Maker{{Name: []byte(makerName), Key: &key.PublicKey}}, nil
}

// SE is the identifier of a SIM in messages: EF ICCID with zeros behind.
func SE(iccid string) (id tsmp.SEID) {
	content, err := uicc.AppendICCID(nil, iccid)
	if err == nil {
		copy(id[:], content)
	}
	return id
}

// Delivered is a card as its maker delivers it to the carrier: card is any card of the
// profile, whose authority has the keys of them all; the certificate is good from the
// day before now, for ten years.
func Delivered(card *profile.Card, number uint32, now time.Time) (s mno.SIM, err error) {
	p := card.Profile
	s = mno.SIM{ICCID: p.ICCID(number), SE: SE(p.ICCID(number)), Kind: p.Name}
	if s.AttestationKey, err = casd.KeyHash(card.AuthorityKey()); err != nil {
		return s, err
	}
	if s.Certificate, err = certificate(s, card.AgreementKey(), now); err != nil {
		return s, err
	}
	if p.Method.Function != keys.NoDiversification {
		kdd := p.KDD(number)
		s.KDD = kdd[:]
	}
	s.ReceiptDomain, err = p.ReceiptDomain(number)
	return s, err
}

// certificate is what the SIM's maker says of its controlling authority.
func certificate(s mno.SIM, agreement []byte, now time.Time) ([]byte, error) {
	key, err := makerKey()
	if err != nil {
		return nil, err
	}
	day := now.UTC().Truncate(24 * time.Hour)
	c := casd.Certificate{Serial: []byte(s.ICCID)[4:], Maker: []byte(makerName), Card: s.SE, Effective: day.AddDate(0, 0, -1), Expires: day.AddDate(10, 0, 0),
		Attestation: s.AttestationKey, Agreement: agreement}
	if err := c.Sign(key); err != nil {
		return nil, err
	}
	return c.Append(nil)
}
