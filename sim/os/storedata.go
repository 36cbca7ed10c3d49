package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/tlv"
)

// forPersonalization is INSTALL [for personalization]: STORE DATA goes to the
// application from here on. Spec: SPEC-UICC-OS-066.
func (s *session) forPersonalization(i *gp.Install) error {
	c := s.d.card
	e, err := s.owns(i.Application, 0)
	if err != nil {
		return err
	}
	if e.kind == gp.KindLoadFile || e.state.Locked() || e.isDomain() && e.own <= authorityID {
		return iso7816.ConditionsNotSatisfied
	}
	if !e.isDomain() {
		a := c.Applet(i.Application.Append(nil))
		if a == nil || !c.Personalizable(a) {
			return iso7816.ConditionsNotSatisfied
		}
	}
	s.target = i.Application
	return nil
}

// storeData is STORE DATA: for the application that INSTALL named, or for the
// domain. Spec: SPEC-UICC-OS-066, SPEC-UICC-OS-067, SPEC-UICC-OS-117.
func (s *session) storeData(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	switch {
	case !gp.IsGlobalPlatformClass(cmd.CLA):
		return dst, iso7816.CLANotSupported
	case len(cmd.Data) == 0 || len(cmd.Data) > apdu.MaxShortData:
		return dst, iso7816.WrongLength
	case s.target.IsZero():
		return s.storeOwn(dst, cmd, s.d)
	}
	e, err := s.owns(s.target, 0) // since INSTALL it may have gone to another domain
	if err != nil {
		s.quit()
		return dst, errorStatus(err)
	}
	if e.state.Locked() {
		return dst, iso7816.ConditionsNotSatisfied
	}
	if e.isDomain() {
		out, sw := s.storeOwn(dst, cmd, s.d.card.domain(e.own))
		if sw == iso7816.OK && cmd.P1&0x80 != 0 {
			s.target = gp.AID{}
		}
		return out, sw
	}
	return s.forward(dst, cmd)
}

// forward gives the plain command to the application.
func (s *session) forward(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	c := s.d.card
	a := c.Applet(s.target.Append(nil))
	if a == nil {
		s.target = gp.AID{}
		return dst, iso7816.ReferencedDataNotFound
	}
	plain := append([]byte{cmd.CLA, cmd.INS, cmd.P1, cmd.P2, byte(len(cmd.Data))}, cmd.Data...)
	out, sw := c.Personalize(dst, a, plain)
	clear(plain)
	if len(out)-len(dst) > s.secure.room() {
		return dst, iso7816.NoPreciseDiagnosis
	}
	if sw == iso7816.OK && cmd.P1&0x80 != 0 {
		s.target = gp.AID{}
	}
	return out, sw
}

// storeOwn collects the blocks for a domain and takes them when all are there.
func (s *session) storeOwn(dst []byte, cmd *apdu.Command, d *domain) ([]byte, iso7816.SW) {
	k, err := gp.DecodeStoreData(cmd)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	if d.id == authorityID {
		return dst, iso7816.ConditionsNotSatisfied
	}
	if s.sequence == nil {
		s.sequence = gp.NewStoreDataSequence(maxSequence)
	}
	if k.Number == 0 && s.sequence.Active() { // a new sequence
		s.sequence.Reset()
	}
	done, err := s.sequence.Add(&k)
	if err != nil || !done {
		return dst, errorStatus(err)
	}
	data, form := s.sequence.Data(), s.sequence.Form()
	defer s.sequence.Reset()
	if form.Encryption == gp.EncryptionDEK {
		plain, err := s.decrypt(nil, data)
		if err != nil {
			return dst, iso7816.WrongData
		}
		defer clear(plain)
		data = plain
	}
	if form.Structure == gp.StructureDGI {
		return s.storeDGIs(dst, d, data)
	}
	return dst, errorStatus(d.storeObjects(data))
}

// Data groupings of a domain's own data.
const (
	dgiObjects = 0x0070 // data objects, one after the other
	dgiKDD     = 0x00CF // key diversification data, with or without its tag
)

