package gp

import (
	"inkan/core/tlv"
)

// Tags of card capability information (GP Card Specification 2.3.1 table H-6).
const (
	tagSCPInformation  tlv.Tag = 0xA0
	tagSCPIdentifier   tlv.Tag = 0x80
	tagSCPOptions      tlv.Tag = 0x81
	tagSCPKeys         tlv.Tag = 0x82
	tagSCPCipherSuites tlv.Tag = 0x83
	tagSCPMaxPSK       tlv.Tag = 0x84
	tagSSDPrivileges   tlv.Tag = 0x81
	tagAppPrivileges   tlv.Tag = 0x82
	tagHashes          tlv.Tag = 0x83
	tagLoadFileCiphers tlv.Tag = 0x84
	tagTokenCiphers    tlv.Tag = 0x85
	tagReceiptCiphers  tlv.Tag = 0x86
	tagDAPCiphers      tlv.Tag = 0x87
	tagKeyParameters   tlv.Tag = 0x88
)

// SCPCapability is a secure channel protocol that the card offers.
type SCPCapability struct {
	Protocol     byte
	Options      []byte // the values of i, one byte each
	Keys         byte   // SCP03: 01 AES-128, 02 AES-192, 04 AES-256; 0 when absent
	CipherSuites []byte // SCP81: TLS cipher suites, two bytes each; nil when absent
	MaxPSK       []byte // SCP81: longest pre-shared key, as coded; nil when absent
}

// Signatures is a set of signature schemes for tokens, receipts or DAPs: one
// or two bytes, kept as they are because cards also report longer values (GP
// Card Specification 2.3.1 table H-9). nil when absent.
type Signatures []byte

// SignatureBit is a scheme's bit in Signatures: 8 times the byte's index plus
// the bit's, from the lowest.
type SignatureBit byte

// Signature schemes.
const (
	SignRSA1024SHA1  SignatureBit = 0 // RSASSA-PKCS1-v1_5, 1024 bits, SHA-1
	SignRSAPSSSHA256 SignatureBit = 1 // RSASSA-PSS, longer keys, SHA-256
	SignDESMAC       SignatureBit = 2 // single DES plus final triple DES MAC
	SignCMACAES128   SignatureBit = 3
	SignCMACAES192   SignatureBit = 4
	SignCMACAES256   SignatureBit = 5
	SignECDSA256     SignatureBit = 6 // ECDSA 256 bits, SHA-256
	SignECDSA384     SignatureBit = 7 // ECDSA 384 bits, SHA-384
	SignECDSA512     SignatureBit = 8 // ECDSA 512 bits, SHA-512
	SignECDSA521     SignatureBit = 9 // ECDSA 521 bits, SHA-512
)

// Has reports whether a scheme is in the set.
func (s Signatures) Has(b SignatureBit) bool {
	return int(b/8) < len(s) && s[b/8]>>(b%8)&1 != 0
}

// Capability is card capability information (GP Card Specification 2.3.1
// §H.4): 67{A0…, 81, 82, …}. Slices are nil when absent.
type Capability struct {
	Channels              []SCPCapability
	SSDPrivileges         []byte // privileges that an SSD can be given, 1 or 3 bytes; nil when absent
	ApplicationPrivileges []byte // privileges that an application can be given
	Hashes                []byte // 01 SHA-1, 02 SHA-256, 03 SHA-384, 04 SHA-512
	LoadFileCiphers       byte   // 01 3DES, 02 AES-128, 04 AES-192, 08 AES-256, 80 ICV
	Tokens                Signatures
	Receipts              Signatures
	DAPs                  Signatures
	KeyParameters         []byte // curve references, one byte each: 00 P-256, 01 P-384, …
}

// Append appends the answer to GET DATA 0067. Spec: SPEC-GP-078.
func (p *Capability) Append(dst []byte) []byte {
	dst, outer := tlv.Begin(dst, TagCardCapability)
	for i := range p.Channels {
		dst = p.Channels[i].append(dst)
	}
	dst = appendPresent(dst, tagSSDPrivileges, p.SSDPrivileges)
	dst = appendPresent(dst, tagAppPrivileges, p.ApplicationPrivileges)
	dst = appendPresent(dst, tagHashes, p.Hashes)
	if p.LoadFileCiphers != 0 {
		dst = append(dst, byte(tagLoadFileCiphers), 1, p.LoadFileCiphers)
	}
	dst = appendPresent(dst, tagTokenCiphers, p.Tokens)
	dst = appendPresent(dst, tagReceiptCiphers, p.Receipts)
	dst = appendPresent(dst, tagDAPCiphers, p.DAPs)
	dst = appendPresent(dst, tagKeyParameters, p.KeyParameters)
	return tlv.End(dst, outer)
}

func (c *SCPCapability) append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, tagSCPInformation)
	dst = append(dst, byte(tagSCPIdentifier), 1, c.Protocol)
	dst = appendPresent(dst, tagSCPOptions, c.Options)
	if c.Keys != 0 {
		dst = append(dst, byte(tagSCPKeys), 1, c.Keys)
	}
	dst = appendPresent(dst, tagSCPCipherSuites, c.CipherSuites)
	dst = appendPresent(dst, tagSCPMaxPSK, c.MaxPSK)
	return tlv.End(dst, mark)
}

func appendPresent(dst []byte, tag tlv.Tag, value []byte) []byte {
	if value == nil {
		return dst
	}
	return tlv.Append(dst, tag, value)
}

// DecodeCapability reads the answer to GET DATA 0067. Some cards wrap it in a
// second 67; that is passed through. Objects that Capability does not name are
// passed over. Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-079.
func DecodeCapability(b []byte) (Capability, error) {
	outer, err := only(b, TagCardCapability)
	if err != nil {
		return Capability{}, err
	}
	var p Capability
	r := outer.Children()
	if err := p.decode(&r); err != nil {
		return Capability{}, err
	}
	return p, nil
}

func (p *Capability) decode(r *tlv.Reader) error {
	for r.Next() {
		var err error
		switch r.Tag() {
		case TagCardCapability:
			c := r.Children()
			err = p.decode(&c)
		case tagSCPInformation:
			err = p.decodeSCP(r)
		case tagSSDPrivileges:
			p.SSDPrivileges = r.Value()
		case tagAppPrivileges:
			p.ApplicationPrivileges = r.Value()
		case tagHashes:
			p.Hashes = r.Value()
		case tagLoadFileCiphers:
			err = oneByte(r, &p.LoadFileCiphers)
		case tagTokenCiphers:
			p.Tokens = r.Value()
		case tagReceiptCiphers:
			p.Receipts = r.Value()
		case tagDAPCiphers:
			p.DAPs = r.Value()
		case tagKeyParameters:
			p.KeyParameters = r.Value()
		}
		if err != nil {
			return err
		}
	}
	return r.Err()
}

func (p *Capability) decodeSCP(r *tlv.Reader) error {
	var s SCPCapability
	c := r.Children()
	for c.Next() {
		var err error
		switch c.Tag() {
		case tagSCPIdentifier:
			err = oneByte(&c, &s.Protocol)
		case tagSCPOptions:
			s.Options = c.Value()
		case tagSCPKeys:
			err = oneByte(&c, &s.Keys)
		case tagSCPCipherSuites:
			s.CipherSuites = c.Value()
		case tagSCPMaxPSK:
			s.MaxPSK = c.Value()
		}
		if err != nil {
			return err
		}
	}
	p.Channels = append(p.Channels, s)
	return c.Err()
}
