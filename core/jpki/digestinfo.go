package jpki

import (
	"crypto"
	"errors"
)

// digestInfos are the DER of DigestInfo up to the digest (RFC 8017 §9.2 note 1).
var digestInfos = map[crypto.Hash]string{
	crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00\x04\x14",
	crypto.SHA256: "\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
	crypto.SHA384: "\x30\x41\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
	crypto.SHA512: "\x30\x51\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
}

// AppendDigestInfo appends the DigestInfo of a digest: what SignRaw pads. It
// fails for a hash other than SHA-1, SHA-256, SHA-384 and SHA-512, and for a
// digest of another length.
func AppendDigestInfo(dst []byte, hash crypto.Hash, digest []byte) ([]byte, error) {
	prefix, ok := digestInfos[hash]
	if !ok || len(digest) != hash.Size() {
		return dst, errors.New("jpki: DigestInfo: hash or length of digest")
	}
	return append(append(dst, prefix...), digest...), nil
}
