package os

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
)

var ctx = context.Background()

// AIDs of the corpus package that most tests load.
var (
	pinPackage = gp.MustAID("F0696E6B616E430F")
	pinModule  = gp.MustAID("F0696E6B616E430F01")
	ssdAID     = gp.MustAID("A0000001515350AA01")
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newCard(t testing.TB, cfg Config) *Card {
	t.Helper()
	card, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// say sends a command and wants a status word at the end of the response; its
// data is returned.
func say(t testing.TB, card apdu.Card, command string, want iso7816.SW) []byte {
	t.Helper()
	b, err := card.Transmit(ctx, unhex(t, command), nil)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	r, err := apdu.DecodeResponse(b)
	if err != nil {
		t.Fatal(err)
	}
	if r.SW != want {
		t.Fatalf("%s: %X %v, want %v", command, r.Data, r.SW, want)
	}
	return r.Data
}

// do sends a typed command and wants a status word.
func do(t testing.TB, card apdu.Card, cmd gp.Command, want iso7816.SW) []byte {
	t.Helper()
	out, err := gp.Exchange(ctx, card, cmd, nil)
	if want == iso7816.OK && err != nil || want != iso7816.OK && !errors.Is(err, want) {
		t.Fatalf("%T %+v: %v, want %v", cmd, cmd, err, want)
	}
	return out
}

// channelOf says how a host opens a channel.
type channelOf struct {
	protocol byte // 0: SCP03
	version  byte
	level    scp.Level // 0: C-MAC
	keys     *scp.KeySet
	channel  byte
	s16      bool
	i        byte // SCP02
}

func testKeySet() *scp.KeySet {
	k := keys.TestKey()
	return &scp.KeySet{Enc: k, MAC: k, DEK: k}
}

// tryOpen opens a channel to what is selected.
func tryOpen(card apdu.Card, o channelOf) (*scp.Secured, error) {
	if o.keys == nil {
		o.keys = testKeySet()
	}
	if o.level == 0 {
		o.level = scp.CMAC
	}
	seed := entropy.Seeded(1, "host")
	var host scp.Host
	var err error
	if o.protocol == gp.SCP02 {
		if o.i == 0 {
			o.i = 0x55
		}
		if o.version == 0 {
			o.version = 0x20
		}
		host, err = scp02.Open(ctx, card, scp02.HostConfig{Options: scp02.Options(o.i), Level: o.level, KeyVersion: o.version, Entropy: seed,
			Keys: scp02.FixedKeys(o.keys)})
	} else {
		host, err = scp03.Open(ctx, card, scp03.HostConfig{Level: o.level, KeyVersion: o.version, Entropy: seed, S16: o.s16, Channel: o.channel,
			Keys: scp03.FixedKeys(o.keys)})
	}
	if err != nil {
		return nil, err
	}
	return &scp.Secured{Host: host, Card: card}, nil
}

// open selects a security domain and opens a channel; zero: the issuer's.
func open(t testing.TB, card apdu.Card, aid gp.AID, o channelOf) *scp.Secured {
	t.Helper()
	do(t, card, gp.Select{Name: aid.Append(nil)}, iso7816.OK)
	s, err := tryOpen(card, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// corpus is a corpus package as LOAD carries it: the content of C4.
func corpus(t testing.TB, theme string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "spec", "corpus", theme, theme+"-305.cap"))
	if err != nil {
		t.Fatal(err)
	}
	return content(t, b)
}

func content(t testing.TB, file []byte) []byte {
	t.Helper()
	f, err := cap.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return f.LoadFile(nil, false)
}

// transfer sends LOAD commands of a load file.
func transfer(t testing.TB, card apdu.Card, file *gp.LoadFile, last iso7816.SW) (out []byte) {
	t.Helper()
	b, err := file.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := gp.LoadBlocks(b, 200)
	if err != nil {
		t.Fatal(err)
	}
	for block := range blocks {
		want := iso7816.OK
		if block.Last {
			want = last
		}
		out = do(t, card, block, want)
	}
	return out
}

// loadPIN loads the corpus package pin.
func loadPIN(t testing.TB, card apdu.Card) {
	t.Helper()
	do(t, card, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.OK)
	transfer(t, card, &gp.LoadFile{Content: corpus(t, "pin")}, iso7816.OK)
}

// installPIN installs and makes selectable the applet of pin.
func installPIN(t testing.TB, card apdu.Card, aid gp.AID) {
	t.Helper()
	do(t, card, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: aid,
		Parameters: []byte{0xC9, 0}}, iso7816.OK)
}

// ssd is INSTALL of a supplementary security domain.
func ssd(aid gp.AID, p gp.Privileges, parameters ...byte) gp.Install {
	return gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage, Module: gp.AIDSecurityDomainModule,
		Application: aid, Privileges: gp.SecurityDomain | p, Parameters: append([]byte{0xC9, byte(len(parameters))}, parameters...)}
}

// keySet is 16-byte keys that count up from a byte.
func keySet(version, from byte) *scp.KeySet {
	key := func(from byte) []byte {
		b := make([]byte, 16)
		for i := range b {
			b[i] = from + byte(i)
		}
		return b
	}
	return &scp.KeySet{Version: version, Enc: key(from), MAC: key(from + 0x10), DEK: key(from + 0x20)}
}

// putKeys is PUT KEY of the three keys of a set.
func putKeys(t testing.TB, card *scp.Secured, t2 keys.Type, replaced byte, set *scp.KeySet, want iso7816.SW) []byte {
	t.Helper()
	block := gp.DEKBlockAES
	if _, ok := card.Host.(*scp02.Host); ok {
		block = gp.DEKBlockDES
	}
	var fields []gp.KeyField
	for _, value := range [][]byte{set.Enc, set.MAC, set.DEK} {
		k := gp.Key{Components: []gp.KeyValue{{Type: t2, Value: value}}}
		f, err := k.Seal(card.Host.EncryptSensitive, block, t2 == keys.AES)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, f)
	}
	return do(t, card, gp.PutKey{KeyVersion: replaced, KeyID: 1, Multiple: true, NewKeyVersion: set.Version,
		Blocks: gp.AppendKeyFields(nil, fields)}, want)
}

// statusOf is what GET STATUS lists.
func statusOf(t testing.TB, card apdu.Card, subset gp.Subset) map[string]gp.Entry {
	t.Helper()
	all := map[string]gp.Entry{}
	if err := gp.Status(ctx, card, gp.GetStatus{Subset: subset}, func(e *gp.Entry) error {
		c := *e
		c.Modules = append([]gp.AID(nil), e.Modules...)
		all[e.AID.String()] = c
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
