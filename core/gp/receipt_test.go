package gp_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type receiptVector struct {
	vectors.Header
	Operation string        `json:"operation"`
	AIDs      []vectors.Hex `json:"aids"`
	Scheme    string        `json:"scheme"`
	Key       vectors.Hex   `json:"key"`
	Data      vectors.Hex   `json:"data"`
	Receipt   vectors.Hex   `json:"receipt"`
	Response  vectors.Hex   `json:"response"`
}

func (v *receiptVector) context(t *testing.T) gp.ReceiptContext {
	aid := func(i int) gp.AID {
		a, err := gp.NewAID(v.AIDs[i])
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	switch v.Operation {
	case "load":
		return gp.LoadReceipt(aid(0), aid(1))
	case "install":
		return gp.InstallReceipt(aid(0), aid(1))
	case "extradition":
		return gp.ExtraditionReceipt(aid(0), aid(1), aid(2))
	case "registry update":
		return gp.RegistryUpdateReceipt(aid(0), aid(1), [3]byte(v.AIDs[2]))
	case "delete":
		return gp.DeleteReceipt(aid(0))
	}
	t.Fatalf("operation %q", v.Operation)
	return gp.ReceiptContext{}
}

func TestReceiptVectors(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-066")
	for _, v := range vectors.Load[receiptVector](t, "gp-content-receipt.json") {
		t.Run(v.Name, func(t *testing.T) {
			c, ok, err := gp.DecodeConfirmation(v.Response)
			if v.Fail != "" {
				var fault *wire.DecodeError
				if ok || !errors.As(err, &fault) {
					t.Fatalf("%+v, %v, %v", c, ok, err)
				}
				return
			}
			if err != nil || !ok || !bytes.Equal(c.Receipt, v.Receipt) {
				t.Fatalf("%+v, %v, %v", c, ok, err)
			}
			if again, err := c.Append(nil); err != nil || !bytes.Equal(again, v.Response) {
				t.Fatalf("Append = %X, %v", again, err)
			}
			if data, err := c.AppendData(nil); err != nil || !bytes.Equal(data, v.Data) {
				t.Fatalf("AppendData = %X, %v", data, err)
			}
			signer, verifier := contentKeys(t, v.Scheme, v.Key)
			context := v.context(t)
			if !c.Verify(context, verifier) || c.Verify(gp.DeleteReceipt(gp.AIDCASD), verifier) {
				t.Fatal("verification")
			}
			signed := c
			if err := signed.Sign(context, signer); err != nil || !bytes.Equal(signed.Receipt, v.Receipt) {
				t.Fatalf("Sign = %X, %v", signed.Receipt, err)
			}
			for i := range v.Response {
				bad := bytes.Clone(v.Response)
				bad[i] ^= 1
				if c, ok, err := gp.DecodeConfirmation(bad); err == nil && ok && c.Verify(context, verifier) {
					t.Fatalf("byte %d changed and it verifies", i)
				}
			}
			for n := 1; n < len(v.Response); n++ {
				if _, _, err := gp.DecodeConfirmation(v.Response[:n]); err == nil {
					t.Fatalf("cut at %d accepted", n)
				}
			}
			if _, _, err := gp.DecodeConfirmation(append(bytes.Clone(v.Response), 0)); err == nil {
				t.Fatal("trailing byte accepted")
			}
		})
	}
}

func TestNoConfirmation(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-062", "SPEC-GP-CONTENT-066")
	for _, b := range [][]byte{nil, gp.AppendNoConfirmation(nil)} {
		if c, ok, err := gp.DecodeConfirmation(b); ok || err != nil {
			t.Errorf("%X: %+v, %v, %v", b, c, ok, err)
		}
	}
	// Confirmation data without receipt is well-formed, but verifies nothing.
	_, verifier := contentKeys(t, "aes", make([]byte, 16))
	c := gp.Confirmation{Counter: []byte{0, 1}, SecurityDomainData: []byte{1}}
	b, err := c.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok, err := gp.DecodeConfirmation(b); !ok || err != nil || c.Verify(gp.DeleteReceipt(gp.AIDCASD), credulous{verifier}) {
		t.Error(c, ok, err)
	}
	for _, bad := range []gp.Confirmation{
		{Counter: []byte{1}, SecurityDomainData: []byte{1}},
		{Counter: []byte{0, 1}},
		{Counter: []byte{0, 1}, SecurityDomainData: make([]byte, 128)},
		{Counter: []byte{0, 1}, SecurityDomainData: []byte{1}, TokenDigest: []byte{1}},
	} {
		if _, err := bad.Append(nil); err == nil {
			t.Errorf("%+v encoded", bad)
		}
	}
}

func TestConfirmationRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-060", "SPEC-GP-CONTENT-061", "SPEC-GP-CONTENT-063")
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.SliceOfN(rapid.Byte(), 0, 127)
		c := gp.Confirmation{
			Receipt:            rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "receipt"),
			Counter:            rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "counter"),
			SecurityDomainData: rapid.SliceOfN(rapid.Byte(), 1, 127).Draw(t, "data"),
		}
		if rapid.Bool().Draw(t, "token") {
			c.TokenIdentifier = field.Draw(t, "identifier")
			if rapid.Bool().Draw(t, "digest") {
				c.TokenDigest = field.Draw(t, "digest")
			}
		}
		b, err := c.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		d, ok, err := gp.DecodeConfirmation(b)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		again, err := d.Append(nil)
		if err != nil || !bytes.Equal(again, b) || (d.TokenIdentifier == nil) != (c.TokenIdentifier == nil) {
			t.Fatalf("%X → %X, %v", b, again, err)
		}
	})
}

func FuzzConfirmation(f *testing.F) {
	for _, v := range vectors.Load[receiptVector](f, "gp-content-receipt.json") {
		f.Add([]byte(v.Response))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, ok, err := gp.DecodeConfirmation(b)
		if err != nil {
			var fault *wire.DecodeError
			if ok || !errors.As(err, &fault) || fault.Offset > len(b) {
				t.Fatal(ok, err)
			}
			return
		}
		if !ok {
			return
		}
		canonical, err := c.Append(nil)
		if err != nil || len(canonical) > len(b) {
			t.Fatalf("%X: %v", canonical, err)
		}
		d, ok, err := gp.DecodeConfirmation(canonical)
		if err != nil || !ok || !bytes.Equal(d.Receipt, c.Receipt) || !bytes.Equal(d.TokenDigest, c.TokenDigest) {
			t.Fatal(err)
		}
	})
}
