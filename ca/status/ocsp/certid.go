package ocsp

import (
	"crypto"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// certID reads a CertID. Spec: SPEC-STATUS-032, SPEC-STATUS-033.
func (p *parser) certID(s *cryptobyte.String) (id CertID) {
	const path = "reqCert"
	start := *s
	body := p.read(s, path, asn1.SEQUENCE)
	if p.err != nil {
		return CertID{}
	}
	id.Raw = start[:len(start)-len(*s)]
	algorithm := p.read(&body, path+"/hashAlgorithm", asn1.SEQUENCE)
	oid := p.read(&algorithm, path+"/hashAlgorithm", asn1.OBJECT_IDENTIFIER)
	switch string(oid) {
	case oidSHA1:
		id.Hash = crypto.SHA1
	case oidSHA256:
		id.Hash = crypto.SHA256
	}
	if id.Hash != 0 && !algorithm.Empty() {
		if null := p.read(&algorithm, path+"/hashAlgorithm/parameters", asn1.NULL); !null.Empty() {
			p.fail(null, path+"/hashAlgorithm/parameters", "NULL or nothing", "something else")
		}
		p.end(algorithm, path+"/hashAlgorithm")
	}
	id.NameHash = p.digest(&body, path+"/issuerNameHash", id.Hash)
	id.KeyHash = p.digest(&body, path+"/issuerKeyHash", id.Hash)
	number := p.read(&body, path+"/serialNumber", asn1.INTEGER)
	if p.err == nil && !minimal(number) {
		p.fail(number, path+"/serialNumber", fmt.Sprintf("an INTEGER of 1 to %d bytes in its shortest form", maxSerial), "another")
	}
	p.end(body, path)
	if p.err == nil {
		id.Serial = unsigned(number)
	}
	return id
}

// digest reads an octet string that has the hash's length.
func (p *parser) digest(s *cryptobyte.String, path string, hash crypto.Hash) []byte {
	value := p.read(s, path, asn1.OCTET_STRING)
	if p.err == nil && hash != 0 && len(value) != hash.Size() {
		p.fail(value, path, fmt.Sprintf("%d bytes", hash.Size()), fmt.Sprintf("%d", len(value)))
	}
	return value
}

// minimal reports whether an integer's content is in DER and not too long.
func minimal(b []byte) bool {
	if len(b) < 1 || len(b) > maxSerial {
		return false
	}
	return len(b) == 1 || !(b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80)
}

// unsigned is the value of a positive integer of at most 64 bits, else 0.
func unsigned(b []byte) (n uint64) {
	if b[0] >= 0x80 || len(b) > 9 || len(b) == 9 && b[0] != 0 {
		return 0
	}
	for _, digit := range b {
		n = n<<8 | uint64(digit)
	}
	return n
}

// extensions reads Extensions within their explicit tag and returns the nonce,
// nil if there is none. Spec: SPEC-STATUS-034, SPEC-STATUS-035.
func (p *parser) extensions(explicit cryptobyte.String, path string) (nonce []byte) {
	list := p.read(&explicit, path, asn1.SEQUENCE)
	p.end(explicit, path)
	if p.err == nil && list.Empty() {
		p.fail(list, path, "at least one extension", "none")
	}
	var seen [maxExtensions]cryptobyte.String
	for n := 0; p.err == nil && !list.Empty(); n++ {
		if n == maxExtensions {
			p.fail(list, path, fmt.Sprintf("at most %d extensions", maxExtensions), "more")
			return nil
		}
		at := list
		one := p.read(&list, path, asn1.SEQUENCE)
		oid := p.read(&one, path+"/extnID", asn1.OBJECT_IDENTIFIER)
		critical := p.critical(&one, path)
		value := p.read(&one, path+"/extnValue", asn1.OCTET_STRING)
		p.end(one, path)
		for _, earlier := range seen[:n] {
			if p.err == nil && string(earlier) == string(oid) {
				p.fail(at, path, "each extension once", "one a second time")
			}
		}
		seen[n] = oid
		switch {
		case string(oid) == oidNonce:
			nonce = p.nonce(value, path)
		case critical:
			p.fail(at, path, "no critical extension but the nonce", "another")
		}
	}
	return nonce
}

// critical reads the flag, whose default, false, DER leaves out.
func (p *parser) critical(s *cryptobyte.String, path string) bool {
	if !p.peek(*s, asn1.BOOLEAN) {
		return false
	}
	if flag := p.read(s, path+"/critical", asn1.BOOLEAN); p.err == nil && (len(flag) != 1 || flag[0] != 0xFF) {
		p.fail(flag, path+"/critical", "TRUE, or nothing", "another value")
	}
	return true
}

// nonce reads the extension's value: an octet string of 1 to MaxNonce bytes.
func (p *parser) nonce(value cryptobyte.String, path string) []byte {
	nonce := p.read(&value, path+"/nonce", asn1.OCTET_STRING)
	p.end(value, path+"/nonce")
	if p.err == nil && (len(nonce) < 1 || len(nonce) > MaxNonce) {
		p.fail(nonce, path+"/nonce", fmt.Sprintf("1 to %d bytes", MaxNonce), fmt.Sprintf("%d", len(nonce)))
	}
	return nonce
}
