package keys

import "fmt"

// Type says what a key or a component of a key is, in one byte
// (GP Card Specification 2.3.1 table 11-16). Spec: SPEC-KEYS-001.
type Type byte

// Key types.
const (
	DES                Type = 0x80 // DES, mode implicitly known: one, two or three 8-byte keys
	TripleDESCBC       Type = 0x82 // triple DES in CBC mode
	DESECB             Type = 0x83 // DES in ECB mode
	DESCBC             Type = 0x84 // DES in CBC mode
	PSKTLS             Type = 0x85 // pre-shared key for TLS (Amendment B)
	AES                Type = 0x88 // AES, 16, 24 or 32 bytes
	HMACSHA1           Type = 0x90 // HMAC-SHA1, length implicitly known
	HMACSHA1160        Type = 0x91 // HMAC-SHA1, 160 bits
	RSAPublicExponent  Type = 0xA0 // e, in clear
	RSAPublicModulus   Type = 0xA1 // N, in clear
	RSAPrivateModulus  Type = 0xA2 // N of a private key
	RSAPrivateExponent Type = 0xA3 // d
	RSACRTP            Type = 0xA4 // p
	RSACRTQ            Type = 0xA5 // q
	RSACRTPQ           Type = 0xA6 // q^-1 mod p
	RSACRTDP1          Type = 0xA7 // d mod (p-1)
	RSACRTDQ1          Type = 0xA8 // d mod (q-1)
	ECPublic           Type = 0xB0 // public point
	ECPrivate          Type = 0xB1 // private scalar
	ECFieldP           Type = 0xB2 // prime of the field
	ECFieldA           Type = 0xB3 // coefficient a
	ECFieldB           Type = 0xB4 // coefficient b
	ECFieldG           Type = 0xB5 // generator
	ECFieldN           Type = 0xB6 // order of the generator
	ECFieldK           Type = 0xB7 // cofactor
	ECParameters       Type = 0xF0 // reference to a set of curve parameters
	Extended           Type = 0xFF // extended format follows
)

// Form is the family of a key type.
type Form byte

// Forms.
const (
	Symmetric    Form = iota + 1 // one secret value
	RSAComponent                 // one number of an RSA key
	ECComponent                  // one value of an elliptic-curve key or of its domain
	Escape                       // FF
)

// TypeInfo describes a key type.
type TypeInfo struct {
	Type       Type
	Name       string // the standard's name in short
	Form       Form
	Secret     bool  // the value is secret: it travels encrypted
	SizesBytes []int // permitted lengths; nil: any
}

// types is the table of spec/KEYS.md §Key types. Spec: SPEC-KEYS-001.
var types = [...]TypeInfo{
	{DES, "DES", Symmetric, true, []int{8, 16, 24}},
	{TripleDESCBC, "Triple DES CBC", Symmetric, true, []int{16, 24}},
	{DESECB, "DES ECB", Symmetric, true, []int{8, 16, 24}},
	{DESCBC, "DES CBC", Symmetric, true, []int{8, 16, 24}},
	{PSKTLS, "PSK TLS", Symmetric, true, nil},
	{AES, "AES", Symmetric, true, []int{16, 24, 32}},
	{HMACSHA1, "HMAC-SHA1", Symmetric, true, nil},
	{HMACSHA1160, "HMAC-SHA1-160", Symmetric, true, []int{20}},
	{RSAPublicExponent, "RSA public exponent e", RSAComponent, false, nil},
	{RSAPublicModulus, "RSA public modulus N", RSAComponent, false, nil},
	{RSAPrivateModulus, "RSA private modulus N", RSAComponent, true, nil},
	{RSAPrivateExponent, "RSA private exponent d", RSAComponent, true, nil},
	{RSACRTP, "RSA CRT P", RSAComponent, true, nil},
	{RSACRTQ, "RSA CRT Q", RSAComponent, true, nil},
	{RSACRTPQ, "RSA CRT PQ", RSAComponent, true, nil},
	{RSACRTDP1, "RSA CRT DP1", RSAComponent, true, nil},
	{RSACRTDQ1, "RSA CRT DQ1", RSAComponent, true, nil},
	{ECPublic, "EC public key", ECComponent, false, nil},
	{ECPrivate, "EC private key", ECComponent, true, nil},
	{ECFieldP, "EC field parameter P", ECComponent, false, nil},
	{ECFieldA, "EC field parameter A", ECComponent, false, nil},
	{ECFieldB, "EC field parameter B", ECComponent, false, nil},
	{ECFieldG, "EC field parameter G", ECComponent, false, nil},
	{ECFieldN, "EC field parameter N", ECComponent, false, nil},
	{ECFieldK, "EC field parameter k", ECComponent, false, nil},
	{ECParameters, "EC parameters reference", ECComponent, false, nil},
	{Extended, "extended format", Escape, false, nil},
}

// typeIndex is 1 + the index into types, or 0.
var typeIndex = func() (index [256]uint8) {
	for i, info := range types {
		index[info.Type] = uint8(i + 1)
	}
	return index
}()

// Types is the whole table in the order of the codes, for documents and tests.
func Types() []TypeInfo { return append([]TypeInfo(nil), types[:]...) }

// Info describes t; ok is false for a code that is reserved or private.
func (t Type) Info() (info TypeInfo, ok bool) {
	if i := typeIndex[t]; i != 0 {
		return types[i-1], true
	}
	return TypeInfo{Type: t}, false
}

// String is the standard's name, or "key type 86".
func (t Type) String() string {
	if info, ok := t.Info(); ok {
		return info.Name
	}
	return fmt.Sprintf("key type %02X", byte(t))
}

// Valid reports whether a key of this type may have sizeBytes bytes. A type
// without an entry in the table has no valid size. Spec: SPEC-KEYS-002.
func (t Type) Valid(sizeBytes int) bool {
	info, ok := t.Info()
	if !ok || info.Form == Escape {
		return false
	}
	if info.SizesBytes == nil {
		return sizeBytes > 0
	}
	for _, n := range info.SizesBytes {
		if n == sizeBytes {
			return true
		}
	}
	return false
}

// IsDES reports whether keys of this type have DES parity bits.
func (t Type) IsDES() bool {
	return t == DES || t == TripleDESCBC || t == DESECB || t == DESCBC
}
