package gp_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/mac"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type keyDataVector struct {
	vectors.Header
	DEK          vectors.Hex        `json:"dek"`
	Cipher       string             `json:"cipher"`
	Data         vectors.Hex        `json:"data"`
	Keys         [][][2]vectors.Hex `json:"keys"`
	Response     vectors.Hex        `json:"response"`
	LengthAlways bool               `json:"length_always"`
	Extended     bool               `json:"extended"`
}

// dataKey is the DEK of SCP02 (3DES-ECB) or SCP03 (AES-CBC, zero IV).
type dataKey struct {
	block cipher.Block
	size  int
}

func newDataKey(t testing.TB, kind string, dek []byte) dataKey {
	t.Helper()
	if kind == "aes" {
		b, err := aes.NewCipher(dek)
		if err != nil {
			t.Fatal(err)
		}
		return dataKey{b, gp.DEKBlockAES}
	}
	b, err := mac.NewTDES(dek)
	if err != nil {
		t.Fatal(err)
	}
	return dataKey{b, gp.DEKBlockDES}
}

func (k dataKey) crypt(dst, src []byte, cbc cipher.BlockMode, one func(dst, src []byte)) ([]byte, error) {
	if len(src)%k.size != 0 {
		return dst, errors.New("not whole blocks")
	}
	n := len(dst)
	dst = append(dst, src...)
	if k.size == gp.DEKBlockAES {
		cbc.CryptBlocks(dst[n:], dst[n:])
		return dst, nil
	}
	for out := dst[n:]; len(out) > 0; out = out[k.size:] {
		one(out, out)
	}
	return dst, nil
}

func (k dataKey) encrypt(dst, src []byte) ([]byte, error) {
	return k.crypt(dst, src, cipher.NewCBCEncrypter(k.block, make([]byte, k.size)), k.block.Encrypt)
}

func (k dataKey) decrypt(dst, src []byte) ([]byte, error) {
	return k.crypt(dst, src, cipher.NewCBCDecrypter(k.block, make([]byte, k.size)), k.block.Decrypt)
}

func openAll(d *gp.KeyData, k dataKey) (opened []gp.Key, err error) {
	for i := range d.Fields {
		key, err := d.Fields[i].Open(k.decrypt, k.size)
		if err != nil {
			return nil, err
		}
		opened = append(opened, key)
	}
	return opened, nil
}

func TestKeyDataVectors(t *testing.T) {
	for _, v := range vectors.Load[keyDataVector](t, "gp-content-keydata.json") {
		t.Run(v.Name, func(t *testing.T) {
			dek := newDataKey(t, v.Cipher, v.DEK)
			d, err := gp.DecodeKeyData(v.Data)
			var opened []gp.Key
			if err == nil {
				opened, err = openAll(&d, dek)
			}
			if v.Fail != "" {
				var fault *wire.DecodeError
				if !errors.As(err, &fault) || fault.Path != v.Fail || gp.StatusOf(err) != iso7816.WrongData || opened != nil {
					t.Fatalf("%v, want a fault at %q", err, v.Fail)
				}
				return
			}
			if err != nil || len(opened) != len(v.Keys) {
				t.Fatal(opened, err)
			}
			if !bytes.Equal(d.Append(nil), v.Data) {
				t.Fatalf("Append = %X", d.Append(nil))
			}
			checkOpened(t, &v, opened)
			checkSealed(t, &v, d, opened, dek)
			for n := range v.Data {
				cut, err := gp.DecodeKeyData(v.Data[:n])
				if err == nil && !bytes.Equal(cut.Append(nil), v.Data[:n]) {
					t.Fatalf("cut at %d", n)
				}
			}
			if _, err := gp.DecodeKeyData(append(bytes.Clone(v.Data), 0)); err == nil {
				t.Fatal("trailing byte accepted")
			}
		})
	}
}

