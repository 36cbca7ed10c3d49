package gp

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/apdu"
	"inkan/core/wire"
	"inkan/spec/vectors"
)

type commandVector struct {
	vectors.Header
	APDU     vectors.Hex       `json:"apdu"`
	Fields   map[string]string `json:"fields"`
	Encoded  vectors.Hex       `json:"encoded"`  // the data field as encoded again, when it differs
	Exact    bool              `json:"exact"`    // encoded again, the whole APDU is the same
	Unsigned vectors.Hex       `json:"unsigned"` // the data field that a token signs
	SW       string            `json:"sw"`       // of negative vectors
}

func TestCommandVectors(t *testing.T) {
	for _, v := range vectors.Load[commandVector](t, "gp-commands.json") {
		t.Run(v.Name, func(t *testing.T) {
			c, err := apdu.DecodeCommand(v.APDU)
			if err != nil {
				t.Fatal(err)
			}
			cmd, err := decodeCommand(&c)
			if v.SW != "" {
				checkRefused(t, err, &v)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			compareFields(t, cmd, v.Fields)
			checkEncoded(t, cmd, &c, &v)
			checkMangled(t, c)
		})
	}
}

func checkRefused(t *testing.T, err error, v *commandVector) {
	t.Helper()
	var fault *wire.DecodeError
	if !errors.As(err, &fault) || fault.Path != v.Fail {
		t.Fatalf("error %v, want a fault at %q", err, v.Fail)
	}
	if fault.Offset > len(v.APDU) {
		t.Errorf("fault at offset %d of %d bytes", fault.Offset, len(v.APDU))
	}
	if got := StatusOf(err); hexByte(byte(got>>8))+hexByte(byte(got)) != v.SW {
		t.Errorf("status word %v, want %s", got, v.SW)
	}
}

func compareFields(t *testing.T, got any, want map[string]string) {
	t.Helper()
	flat := flatten(got)
	for name, w := range want {
		g, ok := flat[name]
		if !ok {
			t.Errorf("no field %q", name)
		} else if g != w {
			t.Errorf("%s is %q, want %q", name, g, w)
		}
	}
}

func checkEncoded(t *testing.T, cmd Command, c *apdu.Command, v *commandVector) {
	t.Helper()
	prefix := []byte{0xAA, 0xBB}
	again, err := cmd.APDU(prefix)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte(v.Encoded)
	if want == nil {
		want = c.Data
	}
	if !bytes.Equal(again.Data, want) || again.INS != c.INS || again.P1 != c.P1 || again.P2 != c.P2 {
		t.Errorf("encoded again %+v, want %+v", again, c)
	}
	if whole, err := again.Append(nil); v.Exact && (err != nil || !bytes.Equal(whole, v.APDU)) {
		t.Errorf("encoded again\n%X, want\n%X (%v)", whole, v.APDU, err)
	}
	second, err := decodeCommand(&again)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(cmd, second, cmp.AllowUnexported(AID{})); d != "" {
		t.Errorf("decoded again: %s", d)
	}
	if v.Unsigned != nil {
		checkUnsigned(t, cmd, v.Unsigned)
	}
}

func checkUnsigned(t *testing.T, cmd Command, want []byte) {
	t.Helper()
	var got []byte
	var err error
	switch x := cmd.(type) {
	case Install:
		got, err = x.AppendWithoutToken(nil)
		if c, err := x.Unsigned(nil); err != nil || !bytes.Equal(c.Data, want) {
			t.Errorf("unsigned command has %X (%v)", c.Data, err)
		}
	case Delete:
		got, err = x.AppendWithoutToken(nil)
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("without token %X, want %X (%v)", got, want, err)
	}
}

// checkMangled cuts the data field at every byte and adds one: either a
// DecodeError comes back or the very bytes.
func checkMangled(t *testing.T, c apdu.Command) {
	t.Helper()
	whole := c.Data
	for n := 0; n <= len(whole)+1; n++ {
		c.Data = append(bytes.Clone(whole), 0x01)[:n]
		if n == len(whole) {
			continue
		}
		cmd, err := decodeCommand(&c)
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) {
				t.Errorf("%d bytes of data: error %v", n, err)
			}
			continue
		}
		again, err := cmd.APDU(nil)
		if err != nil {
			t.Errorf("%d bytes of data: decoded %+v, but: %v", n, cmd, err)
		}
		if _, canonical := cmd.(Install); !canonical && !bytes.Equal(again.Data, c.Data) {
			if _, rmac := cmd.(BeginRMACSession); !rmac {
				t.Errorf("%d bytes of data: encoded again %X, want %X", n, again.Data, c.Data)
			}
		}
	}
}

