package iso7816

// Instructions of ISO/IEC 7816-4:2020 §11 and §5.4 that transport itself needs
// or that several applications share.
const (
	INSVerify               = 0x20
	INSManageChannel        = 0x70
	INSExternalAuthenticate = 0x82
	INSGetChallenge         = 0x84
	INSInternalAuthenticate = 0x88
	INSSelect               = 0xA4
	INSReadBinary           = 0xB0
	INSReadRecord           = 0xB2
	INSGetResponse          = 0xC0
	INSEnvelope             = 0xC2
	INSGetData              = 0xCA
	INSUpdateBinary         = 0xD6
	INSUpdateRecord         = 0xDC
)

// ValidINS reports whether ins can be an instruction: 6X and 9X cannot, since
// T=0 uses these bytes for status words (ISO/IEC 7816-3:2006 §10.3.2).
// Spec: SPEC-APDU-012.
func ValidINS(ins byte) bool { return ins&0xF0 != 0x60 && ins&0xF0 != 0x90 }
