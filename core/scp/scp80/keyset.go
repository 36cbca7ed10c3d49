package scp80

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"inkan/core/mac"
)

// Key is a key and the algorithm it is for. It never shows its value.
type Key struct {
	Algorithm Algorithm
	Value     []byte
}

// Format prints algorithm and length, whatever the verb.
func (k Key) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "%v key of %d bytes", k.Algorithm, len(k.Value))
}

// MarshalText is what Format prints, for JSON and logs. Spec: SPEC-SCP80-076.
func (k Key) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }

// KeySetConfig is what a KeySet is made of. The keys are not kept: the caller
// may wipe them afterwards.
type KeySetConfig struct {
	Version byte    // key version number, 1 to 15
	KIc     Key     // ciphering; no Value: none
	KID     Key     // CC; no Value: none
	CCSize  int     // bytes of an AES-CMAC: 4, or 8 (the default for 0)
	Counter Counter // may be nil only when no packet has a checked counter
	// AllowDES admits single DES, and triple-DES keys that amount to it. It is
	// for work with cards of the last century: a day's work finds the key.
	AllowDES bool
}

// KeySet is a set of over-the-air keys, ready for use. Not for concurrent use;
// a Host and a Card do not share one.
type KeySet struct {
	version byte
	cipher  blockCipher
	mac     checksum
	counter Counter
}

// blockCipher is CBC with IV zero under KIc.
type blockCipher struct {
	algorithm Algorithm
	size      int // block size; 0: no key
	cbc       *mac.CBC
}

// checksum is a MAC under KID, truncated to size bytes.
type checksum struct {
	algorithm Algorithm
	size      int // 0: no key
	machine   macMachine
}

type macMachine interface {
	Reset()
	Write(p []byte) (int, error)
	Append(dst []byte) []byte
	Wipe()
}

// zeros are padding and the place of a check.
var zeros [aes.BlockSize]byte

// NewKeySet expands the keys. It refuses versions outside 1 to 15, key lengths
// that do not fit the algorithm, DES-ECB always, and single DES, or a triple-DES
// key with equal neighbours, unless AllowDES is set.
// Spec: SPEC-SCP80-009, SPEC-SCP80-010, SPEC-SCP80-011.
func NewKeySet(cfg KeySetConfig) (*KeySet, error) {
	if cfg.Version < 1 || cfg.Version > 15 {
		return nil, fmt.Errorf("scp80: key version %02X, want 01 to 0F", cfg.Version)
	}
	k := &KeySet{version: cfg.Version, counter: cfg.Counter}
	if len(cfg.KIc.Value) > 0 {
		if err := k.cipher.set(cfg.KIc, cfg.AllowDES); err != nil {
			return nil, fmt.Errorf("scp80: KIc: %w", err)
		}
	}
	if len(cfg.KID.Value) > 0 {
		if err := k.mac.set(cfg.KID, cfg.CCSize, cfg.AllowDES); err != nil {
			return nil, fmt.Errorf("scp80: KID: %w", err)
		}
	}
	return k, nil
}

// Version is the key version number.
func (k *KeySet) Version() byte { return k.version }

// Wipe drops the keys. The set must not be used again.
func (k *KeySet) Wipe() {
	if k.cipher.size > 0 {
		k.cipher.cbc.Wipe()
	}
	if k.mac.size > 0 {
		k.mac.machine.Wipe()
	}
	k.cipher, k.mac = blockCipher{}, checksum{}
}

// Format prints the version, whatever the verb.
func (k KeySet) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "scp80 key set %02X", k.version) }

var errSingleDES = errors.New("single DES is refused")

// tdesKey is the triple-DES form of a DES-family key, wiped by the caller.
func tdesKey(k Key, allowDES bool) ([]byte, error) {
	want := map[Algorithm]int{DES: 8, TDES2: 16, TDES3: 24}[k.Algorithm]
	if want == 0 {
		return nil, fmt.Errorf("%v is not supported", k.Algorithm)
	}
	if len(k.Value) != want {
		return nil, fmt.Errorf("%v has %d bytes of key, not %d", k.Algorithm, want, len(k.Value))
	}
	if k.Algorithm == DES {
		if !allowDES {
			return nil, errSingleDES
		}
		return append(append([]byte(nil), k.Value...), k.Value...), nil
	}
	for i := 8; i < want; i += 8 {
		if !allowDES && sameDESKey(k.Value[i-8:i], k.Value[i:i+8]) {
			return nil, errSingleDES
		}
	}
	return append([]byte(nil), k.Value...), nil
}

// sameDESKey compares without the parity bits, in constant time.
func sameDESKey(a, b []byte) bool {
	var differ byte
	for i := range 8 {
		differ |= (a[i] ^ b[i]) &^ 1
	}
	return differ == 0
}

func (c *blockCipher) set(k Key, allowDES bool) error {
	var block cipher.Block
	if k.Algorithm == AES {
		b, err := aes.NewCipher(k.Value)
		if err != nil {
			return fmt.Errorf("AES has 16, 24 or 32 bytes of key, not %d", len(k.Value))
		}
		block = b
	} else {
		key, err := tdesKey(k, allowDES)
		if err != nil {
			return err
		}
		defer clear(key)
		if block, err = mac.NewTDES(key); err != nil {
			return err
		}
	}
	cbc, err := mac.NewCBCFrom(block)
	if err != nil {
		return err
	}
	*c = blockCipher{algorithm: k.Algorithm, size: cbc.BlockSize(), cbc: cbc}
	return nil
}

func (c *checksum) set(k Key, size int, allowDES bool) error {
	if k.Algorithm == AES {
		if size == 0 {
			size = 8
		}
		if size != 4 && size != 8 {
			return fmt.Errorf("an AES-CMAC has 4 or 8 bytes, not %d", size)
		}
		m, err := mac.NewCMAC(k.Value)
		if err != nil {
			return fmt.Errorf("AES has 16, 24 or 32 bytes of key, not %d", len(k.Value))
		}
		*c = checksum{algorithm: AES, size: size, machine: m}
		return nil
	}
	if size != 0 && size != 8 {
		return fmt.Errorf("a DES-based CC has 8 bytes, not %d", size)
	}
	key, err := tdesKey(k, allowDES)
	if err != nil {
		return err
	}
	defer clear(key)
	m, err := mac.NewTDESMAC(key)
	if err != nil {
		return err
	}
	*c = checksum{algorithm: k.Algorithm, size: 8, machine: m}
	return nil
}

// encrypt and decrypt work in place on whole blocks. Spec: SPEC-SCP80-012.
func (c *blockCipher) encrypt(b []byte) { c.cbc.Encrypt(b, b, nil) }
func (c *blockCipher) decrypt(b []byte) { c.cbc.Decrypt(b, b, nil) }
