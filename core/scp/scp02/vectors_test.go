package scp02

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/scp"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// vector is one session of spec/vectors/scp02.json, recorded or computed.
type vector struct {
	vectors.Header
	Options          vectors.Hex `json:"option"` // i, one byte
	Level            vectors.Hex `json:"level"`  // one byte
	AID              vectors.Hex `json:"aid,omitempty"`
	Enc              vectors.Hex `json:"enc"`
	MAC              vectors.Hex `json:"mac"`
	DEK              vectors.Hex `json:"dek"`
	InitializeUpdate vectors.Hex `json:"initializeUpdate"`
	Response         vectors.Hex `json:"initializeUpdateResponse"` // data only

	SENC           vectors.Hex `json:"sEnc"`
	SMAC           vectors.Hex `json:"sMac"`
	SRMAC          vectors.Hex `json:"sRmac,omitempty"`
	SDEK           vectors.Hex `json:"sDek"`
	CardCryptogram vectors.Hex `json:"cardCryptogram"`
	HostCryptogram vectors.Hex `json:"hostCryptogram"`
	FirstCMAC      vectors.Hex `json:"externalAuthenticateCmac"`

	ExternalAuthenticate vectors.Hex      `json:"externalAuthenticate"`
	Commands             []vectorExchange `json:"commands"`
	Sensitive            *vectorSensitive `json:"sensitive,omitempty"`
}

type vectorExchange struct {
	Plain         vectors.Hex `json:"plain"`
	ICV           vectors.Hex `json:"icv,omitempty"` // as it enters the C-MAC
	CMAC          vectors.Hex `json:"cmac,omitempty"`
	Protected     vectors.Hex `json:"protected"`
	PlainResponse vectors.Hex `json:"plainResponse,omitempty"`
	RMAC          vectors.Hex `json:"rmac,omitempty"`
	Response      vectors.Hex `json:"response,omitempty"`
}

type vectorSensitive struct {
	Plain     vectors.Hex `json:"plain"`
	Encrypted vectors.Hex `json:"encrypted"`
}

func (v *vector) keySet(version byte) *scp.KeySet {
	return &scp.KeySet{Version: version, Enc: v.Enc, MAC: v.MAC, DEK: v.DEK}
}

// fixed is an entropy source that repeats a value.
type fixed []byte

func (f fixed) Fill(dst []byte) {
	for i := range dst {
		dst[i] = f[i%len(f)]
	}
}

// memory is a counter that forgets nothing. failing makes Store fail.
type memory struct {
	value   uint32
	stores  int
	failing bool
}

func (m *memory) Load() uint32 { return m.value }

func (m *memory) Store(v uint32) error {
	m.stores++
	if m.failing {
		return scp.ErrEnded
	}
	m.value = v
	return nil
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func wantBytes(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %X\nwant %X", what, got, want)
	}
}

// oneSet is a CardConfig.Keys with one key set for every version.
func oneSet(ks *scp.KeySet, counter scp.Counter) func(byte) (*scp.KeySet, scp.Counter) {
	return func(byte) (*scp.KeySet, scp.Counter) { return ks, counter }
}

// counterOf is the counter of a card made by pair.
func counterOf(card *Card) *memory {
	_, counter := card.config.Keys(0)
	return counter.(*memory)
}

