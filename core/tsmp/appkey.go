package tsmp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// appKeyPrefix begins the key ID of a UI app; its compressed point follows, in
// base64url.
const appKeyPrefix = "app."

// AppIdentity is a UI app with a key of P-256 that it made for itself and keeps on
// its device. Key ID and party follow from the key. Spec: SPEC-TSM-PROTOCOL-100.
func AppIdentity(signer crypto.Signer) (Identity, error) {
	public, ok := signer.Public().(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return Identity{}, errors.New("tsmp: key of a UI app: want ECDSA on P-256")
	}
	point := elliptic.MarshalCompressed(public.Curve, public.X, public.Y)
	return Identity{Party: appParty(point), KeyID: appKeyPrefix + base64.RawURLEncoding.EncodeToString(point), Signer: signer}, nil
}

func appParty(point []byte) PartyID {
	sum := sha256.Sum256(point)
	return PartyID("app-" + hex.EncodeToString(sum[:16]))
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
	point, ok := parseBase64(text)
	if !ok {
		return Key{}, false
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), point)
	if x == nil {
		return Key{}, false
	}
	return Key{ID: id, Party: appParty(point), Role: RoleUIApp, Public: &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}}, true
}
