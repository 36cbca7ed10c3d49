package scp03

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// exchange is one channel: handshake, then commands with their responses.
type exchange struct {
	vectors.Header
	Enc                  vectors.Hex `json:"enc"` // static keys
	MAC                  vectors.Hex `json:"mac"`
	DEK                  vectors.Hex `json:"dek"`
	AID                  vectors.Hex `json:"aid"` // of the Security Domain; empty: not known
	InitializeUpdate     vectors.Hex `json:"initialize_update"`
	Response             vectors.Hex `json:"response"` // without 9000
	ExternalAuthenticate vectors.Hex `json:"external_authenticate"`
	LevelHex             string      `json:"level"`
	SENC                 vectors.Hex `json:"s_enc"`
	SMAC                 vectors.Hex `json:"s_mac"`
	SRMAC                vectors.Hex `json:"s_rmac"`
	CardCryptogram       vectors.Hex `json:"card_cryptogram"`
	HostCryptogram       vectors.Hex `json:"host_cryptogram"`
	MCV                  vectors.Hex `json:"mcv"` // full C-MAC of EXTERNAL AUTHENTICATE
	Steps                []step      `json:"steps"`
}

type step struct {
	Plain         vectors.Hex `json:"plain"`
	Counter       uint64      `json:"counter"`
	CommandICV    vectors.Hex `json:"c_icv,omitempty"`
	MACInput      vectors.Hex `json:"mac_input,omitempty"` // chaining value, header, data
	CMAC          vectors.Hex `json:"c_mac,omitempty"`     // all 16 bytes
	Sent          vectors.Hex `json:"sent"`
	PlainResponse vectors.Hex `json:"plain_response,omitempty"`
	ResponseICV   vectors.Hex `json:"r_icv,omitempty"`
	RMAC          vectors.Hex `json:"r_mac,omitempty"` // all 16 bytes
	Received      vectors.Hex `json:"received,omitempty"`
}

func exchanges(t testing.TB) []exchange {
	return append(vectors.Load[exchange](t, "scp03.json"), vectors.Load[exchange](t, "scp03-options.json")...)
}

func (v *exchange) options() Options      { return Options(v.Response[12]) }
func (v *exchange) size() int             { return v.options().MACSize() }
func (v *exchange) host() []byte          { return v.InitializeUpdate[5 : 5+v.size()] }
func (v *exchange) cardChallenge() []byte { return v.Response[13 : 13+v.size()] }

func (v *exchange) level() scp.Level {
	n, err := strconv.ParseUint(v.LevelHex, 16, 8)
	if err != nil {
		panic(err)
	}
	return scp.Level(n)
}

func (v *exchange) channel() byte {
	return byte(apdu.Class(v.InitializeUpdate[0]).Channel())
}

func (v *exchange) keys() *scp.KeySet {
	return &scp.KeySet{Version: v.Response[10], Enc: v.Enc, MAC: v.MAC, DEK: v.DEK}
}

func (v *exchange) hostConfig() HostConfig {
	return HostConfig{
		Keys: FixedKeys(v.keys()), KeyVersion: v.InitializeUpdate[2], Channel: v.channel(),
		S16: v.options()&S16 != 0, Level: v.level(), AID: v.AID, Entropy: fixed(v.host()),
	}
}

