package runtime

import (
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

var classSecureChannel = binding.Class("inkan/platform/SecureChannel")

// authenticated is SecureChannel.AUTHENTICATED.
const authenticated = 0x80

// bindSecureChannel is the object behind SecureChannel, SecureChannelx and
// SecureChannelx2: one for all applets, since each call finds the caller's
// security domain. Spec: SPEC-RUNTIME-082, SPEC-RUNTIME-083, SPEC-RUNTIME-084.
func bindSecureChannel(t *binding.Table) {
	const name = "inkan/platform/SecureChannel"
	t.Hidden(name, "", "org/globalplatform/SecureChannelx", "org/globalplatform/SecureChannelx2")
	t.BindAll(name, map[string]binding.Native{
		"processSecurity(Ljavacard/framework/APDU;)S": processSecurity,
		"processSecurity([BSSS)S":                     processSecurityBuffer,
		"wrap([BSS)S": func(c *vm.Call) {
			transform(c, func(s SecureChannel, b []byte) ([]byte, error) { return s.Wrap(nil, b) })
		},
		"unwrap([BSS)S": func(c *vm.Call) {
			transform(c, func(s SecureChannel, b []byte) ([]byte, error) { return s.Unwrap(nil, b) })
		},
		"decryptData([BSS)S": func(c *vm.Call) {
			transform(c, func(s SecureChannel, b []byte) ([]byte, error) { return s.DecryptSensitive(nil, b) })
		},
		"encryptData([BSS)S": func(c *vm.Call) {
			transform(c, func(s SecureChannel, b []byte) ([]byte, error) { return s.EncryptSensitive(nil, b) })
		},
		"resetSecurity()V": func(c *vm.Call) {
			if s := channelOf(c); s != nil {
				s.Close()
			}
		},
		"getSecurityLevel()B": func(c *vm.Call) {
			if s := channelOf(c); s != nil && s.IsOpen() {
				c.ReturnByte(int8(-0x80 | int(s.Level())))
			}
		},
		"setSecurityLevel(B)V": func(c *vm.Call) { c.Throw(classISO, swConditions) },
	})
}

// channelOf is the secure channel of the applet that called the object's
// method.
func channelOf(c *vm.Call) SecureChannel {
	card := cardOf(c)
	a := card.owner(callerOf(c))
	if a == nil {
		a = card.running
	}
	if a == nil {
		return nil
	}
	return card.platform.SecureChannel(a)
}

func needChannel(c *vm.Call) SecureChannel {
	s := channelOf(c)
	if s == nil {
		c.Throw(classISO, swConditions)
	}
	return s
}

// transform replaces bytes in the caller's array; without a session it throws
// 6985, on failure the channel's status word. unwrap and wrap of a session
// without protection give what they got.
func transform(c *vm.Call, f func(SecureChannel, []byte) ([]byte, error)) {
	s := needChannel(c)
	b := bytesOf(c, c.Ref(0), c.Short(1), c.Short(2))
	if !s.IsOpen() {
		c.Throw(classISO, swConditions)
	}
	out, err := f(s, b)
	if err != nil {
		c.Throw(classISO, int16(statusOf(err)))
	}
	store(c, c.Ref(0), c.Short(1), out)
	c.ReturnShort(int16(len(out)))
}

func statusOf(err error) iso7816.SW { return statusOr(err, scp.ErrSecurity) }

// statusOr is an error's status word, or another one for an error without.
func statusOr(err error, other iso7816.SW) iso7816.SW {
	if sw, ok := err.(iso7816.SW); ok {
		return sw
	}
	return other
}

// bytesOf and store work for the applet that called: its rights count, not
// those of the platform's object.
func bytesOf(c *vm.Call, array vm.Ref, offset, length int16) []byte {
	m := c.Machine()
	m.CheckRange(callerOf(c), array, offset, length)
	b := make([]byte, length)
	m.ReadBytes(array, int(offset), b)
	binding.Work(c, len(b))
	return b
}

func store(c *vm.Call, array vm.Ref, offset int16, b []byte) {
	m := c.Machine()
	m.CheckRange(callerOf(c), array, offset, int16(len(b)))
	m.WriteBytesNonAtomic(array, int(offset), b)
	binding.Work(c, len(b))
}

// processSecurity executes a command that opens the channel, out of the APDU
// buffer, and leaves the response data at the offset of the command data.
func processSecurity(c *vm.Call) {
	card, s := cardOf(c), needChannel(c)
	if card.io.state == stateInitial {
		card.setIncomingAndReceive()
	}
	if len(card.io.data) > 0 {
		c.Throw(classISO, int16(iso7816.WrongLength))
	}
	n := card.io.header() + card.io.incoming
	b := make([]byte, n)
	c.Machine().ReadBytes(card.io.buffer, 0, b)
	out := authenticate(c, s, b)
	c.Machine().WriteBytesNonAtomic(card.io.buffer, card.io.header(), out)
	c.ReturnShort(int16(len(out)))
}

// processSecurityBuffer is processSecurity of SecureChannelx2: the command is
// in a buffer, the response comes where it says.
func processSecurityBuffer(c *vm.Call) {
	s := needChannel(c)
	out := authenticate(c, s, bytesOf(c, c.Ref(0), c.Short(1), c.Short(2)))
	store(c, c.Ref(0), c.Short(3), out)
	c.ReturnShort(int16(len(out)))
}

// authenticate gives response data, or throws the status word.
func authenticate(c *vm.Call, s SecureChannel, cmd []byte) []byte {
	out := s.Handshake(nil, cmd)
	n := len(out) - 2
	sw := iso7816.SW(out[n])<<8 | iso7816.SW(out[n+1])
	if sw != iso7816.OK {
		c.Throw(classISO, int16(sw))
	}
	return out[:n]
}

// callerOf is the context that called a method of one of the platform's
// objects: a native runs in its caller's context, unless the platform called.
func callerOf(c *vm.Call) vm.Context {
	if ctx := c.Context(); ctx != vm.JCRE {
		return ctx
	}
	return c.Machine().PreviousContext()
}
