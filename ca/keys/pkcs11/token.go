package pkcs11

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"inkan/ca/keys"
	"inkan/core/jpki/perso"
)

// sessionCount is how many operations of one token run at a time.
const sessionCount = 4

// Token is a keys.Store: private keys of a token whose CKA_LABEL is the name of
// a key ("authentication-ca-01"). Other objects are left alone. Of a key of P-256,
// the public key object has to be there under the same label.
type Token struct {
	module   *Module
	sessions chan ulong
	signers  map[keys.Name]crypto.Signer
	content  map[keys.Name]*contentKey
}

var _ keys.Store = (*Token)(nil)

// OpenToken logs in to the token with a label and finds its keys. A wrong PIN is
// an *Error with PINIncorrect. It fails where two keys have one name, and for a
// key of another kind than its role's.
// Spec: SPEC-CA-KEYS-070, SPEC-CA-KEYS-071.
func (m *Module) OpenToken(label string, pin []byte) (*Token, error) {
	slot, err := m.slot(label)
	if err != nil {
		return nil, err
	}
	t := &Token{module: m, sessions: make(chan ulong, sessionCount), signers: map[keys.Name]crypto.Signer{}, content: map[keys.Name]*contentKey{}}
	for range sessionCount {
		var session ulong
		if err := check("C_OpenSession", m.f.openSession(slot, ckfSerialSession, nil, nil, &session)); err != nil {
			return nil, errors.Join(err, t.Close())
		}
		t.sessions <- session
	}
	if err := t.login(pin); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	if err := t.with(t.find); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Token) login(pin []byte) error {
	if len(pin) == 0 {
		return errors.New("pkcs11: an empty PIN")
	}
	return t.with(func(session ulong) error {
		err := check("C_Login", t.module.f.login(session, ckuUser, &pin[0], ulong(len(pin))))
		if failed := (*Error)(nil); errors.As(err, &failed) && failed.Code == ckrUserAlreadyLoggedIn {
			return nil
		}
		return err
	})
}

// with lends a session.
func (t *Token) with(use func(session ulong) error) error {
	session := <-t.sessions
	defer func() { t.sessions <- session }()
	return use(session)
}

// Close ends the sessions, and with the last the login. No key of the token may
// be in use.
func (t *Token) Close() error {
	var failed error
	for range len(t.sessions) {
		failed = errors.Join(failed, check("C_CloseSession", t.module.f.closeSession(<-t.sessions)))
	}
	return failed
}

// Names implements keys.Store.
func (t *Token) Names() []keys.Name {
	var names []keys.Name
	for name := range t.signers {
		names = append(names, name)
	}
	for name := range t.content {
		names = append(names, name)
	}
	slices.SortFunc(names, keys.Name.Compare)
	return names
}

// Signer implements keys.Store.
func (t *Token) Signer(name keys.Name) (crypto.Signer, error) {
	if key, ok := t.signers[name]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("pkcs11: %s: %w", name, keys.ErrNoKey)
}

// ContentKey implements keys.Store.
func (t *Token) ContentKey(version byte) (perso.ContentKey, error) {
	name := keys.Name{Role: keys.Content, Generation: int(version)}
	if key, ok := t.content[name]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("pkcs11: %s: %w", name, keys.ErrNoKey)
}

// find lists the private keys that have a key's name.
func (t *Token) find(session ulong) error {
	objects, err := t.module.objects(session, []attribute{number(ckaClass, ckoPrivateKey)})
	if err != nil {
		return err
	}
	for _, object := range objects {
		label, err := t.module.value(session, object, ckaLabel)
		if err != nil {
			return err
		}
		name, err := keys.ParseName(string(label))
		if err != nil {
			continue // not one of ours
		}
		if slices.Contains(t.Names(), name) {
			return fmt.Errorf("pkcs11: the token has two keys %s", name)
		}
		switch name.Role {
		case keys.Content:
			err = t.addContentKey(session, object, name)
		case keys.Request:
			err = t.addRequestKey(session, object, name)
		default:
			err = t.addSigner(session, object, name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (t *Token) addSigner(session, object ulong, name keys.Name) error {
	if kind, err := t.module.value(session, object, ckaKeyType); err != nil || !bytes.Equal(kind, number(ckaKeyType, ckkRSA).value) {
		return errors.Join(errors.New("pkcs11: no RSA key"), err)
	}
	modulus, err := t.module.value(session, object, ckaModulus)
	if err != nil {
		return err
	}
	exponent, err := t.module.value(session, object, ckaPublicExponent)
	if err != nil {
		return err
	}
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus)}
	if e := new(big.Int).SetBytes(exponent); e.IsInt64() {
		public.E = int(e.Int64())
	}
	if err := keys.CheckPublicKey(keys.RSA2048, public); err != nil {
		return err
	}
	t.signers[name] = &signer{t, object, public}
	return nil
}

func (t *Token) addRequestKey(session, object ulong, name keys.Name) error {
	point, err := t.point(session, object, name)
	if err != nil {
		return err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	t.signers[name] = &requestSigner{t, object, public}
	return nil
}

func (t *Token) addContentKey(session, object ulong, name keys.Name) error {
	point, err := t.point(session, object, name)
	if err != nil {
		return err
	}
	key := &contentKey{token: t, object: object, version: byte(name.Generation)}
	copy(key.point[:], point)
	t.content[name] = key
	return nil
}

// point is the public point of a private key of P-256, which its public key object
// has.
func (t *Token) point(session, object ulong, name keys.Name) ([]byte, error) {
	if kind, err := t.module.value(session, object, ckaKeyType); err != nil || !bytes.Equal(kind, number(ckaKeyType, ckkEC).value) {
		return nil, errors.Join(errors.New("pkcs11: no key on an elliptic curve"), err)
	}
	publics, err := t.module.objects(session, []attribute{number(ckaClass, ckoPublicKey), {ckaLabel, []byte(name.String())}})
	if err != nil {
		return nil, err
	}
	if len(publics) != 1 {
		return nil, fmt.Errorf("pkcs11: %d public keys have this label, want one", len(publics))
	}
	encoded, err := t.module.value(session, publics[0], ckaECPoint)
	if err != nil {
		return nil, err
	}
	var point []byte // an OCTET STRING of the point
	if rest, err := asn1.Unmarshal(encoded, &point); err != nil || len(rest) != 0 {
		return nil, errors.New("pkcs11: CKA_EC_POINT is no OCTET STRING")
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return nil, errors.New("pkcs11: the public key is no point of P-256")
	}
	return point, nil
}
