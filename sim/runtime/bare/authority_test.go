package bare

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// client is an applet that uses the authority. INS 30 asks for it, 31 to 34 are
// its methods, with P1 and the command data as parameters; 35 asks the service
// for its interface with P1 P2 as the name; 36 asks for the service P1 P2 of the
// AID in the data, or of none.
var client = source{fields: 2, process: `
    aload_2
    sconst_1
    baload
    slookupswitch unknown 0x30:get 0x31:init 0x32:update 0x33:sign 0x34:recover 0x35:interface 0x36:service
get:
    aconst_null
    sspush -32000
    invokestatic {GPSystem.getService(Ljavacard/framework/AID;S)Lorg/globalplatform/GlobalService;}
    dup
    putstatic_a {#0}
    ifnonnull found
    sspush 0x6A82
    invokestatic {ISOException.throwIt(S)V}
found:
    getstatic_a {#0}
    aconst_null
    invokestatic {GPSystem.getRegistryEntry(Ljavacard/framework/AID;)Lorg/globalplatform/GPRegistryEntry;}
    sspush -32000
    aload_2
    sconst_0
    sconst_0
    invokeinterface 6 {GlobalService} {GlobalService!getServiceInterface(Lorg/globalplatform/GPRegistryEntry;S[BSS)Ljavacard/framework/Shareable;}
    checkcast 0 {Authority}
    putstatic_a {#1}
    return
interface:
    aload_2
    sconst_0
    getstatic_a {#0}
    aconst_null
    aload_2
    sconst_2
    invokestatic {Util.getShort([BS)S}
    aconst_null
    sconst_0
    sconst_0
    invokeinterface 6 {GlobalService} {GlobalService!getServiceInterface(Lorg/globalplatform/GPRegistryEntry;S[BSS)Ljavacard/framework/Shareable;}
    goto_w given
service:
    sload_3
    ifeq unique
    aload_2
    sconst_0
    new {AID}
    dup
    aload_2
    sconst_5
    sload_3
    s2b
    invokespecial {AID.<init>([BSB)V}
    goto ask
unique:
    aload_2
    sconst_0
    aconst_null
ask:
    aload_2
    sconst_2
    invokestatic {Util.getShort([BS)S}
    invokestatic {GPSystem.getService(Ljavacard/framework/AID;S)Lorg/globalplatform/GlobalService;}
given:
    ifnull nothing
    sconst_1
    goto one
nothing:
    sconst_0
one:
    bastore
    sconst_1
    goto_w send
init:
    getstatic_a {#1}
    aload_2
    sconst_2
    baload
    invokeinterface 2 {Authority} {Authority!init(B)V}
    return
update:
    getstatic_a {#1}
    aload_2
    sconst_5
    sload_3
    invokeinterface 4 {Authority} {Authority!update([BSS)V}
    return
sign:
    getstatic_a {#1}
    aload_2
    sconst_5
    sload_3
    aload_2
    aload_2
    sconst_2
    baload
    sspush 255
    sand
    invokeinterface 6 {Authority} {Authority!sign([BSS[BS)S}
    goto_w send
recover:
    getstatic_a {#1}
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_0
    invokeinterface 6 {Authority} {Authority!recoverKey([BSS[BS)S}
send:
    sstore 4
    aload_1
    sconst_0
    sload 4
    invokevirtual {APDU.setOutgoingAndSend(SS)V}
    return
unknown:
    sspush 0x6D00
    invokestatic {ISOException.throwIt(S)V}
    return`}

const selectClient = "00A4040008F0696E6B616E5801 -> 9000"

