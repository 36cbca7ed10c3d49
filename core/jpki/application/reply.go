package application

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/wire"
)

// HolderCode is the code that sets one PIN on the card.
type HolderCode struct {
	Role jpki.Role // one
	Code [jpki.CodeLen]byte
}

// Format prints the role only, whatever the verb.
func (c HolderCode) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "code for the %v PIN", c.Role) }

// MarshalText is what Format prints.
func (c HolderCode) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

// ErrReply is a reply that was not made for this application and key, or was
// changed.
var ErrReply = errors.New("application: the reply does not open")

const (
	replyLabel   = "INKAN-REPLY-1"
	replyVersion = 1
	replyHead    = 1 + 32 + 1 + perso.PointLen
	tagLen       = 16
)

// SealReply encrypts the codes to the application's reply key, so that nobody
// between authority and UI app reads them. For one order one set of codes may be
// sealed: the same arguments give the same bytes, and the key of the encryption
// follows from the order. Spec: SPEC-APPLICATION-050, SPEC-APPLICATION-051.
func (a *Application) SealReply(key perso.ContentKey, order perso.Hash, codes []HolderCode) ([]byte, error) {
	var plain []byte
	for i, c := range codes {
		if !c.Role.Single() || i > 0 && c.Role <= codes[i-1].Role {
			return nil, errors.New("application: codes are of single roles, ascending")
		}
		plain = append(append(plain, byte(c.Role)), c.Code[:]...)
	}
	if len(codes) == 0 {
		return nil, errors.New("application: a reply has a code")
	}
	defer clear(plain)
	z, err := key.ECDH(a.ReplyKey[:])
	if err != nil {
		return nil, err
	}
	point := key.Point()
	head := append([]byte{replyVersion}, order[:]...)
	head = append(append(head, key.Version()), point[:]...)
	return a.replyCipher(z, head).Seal(head, make([]byte, 12), plain, head), nil
}

// OpenReply decrypts a reply with the private half of the application's reply
// key, and returns the hash of the order that it is for.
// Spec: SPEC-APPLICATION-052.
func (a *Application) OpenReply(private *ecdh.PrivateKey, reply []byte) (order perso.Hash, codes []HolderCode, err error) {
	r := wire.NewReader("application reply", reply)
	if v := r.Byte("version"); r.Err() == nil && v != replyVersion {
		r.FailAt(0, "version", "01", "another")
	}
	copy(order[:], r.Bytes(len(order), "order hash"))
	r.Byte("CA key version")
	point := r.Bytes(perso.PointLen, "CA point")
	sealed := r.Bytes(r.Len(), "ciphertext")
	if n := len(sealed) - tagLen; r.Err() == nil && n != 13 && n != 26 {
		r.FailAt(replyHead, "ciphertext", "29 or 42 bytes", "another number")
	}
	if err := r.End(); err != nil {
		return order, nil, err
	}
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return order, nil, ErrReply
	}
	z, err := private.ECDH(public)
	if err != nil {
		return order, nil, ErrReply
	}
	head := reply[:replyHead]
	plain, err := a.replyCipher(z, head).Open(nil, make([]byte, 12), sealed, head)
	if err != nil {
		return order, nil, ErrReply
	}
	defer clear(plain)
	for ; len(plain) > 0; plain = plain[1+jpki.CodeLen:] {
		codes = append(codes, HolderCode{jpki.Role(plain[0]), [jpki.CodeLen]byte(plain[1:])})
	}
	return order, codes, nil
}

// replyCipher is AES-256-GCM under SHA-256(Z ‖ 00000001 ‖ LABEL ‖ nonce ‖ reply
// key ‖ head), one block of X9.63. The key serves for one message, so that the
// nonce of GCM is zero. z is wiped.
func (a *Application) replyCipher(z, head []byte) cipher.AEAD {
	h := sha256.New()
	for _, part := range [][]byte{z, {0, 0, 0, 1}, []byte(replyLabel), a.Nonce[:], a.ReplyKey[:], head} {
		h.Write(part)
	}
	clear(z)
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		panic("application: a key of 32 bytes is one")
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic("application: AES has blocks of 16 bytes")
	}
	return gcm
}
