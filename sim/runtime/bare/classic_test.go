package bare

import (
	"bytes"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/spec/req"
)

// classic is an applet that opens its domain's secure channel itself and
// unwraps STORE DATA: it keeps the data (INS E2), answers it through the
// channel, and gives it to anybody (INS 20).
var classic = source{fields: 1, install: `
    sspush 255
    newarray 11
    putstatic_a {#0}`, process: `
    invokestatic {GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;}
    astore 4
    aload_2
    sconst_1
    baload
    slookupswitch unknown -126:security -30:store 0x20:record 0x50:security
security:
    aload 4
    aload_1
    invokeinterface 2 {SecureChannel} {SecureChannel!processSecurity(Ljavacard/framework/APDU;)S}
    sstore 5
    aload_1
    sconst_5
    sload 5
    invokevirtual {APDU.setOutgoingAndSend(SS)V}
    return
store:
    aload 4
    invokeinterface 1 {SecureChannel} {SecureChannel!getSecurityLevel()B}
    bspush 1
    sand
    ifeq unsecured
    aload 4
    aload_2
    sconst_0
    sload_3
    sconst_5
    sadd
    invokeinterface 4 {SecureChannel} {SecureChannel!unwrap([BSS)S}
    sconst_5
    ssub
    sstore 5
    aload_2
    sconst_5
    getstatic_a {#0}
    sconst_0
    sload 5
    invokestatic {Util.arrayCopy([BS[BSS)S}
    pop
    aload_2
    sconst_5
    sload 5
    sadd
    sspush -28672
    invokestatic {Util.setShort([BSS)S}
    pop
    aload_1
    sconst_5
    aload 4
    aload_2
    sconst_5
    sload 5
    sconst_2
    sadd
    invokeinterface 4 {SecureChannel} {SecureChannel!wrap([BSS)S}
    sconst_2
    ssub
    invokevirtual {APDU.setOutgoingAndSend(SS)V}
    return
record:
    getstatic_a {#0}
    sconst_0
    aload_2
    sconst_0
    bspush 16
    invokestatic {Util.arrayCopy([BS[BSS)S}
    pop
    aload_1
    sconst_0
    bspush 16
    invokevirtual {APDU.setOutgoingAndSend(SS)V}
    return
unsecured:
    sspush 0x6982
    invokestatic {ISOException.throwIt(S)V}
unknown:
    sspush 0x6D00
    invokestatic {ISOException.throwIt(S)V}
    return`}

// TestClassic personalises an applet that answers INITIALIZE UPDATE, EXTERNAL
// AUTHENTICATE and STORE DATA itself.
func TestClassic(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-082", "SPEC-RUNTIME-083", "SPEC-RUNTIME-084", "SPEC-RUNTIME-088")
	for _, c := range []struct {
		protocol, line byte
		level          scp.Level
	}{{2, 1, 1}, {2, 0, 3}, {3, 1, 1}, {3, 0, 3}, {3, 1, 0x13}, {3, 1, 0x33}} {
		card, err := New(Config{SCP: c.protocol, Protocol: c.line})
		if err != nil {
			t.Fatal(err)
		}
		classic.onto(t, card)
		exchanges(t, card, selectPersonal, "80E2000001AA -> 6982", "8482010010"+
			"00000000000000000000000000000000 -> 6300") // no INITIALIZE UPDATE
		secured := handshakeWith(t, card, c.level)
		data := []byte("sixteen bytes...")
		out, err := gp.Exchange(ctx, secured, gp.StoreData{Last: true, MayRespond: true, Data: data}, nil)
		if err != nil || !bytes.Equal(out, data) {
			t.Fatalf("SCP%02d level %02X: %q, %v", c.protocol, byte(c.level), out, err)
		}
		if got := ask(t, card, 0x20); !bytes.Equal(got, data) {
			t.Errorf("kept: %q", got)
		}
		if got, sw := send(t, card, "84E280000A01020000000000000000"); sw != iso7816.SecurityStatusNotSatisfied {
			t.Errorf("a wrong MAC: %X %v", got, sw)
		}
		exchanges(t, card, "80E2000001AA -> 6982", selectPersonal) // the session has ended
		handshakeWith(t, card, c.level)
		exchanges(t, card, selectPersonal, "80E2000001AA -> 6982") // it ended with the selection
		if got := ask(t, card, 0x20); !bytes.Equal(got, data) {
			t.Errorf("kept: %q", got)
		}
	}
}