// storeDGIs takes data groupings. Spec: SPEC-UICC-OS-068, SPEC-UICC-OS-080.
func (s *session) storeDGIs(dst []byte, d *domain, data []byte) ([]byte, iso7816.SW) {
	agreement := new(setup)
	r := tlv.NewDGIReader(data)
	var stored [][]byte
	for r.Next() {
		switch v := r.Value(); r.DGI() {
		case gp.DGIConfidentialControl:
			agreement.control = v
		case gp.DGIEphemeralPublicKey:
			agreement.public = v
		case dgiObjects:
			stored = append(stored, v)
		case dgiKDD:
			if len(v) == keys.KDDSize {
				v = tlv.Append(nil, gp.TagDiversificationData, v)
			}
			stored = append(stored, v)
		default:
			return dst, iso7816.ReferencedDataNotFound
		}
	}
	if r.Err() != nil || len(stored) > 0 && (agreement.control != nil || agreement.public != nil) {
		return dst, iso7816.WrongData // not both: they would not be stored together
	}
	err := d.card.transaction(func() error {
		for _, v := range stored {
			if err := d.storeObjects(v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return dst, errorStatus(err)
	}
	return s.agree(dst, d, agreement)
}

// Tags of what STORE DATA may change.
const (
	tagISDName            tlv.Tag = 0x4F
	tagProviderName       tlv.Tag = 0x5F20
	tagPrePersonalisation tlv.Tag = 0x9F67 // CPLC, bytes 26 to 33
	tagPersonalisation    tlv.Tag = 0x9F66 // CPLC, bytes 34 to 41
)

// storable has the length of a data object's value in bytes, at least and at most.
var storable = map[tlv.Tag][2]int{gp.TagIIN: {1, 10}, gp.TagCIN: {1, 16}, gp.TagDiversificationData: {keys.KDDSize, keys.KDDSize},
	tagProviderName: {1, 32}, gp.TagSecurityDomainManagerURL: {1, 128}, tagPrePersonalisation: {8, 8}, tagPersonalisation: {8, 8}}

// readable tells whether GET DATA reads a stored object by its own tag.
func readable(tag tlv.Tag) bool { return tag != tagPrePersonalisation && tag != tagPersonalisation }

// storeObjects takes data objects, all or none. Spec: SPEC-UICC-OS-067.
func (d *domain) storeObjects(data []byte) error {
	return d.card.transaction(func() error {
		r := tlv.NewReader(data)
		n := 0
		for ; r.Next(); n++ {
			if err := d.storeObject(r.Tag(), r.Value()); err != nil {
				return err
			}
		}
		if r.Err() != nil || n == 0 {
			return iso7816.WrongData
		}
		return nil
	})
}

func (d *domain) storeObject(tag tlv.Tag, value []byte) error {
	if tag == tagISDName {
		return d.rename(value)
	}
	size, ok := storable[tag]
	switch {
	case !ok:
		return iso7816.ReferencedDataNotFound
	case len(value) < size[0] || len(value) > size[1]:
		return iso7816.WrongData
	case (tag == tagPrePersonalisation || tag == tagPersonalisation) && d.id != issuerID:
		return iso7816.ReferencedDataNotFound
	}
	return d.card.putObject(d.id, uint32(tag), value)
}

// rename gives the issuer's domain another AID, before the card is SECURED.
func (d *domain) rename(value []byte) error {
	c := d.card
	aid, err := gp.NewAID(value)
	switch {
	case err != nil:
		return iso7816.WrongData
	case d.id != issuerID || c.state() >= gp.CardSecured || aid != d.aid() && c.inUse(aid):
		return iso7816.ConditionsNotSatisfied
	}
	e := d.entry()
	c.forget(&e)
	e.aid = aid
	return c.put(&e)
}

// appendCPLC is the answer to GET DATA 9F7F: the configuration's with what STORE
// DATA has put in its place.
func (c *Card) appendCPLC(dst []byte) []byte {
	dst = c.cfg.Issuer.CPLC.Append(dst)
	body := dst[len(dst)-gp.CPLCLen:]
	for at, tag := range map[int]tlv.Tag{26: tagPrePersonalisation, 34: tagPersonalisation} {
		if v, ok := c.object(issuerID, uint32(tag)); ok && len(v) == 8 {
			copy(body[at:], v)
		}
	}
	return dst
}
