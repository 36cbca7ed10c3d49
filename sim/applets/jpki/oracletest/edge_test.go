package oracletest

import (
	"bytes"

	"inkan/core/apdu"
)

var (
	files     = []uint16{0x0001, 0x0002, 0x0006, 0x0008, 0x000A, 0x000B, 0x0017, 0x0018, 0x001A, 0x001B}
	wrongPINs = []string{"1111", "9999", "WRONG6", "0", "12345678901234567", "8153X", "abcdef", "12345", "1234567890123456"}
	authPINs  = []string{"8153", "2746"}
	signPINs  = []string{"QX7ZK9", "PLUM42HATBOX7731"}
)

// command puts a short command APDU together; le -1: no Le field.
func command(cla, ins, p1, p2 byte, data []byte, le int) []byte {
	b := []byte{cla, ins, p1, p2}
	if len(data) > 0 {
		b = append(append(b, byte(len(data))), data...)
	}
	if le >= 0 {
		b = append(b, byte(le))
	}
	return b
}

// reference is a P2: the current EF, or one by SFI, the right one mostly.
func (d *driver) reference(c choice, sfi byte) byte {
	switch c.n(12) {
	case 0:
		return byte(c.n(256))
	case 1:
		return 0x80 | byte(files[c.n(len(files))])
	case 2, 3:
		return 0x80
	}
	return 0x80 | sfi
}

// role is 1 or 2, 2 less often.
func (d *driver) role(c choice) byte {
	if d.model().Parameters().Form == 3 && c.one(2) || c.one(8) {
		return 2
	}
	return 1
}

// someP is the value mostly, or any byte.
func someP(c choice, value byte) byte {
	if c.one(24) {
		return byte(c.n(256))
	}
	return value
}

// newPIN is a PIN for a role, or no PIN.
func (d *driver) newPIN(c choice, role byte) []byte {
	pin := pick(c, authPINs...)
	if role == 2 {
		pin = pick(c, signPINs...)
	}
	if c.one(6) {
		return []byte(pick(c, wrongPINs...))
	}
	return []byte(pin)
}

// edge sends a command at the card's edge to the application.
func (d *driver) edge(c choice) {
	d.t.Helper()
	generators := []func(choice) []byte{d.selectFile, d.selectFile, d.read, d.read, d.read, d.verify, d.verify, d.verify, d.verify,
		d.changePIN, d.resetRetry, d.sign, d.sign, d.challenge, d.getData, d.getData, d.setContactless, d.setContactless, d.odd}
	raw := generators[c.n(len(generators))](c)
	if d.setting.protocol == 0 && !d.over {
		raw = onT0(raw)
	}
	d.send(raw)
}

// onT0 is a command without the data that no header of T=0 can announce:
// of an instruction whose third parameter byte is Le.
func onT0(raw []byte) []byte {
	if cmd, err := apdu.DecodeCommand(raw); err == nil && !cmd.Extended && len(cmd.Data) > 0 &&
		(cmd.INS == 0xB0 || cmd.INS == 0x84 || cmd.INS == 0xCA) {
		return raw[:5]
	}
	return raw
}

func (d *driver) selectFile(c choice) []byte {
	ef := files[c.n(len(files))]
	if c.one(10) {
		ef = uint16(c.n(0x20))
	}
	id := []byte{byte(ef >> 8), byte(ef)}
	if c.one(20) {
		id = c.bytes(1 + c.n(4))
	}
	if c.one(30) {
		id = nil
	}
	p1 := someP(c, 0x02)
	if p1 == 0x04 && id == nil { // SELECT without a name is the card's
		p1 = 0x03
	}
	return command(0x00, 0xA4, p1, pick(c, byte(0x0C), 0x0C, 0x0C, 0x00, someP(c, 0x0C)), id, pick(c, -1, -1, 0))
}

func (d *driver) read(c choice) []byte {
	p1, p2 := byte(pick(c, 0, 0, 0, 1, 2, 4, c.n(256))), pick(c, byte(0), 0, 4, 159, 160, byte(c.n(256)))
	if c.one(2) {
		p1, p2 = 0x80|byte(files[c.n(len(files))]), pick(c, byte(0), 0, 3, byte(c.n(256)))
	}
	var data []byte
	if c.one(20) {
		data = c.bytes(1)
	}
	return command(0x00, 0xB0, p1, p2, data, pick(c, -1, 0, 0, 1, 4, 16, 255))
}

func (d *driver) verify(c choice) []byte {
	role := d.role(c)
	right, _ := d.model().PIN(role)
	pin := right
	switch {
	case c.one(4):
		pin = nil
	case c.one(3):
		pin = []byte(pick(c, wrongPINs...))
	case right == nil || c.one(12):
		pin = d.newPIN(c, role)
	}
	return command(0x00, 0x20, someP(c, 0x00), d.reference(c, []byte{0x18, 0x1B}[role-1]), pin, -1)
}

