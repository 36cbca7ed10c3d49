package lint

import (
	"bytes"
	"encoding/hex"
	"strings"

	"inkan/core/jpki/certificate"
)

// extensionOrder is which extensions stand where. Spec: SPEC-CERT-PROFILE-024.
func extensionOrder(v *view, c *Context) string {
	want := c.Kind.Extensions()
	good := len(want) == len(v.extensions)
	for i := 0; good && i < len(want); i++ {
		good = v.extensions[i].known == want[i]
	}
	if good {
		return ""
	}
	names := make([]string, len(want))
	for i, e := range want {
		names[i] = e.String()
	}
	return "want " + strings.Join(names, ", ")
}

// criticality is which extensions are critical. Spec: SPEC-CERT-PROFILE-025.
func criticality(v *view, _ *Context) string {
	for _, x := range v.extensions {
		var want []byte
		if x.known != 0 && x.known.Critical() {
			want = []byte{0xFF}
		}
		if !bytes.Equal(x.critical, want) {
			return x.oid.String() + ": want critical where the profile says so, and FF for TRUE"
		}
	}
	return ""
}

// fixed makes the lint of an extension that has one value, for the kinds that
// the profile gives it.
func fixed(e certificate.Extension, applies func(certificate.Kind) bool, want func(*Context) []byte) func(*view, *Context) string {
	return func(v *view, c *Context) string {
		value, ok := v.find(e)
		if !ok || !applies(c.Kind) || bytes.Equal(value, want(c)) {
			return ""
		}
		return "want " + strings.ToUpper(hex.EncodeToString(want(c)))
	}
}

func all(certificate.Kind) bool { return true }

// Values that stand in the profile's text as bytes.
var (
	usageSignature      = []byte{0x03, 0x02, 0x06, 0xC0}
	usageAuthentication = []byte{0x03, 0x02, 0x07, 0x80}
	usageAuthority      = []byte{0x03, 0x02, 0x01, 0x06}
	clientAuth          = []byte{0x30, 0x0A, 0x06, 0x08, 0x2B, 6, 1, 5, 5, 7, 3, 2}
	ocspSigning         = []byte{0x30, 0x0A, 0x06, 0x08, 0x2B, 6, 1, 5, 5, 7, 3, 9}
	caTrue              = []byte{0x30, 0x03, 0x01, 0x01, 0xFF}
	null                = []byte{0x05, 0x00}
)

func usage(c *Context) []byte {
	switch {
	case c.Kind.CA():
		return usageAuthority
	case c.Kind == certificate.CardSignature || c.Kind == certificate.PhoneSignature:
		return usageSignature
	}
	return usageAuthentication
}

func purpose(c *Context) []byte {
	if c.Kind == certificate.OCSPResponder {
		return ocspSigning
	}
	return clientAuth
}
