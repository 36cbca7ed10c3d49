package pkcs11

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/spec/req"
)

// double is a module in Go that holds two keys and can be made to fail.
type double struct {
	objects  []map[ulong][]byte
	found    []ulong
	sessions int
	key      *rsa.PrivateKey
	request  *ecdsa.PrivateKey
	used     ulong                  // the mechanism
	fail     string                 // the function that fails
	spoil    func(signature []byte) // done to every signature
	secret   []byte                 // what a derivation gives
	point    []byte                 // what it was given
	left     int                    // derived objects that were not destroyed
}

func newDouble() *double {
	key := testkeys.Holder(1)
	content, _ := testkeys.Store().ContentKey(1)
	point := content.Point()
	encoded, _ := asn1.Marshal(point[:])
	object := func(class, kind ulong, label string) map[ulong][]byte {
		return map[ulong][]byte{ckaClass: number(0, class).value, ckaKeyType: number(0, kind).value, ckaLabel: []byte(label)}
	}
	d := &double{key: key, objects: []map[ulong][]byte{
		object(ckoPrivateKey, ckkRSA, "terminal-ca-01"), object(ckoPrivateKey, ckkEC, "content-01"),
		object(ckoPublicKey, ckkEC, "content-01"), object(ckoPrivateKey, ckkRSA, "somebody else's"),
	}}
	d.objects[0][ckaModulus], d.objects[0][ckaPublicExponent] = key.N.Bytes(), big.NewInt(int64(key.E)).Bytes()
	d.objects[2][ckaECPoint] = encoded
	d.request, _ = ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 7))
	spki, _ := d.request.PublicKey.Bytes()
	encoded, _ = asn1.Marshal(spki)
	d.objects = append(d.objects, object(ckoPrivateKey, ckkEC, "request-01"), object(ckoPublicKey, ckkEC, "request-01"))
	d.objects[5][ckaECPoint] = encoded
	return d
}

// rv is the return value of a function: CKR_DEVICE_ERROR where it is to fail.
func (d *double) rv(function string) ulong {
	if d.fail == function {
		return 0x30
	}
	return ckrOK
}

func (d *double) module() *Module {
	m := &Module{unload: func() error { return nil }, owner: true}
	m.f = functions{
		initialize: func(*ckCInitializeArgs) ulong { return d.rv("C_Initialize") },
		finalize:   func(unsafe.Pointer) ulong { return d.rv("C_Finalize") },
		getSlotList: func(_ byte, slots, count *ulong) ulong {
			*slots, *count = 7, 1
			return d.rv("C_GetSlotList")
		},
		getTokenInfo: func(_ ulong, info *ckTokenInfo) ulong {
			copy(info.label[:], "inkan                           ")
			return d.rv("C_GetTokenInfo")
		},
		openSession: func(_, _ ulong, _, _ unsafe.Pointer, session *ulong) ulong {
			if rv := d.rv("C_OpenSession"); rv != ckrOK {
				return rv
			}
			d.sessions++
			*session = ulong(d.sessions)
			return ckrOK
		},
		closeSession: func(ulong) ulong { d.sessions--; return d.rv("C_CloseSession") },
		login:        func(ulong, ulong, *byte, ulong) ulong { return d.rv("C_Login") },
		findObjectsInit: func(_ ulong, template *ckAttribute, count ulong) ulong {
			d.search(unsafe.Slice(template, count))
			return d.rv("C_FindObjectsInit")
		},
		findObjects: func(_ ulong, objects *ulong, limit ulong, count *ulong) ulong {
			*count = ulong(copy(unsafe.Slice(objects, limit), d.found))
			return d.rv("C_FindObjects")
		},
		findObjectsFinal:  func(ulong) ulong { return d.rv("C_FindObjectsFinal") },
		getAttributeValue: d.attribute,
		signInit: func(_ ulong, m *ckMechanism, _ ulong) ulong {
			d.used = m.mechanism
			return d.rv("C_SignInit")
		},
		sign:          d.sign,
		deriveKey:     d.derive,
		destroyObject: func(ulong, ulong) ulong { d.left--; return d.rv("C_DestroyObject") },
	}
	return m
}

func (d *double) search(template []ckAttribute) {
	d.found = nil
	for i, object := range d.objects {
		matches := true
		for _, a := range template {
			matches = matches && slices.Equal(object[a.kind], unsafe.Slice((*byte)(a.value), a.length))
		}
		if matches {
			d.found = append(d.found, ulong(i))
		}
	}
}

