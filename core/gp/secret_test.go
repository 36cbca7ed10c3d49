package gp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// TestBuffersHideTheirData prints what holds plain data of commands, keys
// among them, with every verb.
func TestBuffersHideTheirData(t *testing.T) {
	secret := bytes.Repeat([]byte{0xAB}, 16)
	joiner := gp.NewJoiner(99)
	joiner.Add(&apdu.Command{CLA: 0x80, INS: gp.InsPutKey, P1: 0x80, Data: secret})
	sequence := gp.NewStoreDataSequence(99)
	sequence.Add(&gp.StoreData{Data: secret})
	reassembler := apdu.NewReassembler(make([]byte, 99))
	reassembler.Add(apdu.Command{CLA: 0x10, INS: 0xDA, Data: secret})
	card := apdu.NewT0Card(nil, make([]byte, 99), nil)
	card.Receive(apdu.TPDU{INS: 0xDA})
	card.Respond(apdu.Response{Data: secret, SW: 0x9000})
	stream := tlv.NewDGIStream(make([]byte, 99), 0)
	stream.Feed(append([]byte{0x80, 0x01, 0x30}, secret...))
	stream.Next()
	for _, v := range []any{joiner, sequence, *joiner, *sequence, reassembler, card, stream} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
			s := strings.ToLower(fmt.Sprintf(verb, v))
			if strings.Contains(s, "171") || strings.Contains(s, "ab") {
				t.Errorf("%T %s: %.60s", v, verb, s)
			}
		}
	}
}

// noTime leaves the time out of a log: its digits are not the data's.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// shown is v under every verb, as JSON when asked, and in both logs of slog.
func shown(t *testing.T, v any, withJSON bool) (forms []string) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		forms = append(forms, fmt.Sprintf(verb, v))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, noTime)).Info("", "v", v)
	if slog.New(slog.NewJSONHandler(&log, noTime)).Info("", "v", v); withJSON {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, string(b))
	}
	return append(forms, log.String())
}

// TestKeyDataIsNotShown has data of ABAB…, 171 in decimal, q6ur in base64.
func TestKeyDataIsNotShown(t *testing.T) {
	req.Covers(t, "SPEC-GP-134")
	secret := bytes.Repeat([]byte{0xAB}, 16)
	value := gp.KeyValue{Type: keys.AES, Value: secret}
	for v, withJSON := range map[any]bool{
		&gp.StoreData{Number: 3, Data: secret}:                 false,
		&gp.PutKey{KeyID: 1, NewKeyVersion: 2, Blocks: secret}: false,
		&value: true,
		&gp.Key{Components: []gp.KeyValue{value}}:                              true,
		&gp.KeyData{Fields: []gp.KeyField{{Components: []gp.KeyValue{value}}}}: true,
	} {
		for _, s := range shown(t, v, withJSON) {
			if low := strings.ToLower(s); strings.Contains(low, "abab") || strings.Contains(low, "171") || strings.Contains(low, "q6ur") {
				t.Errorf("%T: %s", v, s)
			}
		}
	}
	for want, v := range map[string]any{
		"STORE DATA 8803 (16 bytes)":                            gp.StoreData{Last: true, Structure: gp.StructureDGI, Number: 3, Data: secret},
		"PUT KEY version 30, key 01, new version 31 (16 bytes)": gp.PutKey{KeyVersion: 0x30, KeyID: 1, NewKeyVersion: 0x31, Blocks: secret},
	} {
		if got := fmt.Sprint(v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestOpenWipesPadding has a key of 24 bytes in two blocks whose padding has
// what should not be there: nothing of it may stay behind the key.
func TestOpenWipesPadding(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-104")
	var plain []byte
	decrypt := func(dst, src []byte) ([]byte, error) {
		plain = append(dst, bytes.Repeat([]byte{0xAB}, len(src))...)
		return plain, nil
	}
	field := gp.KeyField{Components: []gp.KeyValue{{Type: keys.AES, Value: append([]byte{24}, make([]byte, 32)...)}}}
	k, err := field.Open(decrypt, gp.DEKBlockAES)
	if err != nil || !bytes.Equal(k.Components[0].Value, bytes.Repeat([]byte{0xAB}, 24)) {
		t.Fatal(k, err)
	}
	if !bytes.Equal(plain[24:], make([]byte, 8)) {
		t.Errorf("behind the key: % X", plain[24:])
	}
	if got := cap(k.Components[0].Value); got != 24 {
		t.Errorf("the key can be extended to %d bytes", got)
	}
}