// openHost replays the handshake on the host's side.
func (v *exchange) openHost(t testing.TB) *Host {
	t.Helper()
	h, err := NewHandshake(v.hostConfig())
	if err != nil {
		t.Fatal(err)
	}
	if cmd, err := h.InitializeUpdate(nil); err != nil || !bytes.Equal(cmd, v.InitializeUpdate) {
		t.Fatalf("INITIALIZE UPDATE %X, %v; want %X", cmd, err, v.InitializeUpdate)
	}
	cmd, err := h.ExternalAuthenticate(nil, append(bytes.Clone(v.Response), 0x90, 0x00))
	if err != nil || !bytes.Equal(cmd, v.ExternalAuthenticate) {
		t.Fatalf("EXTERNAL AUTHENTICATE %X, %v; want %X", cmd, err, v.ExternalAuthenticate)
	}
	host, err := h.Open([]byte{0x90, 0x00})
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// openCard replays the handshake on the card's side. Where the AID is not
// known, the card challenge is given to it.
func (v *exchange) openCard(t testing.TB) *Card {
	t.Helper()
	config := CardConfig{Options: v.options(), AID: v.AID, Entropy: fixed(v.cardChallenge())}
	copy(config.KDD[:], v.Response)
	counter := &memory{}
	if v.options()&PseudoRandom != 0 {
		n := len(v.Response)
		counter.value = uint32(v.Response[n-3])<<16 | uint32(v.Response[n-2])<<8 | uint32(v.Response[n-1]) - 1
	}
	config.Keys = func(byte) (*scp.KeySet, scp.Counter) { return v.keys(), counter }
	forced := len(v.AID) == 0 && v.options()&PseudoRandom != 0
	if forced {
		config.AID = testAID
	}
	card, err := NewCard(config)
	if err != nil {
		t.Fatal(err)
	}
	if forced {
		if !card.begin(v.keys(), v.host(), v.cardChallenge()) {
			t.Fatal("begin")
		}
	} else if resp := card.Handshake(nil, v.InitializeUpdate); !bytes.Equal(resp, append(bytes.Clone(v.Response), 0x90, 0x00)) {
		t.Fatalf("INITIALIZE UPDATE response %X, want %X", resp, v.Response)
	}
	if resp := card.Handshake(nil, v.ExternalAuthenticate); !bytes.Equal(resp, []byte{0x90, 0x00}) {
		t.Fatalf("EXTERNAL AUTHENTICATE response %X", resp)
	}
	if !card.IsOpen() || card.Level() != v.level() {
		t.Fatal("session is not open at the level")
	}
	return card
}

func TestVectorsDerivation(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-022", "SPEC-SCP03-023", "SPEC-SCP03-024")
	for _, v := range exchanges(t) {
		t.Run(v.Name, func(t *testing.T) {
			k, err := derive(nil, v.keys(), v.host(), v.cardChallenge())
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				name      string
				got, want []byte
			}{
				{"S-ENC", k.sENC(), v.SENC}, {"S-MAC", k.sMAC(), v.SMAC}, {"S-RMAC", k.sRMAC(), v.SRMAC},
				{"card cryptogram", k.cardCryptogram[:v.size()], v.CardCryptogram},
				{"host cryptogram", k.hostCryptogram[:v.size()], v.HostCryptogram},
			} {
				if !bytes.Equal(c.got, c.want) {
					t.Errorf("%s %X, want %X", c.name, c.got, c.want)
				}
			}
			k.wipe()
			if *k != (sessionKeys{}) {
				t.Error("wipe leaves keys")
			}
		})
	}
}

func TestVectorsHost(t *testing.T) {
	for _, v := range exchanges(t) {
		t.Run(v.Name, func(t *testing.T) {
			h := v.openHost(t)
			if !bytes.Equal(h.session.mcv[:], v.MCV) {
				t.Errorf("chaining value %X, want %X", h.session.mcv, v.MCV)
			}
			for i, s := range v.Steps {
				sent, err := h.Wrap([]byte("prefix"), s.Plain)
				if err != nil || !bytes.Equal(sent, append([]byte("prefix"), s.Sent...)) {
					t.Fatalf("step %d: %X, %v; want %X", i, sent, err, s.Sent)
				}
				checkCommand(t, h.session, &s)
				if s.Received == nil {
					continue
				}
				resp, err := h.Unwrap([]byte("prefix"), s.Received)
				if err != nil || !bytes.Equal(resp, append([]byte("prefix"), s.PlainResponse...)) {
					t.Fatalf("step %d: response %X, %v; want %X", i, resp, err, s.PlainResponse)
				}
				checkResponse(t, h.session, &s)
			}
		})
	}
}

func TestVectorsCard(t *testing.T) {
	for _, v := range exchanges(t) {
		t.Run(v.Name, func(t *testing.T) {
			c := v.openCard(t)
			for i, s := range v.Steps {
				plain, err := c.Unwrap([]byte("prefix"), s.Sent)
				if err != nil || !bytes.Equal(plain, append([]byte("prefix"), s.Plain...)) {
					t.Fatalf("step %d: %X, %v; want %X", i, plain, err, s.Plain)
				}
				checkCommand(t, c.session, &s)
				if s.PlainResponse == nil {
					continue
				}
				resp, err := c.Wrap([]byte("prefix"), s.PlainResponse)
				if err != nil || !bytes.Equal(resp, append([]byte("prefix"), s.Received...)) {
					t.Fatalf("step %d: response %X, %v; want %X", i, resp, err, s.Received)
				}
				checkResponse(t, c.session, &s)
			}
		})
	}
}

func checkCommand(t *testing.T, s *session, want *step) {
	t.Helper()
	if want.CMAC == nil {
		return
	}
	if !bytes.Equal(s.mcv[:], want.CMAC) || s.counter != want.Counter {
		t.Errorf("C-MAC %X, counter %d; want %X, %d", s.mcv, s.counter, want.CMAC, want.Counter)
	}
	if want.CommandICV != nil && !bytes.Equal(s.icv[:], want.CommandICV) {
		t.Errorf("command ICV %X, want %X", s.icv, want.CommandICV)
	}
}

