package gp

import (
	"crypto"
	_ "crypto/sha1"   // LoadFileHash
	_ "crypto/sha256" // LoadFileHash
	_ "crypto/sha512" // LoadFileHash
	"errors"
	"fmt"
	"iter"
	"strconv"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Tags of a load file (GP Card Specification 2.3.1 table 11-58).
const (
	TagDAPBlock              tlv.Tag = 0xE2
	TagLoadFileDataBlock     tlv.Tag = 0xC4
	TagLoadFileICV           tlv.Tag = 0xD3 // initial value of TagCipheredLoadFileBlock
	TagCipheredLoadFileBlock tlv.Tag = 0xD4
	tagDAPSecurityDomain     tlv.Tag = 0x4F
	tagDAPSignature          tlv.Tag = 0xC3
)

const formatLoadFile = "Load File"

// DAPBlock is a load-file signature on behalf of one security domain:
// E2 { 4F SecurityDomain, C3 Signature }.
type DAPBlock struct {
	SecurityDomain AID
	Signature      []byte
}

// Append appends the block. It fails without security domain or signature.
// Spec: SPEC-GP-CONTENT-002.
func (d *DAPBlock) Append(dst []byte) ([]byte, error) {
	if d.SecurityDomain.IsZero() || len(d.Signature) == 0 {
		return dst, errors.New("gp: DAP block without security domain or signature")
	}
	var aid [MaxAIDLen]byte
	dst, mark := tlv.Begin(dst, TagDAPBlock)
	dst = tlv.Append(dst, tagDAPSecurityDomain, d.SecurityDomain.Append(aid[:0]))
	dst = tlv.Append(dst, tagDAPSignature, d.Signature)
	return tlv.End(dst, mark), nil
}

// decodeDAPBlock reads the value of E2, which begins at offset base of the
// load file. Signature is borrowed. Spec: SPEC-GP-CONTENT-002.
func decodeDAPBlock(value []byte, base int) (d DAPBlock, err error) {
	r := wire.Sub(formatLoadFile, value, base)
	offset := base
	aid := objectValue(&r, tagDAPSecurityDomain, "E2/4F")
	d.SecurityDomain = aidOf(&r, aid, offset, "E2/4F")
	offset = r.Offset()
	d.Signature = objectValue(&r, tagDAPSignature, "E2/C3")
	if r.Err() == nil && len(d.Signature) == 0 {
		r.FailAt(offset, "E2/C3", "a signature", "none")
	}
	return d, r.End()
}

// objectValue reads one object with a one-byte tag and a BER length, which is
// the next thing there has to be.
func objectValue(r *wire.Reader, tag tlv.Tag, path string) []byte {
	offset := r.Offset()
	if got := r.Byte(path); r.Err() == nil && tlv.Tag(got) != tag {
		r.FailAt(offset, path, "tag "+tag.String(), hexByte(got))
	}
	return tlv.BERLV(r, path)
}

// LoadFile is a load file as it goes through LOAD commands: DAP blocks, then
// the load file data block in clear (C4), or enciphered (D4) with its initial
// value in front (D3).
type LoadFile struct {
	DAPs     []DAPBlock
	Ciphered bool
	ICV      []byte // of a ciphered block; empty: zeros, and no D3
	Content  []byte // value of C4 or D4
}

// Append appends the whole load file. Spec: SPEC-GP-CONTENT-001.
func (f *LoadFile) Append(dst []byte) ([]byte, error) {
	if len(f.Content) == 0 || len(f.ICV) > 0 && !f.Ciphered {
		return dst, errors.New("gp: load file without content, or with an initial value but in clear")
	}
	from := len(dst)
	for i := range f.DAPs {
		var err error
		if dst, err = f.DAPs[i].Append(dst); err != nil {
			return dst[:from], err
		}
	}
	if !f.Ciphered {
		return tlv.Append(dst, TagLoadFileDataBlock, f.Content), nil
	}
	if len(f.ICV) > 0 {
		dst = tlv.Append(dst, TagLoadFileICV, f.ICV)
	}
	return tlv.Append(dst, TagCipheredLoadFileBlock, f.Content), nil
}

// DecodeLoadFile reads a load file that is at hand as a whole; a card uses
// LoadFileReader. Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-001, SPEC-GP-CONTENT-002, SPEC-GP-CONTENT-003.
func DecodeLoadFile(b []byte) (LoadFile, error) {
	var f wholeLoadFile
	r := NewLoadFileReader(&f)
	if err := r.feed(b); err != nil {
		return LoadFile{}, err
	}
	if err := r.end(); err != nil {
		return LoadFile{}, err
	}
	return f.LoadFile, nil
}

// wholeLoadFile gathers what a LoadFileReader yields. Content comes as one
// chunk, because the file is fed as one.
type wholeLoadFile struct{ LoadFile }

func (f *wholeLoadFile) DAP(d DAPBlock) error {
	d.Signature = append([]byte(nil), d.Signature...)
	f.DAPs = append(f.DAPs, d)
	return nil
}

func (f *wholeLoadFile) ICV(icv []byte) error {
	f.LoadFile.ICV = append([]byte(nil), icv...)
	return nil
}

func (f *wholeLoadFile) Begin(ciphered bool, _ int) error {
	f.Ciphered = ciphered
	return nil
}

func (f *wholeLoadFile) Content(chunk []byte) error {
	f.LoadFile.Content = chunk
	return nil
}

// LoadFileHash is the load file data block hash: the hash of the value of C4
// in clear, without tag and length. h is SHA-1, SHA-256, SHA-384 or SHA-512.
// Spec: SPEC-GP-CONTENT-020.
func LoadFileHash(h crypto.Hash, content []byte) ([]byte, error) {
	if _, ok := HashOfSize(h.Size()); !ok {
		return nil, fmt.Errorf("gp: %v is no load file data block hash", h)
	}
	d := h.New()
	d.Write(content)
	return d.Sum(nil), nil
}

// HashOfSize is the algorithm of a load file data block hash of so many bytes,
// which is how INSTALL [for load] names it: 20 SHA-1, 32 SHA-256, 48 SHA-384,
// 64 SHA-512. Spec: SPEC-GP-CONTENT-021.
func HashOfSize(sizeBytes int) (h crypto.Hash, ok bool) {
	switch sizeBytes {
	case 20:
		return crypto.SHA1, true
	case 32:
		return crypto.SHA256, true
	case 48:
		return crypto.SHA384, true
	case 64:
		return crypto.SHA512, true
	}
	return 0, false
}

// LoadBlocks splits a load file into LOAD commands of sizeBytes bytes (1 to 255; the
// last one shorter), numbered from 00. Leave room for the MAC of the secure
// channel: 255-8 for SCP02 and SCP03 without encryption.
// Spec: SPEC-GP-CONTENT-004.
func LoadBlocks(file []byte, sizeBytes int) (iter.Seq[Load], error) {
	if len(file) == 0 || sizeBytes < 1 || sizeBytes > 255 {
		return nil, errors.New("gp: LOAD blocks of " + strconv.Itoa(sizeBytes) + " bytes of a file of " + strconv.Itoa(len(file)))
	}
	return func(yield func(Load) bool) {
		for n, rest := byte(0), file; len(rest) > 0; n++ {
			k := min(sizeBytes, len(rest))
			if !yield(Load{Last: k == len(rest), Number: n, Data: rest[:k:k]}) {
				return
			}
			rest = rest[k:]
		}
	}, nil
}
