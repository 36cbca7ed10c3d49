package security

import (
	"encoding/binary"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const checksumName = "javacard/security/Checksum"

var (
	classChecksum = binding.Class(checksumName)
	algCRC16      = byteConstant(checksumName + ".ALG_ISO3309_CRC16")
	algCRC32      = byteConstant(checksumName + ".ALG_ISO3309_CRC32")
)

// crcState is the running remainder, as wide as the algorithm.
type crcState struct {
	alg int8
	v   uint32
}

func bindChecksum(t *binding.Table) {
	t.State(checksumName, 0, 1)
	t.Bind(checksumName+".<init>()V", func(*vm.Call) {})
	t.Bind(checksumName+".getInstance(BZ)Ljavacard/security/Checksum;", newChecksum)
	t.Hidden("inkan/platform/Checksum", checksumName)
	t.BindAll("inkan/platform/Checksum", map[string]binding.Native{
		"getAlgorithm()B": func(c *vm.Call) { c.ReturnByte(checksumOf(c).alg) },
		"init([BSS)V":     initChecksum,
		"update([BSS)V": func(c *vm.Call) {
			checksumOf(c).add(c, input(c, c.Ref(0), c.Short(1), c.Short(2)))
		},
		"doFinal([BSS[BS)S": finishChecksum,
	})
}

// checksumOf is the running state; without init it starts from zeros.
func checksumOf(c *vm.Call) *crcState {
	m := c.Machine()
	if s, ok := m.HostValue(c.This()).(*crcState); ok {
		return s
	}
	s := &crcState{alg: int8(m.DataCell(c.This(), classChecksum, 0))}
	m.SetHostValue(c.This(), s)
	return s
}

func (s *crcState) size() int {
	if s.alg == algCRC16 {
		return 2
	}
	return 4
}

func (s *crcState) add(c *vm.Call, b []byte) {
	if s.alg == algCRC16 {
		s.v = uint32(engines(c).CRC16(uint16(s.v), b))
	} else {
		s.v = engines(c).CRC32(s.v, b)
	}
}

// initChecksum sets the initial value, two or four bytes.
func initChecksum(c *vm.Call) {
	s := checksumOf(c)
	b := input(c, c.Ref(0), c.Short(1), c.Short(2))
	if len(b) != s.size() {
		fail(c, illegalValue)
	}
	s.v = 0
	for _, x := range b {
		s.v = s.v<<8 | uint32(x)
	}
}

// finishChecksum writes the ones' complement of the remainder, highest byte
// first, and starts over from zeros.
func finishChecksum(c *vm.Call) {
	s := checksumOf(c)
	in := input(c, c.Ref(0), c.Short(1), c.Short(2))
	checkOutput(c, c.Ref(3), c.Short(4), s.size())
	s.add(c, in)
	out := binary.BigEndian.AppendUint32(nil, ^s.v)[4-s.size():]
	output(c, c.Ref(3), c.Short(4), out)
	c.ReturnShort(int16(s.size()))
	s.v = 0
}

func newChecksum(c *vm.Call) {
	if c.Byte(0) != algCRC16 && c.Byte(0) != algCRC32 {
		fail(c, noSuchAlgorithm)
	}
	m := c.Machine()
	ref := m.NewInstance(c.Context(), binding.Class("inkan/platform/Checksum"))
	m.SetDataCell(ref, classChecksum, 0, uint16(c.Byte(0)))
	c.ReturnRef(ref)
}