func (d *double) attribute(_, object ulong, template *ckAttribute, _ ulong) ulong {
	value := d.secret
	if object < ulong(len(d.objects)) {
		value = d.objects[object][template.kind]
	}
	if value == nil {
		template.length = ^ulong(0)
		return 0x12
	}
	template.length = ulong(copy(unsafe.Slice((*byte)(template.value), template.length), value))
	return d.rv("C_GetAttributeValue")
}

func (d *double) sign(_ ulong, data *byte, length ulong, signature *byte, signatureLength *ulong) ulong {
	info := unsafe.Slice(data, length)
	made, err := d.make(info)
	if err != nil {
		return 0x05
	}
	if d.spoil != nil {
		d.spoil(made)
	}
	*signatureLength = ulong(copy(unsafe.Slice(signature, *signatureLength), made))
	return d.rv("C_Sign")
}

// make signs as the mechanism does: an ECDSA signature is r and s.
func (d *double) make(data []byte) ([]byte, error) {
	if d.used != ckmECDSA {
		return rsa.SignPKCS1v15(nil, d.key, crypto.SHA256, data[len(data)-32:])
	}
	r, s, err := ecdsa.Sign(rand.Reader, d.request, data)
	if err != nil {
		return nil, err
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), nil
}

func (d *double) derive(_ ulong, m *ckMechanism, _ ulong, _ *ckAttribute, _ ulong, derived *ulong) ulong {
	if rv := d.rv("C_DeriveKey"); rv != ckrOK {
		return rv
	}
	parameters := (*ckECDH1DeriveParams)(m.parameter)
	d.point = slices.Clone(unsafe.Slice((*byte)(parameters.publicData), parameters.publicDataLength))
	d.left++
	*derived = 1000
	return ckrOK
}

