package usim

import (
	"fmt"

	"inkan/core/uicc"
)

// Profile is what one subscription's card says: Build makes the files and PINs of
// it. Digits are text.
type Profile struct {
	ICCID     string // 19 or 20 digits
	IMSI      string // 6 to 15 digits
	MNCDigits int    // 2 or 3
	MSISDN    string // in international form without +; empty: not known to the card
	SPN       string // service provider name, up to 16 characters
	SMSC      string // service centre, in international form without +
	Languages []string
	Access    uicc.AccessClasses
	Emergency []uicc.EmergencyCode

	USIM      []byte         // AID, begins with uicc.AIDPrefixUSIM
	Label     string         // of the application in EF DIR
	Services  []uicc.Service // of EF UST beside those of the files
	SMSStored int            // records of EF SMS; 0: 10
	Contacts  int            // records of EF ADN; 0: 10

	// PINs are the card's PINs and administrative keys: PIN1, PIN2 and ADM1 at
	// least, since the access rules name them.
	PINs []PINConfig
}

// Sizes of records.
const (
	applicationBytes = 38
	numberBytes      = 28
	smsBytes         = 176
	smspBytes        = 40
	eccBytes         = 14
	ustBytes         = 17
)

// profileServices are the services of EF UST that the files stand for.
var profileServices = []uicc.Service{
	uicc.ServiceLocalPhoneBook, uicc.ServiceSMSStorage, uicc.ServiceSMSParameters, uicc.ServiceAdviceOfCharge,
	uicc.ServiceSPN, uicc.ServiceMSISDN, uicc.ServiceSMSPPDownload, uicc.ServiceAlwaysOne, uicc.ServiceEnabledServices,
}

// contents are the encoded contents of the files that depend on the profile.
type contents struct {
	iccid, imsi, languages, spn, ad, loci, psloci, ust []byte
	dir, msisdn, smsp, ecc                             [][]byte
}

// Build makes the files of a card with a USIM. Spec: SPEC-USIM-190, SPEC-USIM-191.
func (p *Profile) Build() ([]File, []PINConfig, error) {
	for _, need := range []uicc.KeyReference{uicc.PIN1, uicc.PIN2, uicc.ADM1} {
		found := false
		for i := range p.PINs {
			found = found || p.PINs[i].Key == need
		}
		if !found {
			return nil, nil, fmt.Errorf("usim: the profile lacks PIN %02X, which the access rules name", byte(need))
		}
	}
	c, err := p.encode()
	if err != nil {
		return nil, nil, fmt.Errorf("usim: profile: %w", err)
	}
	return p.files(c), append([]PINConfig(nil), p.PINs...), nil
}

// encode encodes the contents one after the other; the first error counts.
func (p *Profile) encode() (c contents, err error) {
	take := func(b []byte, e error) []byte {
		if err == nil {
			err = e
		}
		return b
	}
	if len(p.IMSI) < 6 || p.MNCDigits != 2 && p.MNCDigits != 3 {
		return c, fmt.Errorf("want an IMSI of 6 to 15 digits and an MNC of 2 or 3")
	}
	c.iccid = take(uicc.AppendICCID(nil, p.ICCID))
	c.imsi = take(uicc.AppendIMSI(nil, p.IMSI))
	plmn := take(uicc.AppendPLMN(nil, p.IMSI[:3], p.IMSI[3:3+p.MNCDigits]))
	text := take(uicc.AppendText(nil, p.SPN))
	name := uicc.ServiceName{ShowPLMN: true, Text: text}
	c.spn = take(name.Append(nil))
	label := take(uicc.AppendText(nil, p.Label))
	usim := uicc.Application{AID: p.USIM, Label: label}
	c.dir = [][]byte{take(usim.Append(nil, applicationBytes))}
	if p.MSISDN != "" {
		n := uicc.Number{TONNPI: 0x91, Digits: p.MSISDN, Configuration: 0xFF, Extension: 0xFF}
		c.msisdn = [][]byte{take(n.Append(nil, numberBytes))}
	}
	sc := take(uicc.AppendServiceCentre(nil, 0x91, p.SMSC))
	parameters := uicc.Parameters{PID: uicc.Optional{Present: true}, DCS: uicc.Optional{Present: true}}
	if p.SMSC != "" {
		parameters.ServiceCentre = sc
	}
	c.smsp = [][]byte{take(parameters.Append(nil, smspBytes))}
	for i := range p.Emergency {
		c.ecc = append(c.ecc, take(p.Emergency[i].Append(nil, eccBytes)))
	}
	if err != nil {
		return c, err
	}
	return c, p.encodeRest(&c, plmn)
}

// encodeRest encodes what cannot fail for long, or fails by itself.
func (p *Profile) encodeRest(c *contents, plmn []byte) error {
	for _, l := range p.Languages {
		if len(l) != 2 {
			return fmt.Errorf("language %q, want two letters", l)
		}
		c.languages = append(c.languages, l...)
	}
	if len(c.languages) == 0 {
		c.languages = []byte{0xFF, 0xFF}
	}
	ad := uicc.AdministrativeData{HasMNC: true, MNCDigits: byte(p.MNCDigits)}
	c.ad = ad.Append(nil)
	l := uicc.Location{TMSI: [4]byte{0xFF, 0xFF, 0xFF, 0xFF}, PLMN: [3]byte(plmn), Reserved: 0xFF, Status: uicc.NotUpdated}
	c.loci = l.Append(nil)
	ps := uicc.PacketLocation{PTMSI: l.TMSI, Signature: [3]byte{0xFF, 0xFF, 0xFF}, Status: uicc.NotUpdated}
	ps.RAI = [6]byte{plmn[0], plmn[1], plmn[2], 0, 0, 0xFF}
	c.psloci = ps.Append(nil)
	c.ust = make([]byte, ustBytes)
	for _, s := range append(append([]uicc.Service(nil), profileServices...), p.Services...) {
		uicc.SetService(c.ust, s)
	}
	return nil
}
