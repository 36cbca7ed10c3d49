package der_test

import (
	"encoding/hex"
	"testing"

	"inkan/core/cms/der"
	"inkan/spec/req"
)

// TestFaults: path, offset and both sides of each fault.
func TestFaults(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-001", "SPEC-APPLICATION-002", "SPEC-APPLICATION-003")
	read := func(c *der.Cursor) {
		in := c.Enter(der.Sequence, "outer")
		in.Small(der.IntegerTag, "small")
		in.Octets(der.OctetString, 2, 2, "octets")
		in.Time("time")
		in.OID("id")
		in.End()
		c.End()
	}
	for in, want := range map[string]string{
		"301A 020105 0402AABB 170D3236313132383033303030305A 06022A03":   "",
		"301A 020105 0402AABB 170D3236313132383033303030305A 06022A0300": "X: at offset 28: want the end, got tag 00",
		"":                          "X: outer at offset 0: want tag and length, got end of input",
		"30":                        "X: outer at offset 1: want tag and length, got end of input",
		"3180":                      "X: outer at offset 0: want tag 30, got tag 31",
		"3F8101":                    "X: outer at offset 0: want tag 30, got tag 3F",
		"3080":                      "X: outer at offset 1: want a definite length (DER), got an indefinite one (BER)",
		"308105":                    "X: outer at offset 1: want the shortest length (DER), got a longer one (BER)",
		"30820080":                  "X: outer at offset 1: want the shortest length (DER), got a longer one (BER)",
		"308200":                    "X: outer at offset 3: want a length of 2 bytes, got end of input",
		"3084":                      "X: outer at offset 1: want a length of at most 3 bytes, got 4",
		"3003":                      "X: outer at offset 2: want 3 bytes, got 0 left",
		"3003 020180":               "X: outer/small at offset 4: want 0 to 127 in one byte, got 1 byte",
		"3006 020105 0401AA":        "X: outer/octets at offset 7: want 2 to 2 bytes, got 1",
		"3009 020105 0402AABB 0500": "X: outer/time at offset 9: want a time, got tag 05",
		"300B 020105 0402AABB 0500": "X: outer at offset 2: want 11 bytes, got 9 left",
		"301A 020105 0402AABB 170D3236313333383033303030305A 06022A03": "X: outer/time at offset 11: want a time of the form 060102150405Z, got another",
		"301A 020105 0402AABB 170D3236313132383033303030305A 06022A80": "X: outer/id at offset 26: want an object identifier, got another encoding",
		"3002 3F81": "X: outer/small at offset 2: want tag 02, got tag 3F",
	} {
		b, err := hex.DecodeString(strip(in))
		if err != nil {
			t.Fatal(err)
		}
		c := der.New("X", b)
		read(c)
		got := ""
		if c.Err() != nil {
			got = c.Err().Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func strip(s string) (out string) {
	for _, r := range s {
		if r != ' ' {
			out += string(r)
		}
	}
	return out
}
