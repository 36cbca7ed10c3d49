package security

import "bytes"

// Paddings by PAD_ constant of Cipher.
var (
	padNull     = byteConstant("javacardx/crypto/Cipher.PAD_NULL")
	padNone     = byteConstant("javacardx/crypto/Cipher.PAD_NOPAD")
	padM1       = byteConstant("javacardx/crypto/Cipher.PAD_ISO9797_M1")
	padM2       = byteConstant("javacardx/crypto/Cipher.PAD_ISO9797_M2")
	padM1Retail = byteConstant("javacardx/crypto/Cipher.PAD_ISO9797_1_M1_ALG3")
	padM2Retail = byteConstant("javacardx/crypto/Cipher.PAD_ISO9797_1_M2_ALG3")
	padPKCS5    = byteConstant("javacardx/crypto/Cipher.PAD_PKCS5")
	padPKCS1    = byteConstant("javacardx/crypto/Cipher.PAD_PKCS1")
	padPSS      = byteConstant("javacardx/crypto/Cipher.PAD_PKCS1_PSS")
	padOAEP     = byteConstant("javacardx/crypto/Cipher.PAD_PKCS1_OAEP")
)

// pad completes a message of which the last tail bytes are given to whole
// blocks. whole tells whether the message is empty so far otherwise. ok is
// false when the padding can't: no padding, and an open block.
func pad(padding int8, tail []byte, block int, empty bool) (out []byte, ok bool) {
	fill := block - len(tail)%block
	switch padding {
	case padNone:
		return tail, len(tail)%block == 0
	case padM1, padM1Retail:
		if len(tail)%block == 0 && !(empty && len(tail) == 0) {
			return tail, true
		}
		return append(tail, make([]byte, fill)...), true
	case padM2, padM2Retail:
		return append(append(tail, 0x80), make([]byte, fill-1)...), true
	case padPKCS5:
		return append(tail, bytes.Repeat([]byte{byte(fill)}, fill)...), true
	}
	return nil, false
}

// unpad is the length of the last decrypted block without padding; ok is false
// when there is none that could have been. Padding method 1 can't be told from
// data and stays.
func unpad(padding int8, last []byte) (n int, ok bool) {
	switch padding {
	case padM2:
		n = len(bytes.TrimRight(last, "\x00"))
		return n - 1, n > 0 && last[n-1] == 0x80
	case padPKCS5:
		fill := int(last[len(last)-1])
		n = len(last) - fill
		ok = fill > 0 && n >= 0 && bytes.Equal(last[n:], bytes.Repeat([]byte{byte(fill)}, fill))
		return n, ok
	}
	return len(last), true
}