func checkOpened(t *testing.T, v *keyDataVector, opened []gp.Key) {
	t.Helper()
	for i, key := range opened {
		if len(key.Components) != len(v.Keys[i]) || key.Extended != v.Extended {
			t.Fatalf("key %d: %d components, extended %v", i, len(key.Components), key.Extended)
		}
		for j, c := range key.Components {
			if byte(c.Type) != v.Keys[i][j][0][0] || !bytes.Equal(c.Value, v.Keys[i][j][1]) {
				t.Fatalf("key %d component %d differs", i, j)
			}
		}
	}
	response := gp.PutKeyResponse{KeyVersion: v.Data[0], CheckValues: gp.AppendCheckValues(nil, opened)}
	if got := response.Append(nil); !bytes.Equal(got, v.Response) {
		t.Errorf("response %X, want %X", got, v.Response)
	}
	kcvs, err := gp.DecodeCheckValues(response.CheckValues)
	if err != nil || 3*len(kcvs) != len(response.CheckValues) {
		t.Errorf("%X, %v", kcvs, err)
	}
	if _, err := gp.DecodeCheckValues(append(response.CheckValues, 0)); err == nil {
		t.Error("trailing byte in the check values accepted")
	}
	command := gp.PutKey{NewKeyVersion: v.Data[0], KeyID: 1, Blocks: v.Data[1:]}
	fields, err := gp.DecodeKeyFields(command.Blocks)
	if err != nil || !bytes.Equal(gp.AppendKeyFields(nil, fields), command.Blocks) {
		t.Error("key fields", err)
	}
}

func checkSealed(t *testing.T, v *keyDataVector, d gp.KeyData, opened []gp.Key, dek dataKey) {
	t.Helper()
	sealed := gp.KeyData{Version: d.Version}
	for i := range opened {
		key := opened[i]
		if key.CheckValue != nil && len(key.CheckValue) > 0 {
			key.CheckValue = nil // Seal computes it
		}
		f, err := key.Seal(dek.encrypt, dek.size, v.LengthAlways)
		if err != nil {
			t.Fatal(err)
		}
		sealed.Fields = append(sealed.Fields, f)
	}
	if got := sealed.Append(nil); !bytes.Equal(got, v.Data) {
		t.Errorf("sealed %X, want %X", got, v.Data)
	}
	for i := range opened {
		opened[i].Wipe()
		for _, c := range opened[i].Components {
			if !bytes.Equal(c.Value, make([]byte, len(c.Value))) {
				t.Error("not wiped")
			}
		}
	}
}

