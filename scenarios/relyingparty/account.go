package relyingparty

import (
	"crypto/x509"
	"encoding/hex"
	"sync"
)

// AccountKey tells certificates apart: the issuer's name in DER and the serial
// number. It is what an account is kept under; it is no secret, and comparable.
type AccountKey struct {
	Issuer string // DER
	Serial string // big-endian, without leading zeros
}

// keyOf is a certificate's key. Spec: SPEC-RELYING-PARTY-050.
func keyOf(c *x509.Certificate) AccountKey {
	return AccountKey{string(c.RawIssuer), string(c.SerialNumber.Bytes())}
}

// String shows the serial number in hexadecimal.
func (k AccountKey) String() string { return "serial " + hex.EncodeToString([]byte(k.Serial)) }

// Accounts knows which certificate belongs to which account, in memory. The zero
// value is empty. It may be used concurrently.
type Accounts struct {
	mutex   sync.Mutex
	owner   map[AccountKey]string // of present and former certificates
	present map[string]AccountKey // by account
}

// Register gives an account its certificate, after the relying party has made
// sure of the person by its own means. A former certificate of the account is
// retired: it is recognised, and no longer accepted. It fails with
// AccountRetired for a certificate that was retired once, and with
// AccountUnknown for one that another account has.
// Spec: SPEC-RELYING-PARTY-052.
func (a *Accounts) Register(account string, key AccountKey) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if owner, ok := a.owner[key]; ok {
		if owner == account && a.present[account] == key {
			return nil
		}
		if a.present[owner] != key {
			return fail(AccountRetired, "%s was replaced", key)
		}
		return fail(AccountUnknown, "%s is another account's", key)
	}
	if a.owner == nil {
		a.owner, a.present = map[AccountKey]string{}, map[string]AccountKey{}
	}
	a.owner[key], a.present[account] = account, key
	return nil
}

// Recognise returns the account of a certificate. A certificate that no account
// has is AccountUnknown: a first visit, or a renewal, which no field of the
// certificate can tell from one; the holder registers again. One that the
// account has replaced is AccountRetired.
// Spec: SPEC-RELYING-PARTY-051, SPEC-RELYING-PARTY-052.
func (a *Accounts) Recognise(key AccountKey) (account string, err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	owner, ok := a.owner[key]
	if !ok {
		return "", fail(AccountUnknown, "no account has %s", key)
	}
	if a.present[owner] != key {
		return "", fail(AccountRetired, "%s was replaced", key)
	}
	return owner, nil
}
