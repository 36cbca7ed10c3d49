package keys

import (
	"crypto/aes"
	"fmt"

	"inkan/core/mac"
	"inkan/core/scp"
)

// Function is how diversification input becomes a key.
type Function string

// Functions.
const (
	NoDiversification Function = "none"     // the master key itself is the card's key
	TDESECB           Function = "3des-ecb" // triple DES, ECB, under the master key
	AESECB            Function = "aes-ecb"  // AES, ECB, under the master key
	CMACCounter       Function = "cmac-kdf" // SP 800-108 counter mode, AES-CMAC, one-byte counter before the input
)

// Method is a way to diversify keys, as data: carriers' card profiles choose
// one by name or write their own. Spec: SPEC-KEYS-020.
type Method struct {
	Name     string   `json:"name"`
	Function Function `json:"function"`
	Input    Template `json:"input,omitempty"`
}

// The known methods. See spec/KEYS.md §Diversification.
var (
	None    = Method{Name: "none", Function: NoDiversification}
	EMV     = Method{Name: "emv", Function: TDESECB, Input: template("d4 d5 d6 d7 d8 d9 F0 k d4 d5 d6 d7 d8 d9 0F k")}
	VISA2   = Method{Name: "visa2", Function: TDESECB, Input: template("d0 d1 d4 d5 d6 d7 F0 k d0 d1 d4 d5 d6 d7 0F k")}
	KDF3    = Method{Name: "kdf3", Function: CMACCounter, Input: template("00 00 00 k 00 d0 d1 d2 d3 d4 d5 d6 d7 d8 d9")}
	EMVAES  = Method{Name: "emv-aes", Function: AESECB, Input: EMV.Input}
	VISAAES = Method{Name: "visa2-aes", Function: AESECB, Input: VISA2.Input}
)

func template(text string) (t Template) {
	if err := t.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return t
}

// Methods lists the known methods.
func Methods() []Method { return []Method{None, EMV, VISA2, KDF3, EMVAES, VISAAES} }

// MethodNamed finds a known method; ok is false for an unknown name.
func MethodNamed(name string) (m Method, ok bool) {
	for _, m := range Methods() {
		if m.Name == name {
			return m, true
		}
	}
	return Method{}, false
}

// Append appends the card's key with the given identifier, derived from a
// master key and the card's diversification data (KDDSize bytes). The result
// is as long as the master key, except that a DES result is always 16 bytes.
// It fails when lengths do not fit the function.
// Spec: SPEC-KEYS-021, SPEC-KEYS-022, SPEC-KEYS-023, SPEC-KEYS-024.
func (m *Method) Append(dst, master, kdd []byte, id ID) ([]byte, error) {
	if m.Function == NoDiversification {
		return append(dst, master...), nil
	}
	var buf [64]byte
	in, err := m.Input.Append(buf[:0], kdd, id)
	if err != nil {
		return dst, err
	}
	defer clear(in)
	switch m.Function {
	case TDESECB:
		c, err := mac.NewTDES(master)
		if err != nil {
			return dst, err
		}
		if len(in) != 16 {
			return dst, fmt.Errorf("keys: method %s gives %d bytes of input, want 16", m.Name, len(in))
		}
		c.Encrypt(in[:8], in[:8])
		c.Encrypt(in[8:], in[8:])
		return append(dst, in...), nil
	case AESECB:
		return m.appendAES(dst, master, in)
	case CMACCounter:
		n := len(dst)
		dst = append(dst, make([]byte, len(master))...)
		if err := mac.DeriveCounter(dst[n:], master, nil, in); err != nil {
			return dst[:n], err
		}
		return dst, nil
	}
	return dst, fmt.Errorf("keys: method %s has the unknown function %q", m.Name, string(m.Function))
}

// appendAES encrypts the one block of input. A single block fills a 16-byte
// key only, so that longer masters fail instead of giving a short key.
func (m *Method) appendAES(dst, master, in []byte) ([]byte, error) {
	if len(master) != 16 || len(in) != aes.BlockSize {
		return dst, fmt.Errorf("keys: method %s needs a 16-byte master key and 16 bytes of input, not %d and %d", m.Name, len(master), len(in))
	}
	c, err := aes.NewCipher(master)
	if err != nil {
		return dst, err
	}
	c.Encrypt(in, in)
	return append(dst, in...), nil
}

// KeySet derives a card's secure-channel keys from a set of master keys: Enc
// as identifier 1, MAC as 2, DEK as 3. The masters' version is taken over. The
// caller wipes the result. Spec: SPEC-KEYS-020.
func (m *Method) KeySet(masters scp.KeySet, kdd []byte) (scp.KeySet, error) {
	set := scp.KeySet{Version: masters.Version}
	for _, k := range []struct {
		dst    *[]byte
		master []byte
		id     ID
	}{{&set.Enc, masters.Enc, IDEnc}, {&set.MAC, masters.MAC, IDMAC}, {&set.DEK, masters.DEK, IDDEK}} {
		key, err := m.Append(nil, k.master, kdd, k.id)
		if err != nil {
			set.Wipe()
			return scp.KeySet{}, err
		}
		*k.dst = key
	}
	return set, nil
}