// begin is the INITIALIZE UPDATE of a handshake.
func begin(t testing.TB, h *Handshake) []byte {
	t.Helper()
	cmd, err := h.InitializeUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// pair is a handshake and a card that share a vector's keys and values.
func (v *vector) pair(t testing.TB) (*Handshake, *Card) {
	t.Helper()
	r, err := DecodeInitializeUpdateResponse(v.Response)
	if err != nil {
		t.Fatal(err)
	}
	ks := v.keySet(r.KeyVersion)
	card, err := NewCard(CardConfig{
		Options: Options(v.Options[0]), KDD: r.KDD, AID: v.AID,
		Keys:    oneSet(ks, &memory{value: uint32(r.SequenceCounter)}),
		Entropy: fixed(r.CardChallenge[:]),
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHandshake(HostConfig{
		Options: Options(v.Options[0]), AID: v.AID, Keys: FixedKeys(ks),
		KeyVersion: v.InitializeUpdate[2], Level: scp.Level(v.Level[0]),
		Entropy: fixed(v.InitializeUpdate[5:13]),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, card
}

// open runs the opening of a vector on both sides and checks every byte.
func (v *vector) open(t testing.TB, h *Handshake, card *Card) *Host {
	t.Helper()
	wantBytes(t, "INITIALIZE UPDATE", begin(t, h), v.InitializeUpdate)
	resp := card.InitializeUpdate(nil, v.InitializeUpdate)
	wantBytes(t, "INITIALIZE UPDATE response", resp, append(bytes.Clone(v.Response), 0x90, 0))
	ea, err := h.ExternalAuthenticate(nil, append(bytes.Clone(v.Response), 0x90, 0))
	if err != nil {
		t.Fatal(err)
	}
	wantBytes(t, "EXTERNAL AUTHENTICATE", ea, v.ExternalAuthenticate)
	resp = card.ExternalAuthenticate(nil, v.ExternalAuthenticate)
	wantBytes(t, "EXTERNAL AUTHENTICATE response", resp, []byte{0x90, 0})
	host, err := h.Open(resp)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// TestVectors runs every session of spec/vectors/scp02.json on both sides.
func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-012", "SPEC-SCP02-013", "SPEC-SCP02-015", "SPEC-SCP02-032", "SPEC-SCP02-052")
	for _, v := range vectors.Load[vector](t, "scp02.json") {
		t.Run(v.Name, func(t *testing.T) {
			h, card := v.pair(t)
			host := v.open(t, h, card)
			for i, x := range v.Commands {
				runExchange(t, host, card, i, &x)
			}
			if s := v.Sensitive; s != nil {
				enc, err := host.EncryptSensitive(nil, s.Plain)
				if err != nil {
					t.Fatal(err)
				}
				wantBytes(t, "sensitive data", enc, s.Encrypted)
				plain, err := card.DecryptSensitive(nil, s.Encrypted)
				if err != nil {
					t.Fatal(err)
				}
				wantBytes(t, "sensitive data", plain, s.Plain)
				if enc, err = card.EncryptSensitive(nil, s.Plain); err != nil {
					t.Fatal(err)
				}
				wantBytes(t, "sensitive data by the card", enc, s.Encrypted)
			}
		})
	}
}

func runExchange(t *testing.T, host *Host, card *Card, i int, x *vectorExchange) {
	t.Helper()
	protected, err := wrapAs(host, x.Plain)
	if err != nil {
		t.Fatalf("command %d: %v", i, err)
	}
	wantBytes(t, "protected command", protected, x.Protected)
	plain, err := card.Unwrap([]byte{0xEE}, x.Protected)
	if err != nil {
		t.Fatalf("command %d: %v", i, err)
	}
	wantBytes(t, "plain command", plain[1:], x.Plain)
	if len(x.PlainResponse) == 0 {
		return
	}
	switch x.Plain[1] {
	case insBeginRMACSession:
		wantBytes(t, "BEGIN R-MAC SESSION", card.BeginRMACSession(nil, plain[1:]), x.PlainResponse)
	case insEndRMACSession:
		wantBytes(t, "END R-MAC SESSION", card.EndRMACSession(nil, plain[1:]), x.PlainResponse)
	}
	resp, err := card.Wrap([]byte{0xEE}, x.PlainResponse)
	if err != nil {
		t.Fatalf("response %d: %v", i, err)
	}
	wantBytes(t, "response", resp[1:], x.Response)
	out, err := host.Unwrap(nil, x.Response)
	if err != nil {
		t.Fatalf("response %d: %v", i, err)
	}
	wantBytes(t, "plain response", out, x.PlainResponse)
}

// wrapAs wraps a command, through the host's own call for those of an R-MAC
// session.
func wrapAs(host *Host, plain []byte) ([]byte, error) {
	switch plain[1] {
	case insBeginRMACSession:
		return host.BeginRMACSession(nil, plain[2] != 0, plain[6:])
	case insEndRMACSession:
		return host.EndRMACSession(nil)
	}
	return host.Wrap(nil, plain)
}

// TestVectorIntermediates checks every intermediate value of the vectors
// against the naive implementation of the spec in oracle_test.go.
func TestVectorIntermediates(t *testing.T) {
	for _, v := range vectors.Load[vector](t, "scp02.json") {
		t.Run(v.Name, func(t *testing.T) {
			want := v
			want.Commands = append([]vectorExchange(nil), v.Commands...)
			oracle(&want)
			if diff := cmp.Diff(want, v); diff != "" {
				t.Errorf("(-oracle +vector)\n%s", diff)
			}
		})
	}
}