func checkResponse(t *testing.T, s *session, want *step) {
	t.Helper()
	if want.RMAC != nil && !bytes.Equal(s.tag[:], want.RMAC) {
		t.Errorf("R-MAC %X, want %X", s.tag, want.RMAC)
	}
	if want.ResponseICV != nil && !bytes.Equal(s.icv[:], want.ResponseICV) {
		t.Errorf("response ICV %X, want %X", s.icv, want.ResponseICV)
	}
}

// Every message of the first steps cut short anywhere, or one byte longer, is
// refused, and the session has ended.
func TestVectorsTruncated(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-052", "SPEC-SCP03-064")
	for _, v := range exchanges(t) {
		if v.level() == 0 {
			continue
		}
		for i := range min(len(v.Steps), 4) {
			for _, n := range cuts(v.Steps[i].Sent) {
				c := v.openCard(t)
				v.replayCard(t, c, i)
				if sameButLe(n, v.Steps[i].Sent) {
					continue
				}
				if out, err := c.Unwrap(nil, n); err != scp.ErrSecurity || out != nil || c.IsOpen() {
					t.Fatalf("%s step %d: command %X: %X, %v", v.Name, i, n, out, err)
				}
			}
			if v.level()&scp.RMAC == 0 || v.Steps[i].RMAC == nil {
				continue
			}
			for _, n := range cuts(v.Steps[i].Received) {
				if len(n) == 2 && (n[0]>>4 == 6 || n[0]>>4 == 9) {
					continue // an error status, which is not protected
				}
				h := v.openHost(t)
				v.replayHost(t, h, i)
				if out, err := h.Unwrap(nil, n); err == nil || out != nil || h.session != nil {
					t.Fatalf("%s step %d: response %X: %X, %v", v.Name, i, n, out, err)
				}
			}
		}
	}
}

// sameButLe reports whether two commands differ only in their Le field, which
// the C-MAC does not cover.
func sameButLe(a, b []byte) bool {
	x, errX := apdu.DecodeCommand(a)
	y, errY := apdu.DecodeCommand(b)
	x.Ne, y.Ne = 0, 0
	return errX == nil && errY == nil && cmp.Equal(x, y)
}

// cuts gives b truncated at every byte, and with one byte more.
func cuts(b []byte) (out [][]byte) {
	for n := range b {
		out = append(out, b[:n])
	}
	return append(out, append(bytes.Clone(b), 0x01))
}

func (v *exchange) replayCard(t testing.TB, c *Card, steps int) {
	for _, s := range v.Steps[:steps] {
		if _, err := c.Unwrap(nil, s.Sent); err != nil {
			t.Fatal(err)
		}
	}
}

// replayHost wraps the commands up to and with the given step.
func (v *exchange) replayHost(t testing.TB, h *Host, step int) {
	for _, s := range v.Steps[:step+1] {
		if _, err := h.Wrap(nil, s.Plain); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInitializeUpdateResponseCodec(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-011", "SPEC-SCP03-012", "SPEC-SCP03-002")
	for _, v := range exchanges(t) {
		t.Run(v.Name, func(t *testing.T) {
			r, err := DecodeInitializeUpdateResponse(v.Response)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Append([]byte("x")); !bytes.Equal(got[1:], v.Response) {
				t.Errorf("encodes as %X, want %X", got[1:], v.Response)
			}
			for _, b := range cuts(v.Response) {
				var de *wire.DecodeError
				if r, err := DecodeInitializeUpdateResponse(b); !errors.As(err, &de) || r.CardChallenge != nil {
					t.Errorf("%d bytes: %v", len(b), err)
				}
			}
			for i := range 256 {
				b := bytes.Clone(v.Response)
				b[12] = byte(i)
				if _, err := DecodeInitializeUpdateResponse(b); err == nil && Options(i).Check() != nil {
					t.Errorf("i %02X is read", i)
				}
				b[12], b[11] = v.Response[12], byte(i)
				if _, err := DecodeInitializeUpdateResponse(b); (err == nil) != (i == 3) {
					t.Errorf("SCP identifier %02X: %v", i, err)
				}
			}
		})
	}
}

func ExampleDecodeInitializeUpdateResponse() {
	_, err := DecodeInitializeUpdateResponse(unhex("00000000000000000000 30 02 70"))
	fmt.Println(err)
	// Output: INITIALIZE UPDATE response: SCP identifier at offset 11: want 03, got 02
}