func (d *driver) changePIN(c choice) []byte {
	role := d.role(c)
	pin := d.plant(d.newPIN(c, role))
	if c.one(20) {
		pin = nil
	}
	return command(0x00, 0x24, someP(c, 0x01), d.reference(c, []byte{0x18, 0x1B}[role-1]), pin, -1)
}

func (d *driver) resetRetry(c choice) []byte {
	role := d.role(c)
	code := d.model().Code(role)
	if code == nil || c.one(3) {
		code = []byte("NOTTHECODE00")
	}
	data := append(bytes.Clone(code), d.newPIN(c, role)...)
	if c.one(16) {
		data = pick(c, nil, code, append(code, make([]byte, 17)...))
	}
	return command(0x00, 0x2C, someP(c, 0x00), d.reference(c, []byte{0x18, 0x1B}[role-1]), data, -1)
}

var digestInfo = []byte("\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20")

func (d *driver) sign(c choice) []byte {
	role, p1 := d.role(c), byte(c.n(6))
	n := []int{51, 100, 32, 60, 32, 70}[p1]
	if c.one(8) {
		n = pick(c, 0, 1, 31, 33, 245, 246, 255)
	}
	data := c.bytes(n)
	if p1 == 0 && n == 51 {
		copy(data, digestInfo)
	}
	return command(0x80, 0x2A, someP(c, p1), d.reference(c, []byte{0x17, 0x1A}[role-1]), data, pick(c, -1, 0, 0, 0, 16))
}

func (d *driver) challenge(c choice) []byte {
	var data []byte
	if c.one(8) {
		data = c.bytes(1 + c.n(3))
	}
	return command(0x00, 0x84, someP(c, 0x00), someP(c, 0x00), data, pick(c, -1, 0, 1, 8, 32, 255))
}

func (d *driver) getData(c choice) []byte {
	p2 := pick(c, byte(0x30), 0x30, 0x31, 0x32, byte(c.n(256)))
	var data []byte
	if c.one(16) {
		data = c.bytes(1)
	}
	return command(pick(c, byte(0x80), 0x80, 0x80, 0x00), 0xCA, someP(c, 0xDF), p2, data, 0)
}

func (d *driver) setContactless(c choice) []byte {
	var data []byte
	if c.one(16) {
		data = c.bytes(1)
	}
	return command(0x80, 0x44, pick(c, byte(1), 1, 2, 2, 0, byte(c.n(256))), someP(c, 0x00), data, -1)
}

// odd is a command that is not of the tables, or hardly.
func (d *driver) odd(c choice) []byte {
	ins := []byte{0x20, 0x24, 0x2A, 0x2C, 0x44, 0x50, 0x82, 0x84, 0x88, 0xA4, 0xB0, 0xCA, 0xE2}
	switch c.n(8) {
	case 0:
		return command(0x80, 0x88, byte(c.n(256)), byte(c.n(256)), c.bytes(c.n(9)), 0)
	case 1: // an instruction in any class
		cla, i := byte(c.n(256)), ins[c.n(len(ins))]
		if cla&0xC0 == 0x80 && (i == 0x50 || i == 0x82) { // a handshake is no odd command
			i = 0x84
		}
		return command(cla, i, 0, 0, c.bytes(c.n(4)), -1)
	case 2: // any instruction
		i := byte(c.n(256))
		if bytes.IndexByte(ins, i) >= 0 {
			i = 0x0E
		}
		return command(pick(c, byte(0), 0x80, 0x84), i, byte(c.n(256)), byte(c.n(256)), c.bytes(c.n(9)), 0)
	case 3: // no command
		b := c.bytes(c.n(12))
		if len(b) > 0 {
			b[0] &= 0x80
		}
		if len(b) >= 5 {
			b[4] = byte(len(b)) // never what follows
		}
		return b
	case 4: // extended
		return append([]byte{pick(c, byte(0), 0x80), ins[c.n(len(ins))], 0, 0x80, 0, 0, 4}, c.bytes(4)...)
	case 5: // STORE DATA without a session
		if d.host == nil {
			return command(pick(c, byte(0x80), 0x84), 0xE2, 0x88, 0, c.bytes(1+c.n(20)), 0)
		}
		return command(0x00, 0xE2, 0x88, 0, c.bytes(1+c.n(20)), 0)
	case 6: // SELECT by name
		name := pick(c, []byte("\xA0\x00\x00\x00\x63PKCS-15"), instanceAID[:6], append(bytes.Clone(instanceAID), 0), instanceAID)
		return command(0x00, 0xA4, 0x04, pick(c, byte(0x00), 0x0C, 0x04, 0x02, 0x03, 0x10), name, -1)
	}
	return command(0x00, 0xA4, pick(c, byte(0), 1, 8, 9), 0x0C, c.bytes(2), -1)
}