// The published property: a key component block of every length opens to what
// was sealed, with a length byte exactly when padding was needed.
func TestKeyComponentBlockProperty(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-104", "SPEC-GP-CONTENT-105", "SPEC-GP-CONTENT-109")
	for _, dek := range []dataKey{newDataKey(t, "3des", make([]byte, 16)), newDataKey(t, "aes", make([]byte, 16))} {
		for n := 1; n <= 3*dek.size; n++ {
			value := make([]byte, n)
			for i := range value {
				value[i] = byte(i)
			}
			key := gp.Key{Components: []gp.KeyValue{{Type: keys.ECPrivate, Value: value}}}
			f, err := key.Seal(dek.encrypt, dek.size, false)
			if err != nil {
				t.Fatal(err)
			}
			block := f.Components[0].Value
			if n%dek.size == 0 && len(block) != n || n%dek.size != 0 && (len(block) != 1+(n/dek.size+1)*dek.size || block[0] != byte(n)) {
				t.Errorf("%d bytes: block of %d", n, len(block))
			}
			if back, err := f.Open(dek.decrypt, dek.size); err != nil || !bytes.Equal(back.Components[0].Value, value) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

func TestOpenLeavesNothingBehind(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-107", "SPEC-GP-CONTENT-108", "SPEC-GP-CONTENT-110")
	var seen []byte // what the cipher put out
	identity := func(dst, src []byte) ([]byte, error) { seen = append(dst, src...); return seen, nil }
	f := gp.KeyField{Components: []gp.KeyValue{{Type: keys.AES, Value: bytes.Repeat([]byte{0x5A}, 16)}}, CheckValue: []byte{1, 2, 3}}
	k, err := f.Open(identity, gp.DEKBlockAES)
	if err == nil || k.Components != nil || !bytes.Equal(seen, make([]byte, 16)) {
		t.Fatalf("%v: clear key left behind", err)
	}
	if bytes.Contains([]byte(fmt.Sprint(err)), []byte("5A")) {
		t.Error("the error shows the key")
	}
	broken := errors.New("broken")
	if _, err := f.Open(func(dst, _ []byte) ([]byte, error) { return dst, broken }, gp.DEKBlockAES); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := f.Open(func(dst, _ []byte) ([]byte, error) { return dst, nil }, gp.DEKBlockAES); err == nil {
		t.Error("a cipher that loses bytes goes unnoticed")
	}
	if _, err := f.Open(identity, 4); err == nil {
		t.Error("block size 4")
	}
	for _, bad := range []gp.Key{{}, {Components: []gp.KeyValue{{Type: keys.AES, Value: make([]byte, 15)}}}, {Components: []gp.KeyValue{{Type: 0x81, Value: make([]byte, 16)}}}} {
		if _, err := bad.Seal(identity, gp.DEKBlockAES, false); err == nil {
			t.Errorf("%d components sealed", len(bad.Components))
		}
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	k := gp.Key{Components: []gp.KeyValue{{Type: keys.AES, Value: bytes.Repeat([]byte{0xA5}, 16)}}}
	for _, s := range []string{fmt.Sprintf("%v", k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", &k), fmt.Sprintf("%x", k.Components), fmt.Sprint(k.Components)} {
		for _, secret := range []string{"165", "a5", "A5"} {
			if bytes.Contains([]byte(s), []byte(secret)) {
				t.Errorf("key bytes in %q", s)
			}
		}
	}
}

func TestKeyDataRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-100", "SPEC-GP-CONTENT-101", "SPEC-GP-CONTENT-102")
	dek := newDataKey(t, "aes", make([]byte, 16))
	var secret []keys.TypeInfo
	for _, info := range keys.Types() {
		if info.Form == keys.Symmetric {
			secret = append(secret, info)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := gp.KeyData{Version: byte(rapid.IntRange(1, 0x7F).Draw(t, "version"))}
		var want []gp.Key
		for range rapid.IntRange(1, 4).Draw(t, "keys") {
			info := rapid.SampledFrom(secret).Draw(t, "type")
			n := rapid.IntRange(1, 100).Draw(t, "length")
			if info.SizesBytes != nil {
				n = rapid.SampledFrom(info.SizesBytes).Draw(t, "size")
			}
			k := gp.Key{Components: []gp.KeyValue{{Type: keys.Type(info.Type), Value: rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "value")}}}
			f, err := k.Seal(dek.encrypt, dek.size, rapid.Bool().Draw(t, "length always"))
			if err != nil {
				t.Fatal(err)
			}
			d.Fields, want = append(d.Fields, f), append(want, k)
		}
		back, err := gp.DecodeKeyData(d.Append(nil))
		if err != nil {
			t.Fatal(err)
		}
		opened, err := openAll(&back, dek)
		if err != nil || len(opened) != len(want) {
			t.Fatal(err)
		}
		for i := range want {
			if !bytes.Equal(opened[i].Components[0].Value, want[i].Components[0].Value) {
				t.Fatal("key differs")
			}
		}
	})
}

func FuzzKeyData(f *testing.F) {
	for _, v := range vectors.Load[keyDataVector](f, "gp-content-keydata.json") {
		f.Add([]byte(v.Data))
	}
	des, aes := newDataKey(f, "3des", make([]byte, 16)), newDataKey(f, "aes", make([]byte, 16))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := gp.DecodeKeyData(b)
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Offset > len(b) {
				t.Fatal(err)
			}
			return
		}
		again, err := gp.DecodeKeyData(d.Append(nil))
		if err != nil || !bytes.Equal(again.Append(nil), d.Append(nil)) {
			t.Fatal(err)
		}
		for _, dek := range []dataKey{des, aes} {
			for i := range d.Fields {
				k, err := d.Fields[i].Open(dek.decrypt, dek.size)
				if err != nil {
					continue
				}
				k.CheckValue = nil
				if _, err := k.Seal(dek.encrypt, dek.size, false); err != nil && len(k.Components[0].Value) < 128 {
					t.Fatal(err)
				}
			}
		}
	})
}

// A key data field made by hand, without a value, is an error.
func TestOpenWithoutValue(t *testing.T) {
	for _, kind := range []keys.Type{keys.PSKTLS, keys.AES} {
		f := gp.KeyField{Components: []gp.KeyValue{{Type: kind}}}
		var malformed *wire.DecodeError
		decrypt := func(dst, src []byte) ([]byte, error) { return append(dst, src...), nil }
		if _, err := f.Open(decrypt, gp.DEKBlockAES); !errors.As(err, &malformed) || malformed.Path != "component" {
			t.Errorf("%v: %v", kind, err)
		}
	}
}
