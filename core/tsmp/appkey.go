package tsmp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// appKeyPrefix begins the key ID of a UI app; its key follows, in base64url.
const appKeyPrefix = "app."

// AppIdentity is a UI app with a key that it made for itself and keeps on its device: of
// Ed25519, or of P-256 where the device's key store has no other. Key ID and party follow
// from the key. Spec: SPEC-TSM-PROTOCOL-100.
func AppIdentity(signer crypto.Signer) (Identity, error) {
	var key []byte
	switch public := signer.Public().(type) {
	case ed25519.PublicKey:
		key = public
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			key = elliptic.MarshalCompressed(public.Curve, public.X, public.Y)
		}
	}
	if key == nil {
		return Identity{}, errors.New("tsmp: key of a UI app: want Ed25519, or ECDSA on P-256")
	}
	return Identity{Party: appParty(key), KeyID: appKeyPrefix + base64.RawURLEncoding.EncodeToString(key), Signer: signer}, nil
}

func appParty(key []byte) PartyID {
	sum := sha256.Sum256(key)
	return PartyID("app-" + hex.EncodeToString(sum[:16]))
}

// appKey reads a key of a key ID: 32 bytes of Ed25519, 33 of P-256.
func appKey(text string) (crypto.PublicKey, PartyID, bool) {
	key, ok := parseBase64(text)
	switch {
	case !ok:
		return nil, "", false
	case len(key) == ed25519.PublicKeySize:
		return ed25519.PublicKey(key), appParty(key), reduced(key) && !smallOrder(key)
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), key)
	if x == nil {
		return nil, "", false
	}
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}, appParty(key), true
}

// reduced tells whether the coordinate of an Ed25519 key is below 2^255-19, so that no
// other key says the same.
func reduced(key []byte) bool {
	if key[31]&0x7F != 0x7F || key[0] < 0xED {
		return true
	}
	return slices.ContainsFunc(key[1:31], func(b byte) bool { return b != 0xFF })
}

// smallOrders are the y coordinates of the points of small order, in the encoding without
// the sign of x. Under such a key a signature that anybody can make is one of many messages.
var smallOrders = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}

func smallOrder(key []byte) bool {
	y := append([]byte(nil), key...)
	y[31] &= 0x7F
	return slices.Contains(smallOrders[:], hex.EncodeToString(y))
}

// AppKeys is a Directory that finds UI apps' keys in their key IDs, and all others
// in Parties; nil: nowhere, as who serves UI apps over HTTP wants it. That a key
// verifies says that the same app sends, not who holds it.
// Spec: SPEC-TSM-PROTOCOL-064, SPEC-TSM-PROTOCOL-100.
type AppKeys struct{ Parties Directory }

// Key implements Directory.
func (k AppKeys) Key(id string) (Key, bool) {
	text, ok := strings.CutPrefix(id, appKeyPrefix)
	switch {
	case ok:
	case k.Parties == nil:
		return Key{}, false
	default:
		return k.Parties.Key(id)
	}
	public, party, ok := appKey(text)
	return Key{ID: id, Party: party, Role: RoleUIApp, Public: public}, ok
}
