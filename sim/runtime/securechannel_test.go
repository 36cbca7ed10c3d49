package runtime

import (
	"bytes"
	"context"
	"os"
	"testing"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// counter is a sequence counter in the host's memory.
type counter uint32

func (c *counter) Load() uint32         { return uint32(*c) }
func (c *counter) Store(v uint32) error { *c = counter(v); return nil }

// appletChannel is a card whose applet passes every command to processSecurity.
type appletChannel struct {
	b      *bench
	object vm.Ref
}

var secureChannel = binding.Class("org/globalplatform/SecureChannel")

// call calls a method of the SecureChannel object as the bench's applet.
func (a appletChannel) call(name, descriptor string, args ...any) (int32, *vm.Exception) {
	return a.b.virtual(a.object, secureChannel, name, descriptor, args...)
}

func (a appletChannel) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	b := a.b
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	b.state = on
	b.receive(&c, cmd)
	n, e := a.call("processSecurity", "(Ljavacard/framework/APDU;)S", b.io.object)
	b.io.active = false
	if e != nil {
		return append(dst, byte(uint16(e.Reason)>>8), byte(e.Reason)), nil
	}
	data := make([]byte, n)
	b.machine.ReadBytes(b.io.buffer, 5, data)
	return append(append(dst, data...), 0x90, 0), nil
}

// withApplet registers an applet in the bench's context.
func (b *bench) withApplet(aid []byte) *Applet {
	a := &Applet{AID: aid, Context: b.ctx, number: 1}
	b.machine.Try(func() { a.aid = newAID(b.machine, vm.JCRE, aid) })
	b.machine.MarkEntryPoint(a.aid, false)
	a.Ref = b.bytes(0)
	b.insert(a)
	return a
}

// TestSecureChannel opens a channel through an applet and uses it.
func TestSecureChannel(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-082", "SPEC-RUNTIME-083", "SPEC-RUNTIME-084")
	b := newBench(t, nil)
	b.withApplet([]byte{0xA0, 0, 0, 0, 9})
	key := bytes.Repeat([]byte{0x41}, 16)
	keys := &scp.KeySet{Version: 0x30, Enc: key, MAC: key, DEK: key}
	var err error
	b.platform.channel, err = scp03.NewCard(scp03.CardConfig{Options: scp03.PseudoRandom | scp03.ResponseMAC | scp03.ResponseEncryption,
		Keys: func(byte) (*scp.KeySet, scp.Counter) { return keys, new(counter) }, AID: []byte{0xA0, 0, 0, 1, 0x51}})
	if err != nil {
		t.Fatal(err)
	}
	object, e := b.call("org/globalplatform/GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;")
	if e != nil || object == 0 {
		t.Fatal(e)
	}
	a := appletChannel{b, vm.Ref(uint16(object))}
	buffer := b.bytes(make([]byte, 64)...)
	got, e := a.call("unwrap", "([BSS)S", buffer, 0, 10)
	b.want("unwrap without a session", got, e, "ISOException 6985")
	got, e = a.call("getSecurityLevel", "()B")
	b.want("level without a session", got, e, 0)
	config := scp03.HostConfig{Level: 0x33, Entropy: entropy.Seeded(2, "host"),
		Keys: func(*scp03.InitializeUpdateResponse) (*scp.KeySet, error) { return keys, nil }}
	host, err := scp03.Open(context.Background(), a, config)
	if err != nil {
		t.Fatal(err)
	}
	got, e = a.call("getSecurityLevel", "()B")
	b.want("level", got, e, -0x80|0x33)

	plain := []byte{0x80, 0xE2, 0, 0, 3, 1, 2, 3}
	wrapped, err := host.Wrap(nil, plain)
	if err != nil {
		t.Fatal(err)
	}
	b.machine.WriteBytes(buffer, 0, wrapped)
	got, e = a.call("unwrap", "([BSS)S", buffer, 0, len(wrapped))
	b.want("unwrap", got, e, len(plain))
	if c := b.read(buffer)[:got]; !bytes.Equal(c, plain) {
		t.Errorf("unwrapped %X", c)
	}
	b.machine.WriteBytes(buffer, 4, []byte{9, 8, 7, 0x90, 0})
	got, e = a.call("wrap", "([BSS)S", buffer, 4, 5)
	if e != nil {
		t.Fatal(e)
	}
	if c, err := host.Unwrap(nil, b.read(buffer)[4:4+got]); err != nil || !bytes.Equal(c, []byte{9, 8, 7, 0x90, 0}) {
		t.Errorf("response %X, %v", c, err)
	}
	secret, _ := host.EncryptSensitive(nil, bytes.Repeat([]byte{7}, 16))
	b.machine.WriteBytes(buffer, 0, secret)
	got, e = a.call("decryptData", "([BSS)S", buffer, 0, 16)
	b.want("decryptData", got, e, 16)
	if c := b.read(buffer)[:16]; !bytes.Equal(c, bytes.Repeat([]byte{7}, 16)) {
		t.Errorf("decrypted %X", c)
	}
	got, e = a.call("encryptData", "([BSS)S", buffer, 0, 16)
	b.want("encryptData", got, e, 16)
	if c := b.read(buffer)[:16]; !bytes.Equal(c, secret) {
		t.Errorf("encrypted %X", c)
	}
	endChannel(t, b, a, buffer, config)
}

