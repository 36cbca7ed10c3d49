package pkcs11

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"runtime"
	"unsafe"

	"inkan/ca/keys"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// signer is an RSA key in the token.
type signer struct {
	token  *Token
	object ulong
	public *rsa.PublicKey
}

// Public returns the *rsa.PublicKey.
func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign has the module make a PKCS #1 v1.5 signature with CKM_RSA_PKCS and
// verifies it, so that a fault of the module never becomes a certificate.
// Spec: SPEC-CA-KEYS-010, SPEC-CA-KEYS-072.
func (s *signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := keys.CheckSignature(digest, opts); err != nil {
		return nil, err
	}
	info, err := jpki.AppendDigestInfo(nil, crypto.SHA256, digest)
	if err != nil {
		return nil, err
	}
	signature, err := s.token.sign(s.object, ckmRSAPKCS, info, s.public.Size())
	if err != nil {
		return nil, err
	}
	if keys.VerifySignature(s.public, digest, signature) != nil {
		return nil, errWrongSignature
	}
	return signature, nil
}

var errWrongSignature = errors.New("pkcs11: the module made a signature that is wrong")

// sign has the module sign with a mechanism without parameters; the signature has
// the given length or is wrong.
func (t *Token) sign(object, mechanism ulong, data []byte, size int) ([]byte, error) {
	signature := make([]byte, size)
	length := ulong(size)
	f := &t.module.f
	err := t.with(func(session ulong) error {
		if err := check("C_SignInit", f.signInit(session, &ckMechanism{mechanism: mechanism}, object)); err != nil {
			return err
		}
		return check("C_Sign", f.sign(session, &data[0], ulong(len(data)), &signature[0], &length))
	})
	if err != nil {
		return nil, err
	}
	if length != ulong(size) {
		return nil, errWrongSignature
	}
	return signature, nil
}

// requestSigner is a key of P-256 in the token that signs.
type requestSigner struct {
	token  *Token
	object ulong
	public *ecdsa.PublicKey
}

// Public returns the *ecdsa.PublicKey.
func (s *requestSigner) Public() crypto.PublicKey { return s.public }

// Sign has the module make an ECDSA signature with CKM_ECDSA, which it gives as r
// and s, verifies it and writes it as DER. Spec: SPEC-CA-KEYS-010, SPEC-CA-KEYS-072.
func (s *requestSigner) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := keys.CheckSignature(digest, opts); err != nil {
		return nil, err
	}
	raw, err := s.token.sign(s.object, ckmECDSA, digest, 64)
	if err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])})
	if err != nil || keys.VerifySignature(s.public, digest, der) != nil {
		return nil, errWrongSignature
	}
	return der, nil
}

// Format prints that it is a key, whatever the verb. Spec: SPEC-CA-KEYS-011.
func (s *requestSigner) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "P-256 key in a PKCS #11 token")
}

// Format prints that it is a key, whatever the verb. Spec: SPEC-CA-KEYS-011.
func (s *signer) Format(f fmt.State, _ rune) { fmt.Fprint(f, "RSA key in a PKCS #11 token") }

// contentKey is a key of P-256 in the token.
type contentKey struct {
	token   *Token
	object  ulong
	version byte
	point   perso.Point
}

// Version implements perso.ContentKey.
func (k *contentKey) Version() byte { return k.version }

// Point implements perso.ContentKey.
func (k *contentKey) Point() perso.Point { return k.point }

// ECDH implements perso.ContentKey with CKM_ECDH1_DERIVE and no key derivation.
// The point is checked here; not every module does it. The shared secret leaves
// the token, the private key does not. Spec: SPEC-CA-KEYS-073.
func (k *contentKey) ECDH(point []byte) ([]byte, error) {
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return nil, perso.ErrPoint
	}
	var secret []byte
	err := k.token.with(func(session ulong) (err error) {
		derived, err := k.derive(session, point)
		if err != nil {
			return err
		}
		secret, err = k.token.module.value(session, derived, ckaValue)
		return errors.Join(err, check("C_DestroyObject", k.token.module.f.destroyObject(session, derived)))
	})
	if err != nil {
		clear(secret)
		return nil, err
	}
	defer clear(secret)
	if len(secret) > 32 {
		return nil, fmt.Errorf("pkcs11: a shared secret of %d bytes, want 32", len(secret))
	}
	full := make([]byte, 32) // a module may leave leading zeros out
	copy(full[32-len(secret):], secret)
	return full, nil
}

// derive makes the shared secret an object of the session.
func (k *contentKey) derive(session ulong, point []byte) (object ulong, err error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	parameters := &ckECDH1DeriveParams{kdf: ckdNull, publicDataLength: ulong(len(point)), publicData: unsafe.Pointer(&point[0])}
	pinner.Pin(parameters)
	pinner.Pin(&point[0])
	mechanism := &ckMechanism{ckmECDH1Derive, unsafe.Pointer(parameters), ulong(unsafe.Sizeof(*parameters))}
	list := template([]attribute{
		number(ckaClass, ckoSecretKey), number(ckaKeyType, ckkGenericSecret), number(ckaValueLength, 32),
		boolean(ckaToken, false), boolean(ckaSensitive, false), boolean(ckaExtractable, true),
	}, &pinner)
	err = check("C_DeriveKey", k.token.module.f.deriveKey(session, mechanism, k.object, &list[0], ulong(len(list)), &object))
	return object, err
}

// Format prints the version, whatever the verb. Spec: SPEC-CA-KEYS-011.
func (k *contentKey) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "content key version %02X in a PKCS #11 token", k.version)
}