type responseVector struct {
	vectors.Header
	Kind   string            `json:"kind"`
	Data   vectors.Hex       `json:"data"`
	Fields map[string]string `json:"fields"`
	Exact  bool              `json:"exact"`
}

func TestResponseVectors(t *testing.T) {
	for _, v := range vectors.Load[responseVector](t, "gp-commands-responses.json") {
		t.Run(v.Name, func(t *testing.T) {
			codec, ok := responseCodecs[v.Kind]
			if !ok {
				t.Fatalf("no codec for %q", v.Kind)
			}
			got, err := codec.decode(v.Data)
			if v.Fail != "" {
				var fault *wire.DecodeError
				if !errors.As(err, &fault) || fault.Path != v.Fail {
					t.Fatalf("error %v, want a fault at %q", err, v.Fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			compareFields(t, got, v.Fields)
			again, err := codec.encode(got)
			if err != nil || v.Exact && !bytes.Equal(again, v.Data) {
				t.Errorf("encoded again %X, want %X (%v)", again, v.Data, err)
			}
			second, err := codec.decode(again)
			if d := cmp.Diff(got, second, cmp.AllowUnexported(AID{})); err != nil || d != "" {
				t.Errorf("decoded again: %v %s", err, d)
			}
			if !codec.open {
				checkAllLengths(t, codec, v.Data)
			}
		})
	}
}

// checkAllLengths expects a DecodeError of every other length.
func checkAllLengths(t *testing.T, codec responseCodec, whole []byte) {
	t.Helper()
	for n := 0; n <= len(whole)+1; n++ {
		if n == len(whole) {
			continue
		}
		_, err := codec.decode(append(bytes.Clone(whole), 0x01)[:n])
		var fault *wire.DecodeError
		if !errors.As(err, &fault) {
			t.Errorf("%d of %d bytes: error %v", n, len(whole), err)
		}
	}
}

type statusVector struct {
	vectors.Header
	Subset  vectors.Hex         `json:"subset"`
	Legacy  bool                `json:"legacy"`
	Pages   []vectors.Hex       `json:"pages"` // response data; all but the last with 6310
	Entries []map[string]string `json:"entries"`
	Exact   bool                `json:"exact"`
}

func (v *statusVector) request() GetStatus {
	return GetStatus{Subset: Subset(v.Subset[0]), Legacy: v.Legacy}
}

func (v *statusVector) data() []byte {
	var b []byte
	for _, p := range v.Pages {
		b = append(b, p...)
	}
	return b
}

func TestStatusVectors(t *testing.T) {
	for _, v := range vectors.Load[statusVector](t, "gp-registry.json") {
		t.Run(v.Name, func(t *testing.T) {
			g := v.request()
			entries, err := readStatus(&g, v.data())
			if v.Fail != "" {
				var fault *wire.DecodeError
				if !errors.As(err, &fault) || fault.Path != v.Fail {
					t.Fatalf("error %v, want a fault at %q", err, v.Fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != len(v.Entries) {
				t.Fatalf("%d entries, want %d", len(entries), len(v.Entries))
			}
			for i := range entries {
				compareFields(t, entries[i], v.Entries[i])
			}
			again := encodeStatus(t, &g, entries)
			if v.Exact && !bytes.Equal(again, v.data()) {
				t.Errorf("encoded again\n%X, want\n%X", again, v.data())
			}
			second, err := readStatus(&g, again)
			if d := cmp.Diff(entries, second, cmp.AllowUnexported(AID{})); err != nil || d != "" {
				t.Errorf("decoded again: %v %s", err, d)
			}
			checkCut(t, &g, v.data(), len(entries))
		})
	}
}

// readStatus reads all entries, each with slices of its own.
func readStatus(g *GetStatus, data []byte) (entries []Entry, err error) {
	r := NewStatusReader(g, data)
	for {
		var e Entry
		if !r.Next(&e) {
			return entries, r.Err()
		}
		entries = append(entries, e)
	}
}

func encodeStatus(t testing.TB, g *GetStatus, entries []Entry) (b []byte) {
	t.Helper()
	for i := range entries {
		var err error
		if b, err = g.AppendEntry(b, &entries[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// checkCut expects fewer entries, or a DecodeError, of every shorter length.
func checkCut(t *testing.T, g *GetStatus, data []byte, count int) {
	t.Helper()
	for n := range data {
		entries, err := readStatus(g, data[:n])
		var fault *wire.DecodeError
		if err == nil && len(entries) >= count || err != nil && !errors.As(err, &fault) {
			t.Errorf("%d of %d bytes: %d entries, error %v", n, len(data), len(entries), err)
		}
	}
	var fault *wire.DecodeError
	if _, err := readStatus(g, append(bytes.Clone(data), 0x01)); !errors.As(err, &fault) {
		t.Errorf("one more byte: error %v", err)
	}
}