// TestAuthority has an applet's data signed and verifies it on the host.
func TestAuthority(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-140", "SPEC-RUNTIME-141", "SPEC-RUNTIME-142", "SPEC-RUNTIME-143")
	card := client.run(t)
	exchanges(t, card, selectClient,
		"8036830000 -> 01 9000",                          // the unique one
		"803683000C"+gp.AIDCASD.String()+"00 -> 01 9000", // by its AID
		"8036830008A00000015100000000 -> 00 9000",        // of another one
		"8036838000 -> 00 9000", "8036820000 -> 00 9000", // other services
		"8030000000 -> 9000",                          // the interface
		"8035830000 -> 01 9000", "8035838000 -> 6985", // for its own name only
		"8032000001 AA -> 6985", "8033000001 AA 00 -> 6985", // before init
		"8031020000 -> 6A81", "8031030000 -> 6A80", "8034000001 AA 00 -> 6A81",
		"8032000001 AA -> 6985", // still
		"8031010000 -> 9000", "8032000003 616263 -> 9000", "8032000000 -> 9000")
	aid, other := unhex(t, "F0696E6B616E5801"), unhex(t, "F0696E6B616E5802")
	signature := ask(t, card, 0x33, 'd', 'e')
	if len(signature) != AuthoritySignatureBytes || !card.VerifyAuthority(aid, client.loaded(t), []byte("abcde"), signature) {
		t.Fatalf("signature %X", signature)
	}
	if card.VerifyAuthority(aid, sha256.Sum256([]byte("another")), []byte("abcde"), signature) ||
		card.VerifyAuthority(other, client.loaded(t), []byte("abcde"), signature) || card.VerifyAuthority(aid, client.loaded(t), []byte("abcd"), signature) {
		t.Error("the signature is right for something else")
	}
	if signature = ask(t, card, 0x33, 'x'); !card.VerifyAuthority(aid, client.loaded(t), []byte("x"), signature) {
		t.Error("no second signature")
	}
	// The nonce is that of RFC 6979: the standard library gives the same.
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), TestAuthorityKey())
	if err != nil {
		t.Fatal(err)
	}
	before := card.Clock().Ledger()
	again := ask(t, card, 0x33, 'x')
	if card.Clock().Ledger().Since(before)[clock.ModExp] == 0 {
		t.Error("a signature costs nothing")
	}
	digest := sha256.Sum256(AuthorityMessage(aid, client.loaded(t), []byte("x")))
	der, err := key.Sign(nil, digest[:], crypto.SHA256)
	var want struct{ R, S *big.Int }
	if _, err2 := asn1.Unmarshal(der, &want); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if !bytes.Equal(again, append(want.R.FillBytes(make([]byte, 32)), want.S.FillBytes(make([]byte, 32))...)) || !key.PublicKey.Equal(card.AuthorityKey()) {
		t.Errorf("signature %X, want that of the standard library", again)
	}
	exchanges(t, card, "8033FF0001 AA 00 -> 6F00") // no room in the array
	if k := card.Clock(); k.Ledger().Sum() != k.Now() {
		t.Error("the ledger is not the clock")
	}
}

// TestAuthorityState: what was begun is the applet's own, and a reset and the
// deletion of the applet end it.
func TestAuthorityState(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-144", "SPEC-RUNTIME-142")
	card := client.run(t)
	second := client
	second.aid = []byte{0xF0, 't', 'w', 'o', '.', '.'}
	second.onto(t, card)
	two := append(bytes.Clone(second.aid), 1)
	selectTwo := "00A4040007" + strings.ToUpper(hex.EncodeToString(two)) + " -> 9000"
	exchanges(t, card, selectClient, "8030000000 -> 9000", "8031010000 -> 9000", "8032000001 61 -> 9000",
		selectTwo, "8030000000 -> 9000", "8033000001 AA 00 -> 6985", "8031010000 -> 9000")
	if s := ask(t, card, 0x33, 'z'); !card.VerifyAuthority(two, second.loaded(t), []byte("z"), s) || card.VerifyAuthority(sourceAID, second.loaded(t), []byte("z"), s) {
		t.Error("the second applet's signature")
	}
	exchanges(t, card, selectClient)
	if s := ask(t, card, 0x33, 'b'); !card.VerifyAuthority(append(bytes.Clone(sourceAID), 1), client.loaded(t), []byte("ab"), s) {
		t.Error("the first applet's signature")
	}
	exchanges(t, card, "8032000001 61 -> 9000")
	if _, err := card.Reset(ctx, true); err != nil {
		t.Fatal(err)
	}
	exchanges(t, card, selectClient, "8032000001 61 -> 6985", "8031010000 -> 9000", "00A4040000 -> "+fci(t, card))
	aid := append(bytes.Clone(sourceAID), 1)
	if err := card.Delete(aid, false); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Install(sourceAID, aid, aid, nil); err != nil {
		t.Fatal(err)
	}
	exchanges(t, card, selectClient, "8032000001 61 -> 6985")
}

