package gp

// KeyType is the type of a key component (GP Card Specification 2.3.1 §11.1.8).
type KeyType byte

// Key types.
const (
	KeyDES          KeyType = 0x80 // mode implied (DES, 2- or 3-key triple DES)
	KeyDES3CBC      KeyType = 0x82 // triple DES in CBC mode
	KeyDESECB       KeyType = 0x83
	KeyDESCBC       KeyType = 0x84
	KeyPSKTLS       KeyType = 0x85
	KeyAES          KeyType = 0x88
	KeyHMACSHA1     KeyType = 0x90 // length implied
	KeyHMACSHA1160  KeyType = 0x91 // 160 bits
	KeyRSAPublicE   KeyType = 0xA0 // public exponent, clear
	KeyRSAModulus   KeyType = 0xA1 // modulus, clear
	KeyRSAModulusN  KeyType = 0xA2 // modulus
	KeyRSAPrivateD  KeyType = 0xA3 // private exponent
	KeyRSAP         KeyType = 0xA4 // Chinese remainder: p
	KeyRSAQ         KeyType = 0xA5 // Chinese remainder: q
	KeyRSAPQ        KeyType = 0xA6 // Chinese remainder: q^-1 mod p
	KeyRSADP1       KeyType = 0xA7 // Chinese remainder: d mod (p-1)
	KeyRSADQ1       KeyType = 0xA8 // Chinese remainder: d mod (q-1)
	KeyECPublic     KeyType = 0xB0
	KeyECPrivate    KeyType = 0xB1
	KeyECFieldP     KeyType = 0xB2
	KeyECFieldA     KeyType = 0xB3
	KeyECFieldB     KeyType = 0xB4
	KeyECFieldG     KeyType = 0xB5
	KeyECFieldN     KeyType = 0xB6
	KeyECFieldK     KeyType = 0xB7
	KeyECParameters KeyType = 0xF0 // reference to a curve
	KeyExtended     KeyType = 0xFF // extended format, or not available
)

var keyTypeNames = map[KeyType]string{
	KeyDES: "DES", KeyDES3CBC: "3DES-CBC", KeyDESECB: "DES-ECB", KeyDESCBC: "DES-CBC",
	KeyPSKTLS: "PSK-TLS", KeyAES: "AES", KeyHMACSHA1: "HMAC-SHA1", KeyHMACSHA1160: "HMAC-SHA1-160",
	KeyRSAPublicE: "RSA e", KeyRSAModulus: "RSA n", KeyRSAModulusN: "RSA n", KeyRSAPrivateD: "RSA d",
	KeyRSAP: "RSA p", KeyRSAQ: "RSA q", KeyRSAPQ: "RSA pq", KeyRSADP1: "RSA dp1", KeyRSADQ1: "RSA dq1",
	KeyECPublic: "EC public", KeyECPrivate: "EC private", KeyECFieldP: "EC p", KeyECFieldA: "EC a",
	KeyECFieldB: "EC b", KeyECFieldG: "EC G", KeyECFieldN: "EC n", KeyECFieldK: "EC k",
	KeyECParameters: "EC parameters", KeyExtended: "extended",
}

// String is the type's name, or its byte in hex.
func (t KeyType) String() string {
	if s, ok := keyTypeNames[t]; ok {
		return s
	}
	return hexByte(byte(t))
}