// endChannel ends an open channel in every way, and opens it anew between them.
func endChannel(t *testing.T, b *bench, a appletChannel, buffer vm.Ref, config scp03.HostConfig) {
	t.Helper()
	got, e := a.call("unwrap", "([BSS)S", buffer, 60, 5)
	b.want("unwrap beyond the array", got, e, "ArrayIndexOutOfBoundsException")
	got, e = a.call("unwrap", "([BSS)S", buffer, 0, 20) // no valid MAC: the session ends
	b.want("unwrap of a wrong command", got, e, "ISOException 6982")
	got, e = a.call("getSecurityLevel", "()B")
	b.want("level after that", got, e, 0)
	if _, err := scp03.Open(context.Background(), a, config); err != nil {
		t.Fatal(err)
	}
	a.call("resetSecurity", "()V")
	got, e = a.call("getSecurityLevel", "()B")
	b.want("level after resetSecurity", got, e, 0)
	b.machine.WriteBytes(buffer, 0, []byte{0x80, 0x50, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8})
	got, e = b.virtual(a.object, binding.Class("org/globalplatform/SecureChannelx2"), "processSecurity", "([BSSS)S", buffer, 0, 13, 20)
	b.want("processSecurity of a buffer", got, e, 32)
	if c := b.read(buffer)[20:]; c[10] != 0x30 || c[11] != 0x03 {
		t.Errorf("response in the buffer: %X", c)
	}
}

func TestRegister(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-042")
	b := newBench(t, nil)
	var ref vm.Ref
	b.machine.Try(func() { ref = b.machine.NewInstance(b.ctx, classApplet) })
	register := func(what string, want any, args ...any) {
		descriptor := "()V"
		if len(args) > 0 {
			descriptor = "([BSB)V"
		}
		got, e := b.virtual(ref, classApplet, "register", descriptor, args...)
		b.want(what, got, e, want)
	}
	register("outside install", "SystemException 0004")
	aid := b.bytes(0xA0, 0, 0, 0, 9, 1)
	b.pending = &Applet{AID: []byte{0xA0, 0, 0, 0, 9}, Context: b.ctx}
	register("another AID", "SystemException 0004", aid, 0, 6)
	register("short AID", "SystemException 0004", aid, 0, 4)
	register("the AID", 0, aid, 0, 5)
	if b.pending.Ref != ref {
		t.Error("not registered")
	}
	register("a second time", "SystemException 0004")
	b.pending = &Applet{AID: []byte{0xA0, 0, 0, 0, 9}, Context: b.ctx + 1}
	register("in another context", "SystemException 0004")
}

func TestContexts(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-070", "SPEC-RUNTIME-071", "SPEC-RUNTIME-073", "SPEC-RUNTIME-096")
	b := newBench(t, nil)
	const class = "javacard/framework/JCSystem."
	b.expect(class+"getAID()Ljavacard/framework/AID;", 0)
	a := b.withApplet([]byte{0xA0, 0, 0, 0, 9})
	b.expect(class+"getAID()Ljavacard/framework/AID;", int(a.aid))
	b.expect(class+"getPreviousContextAID()Ljavacard/framework/AID;", 0)
	name := b.bytes(0xA0, 0, 0, 0, 9, 1)
	b.expect(class+"lookupAID([BSB)Ljavacard/framework/AID;", int(a.aid), name, 0, 5)
	b.expect(class+"lookupAID([BSB)Ljavacard/framework/AID;", 0, name, 0, 4)
	b.expect(class+"lookupAID([BSB)Ljavacard/framework/AID;", 0, name, 0, 6)
	a.Ref = name
	b.expect(class+"isAppletActive(Ljavacard/framework/AID;)Z", 0, a.aid)
	b.channels[0].applet = a
	b.expect(class+"isAppletActive(Ljavacard/framework/AID;)Z", 1, a.aid)
	b.channels[0].applet = nil
	b.expect(class+"isAppletActive(Ljavacard/framework/AID;)Z", "NullPointerException", vm.Null)
	const share = class + "getAppletShareableInterfaceObject(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;"
	b.expect(share, 0, vm.Null, 0)
	b.expect("javacard/framework/APDU.getCurrentAPDU()Ljavacard/framework/APDU;", "SecurityException")
	b.expect("javacard/framework/APDU.getCurrentAPDUBuffer()[B", "SecurityException")
	b.running, b.io.active = a, true
	b.expect("javacard/framework/APDU.getCurrentAPDU()Ljavacard/framework/APDU;", int(b.io.object))
	b.running = &Applet{Context: b.ctx + 1}
	b.expect("javacard/framework/APDU.getCurrentAPDU()Ljavacard/framework/APDU;", "SecurityException")
}

// TestBufferIsCleared looks into the APDU buffer between two commands.
func TestBufferIsCleared(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-031", "SPEC-RUNTIME-040")
	b := newBench(t, nil)
	file, err := os.ReadFile("../../spec/corpus/io/io-305.cap")
	if err != nil {
		t.Fatal(err)
	}
	components, err := cap.Split(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Card.Load(components)
	if err != nil {
		t.Fatal(err)
	}
	module := p.Applets()[0].AID
	if _, err := b.Install(p.Info().AID, module, module, []byte{1, 2, 3}, nil); err != nil {
		t.Fatal(err)
	}
	empty := func(after string) {
		t.Helper()
		for i, v := range b.read(b.io.buffer) {
			if v != 0 {
				t.Fatalf("after %s: %02X at %d", after, v, i)
			}
		}
	}
	empty("install")
	b.exchange("00A4040009F0696E6B616E431001", "9000")
	empty("SELECT")
	b.exchange("801200000401020304", "9000")
	empty("a command")
}