// fci is the answer to SELECT of the security domain.
func fci(t *testing.T, card *Card) string {
	data, sw := (*domain)(card).Select(nil, 0)
	return strings.ToUpper(hex.EncodeToString(append(data, sw.SW1(), sw.SW2())))
}

// TestAuthorityConfig: a card without the service, and with another key.
func TestAuthorityConfig(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-140", "SPEC-RUNTIME-142")
	without, err := New(Config{Authority: &Authority{Off: true}})
	if err != nil {
		t.Fatal(err)
	}
	client.onto(t, without)
	exchanges(t, without, selectClient, "8030000000 -> 6A82", "8036830000 -> 00 9000")
	if without.AuthorityKey() != nil || without.VerifyAuthority(nil, [32]byte{}, nil, make([]byte, 64)) {
		t.Error("a key without the service")
	}
	card, err := New(Config{Authority: &Authority{Key: bytes.Repeat([]byte{5}, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	client.onto(t, card)
	exchanges(t, card, selectClient, "8030000000 -> 9000", "8031010000 -> 9000")
	s := ask(t, card, 0x33, 1)
	if aid := append(bytes.Clone(sourceAID), 1); !card.VerifyAuthority(aid, client.loaded(t), []byte{1}, s) || client.run(t).VerifyAuthority(aid, client.loaded(t), []byte{1}, s) {
		t.Error("the key is not the one that was given")
	}
	for _, key := range [][]byte{{}, make([]byte, 32), bytes.Repeat([]byte{0xFF}, 32), make([]byte, 33)} {
		if _, err := New(Config{Authority: &Authority{Key: key}}); err == nil {
			t.Errorf("a key of %d bytes, %X, is taken", len(key), key)
		}
	}
}

// loaded is the hash of the package's load file data block.
func (s source) loaded(t testing.TB) [32]byte { return sha256.Sum256(s.assemble(t)) }

// TestAuthorityLoadFile: the hash that is signed is that of what was loaded, by
// whatever way, after a reset too; without one nothing is signed.
func TestAuthorityLoadFile(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-142", "SPEC-RUNTIME-145")
	f, err := cap.Open(client.assemble(t))
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	if err := f.WriteZIP(&z, "client"); err != nil {
		t.Fatal(err)
	}
	aid := append(bytes.Clone(sourceAID), 1)
	card, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	begin := []string{selectClient, "8030000000 -> 9000", "8031010000 -> 9000"}
	for _, file := range [][]byte{z.Bytes(), client.assemble(t)} {
		if _, err := card.Load(file); err != nil {
			t.Fatal(err)
		}
		if _, err := card.Load(file); err == nil {
			t.Fatal("a package is loaded twice")
		}
		if _, err := card.Install(sourceAID, aid, aid, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := card.Reset(ctx, true); err != nil {
			t.Fatal(err)
		}
		exchanges(t, card, begin...)
		if s := ask(t, card, 0x33, 'x'); !card.VerifyAuthority(aid, sha256.Sum256(f.LoadFile(nil, true)), []byte("x"), s) {
			t.Error("the load file is not the one that was loaded")
		}
		exchanges(t, card, "00A4040000 -> "+fci(t, card))
		if err := card.Delete(sourceAID, true); err != nil {
			t.Fatal(err)
		}
		if _, ok := card.Machine().Record(recordLoadFile, sourceAID); ok {
			t.Error("the hash stays when the package goes")
		}
	}
	client.onto(t, card)
	card.Machine().DeleteRecord(recordLoadFile, sourceAID)
	exchanges(t, card, selectClient, "8030000000 -> 9000", "8031010000 -> 6985", "8032000001 61 -> 6985", "8033000001 AA 00 -> 6985")
}
