package pkcs11

import (
	"crypto"
	"crypto/ecdh"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
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
	signature := make([]byte, s.public.Size())
	length := ulong(len(signature))
	f := &s.token.module.f
	err = s.token.with(func(session ulong) error {
		if err := check("C_SignInit", f.signInit(session, &ckMechanism{mechanism: ckmRSAPKCS}, s.object)); err != nil {
			return err
		}
		return check("C_Sign", f.sign(session, &info[0], ulong(len(info)), &signature[0], &length))
	})
	if err != nil {
		return nil, err
	}
	if length != ulong(len(signature)) || rsa.VerifyPKCS1v15(s.public, crypto.SHA256, digest, signature) != nil {
		return nil, errors.New("pkcs11: the module made a signature that is wrong")
	}
	return signature, nil
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