func openDouble(t *testing.T, d *double) *Token {
	t.Helper()
	token, err := d.module().OpenToken("inkan", []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenFindsKeysByName(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-070")
	d := newDouble()
	token := openDouble(t, d)
	request, terminal, content := keys.Name{Role: keys.Request, Generation: 1}, keys.Name{Role: keys.TerminalCA, Generation: 1}, keys.Name{Role: keys.Content, Generation: 1}
	if !slices.Equal(token.Names(), []keys.Name{terminal, content, request}) {
		t.Error(token.Names())
	}
	if key, err := token.Signer(terminal); err != nil || !d.key.PublicKey.Equal(key.Public()) {
		t.Error(err)
	}
	if err := token.Close(); err != nil || d.sessions != 0 {
		t.Errorf("%v, %d sessions left", err, d.sessions)
	}
}

func TestTokenRefusals(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-071")
	for name, c := range map[string]struct {
		change func(*double)
		want   string
	}{
		"two keys": {func(d *double) { d.objects[3][ckaLabel] = []byte("terminal-ca-01") }, "two keys terminal-ca-01"},
		"modulus":  {func(d *double) { d.objects[0][ckaModulus] = d.objects[0][ckaModulus][1:] }, "want rsa-2048"},
		"exponent": {func(d *double) { d.objects[0][ckaPublicExponent] = []byte{3} }, "exponent 3"},
		"huge exponent": {func(d *double) {
			d.objects[0][ckaPublicExponent] = make([]byte, 9)
			d.objects[0][ckaPublicExponent][0] = 1
		}, "exponent 0"},
		"EC as terminal":    {func(d *double) { d.objects[0][ckaKeyType] = number(0, ckkEC).value }, "terminal-ca-01: pkcs11: no RSA key"},
		"RSA as content":    {func(d *double) { d.objects[1][ckaKeyType] = number(0, ckkRSA).value }, "content-01: pkcs11: no key on an elliptic curve"},
		"no public key":     {func(d *double) { d.objects[2][ckaLabel] = nil }, "0 public keys have this label"},
		"bare point":        {func(d *double) { d.objects[2][ckaECPoint] = d.objects[2][ckaECPoint][2:] }, "no OCTET STRING"},
		"RSA as request":    {func(d *double) { d.objects[4][ckaKeyType] = number(0, ckkRSA).value }, "request-01: pkcs11: no key on an elliptic curve"},
		"point off curve":   {func(d *double) { d.objects[2][ckaECPoint][66] ^= 1 }, "no point of P-256"},
		"sessions run out":  {func(d *double) { d.fail = "C_OpenSession" }, "C_OpenSession: CKR_DEVICE_ERROR"},
		"login":             {func(d *double) { d.fail = "C_Login" }, "C_Login: CKR_DEVICE_ERROR"},
		"search":            {func(d *double) { d.fail = "C_FindObjects" }, "C_FindObjects: CKR_DEVICE_ERROR"},
		"search begins":     {func(d *double) { d.fail = "C_FindObjectsInit" }, "C_FindObjectsInit: CKR_DEVICE_ERROR"},
		"search ends":       {func(d *double) { d.fail = "C_FindObjectsFinal" }, "C_FindObjectsFinal: CKR_DEVICE_ERROR"},
		"attribute":         {func(d *double) { d.fail = "C_GetAttributeValue" }, "C_GetAttributeValue: CKR_DEVICE_ERROR"},
		"attribute missing": {func(d *double) { d.objects[0][ckaModulus] = nil }, "CKR_ATTRIBUTE_TYPE_INVALID"},
		"slots":             {func(d *double) { d.fail = "C_GetSlotList" }, "C_GetSlotList: CKR_DEVICE_ERROR"},
		"token info":        {func(d *double) { d.fail = "C_GetTokenInfo" }, "C_GetTokenInfo: CKR_DEVICE_ERROR"},
	} {
		d := newDouble()
		c.change(d)
		if _, err := d.module().OpenToken("inkan", []byte("1")); err == nil || !strings.Contains(err.Error(), c.want) || d.sessions != 0 {
			t.Errorf("%s: %v, want %q; %d sessions left", name, err, c.want, d.sessions)
		}
	}
}

func TestFaultySignatureIsWithheld(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-072", "SPEC-CA-KEYS-010")
	for _, role := range []keys.Role{keys.TerminalCA, keys.Request} {
		t.Run(role.String(), func(t *testing.T) {
			d := newDouble()
			key, err := openDouble(t, d).Signer(keys.Name{Role: role, Generation: 1})
			if err != nil {
				t.Fatal(err)
			}
			withheld(t, d, key)
		})
	}
}

func withheld(t *testing.T, d *double, key crypto.Signer) {
	digest := sha256.Sum256(nil)
	if signature, err := key.Sign(nil, digest[:], crypto.SHA256); err != nil || keys.VerifySignature(key.Public(), digest[:], signature) != nil {
		t.Fatal(err)
	}
	if _, err := key.Sign(nil, digest[:], &rsa.PSSOptions{Hash: crypto.SHA256}); !errors.Is(err, keys.ErrAlgorithm) {
		t.Error(err)
	}
	d.spoil = func(signature []byte) { signature[20] ^= 4 }
	if signature, err := key.Sign(nil, digest[:], crypto.SHA256); err == nil || signature != nil {
		t.Errorf("a spoilt signature is given out: %v", err)
	}
	for _, function := range []string{"C_SignInit", "C_Sign"} {
		d.fail = function
		if _, err := key.Sign(nil, digest[:], crypto.SHA256); err == nil || err.Error() != "pkcs11: "+function+": CKR_DEVICE_ERROR" {
			t.Error(err)
		}
	}
}

func TestSharedSecret(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-073")
	d := newDouble()
	key, err := openDouble(t, d).ContentKey(1)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdh.P256().NewPrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	point := other.PublicKey().Bytes()
	d.secret = []byte{1, 2, 3}
	got, err := key.ECDH(point)
	if err != nil || len(got) != 32 || !slices.Equal(got[29:], []byte{1, 2, 3}) || !slices.Equal(d.point, point) {
		t.Errorf("%X, %v", got, err)
	}
	point[64] ^= 1
	d.point = nil
	if _, err := key.ECDH(point); err == nil || d.point != nil {
		t.Errorf("a point off the curve reached the module: %v", err)
	}
	point[64] ^= 1
	d.secret = make([]byte, 33)
	if _, err := key.ECDH(point); err == nil {
		t.Error("a secret of 33 bytes")
	}
	for _, function := range []string{"C_DeriveKey", "C_GetAttributeValue", "C_DestroyObject"} {
		d.fail, d.secret = function, make([]byte, 32)
		if got, err := key.ECDH(point); err == nil || got != nil || !strings.Contains(err.Error(), function+": CKR_DEVICE_ERROR") {
			t.Errorf("%s: %v", function, err)
		}
	}
	if d.left != 0 {
		t.Errorf("%d shared secrets are left in the token", d.left)
	}
}

func TestLibraryThatIsNone(t *testing.T) {
	if _, err := Load("/nonexistent/library.so"); err == nil {
		t.Error("a library that is not there")
	}
	if _, err := Load("libc.so.6"); err == nil || !errors.Is(err, ErrPlatform) && !strings.Contains(err.Error(), "libc.so.6 is no PKCS #11 module") {
		t.Error(err)
	}
}
